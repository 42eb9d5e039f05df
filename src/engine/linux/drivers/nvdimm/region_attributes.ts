/** drivers/nvdimm/region_devs.c: what sysfs shows of a region. */

import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { badblocks_show } from '../../block/badblocks.ts'
import type { Device, DeviceAttribute } from '../../include/linux/device.ts'
import { EINVAL, ENXIO } from '../../include/linux/errno.ts'
import { PAGE_SIZE } from '../../include/linux/mm_types.ts'
import type { Kernel } from '../../kernel.ts'
import { kstrtobool, kstrtoul } from '../../lib/kstrtox.ts'
import { revalidate_read_only } from './bus.ts'
import {
  has_badblocks,
  is_memory,
  is_nd_pmem,
  type NdRegion,
  nd_device_attributes,
  nd_numa_attributes,
  nd_region_to_nstype,
  resource_mode,
  to_nd_region,
} from './nd.ts'

const REGION_DEVS = 'drivers/nvdimm/region_devs.c'
const ND_MAX_MAPPINGS = 32

/** The functions that attributes call; they stand above this file. */
interface RegionOperations {
  nvdimm_flush(k: Kernel, region: NdRegion): Op<number>
  nvdimm_has_flush(k: Kernel, region: NdRegion): number
}

const name_of = (dev: Device | undefined): string => dev?.name ?? ''

/** Which cookie depends on the labels in use: v1.1 without a label area, else what a blank area will get. */
function set_cookie_show(k: Kernel, dev: Device): string {
  const { mappings, nd_set } = to_nd_region(dev)
  const ndd = mappings[0]?.nvdimm.ndd
  const known = ndd && k.options.labels?.nd_region_interleave_set_cookie(to_nd_region(dev), ndd)
  if (known !== undefined) return `0x${known.toString(16)}`
  const labelled = (mappings[0]?.nvdimm.config_size ?? 0) > 0 && k.has('labels_v1_2')
  return `0x${((labelled ? nd_set?.cookie2 : nd_set?.cookie1) ?? 0n).toString(16)}`
}

/** `cookie`: present when the range describes an interleave set. Before volatile regions, for pmem only. */
const cookie_visible = (k: Kernel, dev: Device): number => {
  const memory = k.has('nfit_volatile_ranges') ? is_memory(dev) : is_nd_pmem(dev)
  return memory && to_nd_region(dev).nd_set !== undefined ? 0o444 : 0
}

const only_if = (mode: number, visible: (k: Kernel, dev: Device) => boolean) => ({
  mode,
  visible: (k: Kernel, dev: Device) => (visible(k, dev) ? mode : 0),
})

const mapping = (n: number): DeviceAttribute => ({
  name: `mapping${n}`,
  ...only_if(0o444, (_k, dev) => n < to_nd_region(dev).mappings.length),
  show: (k, dev) => {
    const own = to_nd_region(dev).mappings[n]
    if (own === undefined) return -ENXIO
    const position = k.has('mapping_position') ? `,${own.position}` : ''
    return `${own.nvdimm.dev.name},${own.exact.join()}${position}`
  },
})

const seed = (name: 'btt_seed' | 'pfn_seed' | 'dax_seed'): DeviceAttribute => ({
  name,
  mode: 0o444,
  show: (_k, dev) => name_of(to_nd_region(dev)[name]),
})

