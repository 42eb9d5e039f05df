/**
 * drivers/nvdimm/dimm_devs.c, namespace_devs.c: which pieces of the DIMMs labels have taken, and room for more.
 *
 * A namespace takes the same piece of each DIMM of its region; it can only be one piece. Left out: block windows.
 */

import type { Kernel } from '../../kernel.ts'
import { dev_dbg } from '../base/core.ts'
import { NIL_UUID } from './core.ts'
import type { DpaResource, NdMapping, NdNamespace, NdRegion, NvdimmDrvdata } from './nd.ts'

export const nd_label_gen_id = (uuid: string): string => `pmem-${uuid}`

const PAGE_SIZE = 4096

const end_of = ({ start, size }: DpaResource): number => start + size

/** Take a piece; undefined when it is empty or partly taken. */
export function nvdimm_allocate_dpa(
  ndd: NvdimmDrvdata,
  name: string,
  start: number,
  size: number,
): DpaResource | undefined {
  const taken = { name, start, size }
  if (size <= 0 || ndd.dpa.some((other) => other.start < end_of(taken) && end_of(other) > start)) return undefined
  ndd.dpa = [...ndd.dpa, taken].sort((a, b) => a.start - b.start)
  return taken
}

export function nd_dbg_dpa(
  k: Kernel,
  region: NdRegion | undefined,
  ndd: NvdimmDrvdata,
  resource: DpaResource | undefined,
  what: string,
): void {
  const name = resource === undefined ? 'null' : resource.name.slice(0, 13)
  const at = `0x${(resource?.size ?? 0).toString(16)} @ 0x${(resource?.start ?? 0).toString(16)}`
  dev_dbg(k, ndd.nvdimm.dev, `${region?.dev.name ?? ''}: ${name}: ${at} ${what}`)
}

/** Bytes that the namespace has on the DIMM. */
export const nvdimm_allocated_dpa = (ndd: NvdimmDrvdata, name: string): number =>
  ndd.dpa.reduce((sum, resource) => (resource.name === name ? sum + resource.size : sum), 0)

/** Pieces of each DIMM are aligned to this; 0: the region's alignment can't be shared out. */
function dpa_align(k: Kernel, { align, mappings }: NdRegion): number {
  if (!k.has('region_align')) return PAGE_SIZE
  const each = align / mappings.length
  return Number.isInteger(each) && each % PAGE_SIZE === 0 ? each : 0
}

const up = (n: number, align: number): number => Math.ceil(n / align) * align
const down = (n: number, align: number): number => Math.floor(n / align) * align

/** What is not taken of one mapping, rounded, wherever it lies. */
function nd_pmem_available_dpa(k: Kernel, region: NdRegion, mapping: NdMapping, ndd: NvdimmDrvdata): number {
  const align = dpa_align(k, region)
  if (align === 0) return 0
  const map_end = mapping.start + mapping.size - 1
  let busy = 0
  for (const resource of ndd.dpa) {
    const start = down(resource.start, align)
    const end = up(end_of(resource), align) - 1
    if (start >= mapping.start && start < map_end) {
      if (end > map_end) {
        nd_dbg_dpa(k, region, ndd, resource, 'misaligned to iset')
        return 0
      }
      busy += end - start + 1
    } else if (end >= mapping.start && end <= map_end) busy += end - start + 1
    else if (mapping.start > start && mapping.start < end) busy += mapping.size
  }
  return busy < mapping.size ? down(mapping.size - busy, align) : 0
}

interface Gap {
  readonly start: number
  readonly size: number
}

/** Free pieces of a mapping as the allocator finds them, aligned, lowest first. */
function gaps(k: Kernel, region: NdRegion, mapping: NdMapping, ndd: NvdimmDrvdata): readonly Gap[] {
  const align = dpa_align(k, region)
  if (align === 0) return []
  const end = mapping.start + mapping.size
  const inside = ndd.dpa.filter((resource) => resource.start < end && end_of(resource) > mapping.start)
  const found: Gap[] = []
  const offer = (from: number, to: number): void => {
    const start = up(from, align)
    const size = down(to, align) - start
    if (size > 0) found.push({ start, size })
  }
  let at = mapping.start
  for (const resource of inside) {
    offer(at, resource.start)
    at = end_of(resource)
  }
  offer(at, end)
  return found
}

