/**
 * drivers/nvdimm/nd.h, nd-core.h: the objects of libnvdimm and the questions that need nothing but them.
 *
 * What belongs to labels (NvdimmDrvdata, the label lists of a region) is filled by the label module and stays
 * empty without it. Left out: block-window namespaces.
 */

import type { Spa } from '../../../../base/brand.ts'
import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { BadBlocks } from '../../block/badblocks.ts'
import type { Device, DeviceAttribute } from '../../include/linux/device.ts'
import type { FileOperations } from '../../include/linux/fs.ts'
import type { LabelArea, MediaErrors } from '../../include/linux/libnvdimm.ts'
import type { Kernel } from '../../kernel.ts'
import type { Arena } from './btt_arena.ts'
import type { Mapping } from './btt_sb.ts'

interface NvdimmFields {
  dev: Device
  /** Position among the bus's DIMMs. */
  number: number
  /** Firmware says that the next power failure will not be survived. */
  unarmed: boolean
  /** A block window shares the DIMM's capacity with persistent memory. */
  aliasing: boolean
  /** Valid labels were found. */
  labeling: boolean
  /** Size of the label area, bytes; 0: there is none. */
  config_size: number
  /** The area itself, when the machine has said what is in it. */
  area: LabelArea | undefined
  /** The driver's copy of the labels, while it is bound. */
  ndd: NvdimmDrvdata | undefined
  /** Commands that the DIMM answers, as sysfs lists them. */
  commands: readonly string[]
  /** SPA of each flush hint. */
  flush_wpq: readonly Spa[]
  /** How many there are said to be. */
  num_flush: number
  /** Number of regions that are active on it. */
  busy: number
}

export type Nvdimm = NvdimmFields & Identity

/** A piece of a DIMM that a label has taken. */
export interface DpaResource {
  /** `pmem-UUID`. */
  readonly name: string
  /** DPA, bytes. */
  readonly start: number
  readonly size: number
}

/** A slot of the label area, and the label in it. */
export interface LabelSlot {
  readonly slot: number
  readonly bytes: Uint8Array
}

export interface NvdimmDrvdataFields {
  nvdimm: Nvdimm
  /** 128 (labels v1.1) or 256 (v1.2). */
  nslabel_size: number
  /** Which of the two index blocks is in force, which is written next; -1: no valid one. */
  ns_current: number
  ns_next: number
  /** Both index blocks as in memory: the next one is the current one with the changes so far. */
  nsindex: readonly Uint8Array[]
  /** Slots that hold a label, lowest first; a slot that is free on media is absent. */
  labels: readonly LabelSlot[]
  /** What labels have taken, by address. */
  dpa: readonly DpaResource[]
}

export type NvdimmDrvdata = NvdimmDrvdataFields & Identity

/** A table in use, for who looks on: reading only. */
export interface BttTable {
  readonly disk_name: string
  /** Bytes. */
  readonly sector_size: number
  /** The namespace: SPA, bytes. */
  readonly start: number
  readonly size: number
  /** SPA that offsets in arenas count from. */
  readonly base: number
  readonly arenas: readonly Arena[]
}

/** The block translation table; a kernel without takes no notice of one. */
export interface NvdimmBtt {
  /** What a valid info block of the namespace says; undefined: it is none. */
  readonly info: (btt: NdPfn, ndns: NdNamespace, bytes: Uint8Array) => { lbasize: number; uuid: string } | undefined
  readonly nvdimm_namespace_attach_btt: (k: Kernel, dev: Device, ndns: NdNamespace) => Op<number>
  readonly nvdimm_namespace_detach_btt: (k: Kernel, dev: Device) => void
  readonly tables: (k: Kernel) => readonly BttTable[]
  readonly decode_map_entry: (entry: number, lba: number) => Mapping
}