export function region_attributes({ nvdimm_flush, nvdimm_has_flush }: RegionOperations): readonly DeviceAttribute[] {
  const deep_flush_store = kfunc(REGION_DEVS, function* deep_flush_store(k: Kernel, dev: Device, text: string) {
    if (kstrtobool(text) !== true) return -EINVAL
    return yield* nvdimm_flush(k, to_nd_region(dev))
  })
  const read_only_store = kfunc(REGION_DEVS, function* read_only_store(k: Kernel, dev: Device, text: string) {
    const ro = kstrtobool(text)
    if (ro === undefined) return -EINVAL
    to_nd_region(dev).ro = ro
    if (k.has('region_ro_revalidate')) revalidate_read_only(k, dev)
    yield* []
    return 0
  })
  /** As of v5.19 (recalled); before, a region without mappings refuses with -ENXIO. */
  const align_store = kfunc(REGION_DEVS, function* align_store(_k: Kernel, dev: Device, text: string) {
    yield* []
    const region = to_nd_region(dev)
    const value = kstrtoul(text)
    if (value < 0) return value
    const of_each_dimm = value / Math.max(1, region.mappings.length)
    const power_of_2 = Number.isInteger(Math.log2(of_each_dimm))
    if (!power_of_2 || of_each_dimm < PAGE_SIZE || value > region.ndr_size) return -EINVAL
    region.align = value
    return 0
  })
  return [
    {
      name: 'size',
      mode: 0o444,
      show: (_k, dev) => {
        const { mappings, exact } = to_nd_region(dev)
        return String((is_memory(dev) ? exact : mappings.length === 1 ? mappings[0]?.exact : undefined)?.[1] ?? 0)
      },
    },
    { name: 'nstype', mode: 0o444, show: (_k, dev) => String(nd_region_to_nstype(to_nd_region(dev))) },
    { name: 'mappings', mode: 0o444, show: (_k, dev) => String(to_nd_region(dev).mappings.length) },
    { name: 'namespace_seed', mode: 0o444, show: (_k, dev) => name_of(to_nd_region(dev).ns_seed) },
    seed('btt_seed'),
    { ...seed('pfn_seed'), ...only_if(0o444, (_k, dev) => is_memory(dev)) },
    { ...seed('dax_seed'), ...only_if(0o444, (_k, dev) => is_memory(dev)) },
    { name: 'set_cookie', mode: 0o444, visible: cookie_visible, show: set_cookie_show },
    {
      name: 'available_size',
      mode: 0o444,
      visible: cookie_visible,
      show: (k, dev) => String(k.options.labels?.nd_region_available_dpa(k, to_nd_region(dev)) ?? 0),
    },
    {
      name: 'max_available_extent',
      ...only_if(0o444, (k) => k.has('mapping_position')),
      show: (k, dev) => String(k.options.labels?.nd_region_allocatable_dpa(k, to_nd_region(dev)) ?? 0),
    },
    {
      name: 'init_namespaces',
      mode: 0o444,
      show: (_k, dev) => to_nd_region(dev).init_namespaces || -ENXIO,
    },
    {
      name: 'deep_flush',
      mode: 0o444,
      visible: (k, dev) => {
        const has = nvdimm_has_flush(k, to_nd_region(dev))
        if (has < 0) return 0
        return has === 1 ? 0o644 : 0o444
      },
      show: (k, dev) => String(nvdimm_has_flush(k, to_nd_region(dev))),
      store: deep_flush_store,
    },
    {
      name: 'read_only',
      mode: 0o644,
      show: (_k, dev) => (to_nd_region(dev).ro ? '1' : '0'),
      store: read_only_store,
    },
    {
      name: 'persistence_domain',
      ...only_if(0o444, (k, dev) => k.has('platform_capabilities') && to_nd_region(dev).persistence !== undefined),
      show: (_k, dev) => to_nd_region(dev).persistence ?? '',
    },
    {
      name: 'align',
      ...only_if(0o644, (k) => k.has('region_align')),
      show: (_k, dev) => `0x${to_nd_region(dev).align.toString(16)}`,
      store: align_store,
    },
    {
      name: 'badblocks',
      ...only_if(0o444, has_badblocks),
      show: (_k, dev) => (dev.driver === undefined ? -ENXIO : badblocks_show(to_nd_region(dev).bb)),
    },
    {
      name: 'resource',
      mode: 0o400,
      visible: (k, dev) => (has_badblocks(k, dev) ? resource_mode(k) : 0),
      show: (_k, dev) => `0x${to_nd_region(dev).exact[0].toString(16)}`,
    },
    ...Array.from({ length: ND_MAX_MAPPINGS }, (_, n) => mapping(n)),
    ...nd_device_attributes,
    ...nd_numa_attributes,
  ]
}
