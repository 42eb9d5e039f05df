/**
 * drivers/md/dm-table.c, dm.c: the disks below a table, opened for dm alone.
 *
 * Any number of mapped devices share that claim. Source: torvalds/linux v6.1. Ours: a device is refused that stands on the
 * one that wants it, however many are between; upstream sees only itself and would follow such a circle for ever.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { blkdev_get_by_dev, blkdev_put } from '../../block/bdev.ts'
import { block_class, type Gendisk } from '../../block/genhd.ts'
import { EINVAL, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dax_get_by_host } from '../dax/super.ts'
import { type DmDev, type DmTarget, dm_dev, type MappedDevice, mapped_devices } from './dm-core.ts'

const DM_TABLE = 'drivers/md/dm-table.c'
const DM = 'drivers/md/dm.c'
const _dm_claim_ptr = 'I belong to device-mapper'

/** dm_get_dev_t(): by "259:0" or by its node in /dev; or a negative error number. */
function disk_of(k: Kernel, path: string): Gendisk | number {
  if (/^\d+:\d+$/.test(path)) return block_class(k).find(({ dev }) => dev.devt === path) ?? -ENXIO
  const [, mapper, name] = /^\/dev\/(mapper\/)?([^/]+)$/.exec(path) ?? []
  const mapped = mapped_devices(k).find((md) => md.registered && md.name === name)
  const disk = mapper === undefined ? block_class(k).find(({ disk_name }) => disk_name === name) : mapped?.disk
  return disk ?? -ENODEV
}

/** Does `disk` stand on `md`, or is it that? */
function stands_on(k: Kernel, disk: Gendisk, md: MappedDevice): boolean {
  if (disk === md.disk) return true
  const between = mapped_devices(k).find((each) => each.disk === disk)
  return (between?.table_devices ?? []).some((dev) => stands_on(k, dev.disk, md))
}

const open_table_device = kfunc(DM, function* open_table_device(k: Kernel, md: MappedDevice, disk: Gendisk) {
  const rc = yield* blkdev_get_by_dev(k, disk, _dm_claim_ptr)
  if (rc !== 0) return rc
  // fs_dax_get_by_bdev() asks the queue, too.
  const offers = disk.dax || !k.has('dax_start_off')
  const dax_dev = offers ? dax_get_by_host(k, disk.disk_name) : undefined
  const dev = dm_dev.create(k.journal, { disk, name: disk.dev.devt, dax_dev })
  md.table_devices = [...md.table_devices, dev]
  return dev
})

/** The device, or a negative error number. */
export const dm_get_device = kfunc(DM_TABLE, function* dm_get_device(k: Kernel, ti: DmTarget, path: string) {
  const { md } = ti.table
  const disk = disk_of(k, path)
  if (typeof disk === 'number') return disk
  if (stands_on(k, disk, md)) return -EINVAL
  const dev: DmDev | number =
    md.table_devices.find((each) => each.disk === disk) ?? (yield* open_table_device(k, md, disk))
  if (typeof dev !== 'number') dev.count++
  return dev
})

export const dm_put_device = kfunc(DM_TABLE, function* dm_put_device(k: Kernel, ti: DmTarget, dev: DmDev) {
  const { md } = ti.table
  if (--dev.count > 0) return
  md.table_devices = md.table_devices.filter((each) => each !== dev)
  yield* blkdev_put(k, dev.disk, _dm_claim_ptr)
})
