/** drivers/nvdimm/pfn_devs.c, btt_devs.c: sysfs of pfn, dax and btt devices, and making them. */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Device, type DeviceAttribute, type DeviceType, device } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { kstrtoul } from '../../lib/kstrtox.ts'
import { device_del } from '../base/core.ts'
import { nvdimm_bus_type } from './bus.ts'
import { nd_attach_ndns, nd_detach_ndns, nd_namespace_store } from './claim.ts'
import { uuid_bytes, uuid_text } from './core.ts'
import {
  type NdNamespace,
  type NdPfn,
  type NdRegion,
  nd_device_attributes,
  nd_numa_attributes,
  nd_pfn,
  resource_mode,
  to_nd_pfn,
  to_nd_region,
} from './nd.ts'
import { nd_pfn_range } from './pfn_devs.ts'

const PFN_DEVS = 'drivers/nvdimm/pfn_devs.c'
const SZ_2M = 0x20_0000
/** Page sizes of x86-64. */
const alignments: readonly number[] = [0x1000, SZ_2M, 0x4000_0000]

const mode_store = kfunc(PFN_DEVS, function* mode_store(_k: Kernel, dev: Device, text: string) {
  yield* []
  if (dev.driver !== undefined) return -EBUSY
  const mode = (['pmem', 'ram', 'none'] as const).find((name) => name === text.trim())
  if (mode === undefined) return -EINVAL
  to_nd_pfn(dev).mode = mode
  return 0
})

const uuid_store = kfunc(PFN_DEVS, function* uuid_store(_k: Kernel, dev: Device, text: string) {
  yield* []
  if (dev.driver !== undefined) return -EBUSY
  const uuid = uuid_bytes(text)
  if (uuid === undefined) return -EINVAL
  to_nd_pfn(dev).uuid = uuid_text(uuid)
  return 0
})

const align_store = kfunc(PFN_DEVS, function* align_store(_k: Kernel, dev: Device, text: string) {
  yield* []
  if (dev.driver !== undefined) return -EBUSY
  const align = kstrtoul(text)
  if (!alignments.includes(align)) return -EINVAL
  to_nd_pfn(dev).align = align
  return 0
})

/** Of a btt device; what is beyond 512 and 4096 is metadata. */
const lbasizes: readonly number[] = [512, 520, 528, 4096, 4104, 4160, 4224]

const sector_size_store = kfunc(
  'drivers/nvdimm/btt_devs.c',
  function* sector_size_store(_k: Kernel, dev: Device, text: string) {
    yield* []
    if (dev.driver !== undefined) return -EBUSY
    const lbasize = kstrtoul(text)
    if (!lbasizes.includes(lbasize)) return -EINVAL
    to_nd_pfn(dev).lbasize = lbasize
    return 0
  },
)

const namespace_store = kfunc(PFN_DEVS, function* namespace_store(k: Kernel, dev: Device, text: string) {
  yield* []
  const pfn = to_nd_pfn(dev)
  const region = dev.parent && to_nd_region(dev.parent)
  const name = text.trim()
  if (dev.driver !== undefined) return -EBUSY
  if (name !== '') return nd_namespace_store(k, pfn, name)
  // nd_detach_and_reset(): the seed stays, any other personality without a namespace goes.
  const seeds = [region?.btt_seed, region?.pfn_seed, region?.dax_seed]
  if (pfn.ndns === undefined || region === undefined) return 0
  if (seeds.includes(dev)) nd_detach_ndns(pfn)
  else {
    nd_pfn_release(region, personality_of(dev), pfn)
    device_del(k, dev)
  }
  pfn.uuid = undefined
  pfn.mode = 'none'
  pfn.lbasize = 0
  return 0
})

/** No address to tell while no driver is bound. */
const placed = (dev: Device) => (dev.driver === undefined ? undefined : nd_pfn_range(to_nd_pfn(dev)))

const common: readonly DeviceAttribute[] = [
  {
    name: 'namespace',
    mode: 0o644,
    show: (_k, dev) => to_nd_pfn(dev).ndns?.dev.name ?? '',
    store: namespace_store,
  },
  { name: 'uuid', mode: 0o644, show: (_k, dev) => to_nd_pfn(dev).uuid ?? '', store: uuid_store },
  ...nd_device_attributes,
  ...nd_numa_attributes,
]

const pfn_attributes: readonly DeviceAttribute[] = [
  { name: 'mode', mode: 0o644, show: (_k, dev) => to_nd_pfn(dev).mode, store: mode_store },
  { name: 'align', mode: 0o644, show: (_k, dev) => String(to_nd_pfn(dev).align), store: align_store },
  {
    name: 'resource',
    mode: 0o400,
    visible: resource_mode,
    show: (_k, dev) => {
      const range = placed(dev)
      return range === undefined ? -ENXIO : `0x${range.start.toString(16)}`
    },
  },
  {
    name: 'size',
    mode: 0o444,
    show: (_k, dev) => {
      const range = placed(dev)
      return range === undefined ? -ENXIO : String(range.size)
    },
  },
  { name: 'supported_alignments', mode: 0o444, show: () => alignments.map((align) => `${align} `).join('') },
  ...common,
]

const btt_attributes: readonly DeviceAttribute[] = [
  {
    name: 'sector_size',
    mode: 0o644,
    show: (_k, dev) => lbasizes.map((n) => (n === to_nd_pfn(dev).lbasize ? `[${n}] ` : `${n} `)).join(''),
    store: sector_size_store,
  },
  { name: 'size', mode: 0o444, show: (_k, dev) => to_nd_pfn(dev).size?.toString() ?? -ENXIO },
  { name: 'log_zero_flags', mode: 0o444, show: () => 'Y' },
  ...common,
]

interface Personality {
  readonly prefix: string
  readonly ida: 'btt_ida' | 'pfn_ida' | 'dax_ida'
  readonly kind: DeviceType
}

export const personalities = {
  btt: { prefix: 'btt', ida: 'btt_ida', kind: { name: 'nd_btt', attributes: btt_attributes } },
  pfn: { prefix: 'pfn', ida: 'pfn_ida', kind: { name: 'nd_pfn', attributes: pfn_attributes } },
  dax: { prefix: 'dax', ida: 'dax_ida', kind: { name: 'nd_dax', attributes: pfn_attributes } },
} as const satisfies Record<string, Personality>

const personality_of = (dev: Device): Personality =>
  Object.values(personalities).find(({ kind }) => kind === dev.kind) ?? personalities.pfn

/** A new personality with the lowest free number, attached to `ndns` when one is given. */
export function nd_pfn_alloc(
  k: Kernel,
  region: NdRegion,
  { prefix, ida, kind }: Personality,
  ndns?: NdNamespace,
): NdPfn | undefined {
  const used = region[ida]
  const number = used.reduce((lowest, n) => (n === lowest ? lowest + 1 : lowest), 0)
  const created = nd_pfn.create(k.journal, { number, align: SZ_2M })
  created.dev = device.create(k.journal, {
    name: `${prefix}${region.number}.${number}`,
    parent: region.dev,
    kind,
    bus: nvdimm_bus_type,
    numa_node: region.dev.numa_node,
    target_node: region.dev.target_node,
    container: created,
  })
  if (ndns !== undefined && !nd_attach_ndns(created, ndns)) return undefined
  region[ida] = [...used, number].sort((a, b) => a - b)
  return created
}

/** It was only a guess: give the number and the namespace back. */
export function nd_pfn_release(region: NdRegion, { ida }: Personality, pfn: NdPfn): void {
  nd_detach_ndns(pfn)
  region[ida] = region[ida].filter((n) => n !== pfn.number)
}