const each_mapping = <T>(region: NdRegion, of: (mapping: NdMapping, ndd: NvdimmDrvdata) => T): T[] | undefined => {
  const all: T[] = []
  for (const [i, mapping] of region.mappings.entries()) {
    const ndd = region.mappings[i]?.nvdimm.ndd
    if (ndd === undefined) return undefined
    all.push(of(mapping, ndd))
  }
  return all.length === 0 ? undefined : all
}

/** Bytes of the region that no namespace has; 0 while a DIMM is disabled or has no labels. */
export function nd_region_available_dpa(k: Kernel, region: NdRegion): number {
  const free = each_mapping(region, (mapping, ndd) => nd_pmem_available_dpa(k, region, mapping, ndd))
  return free?.reduce((sum, each) => sum + each, 0) ?? 0
}

/** Size of the largest namespace that could be made. */
export function nd_region_allocatable_dpa(k: Kernel, region: NdRegion): number {
  const largest = each_mapping(region, (mapping, ndd) =>
    Math.max(0, ...gaps(k, region, mapping, ndd).map(({ size }) => size)),
  )
  return largest === undefined ? 0 : Math.min(...largest) * region.mappings.length
}

/** Give up the last `bytes` of a namespace on every DIMM. */
export function shrink_dpa_allocation(k: Kernel, region: NdRegion, name: string, bytes: number): void {
  for (const { nvdimm } of region.mappings) {
    const { ndd } = nvdimm
    if (ndd === undefined) continue
    let left = bytes
    for (const resource of ndd.dpa.filter((each) => each.name === name).reverse()) {
      const gone = Math.min(left, resource.size)
      left -= gone
      nd_dbg_dpa(k, region, ndd, resource, gone === resource.size ? 'delete 0' : 'shrink 0')
      const kept = { ...resource, size: resource.size - gone }
      ndd.dpa = ndd.dpa.flatMap((each) => (each === resource ? (kept.size === 0 ? [] : [kept]) : [each]))
    }
  }
}

/**
 * Room of `bytes` more on every DIMM: the first gap that is large enough, behind or before the piece that the
 * namespace already has. False when there is none.
 */
export function grow_dpa_allocation(k: Kernel, region: NdRegion, name: string, bytes: number): boolean {
  for (const [i, mapping] of region.mappings.entries()) {
    const ndd = region.mappings[i]?.nvdimm.ndd
    if (ndd === undefined) return false
    const exist = ndd.dpa.find((each) => each.name === name)
    const fits = gaps(k, region, mapping, ndd).find(
      ({ start, size }) =>
        size >= bytes && (exist === undefined || start === end_of(exist) || start + size === exist.start),
    )
    if (fits === undefined) return false
    if (exist === undefined) {
      const taken = nvdimm_allocate_dpa(ndd, name, fits.start, bytes)
      nd_dbg_dpa(k, region, ndd, taken, taken === undefined ? 'init -16' : 'allocate 0')
      if (taken === undefined) return false
      continue
    }
    const behind = fits.start === end_of(exist)
    const grown = { ...exist, start: behind ? exist.start : exist.start - bytes, size: exist.size + bytes }
    ndd.dpa = ndd.dpa.map((each) => (each === exist ? grown : each))
    nd_dbg_dpa(k, region, ndd, grown, behind ? 'grow down(3) 0' : 'next grow up(2) 0')
  }
  return true
}

/** Where the namespace begins follows from its piece of the first DIMM. */
export function nd_namespace_pmem_set_resource(region: NdRegion, ndns: NdNamespace, size: number): void {
  const ndd = region.mappings[0]?.nvdimm.ndd
  const own = ndd?.dpa.find(({ name }) => name === nd_label_gen_id(ndns.uuid ?? NIL_UUID))
  const placed = size > 0 && own !== undefined
  const offset = placed ? (own.start - (region.mappings[0]?.start ?? 0)) * region.mappings.length : 0
  ndns.start = region.ndr_start + offset
  ndns.size = placed ? size : 0
}
