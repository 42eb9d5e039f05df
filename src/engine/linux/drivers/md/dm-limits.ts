/**
 * drivers/md/dm-table.c, the part for queues: what a mapped device can do with the devices of a table.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §6.5; groundtruth ops4-dm. Left out: zones, polling.
 */

import {
  bdev_max_discard_sectors,
  blk_set_stacking_limits,
  blk_stack_limits,
  type QueueLimits,
  queue_limits,
} from '../../block/blk-settings.ts'
import type { Gendisk } from '../../block/genhd.ts'
import { bdev_name, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EINVAL } from '../../include/linux/errno.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import {
  DMERR,
  DMWARN,
  type DmDev,
  type DmTable,
  type DmTarget,
  dm_device_name,
  type IterateDevices,
} from './dm-core.ts'
import { PAGE_SECTORS } from './dm-dax.ts'

/** Whether a piece of a device lies outside it, or across its blocks, which the log says. */
function device_area_is_invalid(
  k: Kernel,
  { md }: DmTable,
  { logical_block_size }: QueueLimits,
  { bdev }: DmDev,
  start: number,
  len: number,
): boolean {
  const name = dm_device_name(md)
  const block = logical_block_size / SECTOR_SIZE
  const dev_size = bdev.bd_nr_sectors
  if (dev_size === 0) return false
  if (start >= dev_size || start + len > dev_size) {
    const area = `start=${start}, len=${len}, dev_size=${dev_size}`
    DMERR(k, 'table', `${name}: ${bdev_name(bdev)} too small for target: ${area}`)
    return true
  }
  const odd = [
    ['start', start],
    ['len', len],
  ].find(([, sectors]) => Number(sectors) % block !== 0)
  if (odd === undefined) return false
  const where = `not aligned to h/w logical block size ${logical_block_size} of ${bdev_name(bdev)}`
  DMERR(k, 'table', `${name}: ${odd[0]}=${odd[1]} ${where}`)
  return true
}

/** All devices of a target. */
function device_limits(k: Kernel, ti: DmTarget): QueueLimits {
  const { target_type, table } = ti
  let limits = blk_set_stacking_limits
  target_type.iterate_devices?.(ti, ({ disk, bdev }, start) => {
    const below = queue_limits(disk)
    const stacked = blk_stack_limits(limits, below, bdev.bd_start_sect + start)
    limits = stacked.limits
    if (stacked.aligned) return false
    const sizes = `physical_block_size=${below.physical_block_size}, logical_block_size=${below.logical_block_size}`
    const place = `alignment_offset=${below.alignment_offset}, start=${start * SECTOR_SIZE}`
    const what = `adding target device ${bdev_name(bdev)} caused an alignment inconsistency`
    DMWARN(k, 'table', `${dm_device_name(table.md)}: ${what}: ${sizes}, ${place}`)
    return false
  })
  return limits
}

/** A bio of whole blocks that crosses the end of a target must leave whole blocks to the next. */
function validate_hardware_logical_block_alignment(k: Kernel, t: DmTable, { logical_block_size }: QueueLimits): number {
  const block = logical_block_size / SECTOR_SIZE
  let next_target_start = 0
  let remaining = 0
  let last = -1
  for (const [i, ti] of t.targets.entries()) {
    last = i
    const own = device_limits(k, ti).logical_block_size / SECTOR_SIZE
    if (remaining < ti.len && remaining % own !== 0) break
    next_target_start = (next_target_start + ti.len) % block
    remaining = next_target_start > 0 ? block - next_target_start : 0
    if (remaining > 0) last = i + 1
  }
  if (remaining === 0) return 0
  const { begin, len } = t.targets[Math.min(last, t.targets.length - 1)] as DmTarget
  const line = `table line ${last} (start sect ${begin} len ${len})`
  DMERR(k, 'table', `${dm_device_name(t.md)}: ${line} not aligned to h/w logical block size ${logical_block_size}`)
  return -EINVAL
}

