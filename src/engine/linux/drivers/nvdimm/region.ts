/**
 * drivers/nvdimm/region.c, and the seeds of region_devs.c: the driver that turns a region into namespaces.
 *
 * A seed is an idle personality that user space can configure; when one is bound the next one is planted.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import type { Kernel } from '../../kernel.ts'
import { nd_device_register, nd_synchronize, nd_unregister_children, nvdimm_bus_type } from './bus.ts'
import { deactivate_labels, nd_region_create_ns_seed, nd_region_register_namespaces } from './namespace_devs.ts'
import { has_badblocks, is_namespace, ND_DEVICE_REGION_PMEM, type NdRegion, to_nd_pfn, to_nd_region } from './nd.ts'
import { nd_pfn_alloc, personalities } from './pfn_attributes.ts'
import { nd_region_activate, nvdimm_flush } from './region_devs.ts'

const plant = (name: 'btt' | 'pfn' | 'dax') => (k: Kernel, region: NdRegion) => {
  const seed = nd_pfn_alloc(k, region, personalities[name])
  if (seed === undefined) return
  region[`${name}_seed`] = seed.dev
  nd_device_register(k, seed.dev)
}
const nd_region_create_btt_seed = plant('btt')
const nd_region_create_pfn_seed = plant('pfn')
const nd_region_create_dax_seed = plant('dax')

const nd_region_advance_seeds = kfunc(
  'drivers/nvdimm/region_devs.c',
  function* nd_region_advance_seeds(k: Kernel, region_dev: Device, dev: Device) {
    const region = to_nd_region(region_dev)
    const host = is_namespace(dev) ? undefined : to_nd_pfn(dev).ndns
    if (region.ns_seed !== undefined && (region.ns_seed === dev || region.ns_seed === host?.dev))
      nd_region_create_ns_seed(k, region)
    if (region.btt_seed === dev) nd_region_create_btt_seed(k, region)
    if (region.pfn_seed === dev) nd_region_create_pfn_seed(k, region)
    if (region.dax_seed === dev) nd_region_create_dax_seed(k, region)
    yield* []
  },
)

const nd_region_probe = kfunc('drivers/nvdimm/region.c', function* nd_region_probe(k: Kernel, dev: Device) {
  const region = to_nd_region(dev)
  const rc = yield* nd_region_activate(k, region)
  if (rc !== 0) return rc
  region.active = true
  if (has_badblocks(k, dev))
    region.bb = k.options.poison?.nvdimm_badblocks_populate(k, dev, region.ndr_start, region.ndr_size) ?? []
  const count = yield* nd_region_register_namespaces(k, region)
  if (count < 0) return count
  region.init_namespaces = `${count}/${count}`
  nd_region_create_btt_seed(k, region)
  nd_region_create_pfn_seed(k, region)
  nd_region_create_dax_seed(k, region)
  return 0
})

/** Everything below goes, the youngest first, then the labels are let go. */
const nd_region_remove = kfunc('drivers/nvdimm/region.c', function* nd_region_remove(k: Kernel, dev: Device) {
  const region = to_nd_region(dev)
  yield* nd_synchronize(k)
  yield* nd_unregister_children(k, dev)
  region.ns_seed = undefined
  region.btt_seed = undefined
  region.pfn_seed = undefined
  region.dax_seed = undefined
  region.btt_ida = []
  region.pfn_ida = []
  region.dax_ida = []
  region.init_namespaces = ''
  region.active = false
  deactivate_labels(region)
  yield* nvdimm_flush(k, region)
})

export const nd_region_driver: DeviceDriver = {
  name: 'nd_region',
  bus: nvdimm_bus_type,
  types: 1 << ND_DEVICE_REGION_PMEM,
  probe: nd_region_probe,
  remove: nd_region_remove,
  childBound: nd_region_advance_seeds,
}
