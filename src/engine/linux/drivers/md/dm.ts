/**
 * drivers/md/dm.c: mapped devices come, change their table, wait and go.
 *
 * Source: torvalds/linux v6.1. Left out: requests, deferred removal, events to wait for, freezing of file systems.
 */

import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { sync_blockdev } from '../../block/bdev.ts'
import type { QueueLimits } from '../../block/blk-settings.ts'
import { blk_alloc_disk, del_gendisk, device_add_disk, set_capacity } from '../../block/genhd.ts'
import { disk_part0 } from '../../include/linux/blk_types.ts'
import { EBUSY, EINVAL } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { alloc_dax, kill_dax } from '../dax/super.ts'
import {
  DM_TYPE_NONE,
  DMFATAL,
  type DmTable,
  type MappedDevice,
  mapped_device,
  mapped_devices,
  set_mapped_devices,
} from './dm-core.ts'
import { dm_dax_ops } from './dm-dax.ts'
import { dm_disk_submit_bio } from './dm-io.ts'
import { dm_calculate_queue_limits, dm_table_set_restrictions } from './dm-limits.ts'
import { dm_attributes } from './dm-sysfs.ts'
import { dm_table_destroy, dm_table_get_size } from './dm-table.ts'

const DM = 'drivers/md/dm.c'
/** The first that is free when the module is loaded, from the top. */
const DM_MAJOR = 254
const MINORBITS = 20

function* add_disk(k: Kernel, md: MappedDevice): Generator<Request, void> {
  if (md.registered) return
  yield* device_add_disk(k, undefined, md.disk, dm_attributes)
  md.registered = true
}

/** A device without a table, or a negative error number. `wanted`: its minor number. */
export const dm_create = kfunc(DM, function* dm_create(k: Kernel, name: string, uuid: string, wanted?: number) {
  const taken = new Set(mapped_devices(k).map(({ disk }) => disk.first_minor))
  let minor = wanted ?? 0
  if (wanted === undefined) while (taken.has(minor)) minor++
  if (minor >= 1 << MINORBITS) return -EINVAL
  if (taken.has(minor)) return -EBUSY
  const disk = blk_alloc_disk(k, {
    disk_name: `dm-${minor}`,
    major: DM_MAJOR,
    first_minor: minor,
    no_part: true,
    submit_bio: dm_disk_submit_bio,
  })
  const dax_dev = alloc_dax(k, disk.disk_name, dm_dax_ops(k))
  dax_dev.nocache = k.has('dax_nocache')
  const md = mapped_device.create(k.journal, { name, uuid, disk, dax_dev })
  disk.private_data = md
  dax_dev.private = md
  if (!k.has('dm_delayed_disk')) yield* add_disk(k, md)
  set_mapped_devices(k, [...mapped_devices(k), md])
  return md
})

export const dm_destroy = kfunc(DM, function* dm_destroy(k: Kernel, md: MappedDevice) {
  set_mapped_devices(
    k,
    mapped_devices(k).filter((other) => other !== md),
  )
  yield* dm_table_destroy(k, md.new_map)
  yield* dm_table_destroy(k, md.map)
  md.map = undefined
  md.new_map = undefined
  kill_dax(k, md.dax_dev)
  if (md.registered) del_gendisk(k, md.disk)
  md.registered = false
})

/** The first table that is loaded decides what kind of device it is: 0, or a negative error number. */
export const dm_setup_md_queue = kfunc(DM, function* dm_setup_md_queue(k: Kernel, md: MappedDevice, t: DmTable) {
  if (k.has('dm_limits_at_load')) {
    const limits = dm_calculate_queue_limits(k, t)
    if (typeof limits === 'number') {
      DMFATAL(k, 'core', 'Cannot calculate initial queue limits')
      return limits
    }
    dm_table_set_restrictions(k, t, md.disk, limits)
  }
  yield* add_disk(k, md)
  md.queue_mode = t.queue_mode
  return 0
})

const __bind = kfunc(DM, function* __bind(k: Kernel, md: MappedDevice, t: DmTable, limits: QueueLimits) {
  yield* []
  const old = md.map
  set_capacity(md.disk, dm_table_get_size(t))
  md.map = t
  dm_table_set_restrictions(k, t, md.disk, limits)
  return old
})

/** The table that was there before, if any; or a negative error number. */
export const dm_swap_table = kfunc(DM, function* dm_swap_table(k: Kernel, md: MappedDevice, t: DmTable) {
  if (!md.suspended) return -EINVAL
  const limits = dm_calculate_queue_limits(k, t)
  return typeof limits === 'number' ? limits : yield* __bind(k, md, t, limits)
})

/** `lockfs`: what the page cache holds is written first. */
export const dm_suspend = kfunc(DM, function* dm_suspend(k: Kernel, md: MappedDevice, lockfs: boolean) {
  if (md.suspended) return -EINVAL
  if (lockfs && md.map !== undefined) yield* sync_blockdev(k, disk_part0(md.disk))
  md.suspended = true
  return 0
})

export const dm_resume = kfunc(DM, function* dm_resume(_k: Kernel, md: MappedDevice) {
  yield* []
  if (!md.suspended || md.map === undefined || dm_table_get_size(md.map) === 0) return -EINVAL
  md.suspended = false
  return 0
})

export const dm_has_type = ({ queue_mode }: MappedDevice): boolean => queue_mode !== DM_TYPE_NONE
