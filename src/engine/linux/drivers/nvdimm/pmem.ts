/**
 * drivers/nvdimm/pmem.c: the driver that makes a disk of a namespace.
 *
 * Source: torvalds/linux 3c1cebff23cd … v6.1; reference/kernel.md §4. Reads and writes of the disk are in
 * pmem_io.ts, direct access in pmem_dax.ts; what makes sectors atomic comes with the BTT module.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { blk_alloc_disk, del_gendisk, device_add_disk, type Gendisk } from '../../block/genhd.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import { EBUSY, ENODEV, ENXIO, EOPNOTSUPP } from '../../include/linux/errno.ts'
import { devm_request_mem_region, print_resource } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_warn } from '../base/core.ts'
import { alloc_dax, type DaxDevice, dax_attributes, kill_dax } from '../dax/super.ts'
import { nd_btt_probe } from './btt_devs.ts'
import { nvdimm_bus_type, nvdimm_check_and_set_ro } from './bus.ts'
import { devm_nsio_disable, devm_nsio_enable } from './claim.ts'
import { nd_dax_probe, nd_pfn_probe } from './dax_devs.ts'
import { nvdimm_namespace_common_probe, nvdimm_namespace_disk_name, pmem_sector_size } from './namespace_devs.ts'
import {
  is_nd_btt,
  is_nd_pfn,
  ND_DEVICE_NAMESPACE_IO,
  ND_DEVICE_NAMESPACE_PMEM,
  type NdNamespace,
  nsio_res,
  pmem_should_map_pages,
  to_nd_pfn,
  to_nd_region,
} from './nd.ts'
import { nvdimm_setup_pfn } from './pfn_devs.ts'
import { pmem_dax_ops } from './pmem_dax.ts'
import { pmem_rw_page, pmem_submit_bio } from './pmem_io.ts'
import { nvdimm_flush, nvdimm_has_cache, nvdimm_has_flush } from './region_devs.ts'

const PMEM = 'drivers/nvdimm/pmem.c'

interface PmemDeviceFields {
  /** SPA, bytes. */
  phys_addr: number
  size: number
  /** Where the data begins. */
  data_offset: number
  disk: Gendisk
  dax_dev: DaxDevice
  /** The nd device that it was made for. */
  owner: Device
}

export type PmemDevice = PmemDeviceFields & Identity

const pmem_device = struct<PmemDeviceFields>('pmem_device', {
  phys_addr: 0,
  size: 0,
  data_offset: 0,
  disk: undefined as never,
  dax_dev: undefined as never,
  owner: undefined as never,
})

const pmem_devices = struct<{ list: readonly PmemDevice[] }>('pmem_devices', { list: [] })

const SECTOR = 512
const PAGE_SIZE = 4096

