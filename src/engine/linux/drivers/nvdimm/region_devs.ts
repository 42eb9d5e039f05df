/**
 * drivers/nvdimm/region_devs.c: regions, and the deep flush behind every FLUSH and FUA.
 *
 * Source: torvalds/linux c00b396ef782 (v4.13) and v6.1; reference/kernel.md §§2.5, 2.6, 3.3.
 * Lanes are in btt_locks.ts, bad sectors in badrange.ts, free space by labels in dpa.ts. Left out: block apertures.
 */

import { type Spa, spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { writeq } from '../../../sim/op.ts'
import { struct } from '../../../sim/struct.ts'
import { wmb } from '../../arch/x86/include/asm/barrier.ts'
import { type DeviceAttribute, type DeviceType, device } from '../../include/linux/device.ts'
import { EIO, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_err } from '../base/core.ts'
import { type NvdimmBus, nd_device_register, next_region_number, nvdimm_bus_type } from './bus.ts'
import { type NdInterleaveSet, type NdMapping, type NdRegion, nd_region } from './nd.ts'
import { region_attributes } from './region_attributes.ts'

const REGION_DEVS = 'drivers/nvdimm/region_devs.c'
const PAGE_SIZE = 4096
/** 16 MiB: what fits the memory-section rules of every architecture. */
const MEMREMAP_COMPAT_ALIGN_MAX = 0x100_0000

export interface NdRegionDesc {
  /** SPA, bytes. */
  readonly start: number | bigint
  readonly size: number | bigint
  readonly mappings: readonly NdMapping[]
  readonly nd_set: NdInterleaveSet | undefined
  readonly persistence: NdRegion['persistence']
  readonly numa_node: number
  readonly target_node: number
  readonly groups: readonly DeviceAttribute[]
  readonly pagemap?: boolean
  readonly flush?: NdRegion['flush']
}

/** Each CPU takes its own walk through the hints. */
const flush_idx = struct<{ of: readonly number[] }>('flush_idx', { of: [] })

const hash_32 = (value: number, bits: number): number => Math.imul(value, 0x61c88647) >>> (32 - bits)

/** Whose turn it is: a different hint each time, so that CPUs don't meet at one. */
function next_hint(k: Kernel): number {
  const idx = k.global(flush_idx).of[k.processor] ?? 0
  const next = (idx + hash_32(k.current.pid + idx, 8)) >>> 0
  const of = [...k.global(flush_idx).of]
  of[k.processor] = next
  k.global(flush_idx).of = Array.from(of, (value) => value ?? 0)
  return next
}

const flush = function* (k: Kernel, region: NdRegion) {
  const idx = next_hint(k)
  yield* wmb(k)
  for (const hints of region.flush_wpq) {
    const hint = hints[idx & ((1 << region.hints_shift) - 1)]
    // A DIMM that shares its first hint with another has none of its own.
    if (hints[0] !== undefined && hint !== undefined) yield* writeq(k, hint, 1n)
  }
  yield* wmb(k)
}

const generic_nvdimm_flush = kfunc(REGION_DEVS, function* generic_nvdimm_flush(k: Kernel, region: NdRegion) {
  yield* flush(k, region)
})

/**
 * Push everything already accepted for `region` out of the memory controllers.
 *
 * Order matters: a fence, so that earlier movnti and clwb have reached the WPQ; one 8-byte store to a
 * flush hint of each DIMM that has any, which drains that DIMM's queue; a fence, so that what the
 * caller does next waits for the hints. A region without hints relies on ADR: two fences, no stores.
 */
export const nvdimm_flush = kfunc(REGION_DEVS, function* nvdimm_flush(k: Kernel, region: NdRegion) {
  if (region.flush !== undefined) return (yield* region.flush(k, region)) === 0 ? 0 : -EIO
  if (k.has('generic_nvdimm_flush')) yield* generic_nvdimm_flush(k, region)
  else yield* flush(k, region)
  return 0
})

/**
 * 1: some DIMM has hints. 0: none has, ADR is trusted. -ENXIO: no DIMM is known, or the architecture can't write
 * caches back; nothing can be said.
 */
export function nvdimm_has_flush(k: Kernel, region: NdRegion): number {
  if (region.mappings.length === 0) return -ENXIO
  if (k.has('has_flush_needs_pmem_api') && !k.config('ARCH_HAS_PMEM_API')) return -ENXIO
  return region.mappings.some(({ nvdimm }) => nvdimm.flush_wpq.length > 0) ? 1 : 0
}

/** CPU caches stand between a store and this region's media. */
export function nvdimm_has_cache(k: Kernel, region: NdRegion): boolean {
  if (region.dev.kind.name !== 'nd_pmem') return false
  return !(k.has('platform_capabilities') && region.persistence === 'cpu_cache')
}

/**
 * Map the flush hints: of each DIMM as many as the poorest has (rounded down to a power of two).
 *
 * Upstream dereferences NULL when only some DIMMs have hints; this refuses the region instead.
 */
export const nd_region_activate = kfunc(REGION_DEVS, function* nd_region_activate(k: Kernel, region: NdRegion) {
  const counts = region.mappings.map(({ nvdimm }) => nvdimm.flush_wpq.length)
  const most = Math.max(0, ...counts)
  if (most === 0) {
    region.flush_wpq = region.mappings.map(() => [])
    return 0
  }
  if (counts.includes(0)) {
    dev_err(k, region.dev, 'flush hints on some of its DIMMs only: upstream crashes here, region refused')
    return -ENXIO
  }
  const seen = new Set<Spa>()
  const mapped: Spa[][] = []
  for (const { nvdimm } of region.mappings) {
    const { num_flush } = nvdimm
    dev_dbg(k, region.dev, `${nvdimm.dev.name}: map ${num_flush} flush address${num_flush === 1 ? '' : 'es'}`)
    for (const hint of nvdimm.flush_wpq) {
      if (hint >= PAGE_SIZE) continue
      // RAM starts at 0: that page can't be claimed as a register.
      dev_err(
        k,
        region.dev.parent ?? region.dev,
        `failed to request ${page_of(hint)} + ${PAGE_SIZE} for ${region.dev.name}`,
      )
      return -ENXIO
    }
    const first = nvdimm.flush_wpq[0] ?? spa(0)
    mapped.push(seen.has(first) ? [] : [...nvdimm.flush_wpq])
    seen.add(first)
  }
  region.flush_wpq = mapped
  region.hints_shift = Math.floor(Math.log2(Math.min(...counts)))
  yield* []
  return 0
})

const page_of = (at: number): string => `0x${(at - (at % PAGE_SIZE)).toString(16).padStart(16, '0')}`

/** A namespace in the region starts and ends at multiples of this. */
function default_align({ size, mappings }: NdRegionDesc): number {
  const align = size < MEMREMAP_COMPAT_ALIGN_MAX ? PAGE_SIZE : MEMREMAP_COMPAT_ALIGN_MAX
  const ways = Math.max(1, mappings.length)
  return align % ways === 0 ? align : align * ways
}

const nd_region_types: Readonly<Record<'nd_pmem' | 'nd_volatile', DeviceType>> = {
  nd_pmem: { name: 'nd_pmem', attributes: region_attributes({ nvdimm_flush, nvdimm_has_flush }) },
  nd_volatile: { name: 'nd_volatile', attributes: region_attributes({ nvdimm_flush, nvdimm_has_flush }) },
}

/** undefined when a mapping is not made of whole pages. */
const nd_region_create = kfunc(
  REGION_DEVS,
  function* nd_region_create(
    k: Kernel,
    bus: NvdimmBus,
    desc: NdRegionDesc,
    type: 'nd_pmem' | 'nd_volatile',
    caller: string,
  ) {
    for (const [i, mapping] of desc.mappings.entries()) {
      if (mapping.exact.some((n) => n % BigInt(PAGE_SIZE) !== 0n)) {
        dev_err(k, bus.dev, `${caller}: ${mapping.nvdimm.dev.name} mapping${i} is not 4K aligned`)
        return undefined
      }
    }
    const number = next_region_number(k)
    const region = nd_region.create(k.journal, {
      number,
      ndr_start: Number(desc.start),
      ndr_size: Number(desc.size),
      exact: [BigInt(desc.start), BigInt(desc.size)],
      mappings: desc.mappings,
      nd_set: desc.nd_set,
      persistence: desc.persistence,
      memory: type === 'nd_pmem' || k.has('nfit_volatile_ranges'),
      ro: desc.mappings.some(({ nvdimm }) => nvdimm.unarmed),
      align: default_align(desc),
      pagemap: desc.pagemap === true,
      flush: desc.flush,
    })
    region.dev = device.create(k.journal, {
      name: `region${number}`,
      parent: bus.dev,
      kind: nd_region_types[type],
      groups: desc.groups,
      bus: nvdimm_bus_type,
      numa_node: desc.numa_node,
      target_node: desc.target_node,
      container: region,
    })
    nd_device_register(k, region.dev)
    yield* []
    return region
  },
)

export const nvdimm_pmem_region_create = kfunc(
  REGION_DEVS,
  function* nvdimm_pmem_region_create(k: Kernel, bus: NvdimmBus, desc: NdRegionDesc) {
    return yield* nd_region_create(k, bus, desc, 'nd_pmem', 'nvdimm_pmem_region_create')
  },
)

export const nvdimm_volatile_region_create = kfunc(
  REGION_DEVS,
  function* nvdimm_volatile_region_create(k: Kernel, bus: NvdimmBus, desc: NdRegionDesc) {
    return yield* nd_region_create(k, bus, desc, 'nd_volatile', 'nvdimm_volatile_region_create')
  },
)
