/**
 * block/partitions/core.c, genhd.c: partitions come with the table on a disk and go with it. For `KernelOptions.partitions`.
 *
 * Source: torvalds/linux v6.1. Left out: tables of other machines, zones, adding and deleting single ones (BLKPG).
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { device_add, device_del } from '../../drivers/base/core.ts'
import { type BlockDevice, bdev_name, block_device, disk_part0 } from '../../include/linux/blk_types.ts'
import { type DeviceAttribute, type DeviceType, device } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, EIO } from '../../include/linux/errno.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { truncate_inode_pages } from '../../mm/filemap.ts'
import { blkdev_get_by_dev, blkdev_put, sync_blockdev } from '../bdev.ts'
import { queue_limit_alignment_offset, queue_limits } from '../blk-settings.ts'
import { blk_alloc_ext_devt, type Gendisk, get_capacity } from '../genhd.ts'
import type { ParsedPartitions, Parser } from './check.ts'
import { efi_partition } from './efi.ts'
import { msdos_partition } from './msdos.ts'

const CORE = 'block/partitions/core.c'

/** The code for tables of partitions; fetched only by who has one. */
export interface PartitionTables {
  /** 0, or a negative error number: -EINVAL where there can be none, -EBUSY while one is open. */
  readonly disk_scan_partitions: (k: Kernel, disk: Gendisk) => ReturnType<typeof scan>
}

/** In this order: whoever knows the table first has it. */
const check_part: readonly Parser[] = [efi_partition, msdos_partition]

const of = (dev: { readonly container: unknown }): BlockDevice => dev.container as BlockDevice

const read_only = (name: string, show: (bdev: BlockDevice) => string | number): DeviceAttribute => ({
  name,
  mode: 0o444,
  show: (_k, dev) => String(show(of(dev))),
})

const part_type: DeviceType = {
  name: 'partition',
  attributes: [
    read_only('partition', ({ bd_partno }) => bd_partno),
    read_only('start', ({ bd_start_sect }) => bd_start_sect),
    read_only('size', ({ bd_nr_sectors }) => bd_nr_sectors),
    read_only('ro', ({ bd_disk }) => (bd_disk.ro ? 1 : 0)),
    read_only('alignment_offset', ({ bd_disk, bd_start_sect }) =>
      queue_limit_alignment_offset(queue_limits(bd_disk), bd_start_sect),
    ),
    read_only('discard_alignment', () => 0),
  ],
}

/** " pmem0: p1 p2", and those partitions; undefined when no table was found; -EIO when the disk could not be read. */
const check_partition = kfunc(CORE, function* check_partition(k: Kernel, disk: Gendisk) {
  const digit = /\d$/.test(disk.disk_name)
  const state: ParsedPartitions = {
    bdev: disk_part0(disk),
    name: digit ? 'p' : disk.disk_name,
    parts: new Map(),
    pp_buf: ` ${disk.disk_name}:`,
  }
  let unreadable = false
  for (const parser of check_part) {
    const found = yield* parser(k, state)
    if (found > 0) {
      printk(k, 'info', state.pp_buf)
      return state
    }
    unreadable ||= found < 0
  }
  if (!unreadable) return undefined
  printk(k, 'info', `${state.pp_buf} unable to read partition table`)
  return -EIO
})

function add_partition(k: Kernel, disk: Gendisk, partno: number, start: number, len: number): void {
  const part = block_device.create(k.journal, {
    bd_disk: disk,
    bd_partno: partno,
    bd_start_sect: start,
    bd_nr_sectors: len,
  })
  const { major, first_minor, minors } = disk
  part.bd_device = device.create(k.journal, {
    name: bdev_name(part),
    parent: disk.dev,
    kind: part_type,
    devt: major !== 0 && partno < minors ? `${major}:${first_minor + partno}` : blk_alloc_ext_devt(k),
    container: part,
  })
  disk.part_tbl = [...disk.part_tbl, part]
  device_add(k, part.bd_device)
}

/** What reaches behind the end of the disk is cut there, what begins there is left out: the log says so. */
function blk_add_partition(k: Kernel, disk: Gendisk, p: number, from: number, size: number): void {
  const capacity = get_capacity(disk)
  if (size === 0) return
  if (from >= capacity) {
    printk(k, 'warn', `${disk.disk_name}: p${p} start ${from} is beyond EOD, truncated`)
    return
  }
  const fits = from + size <= capacity
  if (!fits) printk(k, 'warn', `${disk.disk_name}: p${p} size ${size} extends beyond EOD, truncated`)
  add_partition(k, disk, p, from, fits ? size : capacity - from)
}

const blk_drop_partitions = kfunc(CORE, function* blk_drop_partitions(k: Kernel, disk: Gendisk) {
  for (const part of disk.part_tbl) {
    yield* sync_blockdev(k, part)
    if (part.bd_mapping !== undefined) yield* truncate_inode_pages(k, part.bd_mapping)
    device_del(k, part.bd_device)
  }
  disk.part_tbl = []
})

const bdev_disk_changed = kfunc(CORE, function* bdev_disk_changed(k: Kernel, disk: Gendisk) {
  if (disk.open_partitions > 0) return -EBUSY
  const part0 = disk_part0(disk)
  yield* sync_blockdev(k, part0)
  if (part0.bd_mapping !== undefined) yield* truncate_inode_pages(k, part0.bd_mapping)
  yield* blk_drop_partitions(k, disk)
  if (get_capacity(disk) === 0) return 0
  const state = yield* check_partition(k, disk)
  if (state === undefined) return 0
  if (typeof state === 'number') return state
  for (const [p, { from, size }] of state.parts) blk_add_partition(k, disk, p, from, size)
  return 0
})

const scan = kfunc('block/genhd.c', function* disk_scan_partitions(k: Kernel, disk: Gendisk) {
  if (disk.no_part) return -EINVAL
  if (disk.open_partitions > 0) return -EBUSY
  const part0 = disk_part0(disk)
  yield* blkdev_get_by_dev(k, part0)
  const rc: number = yield* bdev_disk_changed(k, disk)
  yield* blkdev_put(k, part0)
  return rc
})

export const partition_tables: PartitionTables = { disk_scan_partitions: scan }
