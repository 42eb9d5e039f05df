/**
 * drivers/nvdimm/namespace_devs.c: namespaces. Without labels a region is one namespace.
 *
 * Left out: labelled namespaces, sizes and names that can be changed.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Device, type DeviceAttribute, type DeviceType, device } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { kstrtobool } from '../../lib/kstrtox.ts'
import { dev_dbg } from '../base/core.ts'
import { nd_device_register, nvdimm_bus_type } from './bus.ts'
import {
  is_nd_btt,
  is_nd_dax,
  is_nd_pfn,
  type NdNamespace,
  type NdRegion,
  nd_device_attributes,
  nd_namespace_io,
  nd_numa_attributes,
  nd_region_to_nstype,
  to_nd_pfn,
  to_nd_region,
  to_ndns,
} from './nd.ts'

const NAMESPACE_DEVS = 'drivers/nvdimm/namespace_devs.c'
/** ND_MIN_NAMESPACE_SIZE: one page. */
const MIN_SIZE = 4096

function mode_of({ claim }: NdNamespace): string {
  if (is_nd_btt(claim)) return 'safe'
  if (is_nd_pfn(claim)) return 'memory'
  return is_nd_dax(claim) ? 'dax' : 'raw'
}

function holder_class({ claim }: NdNamespace): string {
  if (is_nd_btt(claim)) return 'btt'
  if (is_nd_pfn(claim)) return 'pfn'
  return is_nd_dax(claim) ? 'dax' : ''
}

const force_raw_store = kfunc(NAMESPACE_DEVS, function* force_raw_store(_k: Kernel, dev: Device, text: string) {
  const force_raw = kstrtobool(text)
  yield* []
  if (force_raw === undefined) return -EINVAL
  to_ndns(dev).force_raw = force_raw
  return 0
})

const namespace_attributes: readonly DeviceAttribute[] = [
  {
    name: 'nstype',
    mode: 0o444,
    show: (_k, dev) => (dev.parent === undefined ? -ENXIO : String(nd_region_to_nstype(to_nd_region(dev.parent)))),
  },
  { name: 'size', mode: 0o444, show: (_k, dev) => String(to_ndns(dev).size) },
  { name: 'mode', mode: 0o444, show: (_k, dev) => mode_of(to_ndns(dev)) },
  { name: 'resource', mode: 0o400, show: (_k, dev) => `0x${to_ndns(dev).start.toString(16)}` },
  { name: 'holder', mode: 0o444, show: (_k, dev) => to_ndns(dev).claim?.name ?? '' },
  { name: 'holder_class', mode: 0o444, show: (_k, dev) => holder_class(to_ndns(dev)) },
  {
    name: 'force_raw',
    mode: 0o644,
    show: (_k, dev) => (to_ndns(dev).force_raw ? '1' : '0'),
    store: force_raw_store,
  },
  ...nd_device_attributes,
  ...nd_numa_attributes,
]

const namespace_io_device_type: DeviceType = { name: 'nd_namespace_io', attributes: namespace_attributes }

const create_namespace_io = kfunc(NAMESPACE_DEVS, function* create_namespace_io(k: Kernel, region: NdRegion) {
  const ndns = nd_namespace_io.create(k.journal, { start: region.ndr_start, size: region.ndr_size })
  ndns.dev = device.create(k.journal, {
    name: `namespace${region.number}.0`,
    parent: region.dev,
    kind: namespace_io_device_type,
    bus: nvdimm_bus_type,
    numa_node: region.dev.numa_node,
    target_node: region.dev.target_node,
    container: ndns,
  })
  yield* []
  return ndns
})

/** Number of namespaces, or -ENODEV when this kind of region has none. */
export const nd_region_register_namespaces = kfunc(
  NAMESPACE_DEVS,
  function* nd_region_register_namespaces(k: Kernel, region: NdRegion) {
    if (nd_region_to_nstype(region) === 0) return -ENODEV
    for (const { nvdimm } of region.mappings) if (nvdimm.config_size > 0) nvdimm.busy++
    const ndns = yield* create_namespace_io(k, region)
    region.ns_seed = ndns.dev
    nd_device_register(k, ndns.dev)
    return 1
  },
)

/** The namespace that a driver has been asked to serve through `dev`; a negative error number when it must not. */
export const nvdimm_namespace_common_probe = kfunc(
  NAMESPACE_DEVS,
  function* nvdimm_namespace_common_probe(k: Kernel, dev: Device) {
    yield* []
    const personality = is_nd_btt(dev) || is_nd_pfn(dev) || is_nd_dax(dev)
    const ndns = personality ? to_nd_pfn(dev).ndns : to_ndns(dev)
    if (ndns === undefined) return -ENODEV
    if (personality && ndns.dev.driver !== undefined) {
      dev_dbg(k, dev, 'is active, can not bind')
      return -EBUSY
    }
    if (!personality && ndns.claim !== undefined) {
      dev_dbg(k, dev, `claimed by ${ndns.claim.name}, failing probe`)
      return -ENXIO
    }
    return ndns.size < MIN_SIZE ? -ENODEV : ndns
  },
)
