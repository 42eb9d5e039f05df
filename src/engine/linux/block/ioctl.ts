/**
 * block/ioctl.c: requests to a disk: its sizes, read-only or not, flushing its pages, discarding, zeros.
 *
 * Source: torvalds/linux v6.1. Left out: single partitions (BLKPG), geometry, zones.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { type BlockDevice, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EBADF, EINVAL, ENOTTY, EOPNOTSUPP, EPERM } from '../include/linux/errno.ts'
import { type File, O_ACCMODE, O_RDONLY } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { filemap_write_and_wait_range, invalidate_inode_pages2_range, truncate_inode_pages } from '../mm/filemap.ts'
import { bd_mapping, bdev_nr_bytes, sync_blockdev } from './bdev.ts'
import { blkdev_issue_discard, blkdev_issue_zeroout } from './blk-lib.ts'
import { bdev_max_discard_sectors, queue_limits } from './blk-settings.ts'
import { max_sectors_kb, read_ahead_kb } from './blk-sysfs.ts'
import type { Gendisk } from './genhd.ts'

const IOCTL = 'block/ioctl.c'
const USHRT_MAX = 2 ** 16 - 1

/** Questions that have a number for an answer, which goes into `value`. */
const answers: Readonly<Record<string, (disk: Gendisk) => number>> = {
  BLKROGET: ({ ro }) => (ro ? 1 : 0),
  BLKSSZGET: ({ logical_block_size }) => logical_block_size,
  BLKPBSZGET: ({ physical_block_size }) => physical_block_size,
  BLKIOMIN: (disk) => queue_limits(disk).io_min,
  BLKIOOPT: ({ limits }) => limits.io_opt,
  BLKALIGNOFF: ({ limits }) => (limits.misaligned ? -1 : limits.alignment_offset),
  BLKDISCARDZEROES: () => 0,
  BLKRAGET: (disk) => (read_ahead_kb(disk) * 1024) / SECTOR_SIZE,
  BLKSECTGET: (disk) => Math.min(USHRT_MAX, max_sectors_kb(disk) * 2),
}

interface Argument {
  value?: number
  /** Bytes. */
  readonly start?: number
  readonly length?: number
}

/** Reads the table of partitions anew: 0, or -EINVAL for a partition, -EBUSY while one of them is open. */
const blkdev_reread_part = kfunc(IOCTL, function* blkdev_reread_part(k: Kernel, _file: File, bdev: BlockDevice) {
  const { partitions } = k.options
  if (bdev.bd_partno !== 0 || bdev.bd_disk.no_part || partitions === undefined) return -EINVAL
  return yield* partitions.disk_scan_partitions(k, bdev.bd_disk)
})

/** Discards and zeros are by sectors and end with the disk. */
const blk_ioctl_range = kfunc(
  IOCTL,
  function* blk_ioctl_range(k: Kernel, file: File, bdev: BlockDevice, cmd: string, arg: Argument) {
    const { start = 0, length = 0 } = arg
    if ((file.flags & O_ACCMODE) === O_RDONLY) return -EBADF
    if (start % SECTOR_SIZE !== 0 || length % SECTOR_SIZE !== 0) return -EINVAL
    if (start + length > bdev_nr_bytes(bdev)) return -EINVAL
    const { bd_disk: disk } = bdev
    if (cmd === 'BLKDISCARD' && bdev_max_discard_sectors(disk) === 0) return disk.ro ? -EPERM : -EOPNOTSUPP
    const mapping = bd_mapping(k, bdev)
    yield* filemap_write_and_wait_range(k, mapping, { from: start, to: start + length })
    yield* invalidate_inode_pages2_range(k, mapping, start, start + length)
    if (cmd === 'BLKDISCARD') return yield* blkdev_issue_discard(k, bdev, start / SECTOR_SIZE, length / SECTOR_SIZE)
    return yield* blkdev_issue_zeroout(k, bdev, start / SECTOR_SIZE, length / SECTOR_SIZE)
  },
)

export const blkdev_ioctl = kfunc(IOCTL, function* blkdev_ioctl(k: Kernel, file: File, cmd: string, arg: Argument) {
  const bdev = file.private_data as BlockDevice
  const { bd_disk: disk } = bdev
  const known = answers[cmd]
  if (known !== undefined) arg.value = known(disk)
  else if (cmd === 'BLKBSZGET') arg.value = bd_mapping(k, bdev).blocksize
  else if (cmd === 'BLKGETSIZE') arg.value = bdev.bd_nr_sectors
  else if (cmd === 'BLKGETSIZE64') arg.value = bdev_nr_bytes(bdev)
  else if (cmd === 'BLKROSET') disk.ro = arg.value !== 0
  else if (cmd === 'BLKFLSBUF') {
    yield* sync_blockdev(k, bdev)
    yield* truncate_inode_pages(k, bd_mapping(k, bdev))
  } else if (cmd === 'BLKDISCARD' || cmd === 'BLKZEROOUT') return yield* blk_ioctl_range(k, file, bdev, cmd, arg)
  else if (cmd === 'BLKRRPART') return yield* blkdev_reread_part(k, file, bdev)
  else return -ENOTTY
  return 0
})
