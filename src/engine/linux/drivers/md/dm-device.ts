/**
 * drivers/md/dm-table.c, dm.c: the disks below a table, opened for dm alone.
 *
 * Any number of mapped devices share that claim. Source: torvalds/linux v6.1. Ours: a device is refused that stands on the
 * one that wants it, however many are between; upstream sees only itself and would follow such a circle for ever.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { blkdev_get_by_dev, blkdev_put } from '../../block/bdev.ts'
import { block_devices, type Gendisk } from '../../block/genhd.ts'
import { type BlockDevice, bdev_name } from '../../include/linux/blk_types.ts'
import { EINVAL, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dax_get_by_host } from '../dax/super.ts'
import { type DmDev, type DmTarget, dm_dev, type MappedDevice, mapped_devices } from './dm-core.ts'

const DM_TABLE = 'drivers/md/dm-table.c'
const DM = 'drivers/md/dm.c'
const _dm_claim_ptr = 'I belong to device-mapper'

/** dm_get_dev_t(): by "259:0" or by its node in /dev; or a negative error number. */
function bdev_of(k: Kernel, path: string): BlockDevice | number {
  if (/^\d+:\d+$/.test(path)) return block_devices(k).find(({ bd_device }) => bd_device.devt === path) ?? -ENXIO
  const [, mapper, name] = /^\/dev\/(mapper\/)?([^/]+)$/.exec(path) ?? []
  const mapped = mapped_devices(k).find((md) => md.registered && md.name === name)
  if (mapper !== undefined) return mapped?.disk.part0 ?? -ENODEV
  return block_devices(k).find((bdev) => bdev_name(bdev) === name) ?? -ENODEV
}

/** Does `disk` stand on `md`, or is it that? */
function stands_on(k: Kernel, disk: Gendisk, md: MappedDevice): boolean {
  if (disk === md.disk) return true
  const between = mapped_devices(k).find((each) => each.disk === disk)
  return (between?.table_devices ?? []).some((dev) => stands_on(k, dev.disk, md))
}

const open_table_device = kfunc(DM, function* open_table_device(k: Kernel, md: MappedDevice, bdev: BlockDevice) {
  const rc = yield* blkdev_get_by_dev(k, bdev, _dm_claim_ptr)
  if (rc !== 0) return rc
  const { bd_disk: disk } = bdev
  // fs_dax_get_by_bdev() asks the queue, too.
  const offers = disk.dax || !k.has('dax_start_off')
  const dax_dev = offers ? dax_get_by_host(k, disk.disk_name) : undefined
  const dev = dm_dev.create(k.journal, { disk, bdev, name: bdev.bd_device.devt, dax_dev })
  md.table_devices = [...md.table_devices, dev]
  return dev
})

/** The device, or a negative error number. */
export const dm_get_device = kfunc(DM_TABLE, function* dm_get_device(k: Kernel, ti: DmTarget, path: string) {
  const { md } = ti.table
  const bdev = bdev_of(k, path)
  if (typeof bdev === 'number') return bdev
  if (stands_on(k, bdev.bd_disk, md)) return -EINVAL
  const dev: DmDev | number =
    md.table_devices.find((each) => each.bdev === bdev) ?? (yield* open_table_device(k, md, bdev))
  if (typeof dev === 'number') return dev
  dev.count++
  ti.table.devices = [...ti.table.devices, dev]
  return dev
})

export const dm_put_device = kfunc(DM_TABLE, function* dm_put_device(k: Kernel, ti: DmTarget, dev: DmDev) {
  const { md, devices } = ti.table
  ti.table.devices = devices.toSpliced(devices.lastIndexOf(dev), 1)
  if (--dev.count > 0) return
  md.table_devices = md.table_devices.filter((each) => each !== dev)
  yield* blkdev_put(k, dev.bdev, _dm_claim_ptr)
})
