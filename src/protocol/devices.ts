/** The devices of the machine at a step, the firmware table that they come from, and addresses in all their forms. */

/** A field of a structure of the NFIT. Offsets count from the start of the table, sizes are bytes. */
export interface FieldView {
  readonly name: string
  readonly offset: number
  readonly size: number
  readonly value: string
}

export interface StructureView {
  readonly offset: number
  readonly length: number
  readonly type: number
  /** "memory device mapping" */
  readonly name: string
  readonly fields: readonly FieldView[]
}

export interface TableView {
  readonly bytes: readonly number[]
  /** The ACPI header comes first, as type -1. */
  readonly structures: readonly StructureView[]
  readonly findings: readonly {
    readonly offset: number
    readonly severity: 'error' | 'warning' | 'note'
    readonly message: string
  }[]
}

export interface AttributeView {
  readonly name: string
  /** As a shell would reach it. */
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  /** Absent: it can't be read. */
  readonly value?: string
  /** Why it can't be read, as the C library words it. */
  readonly error?: string
}

export interface DeviceView {
  readonly name: string
  /** Its folder in sysfs. */
  readonly path: string
  /** "nd_region", "disk" … */
  readonly kind: string
  readonly driver?: string
  /** What one wants to know at first sight: "256 MiB, fsdax". */
  readonly says: string
  readonly attributes: readonly AttributeView[]
  /** Offsets of the structures of the NFIT that made it. */
  readonly structures: readonly number[]
  readonly children: readonly DeviceView[]
}

/** A request that a disk was handed. */
export interface BioView {
  readonly step: number
  readonly device: string
  /** The letters that blktrace prints: "WFS". */
  readonly rwbs: string
  /** 512 bytes each, from the first of the device. */
  readonly sector: number
  readonly sectors: number
  /** The queue says "write through": PREFLUSH and FUA went no further. */
  readonly dropped?: boolean
}

export interface DevicesView {
  readonly step: number
  /** Up to this step, newest last; older ones beyond the last 400 are left out. */
  readonly bios: readonly BioView[]
  /** Absent: the machine has no NFIT. */
  readonly table?: TableView
  readonly roots: readonly DeviceView[]
}

/** A byte of persistent memory by one of its names. */
export type ByteName =
  | { readonly kind: 'spa'; readonly spa: number }
  | { readonly kind: 'dimm'; readonly dimm: number; readonly dpa: number }
  /** `file`: /dev/dax0.0, /dev/pmem0, /dev/mapper/NAME, /dev/dm-0, /dev/ram0 … */
  | { readonly kind: 'file'; readonly file: string; readonly offset: number }

export type TranslationView =
  | {
      readonly found: true
      readonly spa: number
      /** Present: a power failure takes what is in the range. */
      readonly volatile?: true
      /** Both absent: no DIMM of the firmware's table stands behind a volatile range. */
      readonly dimm?: number
      readonly dpa?: number
      /** Present: the table does not say how the range's DIMMs take turns; 4 KiB each is assumed. */
      readonly assumed?: true
      /** What the kernel calls the DIMM; absent while it knows none. */
      readonly nmem?: string
      readonly region?: string
      readonly file?: string
      readonly offset?: number
      /** What else programs may open to reach it: mapped devices above `file`, the nearest first. */
      readonly mapped?: readonly { readonly file: string; readonly offset: number }[]
      /** In sector mode, what the byte is for the block translation table: "arena 0: sector 5 is in block 7". */
      readonly table?: string
    }
  | { readonly found: false; readonly message: string }
