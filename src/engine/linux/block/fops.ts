/**
 * block/fops.c: the device file of a disk. Through the page cache, or past it with O_DIRECT.
 *
 * Source: torvalds/linux v6.1; groundtruth captures ops3 and ops4 (how often a synchronous write flushes). Left out:
 * asynchronous I/O, mapping the file, seeking to data.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { type BioFlags, type BioOp, type BlockDevice, new_bio, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EINVAL, ENOSPC, EOPNOTSUPP, EPERM } from '../include/linux/errno.ts'
import { type File, type FileOperations, O_DIRECT, O_DSYNC, O_EXCL } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import {
  type ByteRange,
  filemap_read,
  filemap_write_and_wait_range,
  generic_perform_write,
  invalidate_inode_pages2_range,
} from '../mm/filemap.ts'
import { bd_mapping, bdev_nr_bytes, blkdev_get_by_dev, blkdev_put } from './bdev.ts'
import { submit_bio } from './blk-core.ts'
import { blkdev_issue_flush } from './blk-flush.ts'
import { blkdev_ioctl } from './ioctl.ts'

const FOPS = 'block/fops.c'
const PAGE = 4096
const BIO_MAX_VECS = 256

const bdev_of = (file: File): BlockDevice => file.private_data as BlockDevice

/** Bytes moved; when none were, a negative error number. `buffer`: the user's address, which must be aligned too. */
const blkdev_direct_IO = kfunc(
  FOPS,
  function* blkdev_direct_IO(
    k: Kernel,
    file: File,
    op: BioOp,
    { pos, buffer, bytes }: { readonly pos: number; readonly buffer: number | undefined; readonly bytes: Uint8Array },
  ) {
    const bdev = bdev_of(file)
    const { logical_block_size } = bdev.bd_disk
    if ([pos, buffer ?? 0, bytes.length].some((n) => n % logical_block_size !== 0)) return -EINVAL
    const write: BioFlags = { sync: true, idle: true, ...((file.flags & O_DSYNC) !== 0 ? { fua: true } : {}) }
    const most = BIO_MAX_VECS * PAGE
    for (let at = 0; at < bytes.length; at += most) {
      const piece = bytes.subarray(at, at + most)
      const bio = new_bio(bdev, op, (pos + at) / SECTOR_SIZE, piece, op === 'write' ? write : {})
      const rc = yield* submit_bio(k, bio)
      if (rc !== 0) return at > 0 ? at : rc
    }
    return bytes.length
  },
)

const blkdev_read_iter = kfunc(
  FOPS,
  function* blkdev_read_iter(k: Kernel, file: File, into: Uint8Array, pos: number, buffer: number | undefined) {
    const bdev = bdev_of(file)
    const mapping = bd_mapping(k, bdev)
    const room = into.subarray(0, Math.max(0, Math.min(into.length, bdev_nr_bytes(bdev) - pos)))
    if (room.length === 0) return 0
    if ((file.flags & O_DIRECT) === 0) return yield* filemap_read(k, mapping, pos, room)
    const rc = yield* filemap_write_and_wait_range(k, mapping, { from: pos, to: pos + room.length })
    return rc !== 0 ? rc : yield* blkdev_direct_IO(k, file, 'read', { pos, buffer, bytes: room })
  },
)

const generic_file_direct_write = kfunc(
  'mm/filemap.c',
  function* generic_file_direct_write(
    k: Kernel,
    file: File,
    bytes: Uint8Array,
    pos: number,
    buffer: number | undefined,
  ) {
    const mapping = bd_mapping(k, bdev_of(file))
    const end = pos + bytes.length
    const rc = yield* filemap_write_and_wait_range(k, mapping, { from: pos, to: end })
    if (rc !== 0) return rc
    yield* invalidate_inode_pages2_range(k, mapping, pos, end)
    return yield* blkdev_direct_IO(k, file, 'write', { pos, buffer, bytes })
  },
)

const blkdev_fsync = kfunc(FOPS, function* blkdev_fsync(k: Kernel, file: File, range: ByteRange | undefined) {
  const bdev = bdev_of(file)
  const rc = yield* filemap_write_and_wait_range(k, bd_mapping(k, bdev), range)
  if (rc !== 0) return rc
  const flushed = yield* blkdev_issue_flush(k, bdev)
  return flushed === -EOPNOTSUPP ? 0 : flushed
})

const generic_write_sync = kfunc(
  'include/linux/fs.h',
  function* generic_write_sync(k: Kernel, file: File, pos: number, count: number) {
    if ((file.flags & O_DSYNC) === 0) return count
    const rc = yield* blkdev_fsync(k, file, { from: pos, to: pos + count })
    return rc === 0 ? count : rc
  },
)

const blkdev_write_iter = kfunc(
  FOPS,
  function* blkdev_write_iter(k: Kernel, file: File, bytes: Uint8Array, pos: number, buffer: number | undefined) {
    const bdev = bdev_of(file)
    const mapping = bd_mapping(k, bdev)
    const size = bdev_nr_bytes(bdev)
    if (bdev.bd_disk.ro) return -EPERM
    if (bytes.length === 0) return 0
    if (pos >= size) return -ENOSPC
    const data = bytes.subarray(0, Math.min(bytes.length, size - pos))
    const count =
      (file.flags & O_DIRECT) !== 0
        ? yield* generic_file_direct_write(k, file, data, pos, buffer)
        : yield* generic_perform_write(k, mapping, pos, data)
    return count > 0 ? yield* generic_write_sync(k, file, pos, count) : count
  },
)

const blkdev_open = kfunc(FOPS, function* blkdev_open(k: Kernel, file: File) {
  return yield* blkdev_get_by_dev(k, bdev_of(file), (file.flags & O_EXCL) !== 0 ? file : undefined)
})

const blkdev_close = kfunc(FOPS, function* blkdev_close(k: Kernel, file: File) {
  yield* blkdev_put(k, bdev_of(file), (file.flags & O_EXCL) !== 0 ? file : undefined)
})

export const def_blk_fops: FileOperations = {
  name: 'def_blk_fops',
  open: blkdev_open,
  release: blkdev_close,
  read: blkdev_read_iter,
  write: blkdev_write_iter,
  unlocked_ioctl: blkdev_ioctl,
  fsync: (k, file) => blkdev_fsync(k, file, undefined),
  size: (file) => bdev_nr_bytes(bdev_of(file)),
}