/** What the kernel does about unreadable media; a kernel without knows of none. */
export interface NvdimmPoison {
  /** Bad sectors of a SPA range, counted from its start; `dev` speaks. */
  readonly nvdimm_badblocks_populate: (k: Kernel, dev: Device, start: number, size: number) => readonly BadBlocks[]
  /** Bytes cleared, or a negative error number. */
  readonly nvdimm_clear_poison: (k: Kernel, start: number, length: number) => Op<number>
  /** Throw what caches hold of `length` bytes that were cleared away. */
  readonly invalidate_cleared: (k: Kernel, addr: Spa, length: number) => Op<void>
  /** Before a write to a range of a namespace that touches bad sectors: 0, or -EIO when they stay bad. */
  readonly nsio_clear_poison: (
    k: Kernel,
    ndns: NdNamespace,
    offset: number,
    length: number,
    atomic: boolean,
  ) => Op<number>
  readonly bus_attributes: readonly DeviceAttribute[]
  /** Of /dev/ndctlN. */
  readonly nvdimm_bus_fops: FileOperations
  /** The bus provider's own command, which passes through that file. */
  readonly ndctl: (k: Kernel, media: MediaErrors, arg: object) => Op<number>
}

/** What the kernel does with label areas; a kernel without takes every area for blank. */
export interface NvdimmLabels {
  readonly nd_label_nfree: (ndd: NvdimmDrvdata) => number
  readonly nvdimm_probe: (k: Kernel, dev: Device) => Op<number>
  /** Reads which labels of the region's `i`-th DIMM are in use. */
  readonly note_active_labels: (k: Kernel, region: NdRegion, i: number, ndd: NvdimmDrvdata) => void
  readonly create_namespaces: (k: Kernel, region: NdRegion) => Op<readonly NdNamespace[] | number>
  /** Another namespace for user space to configure. */
  readonly nd_namespace_pmem_create: (k: Kernel, region: NdRegion) => NdNamespace
  readonly nd_region_interleave_set_cookie: (region: NdRegion, ndd: NvdimmDrvdata) => bigint
  readonly nd_region_available_dpa: (k: Kernel, region: NdRegion) => number
  readonly nd_region_allocatable_dpa: (k: Kernel, region: NdRegion) => number
  /** Which block translation table suits the labels at hand. */
  readonly btt_claim_class: (dev: Device) => ClaimClass | undefined
  readonly nd_namespace_label_update: (k: Kernel, dev: Device) => Op<number>
  /** Of /dev/nmemN. */
  readonly nvdimm_fops: FileOperations
}

/** struct nd_label_ent: a label of a region's DIMM, or room for one. */
export interface NdLabelEnt {
  readonly slot: number | undefined
  /** Its uuid has been given up: the next update frees the slot. */
  readonly reap: boolean
}

export interface NdMapping {
  readonly nvdimm: Nvdimm
  /** DPA, bytes. */
  readonly start: number
  readonly size: number
  /** Both as the table has them. */
  readonly exact: readonly [start: bigint, size: bigint]
  readonly position: number
}

export const nd_mapping = (nvdimm: Nvdimm, start: bigint, size: bigint): NdMapping => ({
  nvdimm,
  start: Number(start),
  size: Number(size),
  exact: [start, size],
  position: 0,
})

/** What identifies an interleave set. */
export interface NdInterleaveSet {
  /** For labels v1.1, and for v1.2. */
  readonly cookie1: bigint
  readonly cookie2: bigint
  /** That of labels v1.1 whose writer, a kernel before v4.11, sorted the DIMMs otherwise. */
  readonly altcookie: bigint
  /** Type of the range, as labels v1.2 name it; absent: persistent memory. */
  readonly type_guid?: string
}

interface NdRegionFields {
  dev: Device
  number: number
  /** SPA, bytes. */
  ndr_start: number
  ndr_size: number
  /** Both as the table has them. */
  exact: readonly [start: bigint, size: bigint]
  mappings: readonly NdMapping[]
  nd_set: NdInterleaveSet | undefined
  persistence: 'cpu_cache' | 'memory_controller' | undefined
  /** It can host namespaces; a volatile region of old kernels can not. */
  memory: boolean
  ro: boolean
  align: number
  active: boolean
  /** ND_REGION_PAGEMAP: namespaces have struct pages without an info block that asks for them. */
  pagemap: boolean
  /** How the provider flushes; undefined: flush hints. */
  flush: ((k: Kernel, region: NdRegion) => Op<number>) | undefined
  /** Of each mapping: the hints in use, mapped; empty when the DIMM has none. */
  flush_wpq: readonly (readonly Spa[])[]
  /** 1 << hints_shift hints of each DIMM are used. */
  hints_shift: number
  ns_seed: Device | undefined
  btt_seed: Device | undefined
  pfn_seed: Device | undefined
  dax_seed: Device | undefined
  /** Numbers in use for bttN.M, pfnN.M and daxN.M. */
  btt_ida: readonly number[]
  pfn_ida: readonly number[]
  dax_ida: readonly number[]
  init_namespaces: string
  bb: readonly BadBlocks[]
  /** DIMMs whose labels it uses, while it is bound. */
  label_dimms: readonly Nvdimm[]
  /** Of each mapping: the labels of its DIMM. */
  labels: readonly (readonly NdLabelEnt[])[]
  /** Numbers in use for namespaceN.M. */
  ns_ida: readonly number[]
}

