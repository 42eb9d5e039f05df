/** The way of one byte from what programs open down to the DIMM that holds it, layer by layer. All numbers are bytes. */

import type { ByteName } from './devices.ts'

/** A range of a layer: from `from` up to `to`, without it. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A part of a layer, as the layer is divided. */
export interface StoragePart extends Span {
  /** "data", "info block", "namespace0.0" */
  readonly name: string
  /** `data`: of the layers above; `own`: what the layer keeps for itself; `free`: nobody's. */
  readonly use: 'data' | 'own' | 'free'
}

/** Pieces of a layer that go to several places below in turn. */
export interface StorageTurns {
  /** Where they go: "pmem0", "NVDIMM 1". */
  readonly lanes: readonly string[]
  /** Index into `lanes`: where the byte goes. */
  readonly lane: number
  /** Bytes at a time. */
  readonly size: number
  /** How many pieces there are. */
  readonly count: number
  /** All of them, or those around the byte. */
  readonly pieces: readonly (Span & { readonly lane: number })[]
}

/** One layer, and where the byte is in it. */
export interface StorageHop {
  readonly kind: 'mapped' | 'dax' | 'disk' | 'namespace' | 'region' | 'dimm'
  /** "/dev/mapper/log", "namespace0.0", "NVDIMM 1" */
  readonly name: string
  /** What else it is called: "dm-0", "nmem1". */
  readonly alias?: string
  /** What it is: "striped, 8 KiB in turn on 2 disks". */
  readonly says: string
  /** Where the byte is, in the layer's own terms: "chunk 5 is chunk 2 of pmem1". */
  readonly place: string
  readonly size: number
  readonly at: number
  /** In order; together they are the whole layer. */
  readonly parts: readonly StoragePart[]
  readonly turns?: StorageTurns
  /** The bytes round this one that stay together one layer down, and where they are there. Absent: it is the last. */
  readonly below?: { readonly run: Span; readonly lands: Span }
  /** Where more is said of it: a device by its folder in sysfs, or the byte as an address to translate. */
  readonly leads:
    | { readonly kind: 'device'; readonly path: string }
    | { readonly kind: 'address'; readonly name: ByteName }
}

export interface StorageView {
  readonly step: number
  /** SPA of the byte; absent: it has none. */
  readonly spa?: number
  /** From what programs open down to the DIMM. */
  readonly hops: readonly StorageHop[]
  /** Why the way ends before a DIMM. */
  readonly ends?: string
  /** Other mapped devices that have the byte. */
  readonly also: readonly { readonly file: string; readonly offset: number }[]
}
