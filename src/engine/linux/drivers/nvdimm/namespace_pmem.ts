/**
 * drivers/nvdimm/namespace_devs.c: what sysfs shows of a labelled namespace, and how user space configures it.
 *
 * Each change that leaves a whole namespace goes into the labels at once. Left out: block windows.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device, DeviceAttribute, DeviceType } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, ENOSPC, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { kstrtoul } from '../../lib/kstrtox.ts'
import { dev_dbg, device_del } from '../base/core.ts'
import { device_release_driver } from '../base/dd.ts'
import { uuid_bytes, uuid_text } from './core.ts'
import {
  grow_dpa_allocation,
  nd_label_gen_id,
  nd_namespace_pmem_set_resource,
  nd_region_allocatable_dpa,
  nvdimm_allocated_dpa,
  shrink_dpa_allocation,
} from './dpa.ts'
import { nd_label_is_v1_1, to_label } from './label.ts'
import { NSLABEL_NAME_LEN } from './label_bytes.ts'
import { nd_pmem_namespace_label_update } from './label_update.ts'
import { holder_class_store, namespace_attributes } from './namespace_devs.ts'
import {
  type ClaimClass,
  is_namespace,
  type NdNamespace,
  type NdRegion,
  resource_mode,
  to_nd_pfn,
  to_nd_region,
  to_ndns,
} from './nd.ts'

const NAMESPACE_DEVS = 'drivers/nvdimm/namespace_devs.c'
/** Sector sizes that a raw disk can have. */
const lbasizes = [512, 4096] as const

const region_of = (dev: Device): NdRegion | undefined => dev.parent && to_nd_region(dev.parent)
const is_busy = (ndns: NdNamespace): boolean => ndns.dev.driver !== undefined || ndns.claim !== undefined

export const nd_namespace_label_update = kfunc(
  NAMESPACE_DEVS,
  function* nd_namespace_label_update(k: Kernel, dev: Device) {
    const region = region_of(dev)
    const ndns = to_ndns(dev)
    if (region === undefined || is_busy(ndns) || ndns.uuid === undefined) return 0
    return yield* nd_pmem_namespace_label_update(k, region, ndns)
  },
)

/** No other namespace, and no personality on one, has it. */
function nd_is_uuid_unique(dev: Device, uuid: string): boolean {
  const bus = dev.parent?.parent
  for (const region of bus?.children ?? [])
    for (const child of region.children) {
      const named = is_namespace(child) ? to_ndns(child) : /^nd_(btt|pfn)$/.test(child.kind.name) && to_nd_pfn(child)
      if (named !== false && named.uuid === uuid) return false
    }
  return true
}

/** A uuid that is already in labels can be changed only while they are at hand: they are given up at the next update. */
function namespace_update_uuid(region: NdRegion, ndns: NdNamespace, uuid: string): number {
  const old = ndns.uuid
  if (!nd_is_uuid_unique(ndns.dev, uuid)) return -EINVAL
  if (old !== undefined) {
    if (region.mappings.some((_, i) => (region.labels[i] ?? []).length === 0)) return -EBUSY
    for (const { nvdimm } of region.mappings) {
      const { ndd } = nvdimm
      if (ndd === undefined) continue
      const name = nd_label_gen_id(old)
      ndd.dpa = ndd.dpa.map((each) => (each.name === name ? { ...each, name: nd_label_gen_id(uuid) } : each))
    }
    region.labels = region.labels.map((list, i) => {
      const ndd = region.mappings[i]?.nvdimm.ndd
      return list.map((entry) =>
        ndd !== undefined && to_label(ndd, entry.slot)?.uuid === old ? { ...entry, reap: true } : entry,
      )
    })
  }
  ndns.uuid = uuid
  return 0
}

const uuid_store = kfunc(NAMESPACE_DEVS, function* uuid_store(k: Kernel, dev: Device, text: string) {
  const region = region_of(dev)
  const ndns = to_ndns(dev)
  if (region === undefined) return -ENXIO
  if (is_busy(ndns)) return -EBUSY
  const bytes = uuid_bytes(text)
  const rc = bytes === undefined ? -EINVAL : namespace_update_uuid(region, ndns, uuid_text(bytes))
  const written = rc === 0 ? yield* nd_namespace_label_update(k, dev) : rc
  dev_dbg(k, dev, `result: ${written} wrote: ${text.trim()}`)
  return written
})

const alt_name_store = kfunc(NAMESPACE_DEVS, function* alt_name_store(k: Kernel, dev: Device, text: string) {
  const ndns = to_ndns(dev)
  const name = text.trim()
  let rc = 0
  if (is_busy(ndns)) rc = -EBUSY
  else if (new TextEncoder().encode(name).length + 1 > NSLABEL_NAME_LEN) rc = -EINVAL
  else {
    ndns.alt_name = name
    rc = yield* nd_namespace_label_update(k, dev)
  }
  dev_dbg(k, dev, `${rc < 0 ? 'fail ' : ''}(${rc})`)
  return rc
})

const sector_size_store = kfunc(NAMESPACE_DEVS, function* sector_size_store(k: Kernel, dev: Device, text: string) {
  const ndns = to_ndns(dev)
  if (is_busy(ndns)) return -EBUSY
  const lbasize = kstrtoul(text)
  if (!lbasizes.some((known) => known === lbasize)) return -EINVAL
  ndns.lbasize = lbasize
  return yield* nd_namespace_label_update(k, dev)
})

