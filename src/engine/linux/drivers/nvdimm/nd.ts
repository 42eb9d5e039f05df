/**
 * drivers/nvdimm/nd.h, nd-core.h: the objects of libnvdimm and the questions that need nothing but them.
 *
 * Left out: block-window namespaces, badblocks, several namespaces in a region.
 */

import type { Spa } from '../../../../base/brand.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Device, DeviceAttribute } from '../../include/linux/device.ts'

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
  /** Commands that the DIMM answers, as sysfs lists them. */
  commands: readonly string[]
  /** SPA of each flush hint. */
  flush_wpq: readonly Spa[]
  /** Number of regions that are active on it. */
  busy: number
}

export type Nvdimm = NvdimmFields & Identity

export interface NdMapping {
  readonly nvdimm: Nvdimm
  /** DPA, bytes. */
  readonly start: number
  readonly size: number
  readonly position: number
}

/** What identifies an interleave set. */
export interface NdInterleaveSet {
  /** For labels v1.1, and for v1.2. */
  readonly cookie1: bigint
  readonly cookie2: bigint
}

interface NdRegionFields {
  dev: Device
  number: number
  /** SPA, bytes. */
  ndr_start: number
  ndr_size: number
  mappings: readonly NdMapping[]
  nd_set: NdInterleaveSet | undefined
  persistence: 'cpu_cache' | 'memory_controller' | undefined
  /** It can host namespaces; a volatile region of old kernels can not. */
  memory: boolean
  ro: boolean
  align: number
  active: boolean
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
}

export type NdRegion = NdRegionFields & Identity

export const nd_region = struct<NdRegionFields>('nd_region', {
  dev: undefined as never,
  number: 0,
  ndr_start: 0,
  ndr_size: 0,
  mappings: [],
  nd_set: undefined,
  persistence: undefined,
  memory: true,
  ro: false,
  align: 0,
  active: false,
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
})

interface NdNamespaceFields {
  dev: Device
  /** SPA, bytes. */
  start: number
  size: number
  /** The btt, pfn or dax device that has taken it. */
  claim: Device | undefined
  force_raw: boolean
  /** Raw access is possible: nsio_rw_bytes() has the range mapped. */
  io_enabled: boolean
}

export type NdNamespace = NdNamespaceFields & Identity

export const nd_namespace_io = struct<NdNamespaceFields>('nd_namespace_io', {
  dev: undefined as never,
  start: 0,
  size: 0,
  claim: undefined,
  force_raw: false,
  io_enabled: false,
})

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
}

/** A pfn device, or a dax device: they differ in the name and in the signature of the info block. */
export type NdPfn = NdPfnFields & Identity

export const nd_pfn = struct<NdPfnFields>('nd_pfn', {
  dev: undefined as never,
  number: 0,
  ndns: undefined,
  uuid: undefined,
  mode: 'none',
  align: 0,
  pfn_sb: undefined,
})

const is = (name: string) => (dev: Device | undefined) => dev?.kind.name === name

const is_nvdimm = is('nvdimm')
export const is_nd_pmem = is('nd_pmem')
const is_nd_volatile = is('nd_volatile')
export const is_memory = (dev: Device | undefined): boolean =>
  dev !== undefined && (is_nd_pmem(dev) || is_nd_volatile(dev)) && to_nd_region(dev).memory
export const is_nd_btt = is('nd_btt')
export const is_nd_pfn = is('nd_pfn')
export const is_nd_dax = is('nd_dax')
export const is_namespace_io = is('nd_namespace_io')

export const to_nd_region = (dev: Device): NdRegion => dev.container as NdRegion
export const to_nvdimm = (dev: Device): Nvdimm => dev.container as Nvdimm
export const to_ndns = (dev: Device): NdNamespace => dev.container as NdNamespace
export const to_nd_pfn = (dev: Device): NdPfn => dev.container as NdPfn

/** Device numbers of the nd bus: `MODALIAS=nd:tN`, and the bits by which drivers match. */
export const ND_DEVICE_DIMM = 1
export const ND_DEVICE_REGION_PMEM = 2
export const ND_DEVICE_NAMESPACE_IO = 4
const ND_DEVICE_NAMESPACE_PMEM = 5
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