export type NdRegion = NdRegionFields & Identity

export const nd_region = struct<NdRegionFields>('nd_region', {
  dev: undefined as never,
  number: 0,
  ndr_start: 0,
  ndr_size: 0,
  exact: [0n, 0n],
  mappings: [],
  nd_set: undefined,
  persistence: undefined,
  memory: true,
  ro: false,
  align: 0,
  active: false,
  pagemap: false,
  flush: undefined,
  flush_wpq: [],
  hints_shift: 0,
  ns_seed: undefined,
  btt_seed: undefined,
  pfn_seed: undefined,
  dax_seed: undefined,
  btt_ida: [],
  pfn_ida: [],
  dax_ida: [],
  init_namespaces: '',
  bb: [],
  label_dimms: [],
  labels: [],
  ns_ida: [],
})

/** What a namespace is meant for, as a label v1.2 says it. */
export type ClaimClass = '' | 'btt' | 'btt2' | 'pfn' | 'dax' | '<unknown>'

interface NdNamespaceFields {
  dev: Device
  /** M of namespaceN.M. */
  nsid: number
  /** SPA, bytes. */
  start: number
  size: number
  /** The btt, pfn or dax device that has taken it. */
  claim: Device | undefined
  claim_class: ClaimClass
  force_raw: boolean
  /** Raw access is possible: nsio_rw_bytes() has the range mapped. */
  io_enabled: boolean
  bb: readonly BadBlocks[]
  /** What only labels give. */
  uuid: string | undefined
  alt_name: string | undefined
  /** Sector size of the raw disk, bytes; 0: not set. */
  lbasize: number
}

export type NdNamespace = NdNamespaceFields & Identity

const unclaimed: Readonly<NdNamespaceFields> = {
  dev: undefined as never,
  nsid: 0,
  start: 0,
  size: 0,
  claim: undefined,
  claim_class: '',
  force_raw: false,
  io_enabled: false,
  bb: [],
  uuid: undefined,
  alt_name: undefined,
  lbasize: 0,
}
export const nd_namespace_io = struct<NdNamespaceFields>('nd_namespace_io', unclaimed)
export const nd_namespace_pmem = struct<NdNamespaceFields>('nd_namespace_pmem', unclaimed)

/** Where the array of struct pages lives: nowhere (raw), in RAM, in the namespace itself. */
export type PfnMode = 'none' | 'ram' | 'pmem'

/** The info block of a pfn or dax device as it was read or written. */
export interface NdPfnSb {
  readonly uuid: string
  readonly parent_uuid: string
  readonly version_minor: number
  /** Bytes from the namespace's start to the data. */
  readonly dataoff: number
  readonly npfns: number
  readonly mode: number
  readonly start_pad: number
  readonly end_trunc: number
  readonly align: number
  readonly page_size: number
  readonly page_struct_size: number
}

interface NdPfnFields {
  dev: Device
  number: number
  ndns: NdNamespace | undefined
  uuid: string | undefined
  mode: PfnMode
  align: number
  pfn_sb: NdPfnSb | undefined
  /** Of a btt device: sector size with metadata, bytes (0: not set), and size of its disk. */
  lbasize: number
  size: number | undefined
}

/** A pfn, dax or btt device: an info block on a namespace. */
export type NdPfn = NdPfnFields & Identity

export const nd_pfn = struct<NdPfnFields>('nd_pfn', {
  dev: undefined as never,
  number: 0,
  ndns: undefined,
  uuid: undefined,
  mode: 'none',
  align: 0,
  pfn_sb: undefined,
  lbasize: 0,
  size: undefined,
})

const is = (name: string) => (dev: Device | undefined) => dev?.kind.name === name

