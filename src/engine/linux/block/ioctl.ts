/**
 * block/ioctl.c: requests to a disk: its sizes, read-only or not, flushing its pages, discarding, zeros.
 *
 * Source: torvalds/linux v6.1. Left out: partitions, geometry, zones.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { disk_part0, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EBADF, EINVAL, ENOTTY } from '../include/linux/errno.ts'
import { type File, O_ACCMODE, O_RDONLY } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { filemap_write_and_wait_range, invalidate_inode_pages2_range, truncate_inode_pages } from '../mm/filemap.ts'
import { bd_mapping, sync_blockdev } from './bdev.ts'
import { blkdev_issue_discard, blkdev_issue_zeroout } from './blk-lib.ts'
import { queue_limits } from './blk-settings.ts'
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
  BLKGETSIZE: ({ sectors }) => sectors,
  BLKGETSIZE64: ({ sectors }) => sectors * SECTOR_SIZE,
}

interface Argument {
  value?: number
  /** Bytes. */
  readonly start?: number
  readonly length?: number
}

/** Discards and zeros are by sectors and end with the disk. */
const blk_ioctl_range = kfunc(
  IOCTL,
  function* blk_ioctl_range(k: Kernel, file: File, disk: Gendisk, cmd: string, arg: Argument) {
    const { start = 0, length = 0 } = arg
    if ((file.flags & O_ACCMODE) === O_RDONLY) return -EBADF
    if (start % SECTOR_SIZE !== 0 || length % SECTOR_SIZE !== 0) return -EINVAL
    if (start + length > disk.sectors * SECTOR_SIZE) return -EINVAL
    const bdev = disk_part0(disk)
    if (cmd === 'BLKDISCARD') return yield* blkdev_issue_discard(k, bdev)
    const mapping = bd_mapping(k, disk)
    yield* filemap_write_and_wait_range(k, mapping, { from: start, to: start + length })
    yield* invalidate_inode_pages2_range(k, mapping, start, start + length)
    return yield* blkdev_issue_zeroout(k, bdev, start / SECTOR_SIZE, length / SECTOR_SIZE)
  },
)

export const blkdev_ioctl = kfunc(IOCTL, function* blkdev_ioctl(k: Kernel, file: File, cmd: string, arg: Argument) {
  const disk = file.private_data as Gendisk
  const known = answers[cmd]
  if (known !== undefined) arg.value = known(disk)
  else if (cmd === 'BLKBSZGET') arg.value = bd_mapping(k, disk).blocksize
  else if (cmd === 'BLKROSET') disk.ro = arg.value !== 0
  else if (cmd === 'BLKFLSBUF') {
    yield* sync_blockdev(k, disk)
    yield* truncate_inode_pages(k, bd_mapping(k, disk))
  } else if (cmd === 'BLKDISCARD' || cmd === 'BLKZEROOUT') return yield* blk_ioctl_range(k, file, disk, cmd, arg)
  else return -ENOTTY
  return 0
})