const __size_store = kfunc(NAMESPACE_DEVS, function* __size_store(k: Kernel, dev: Device, size: number) {
  const region = region_of(dev)
  const ndns = to_ndns(dev)
  if (is_busy(ndns)) return -EBUSY
  if (ndns.uuid === undefined) {
    dev_dbg(k, dev, '__size_store: uuid not set')
    return -ENXIO
  }
  if (region === undefined || region.mappings.length === 0) {
    dev_dbg(k, dev, 'not associated with dimm(s)')
    return -ENXIO
  }
  const align = k.has('region_align') ? region.align : 4096 * region.mappings.length
  if (size % align !== 0) {
    dev_dbg(k, dev, `${size} is not ${align / 1024}K aligned`)
    return -EINVAL
  }
  const name = nd_label_gen_id(ndns.uuid)
  let allocated = 0
  for (const i of region.mappings.keys()) {
    const ndd = region.mappings[i]?.nvdimm.ndd
    if (ndd === undefined) return -ENXIO
    allocated += nvdimm_allocated_dpa(ndd, name)
  }
  if (size > nd_region_allocatable_dpa(k, region) + allocated) return -ENOSPC
  if (size === allocated) return 0
  const ways = region.mappings.length
  if (size < allocated) shrink_dpa_allocation(k, region, name, (allocated - size) / ways)
  else if (!grow_dpa_allocation(k, region, name, (size - allocated) / ways)) return -ENXIO
  nd_namespace_pmem_set_resource(region, ndns, size)
  yield* []
  return 0
})

const size_store = kfunc(NAMESPACE_DEVS, function* size_store(k: Kernel, dev: Device, text: string) {
  const region = region_of(dev)
  const ndns = to_ndns(dev)
  const size = kstrtoul(text)
  if (size < 0) return size
  let rc = yield* __size_store(k, dev, size)
  if (rc === 0) rc = yield* nd_namespace_label_update(k, dev)
  // Size zero is how a namespace is deleted. The first one and the seed stay, to be configured again.
  if (rc === 0 && size === 0) ndns.uuid = undefined
  dev_dbg(k, dev, `${size.toString(16)} ${rc < 0 ? 'fail' : 'success'} (${rc})`)
  if (rc === 0 && size === 0 && region !== undefined && ndns.nsid !== 0 && region.ns_seed !== dev) {
    yield* device_release_driver(k, dev)
    device_del(k, dev)
    region.ns_ida = region.ns_ida.filter((n) => n !== ndns.nsid)
  }
  return rc
})

/** Which block translation table suits the labels at hand: the second kind came with labels v1.2. */
export function btt_claim_class({ parent }: Device): ClaimClass | undefined {
  const kinds = new Set<boolean | undefined>()
  for (const { nvdimm } of parent === undefined ? [] : to_nd_region(parent).mappings) {
    const { ndd } = nvdimm
    if (ndd === undefined) return 'btt'
    kinds.add(nd_label_is_v1_1(ndd))
  }
  if (kinds.size > 1) return undefined
  return kinds.size === 0 || kinds.has(true) ? 'btt' : 'btt2'
}

/** What only labels give, or only they remember. */
const own_attributes: readonly DeviceAttribute[] = [
  { name: 'size', mode: 0o644, show: (_k, dev) => String(to_ndns(dev).size), store: size_store },
  {
    name: 'holder_class',
    mode: 0o644,
    visible: (k) => (k.has('holder_class') ? 0o644 : 0),
    show: (_k, dev) => to_ndns(dev).claim_class.replace('btt2', 'btt'),
    store: holder_class_store,
  },
  {
    name: 'resource',
    mode: 0o400,
    visible: resource_mode,
    show: (_k, dev) => (to_ndns(dev).size === 0 ? -ENXIO : `0x${to_ndns(dev).start.toString(16)}`),
  },
  { name: 'uuid', mode: 0o644, show: (_k, dev) => to_ndns(dev).uuid ?? '', store: uuid_store },
  { name: 'alt_name', mode: 0o644, show: (_k, dev) => to_ndns(dev).alt_name ?? '', store: alt_name_store },
  {
    name: 'sector_size',
    mode: 0o644,
    visible: (k) => (k.has('namespace_sector_size') ? 0o644 : 0),
    show: (_k, dev) => lbasizes.map((size) => (size === to_ndns(dev).lbasize ? `[${size}] ` : `${size} `)).join(''),
    store: sector_size_store,
  },
  {
    name: 'dpa_extents',
    mode: 0o444,
    show: (_k, dev) => {
      const { uuid } = to_ndns(dev)
      const name = uuid === undefined ? undefined : nd_label_gen_id(uuid)
      const count = (region_of(dev)?.mappings ?? []).flatMap(
        ({ nvdimm }) => nvdimm.ndd?.dpa.filter((each) => each.name === name) ?? [],
      )
      return String(count.length)
    },
  },
]

export const namespace_pmem_device_type: DeviceType = {
  name: 'nd_namespace_pmem',
  attributes: [
    ...own_attributes,
    ...namespace_attributes.filter(({ name }) => !own_attributes.some((own) => own.name === name)),
  ],
}
