/** drivers/dax/pmem.c: a namespace with a DAX info block becomes a device-dax instance. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, ENOMEM } from '../../include/linux/errno.ts'
import { devm_request_mem_region } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_warn } from '../base/core.ts'
import { nvdimm_bus_type } from '../nvdimm/bus.ts'
import { devm_nsio_disable, devm_nsio_enable } from '../nvdimm/claim.ts'
import { nvdimm_namespace_common_probe } from '../nvdimm/namespace_devs.ts'
import { ND_DEVICE_DAX_PMEM, to_nd_pfn } from '../nvdimm/nd.ts'
import { nvdimm_setup_pfn } from '../nvdimm/pfn_devs.ts'
import { alloc_dax_region, devm_create_dev_dax, unregister_dev_dax } from './bus.ts'

const PMEM = 'drivers/dax/pmem.c'
/** Of device-dax character devices; dynamic upstream, fixed here. */
const DAX_MAJOR = 252

const dax_pmem_probe = kfunc(PMEM, function* dax_pmem_probe(k: Kernel, dev: Device) {
  const ndns = yield* nvdimm_namespace_common_probe(k, dev)
  if (typeof ndns === 'number') return ndns
  const rc = yield* devm_nsio_enable(k, dev, ndns)
  if (rc !== 0) return rc
  const range = yield* nvdimm_setup_pfn(k, to_nd_pfn(dev))
  devm_nsio_disable(k, dev, ndns)
  if (typeof range === 'number') return range
  // What lies before the data, the info block above all, stays ours.
  if (devm_request_mem_region(k, dev, ndns.start, range.start - ndns.start, ndns.dev.name) === undefined) {
    dev_warn(k, dev, 'could not reserve metadata')
    return -EBUSY
  }
  const [, region_id, id] = /^namespace(\d+)\.(\d+)$/.exec(ndns.dev.name) ?? []
  if (region_id === undefined || id === undefined) return -EINVAL
  const region = alloc_dax_region(k, dev, Number(region_id), range, to_nd_pfn(dev).pfn_sb?.align ?? 0)
  if (region === undefined) return -ENOMEM
  return yield* devm_create_dev_dax(k, region, Number(id), DAX_MAJOR)
})

const dax_pmem_remove = kfunc(PMEM, function* dax_pmem_remove(k: Kernel, dev: Device) {
  yield* unregister_dev_dax(k, dev)
})

export const dax_pmem_driver: DeviceDriver = {
  name: 'dax_pmem',
  bus: nvdimm_bus_type,
  types: 1 << ND_DEVICE_DAX_PMEM,
  probe: dax_pmem_probe,
  remove: dax_pmem_remove,
}