const pmem_attach_disk = kfunc(PMEM, function* pmem_attach_disk(k: Kernel, dev: Device, ndns: NdNamespace) {
  if (dev.parent === undefined) return -ENODEV
  const region = to_nd_region(dev.parent)
  let data = { start: ndns.start, size: ndns.size }
  if (is_nd_pfn(dev)) {
    const rc = yield* devm_nsio_enable(k, dev, ndns)
    if (rc !== 0) return rc
    const range = yield* nvdimm_setup_pfn(k, to_nd_pfn(dev))
    devm_nsio_disable(k, dev, ndns)
    if (typeof range === 'number') return range
    data = range
  }
  const has_flush = nvdimm_has_flush(k, region)
  const nocache = !k.has('memcpy_flushcache') || k.config('ARCH_HAS_UACCESS_FLUSHCACHE')
  if (has_flush < 0 || !nocache) dev_warn(k, dev, 'unable to guarantee persistence of writes')
  if (devm_request_mem_region(k, dev, ndns.start, ndns.size, ndns.dev.name) === undefined) {
    dev_warn(k, dev, `could not reserve region ${print_resource(nsio_res(ndns))}`)
    return -EBUSY
  }
  const has_cache = nvdimm_has_cache(k, region)
  // Before the driver asked the region, a pmem queue claimed everything.
  const asks = k.has('nvdimm_has_cache')
  const disk = blk_alloc_disk(k, {
    disk_name: nvdimm_namespace_disk_name(ndns),
    sectors: Math.floor(data.size / SECTOR),
    write_cache: k.has('pmem_always_write_back') || !asks || has_cache,
    fua: !asks || has_flush === 1,
    dax: !k.has('dax_needs_pages') || is_nd_pfn(dev) || pmem_should_map_pages(dev),
    logical_block_size: k.has('namespace_sector_size') ? pmem_sector_size(ndns) : SECTOR,
    physical_block_size: PAGE_SIZE,
  })
  const dax_dev = alloc_dax(k, disk.disk_name, pmem_dax_ops(k))
  dax_dev.write_cache = has_cache
  dax_dev.synchronous = region.flush === undefined
  const pmem = pmem_device.create(k.journal, {
    phys_addr: ndns.start,
    size: ndns.size,
    data_offset: data.start - ndns.start,
    disk,
    dax_dev,
    owner: dev,
  })
  dax_dev.private = pmem
  dax_dev.nocache = k.has('dax_nocache')
  disk.private_data = pmem
  disk.media = data
  disk.submit_bio = pmem_submit_bio
  disk.rw_page = pmem_rw_page
  disk.bb = k.options.poison?.nvdimm_badblocks_populate(k, dev, data.start, data.size) ?? []
  yield* device_add_disk(k, dev, disk, dax_attributes)
  k.global(pmem_devices).list = [...k.global(pmem_devices).list, pmem]
  nvdimm_check_and_set_ro(k, disk)
  return 0
})

/** A namespace either has an info block, and the personality it names takes over, or it is a raw disk. */
const nd_pmem_probe = kfunc(PMEM, function* nd_pmem_probe(k: Kernel, dev: Device) {
  const ndns = yield* nvdimm_namespace_common_probe(k, dev)
  if (typeof ndns === 'number') return ndns
  const { btt } = k.options
  if (is_nd_btt(dev)) return btt === undefined ? -EOPNOTSUPP : yield* btt.nvdimm_namespace_attach_btt(k, dev, ndns)
  if (is_nd_pfn(dev)) return yield* pmem_attach_disk(k, dev, ndns)
  const rc = yield* devm_nsio_enable(k, dev, ndns)
  if (rc !== 0) return rc
  for (const probe of [nd_btt_probe, nd_pfn_probe, nd_dax_probe]) {
    const found = yield* probe(k, dev, ndns)
    if (found === 0) ndns.io_enabled = false
    if (found === 0) return -ENXIO
    if (found === -EOPNOTSUPP) return found
  }
  devm_nsio_disable(k, dev, ndns)
  return yield* pmem_attach_disk(k, dev, ndns)
})

const nd_pmem_remove = kfunc(PMEM, function* nd_pmem_remove(k: Kernel, dev: Device) {
  if (is_nd_btt(dev)) k.options.btt?.nvdimm_namespace_detach_btt(k, dev)
  const all = k.global(pmem_devices)
  const own = all.list.find((pmem) => pmem.owner === dev)
  if (dev.parent !== undefined) yield* nvdimm_flush(k, to_nd_region(dev.parent))
  if (own === undefined) return
  kill_dax(k, own.dax_dev)
  del_gendisk(k, own.disk)
  all.list = all.list.filter((pmem) => pmem !== own)
})

/** What was written is durable before the machine goes down. */
const nd_pmem_shutdown = kfunc(PMEM, function* nd_pmem_shutdown(k: Kernel, dev: Device) {
  if (dev.parent !== undefined) yield* nvdimm_flush(k, to_nd_region(dev.parent))
})

export const nd_pmem_driver: DeviceDriver = {
  name: 'nd_pmem',
  bus: nvdimm_bus_type,
  types: (1 << ND_DEVICE_NAMESPACE_IO) | (1 << ND_DEVICE_NAMESPACE_PMEM),
  probe: nd_pmem_probe,
  remove: nd_pmem_remove,
  shutdown: nd_pmem_shutdown,
}
