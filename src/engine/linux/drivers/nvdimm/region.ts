/**
 * drivers/nvdimm/region.c, and the seeds of region_devs.c: the driver that turns a region into namespaces.
 *
 * A seed is an idle personality that user space can configure; when one is bound the next one is planted.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import type { Kernel } from '../../kernel.ts'
import { nd_device_register, nvdimm_bus_type } from './bus.ts'
import { nd_region_register_namespaces } from './namespace_devs.ts'
import { ND_DEVICE_REGION_PMEM, type NdRegion, to_nd_region } from './nd.ts'
import { nd_pfn_alloc, personalities } from './pfn_attributes.ts'
import { nd_region_activate } from './region_devs.ts'

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
  const count = yield* nd_region_register_namespaces(k, region)
  if (count < 0) return count
  region.init_namespaces = `${count}/${count}`
  nd_region_create_btt_seed(k, region)
  nd_region_create_pfn_seed(k, region)
  nd_region_create_dax_seed(k, region)
  return 0
})

export const nd_region_driver: DeviceDriver = {
  name: 'nd_region',
  bus: nvdimm_bus_type,
  types: 1 << ND_DEVICE_REGION_PMEM,
  probe: nd_region_probe,
  childBound: nd_region_advance_seeds,
}