const is_nvdimm = is('nvdimm')
export const is_nd_pmem = is('nd_pmem')
const is_nd_volatile = is('nd_volatile')
export const is_memory = (dev: Device | undefined): boolean =>
  dev !== undefined && (is_nd_pmem(dev) || is_nd_volatile(dev)) && to_nd_region(dev).memory

/** Does a list of bad sectors belong to this region? */
export const has_badblocks = (k: Kernel, dev: Device): boolean =>
  k.has('volatile_badblocks') ? is_memory(dev) : is_nd_pmem(dev)

/** Mode of attributes that tell physical addresses. */
export const resource_mode = (k: Kernel): number => (k.has('resource_root_only') ? 0o400 : 0o444)
export const is_nd_btt = is('nd_btt')
export const is_nd_pfn = is('nd_pfn')
export const is_nd_dax = is('nd_dax')
const is_namespace_io = is('nd_namespace_io')
export const is_namespace_pmem = is('nd_namespace_pmem')
export const is_namespace = (dev: Device | undefined): boolean => is_namespace_io(dev) || is_namespace_pmem(dev)

export const to_nd_region = (dev: Device): NdRegion => dev.container as NdRegion
export const to_nvdimm = (dev: Device): Nvdimm => dev.container as Nvdimm
export const to_ndns = (dev: Device): NdNamespace => dev.container as NdNamespace
export const to_nd_pfn = (dev: Device): NdPfn => dev.container as NdPfn

/** SPA and size of a namespace, exact where it is its region's. */
export function nsio_res({ dev, start, size }: NdNamespace): readonly [start: bigint, size: bigint] {
  const region = dev.parent && to_nd_region(dev.parent)
  if (region?.ndr_start === start && region.ndr_size === size) return region.exact
  return [BigInt(start), BigInt(size)]
}

/** Device numbers of the nd bus: `MODALIAS=nd:tN`, and the bits by which drivers match. */
export const ND_DEVICE_DIMM = 1
export const ND_DEVICE_REGION_PMEM = 2
export const ND_DEVICE_NAMESPACE_IO = 4
export const ND_DEVICE_NAMESPACE_PMEM = 5
export const ND_DEVICE_DAX_PMEM = 7

/** Kind of namespaces that a region hosts: 5 with labels, 4 without, 0 none. */
export function nd_region_to_nstype(region: NdRegion): number {
  if (!is_memory(region.dev)) return 0
  const labelled = region.mappings.some(({ nvdimm }) => nvdimm.labeling)
  return labelled ? ND_DEVICE_NAMESPACE_PMEM : ND_DEVICE_NAMESPACE_IO
}

export function to_nd_device_type(dev: Device): number {
  if (is_nvdimm(dev)) return ND_DEVICE_DIMM
  if (is_memory(dev)) return ND_DEVICE_REGION_PMEM
  if (is_nd_dax(dev)) return ND_DEVICE_DAX_PMEM
  return dev.parent !== undefined && is_memory(dev.parent) ? nd_region_to_nstype(to_nd_region(dev.parent)) : 0
}

/** Attributes that every device of the bus has. */
export const nd_device_attributes: readonly DeviceAttribute[] = [
  { name: 'modalias', mode: 0o444, show: (_k, dev) => `nd:t${to_nd_device_type(dev)}` },
  { name: 'devtype', mode: 0o444, show: (_k, dev) => dev.kind.name },
]

export const nd_numa_attributes: readonly DeviceAttribute[] = [
  { name: 'numa_node', mode: 0o444, show: (_k, dev) => String(dev.numa_node) },
  {
    name: 'target_node',
    mode: 0o444,
    visible: (k, dev) => (k.has('target_node') && dev.target_node >= 0 ? 0o444 : 0),
    show: (_k, dev) => String(dev.target_node),
  },
]

/**
 * namespace_devs.c: a raw namespace that has struct pages all the same (fsdax without an info block). Its provider
 * wants them, and nobody said force_raw. `dev`: the namespace, or the personality on it. Left out: System RAM mixed in.
 */
export function pmem_should_map_pages(dev: Device): boolean {
  if (dev.parent === undefined || !to_nd_region(dev.parent).pagemap || is_nd_btt(dev) || is_nd_pfn(dev)) return false
  return !to_ndns(dev).force_raw
}