/** The limits, or -EINVAL. */
export function dm_calculate_queue_limits(k: Kernel, t: DmTable): QueueLimits | number {
  let limits = blk_set_stacking_limits
  for (const ti of t.targets) {
    const { target_type: type, begin, len } = ti
    let own = blk_set_stacking_limits
    if (type.iterate_devices !== undefined) {
      own = device_limits(k, ti)
      own = type.io_hints?.(ti, own) ?? own
      const valid = own
      if (type.iterate_devices(ti, (dev, at, size) => device_area_is_invalid(k, t, valid, dev, at, size)))
        return -EINVAL
    }
    const stacked = blk_stack_limits(limits, own, 0)
    limits = stacked.limits
    const where = `adding target device (start sect ${begin} len ${len})`
    if (!stacked.aligned) DMWARN(k, 'table', `${dm_device_name(t.md)}: ${where} caused an alignment inconsistency`)
  }
  const rc = validate_hardware_logical_block_alignment(k, t, limits)
  return rc === 0 ? limits : rc
}

/** Any device of any target that a flush is sent to. */
const dm_table_supports_flush = ({ targets }: DmTable, flag: 'write_cache' | 'fua'): boolean =>
  targets.some(
    (ti) =>
      ti.num_flush_bios > 0 &&
      (ti.flush_supported || ti.target_type.iterate_devices?.(ti, ({ disk }) => disk[flag]) === true),
  )

/** All devices of all targets, unless a target sees to it. */
const dm_table_supports_discards = ({ targets }: DmTable): boolean =>
  targets.every((ti) => {
    const cannot: IterateDevices = ({ disk }) => bdev_max_discard_sectors(disk) === 0
    if (ti.num_discard_bios === 0) return false
    return ti.discards_supported || ti.target_type.iterate_devices?.(ti, cannot) === false
  })

/** Can this piece of a device be accessed directly? */
function device_dax_capable(k: Kernel, { disk, dax_dev }: DmDev, start: number): boolean {
  if (dax_dev === undefined || !disk.dax) return false
  if (!k.has('dax_supported_range') || k.has('dax_start_off') || start % PAGE_SECTORS === 0) return true
  printk(k, 'info', `${disk.disk_name}: error: unaligned partition for dax`)
  return false
}

/** Up to v5.11 a target may stand on other devices as long as one can, which is looked for from the first on. */
export function dm_table_supports_dax(k: Kernel, { targets }: DmTable): boolean {
  const capable: IterateDevices = (dev, start) => device_dax_capable(k, dev, start)
  const incapable: IterateDevices = (dev, start) => !device_dax_capable(k, dev, start)
  return targets.every((ti) => {
    const { direct_access, iterate_devices } = ti.target_type
    if (direct_access === undefined || iterate_devices === undefined) return false
    return k.has('dm_dax_all_legs') ? !iterate_devices(ti, incapable) : iterate_devices(ti, capable)
  })
}

/**
 * What the queue claims from now on, and whether a DAX flush does anything: on, if on any of the devices, and never off
 * again. What changes on them later is not noticed.
 */
export function dm_table_set_restrictions(k: Kernel, t: DmTable, disk: Gendisk, all: QueueLimits): void {
  const { logical_block_size, physical_block_size, ...limits } = all
  disk.logical_block_size = logical_block_size
  disk.physical_block_size = physical_block_size
  disk.limits = dm_table_supports_discards(t) ? limits : { ...limits, discard_granularity: 0, max_discard_sectors: 0 }
  disk.write_cache = dm_table_supports_flush(t, 'write_cache')
  disk.fua = disk.write_cache && dm_table_supports_flush(t, 'fua')
  disk.dax = dm_table_supports_dax(k, t)
  const cached: IterateDevices = ({ dax_dev }) => dax_dev?.write_cache === true
  if (k.has('dm_dax_write_cache') && t.targets.some((ti) => ti.target_type.iterate_devices?.(ti, cached) === true))
    t.md.dax_dev.write_cache = true
  const asynchronous: IterateDevices = ({ dax_dev }) => dax_dev?.synchronous === false
  t.md.dax_dev.synchronous = !t.targets.some((ti) => ti.target_type.iterate_devices?.(ti, asynchronous) === true)
}
