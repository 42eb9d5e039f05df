/** fs/sync.c: what was written becomes durable. */

import { kfunc } from '../../sim/kfunc.ts'
import { sync_bdevs } from '../block/bdev.ts'
import { EBADF, EINVAL, ESPIPE } from '../include/linux/errno.ts'
import { fget } from '../include/linux/file.ts'
import { is_reg } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'

const SYNC = 'fs/sync.c'

/** 0, or a negative error number; -EINVAL where there is nothing to sync. */
export const sys_fsync = kfunc(SYNC, function* __x64_sys_fsync(k: Kernel, fd: number) {
  const file = fget(k, fd)
  if (file === undefined) return -EBADF
  return file.f_op.fsync === undefined ? -EINVAL : yield* file.f_op.fsync(k, file)
})

/** The same without what is not needed to read the data back: times. */
export const sys_fdatasync = kfunc(SYNC, function* __x64_sys_fdatasync(k: Kernel, fd: number) {
  const file = fget(k, fd)
  if (file === undefined) return -EBADF
  return file.f_op.fsync === undefined ? -EINVAL : yield* file.f_op.fsync(k, file, true)
})

/** 0, or -EBADF, -EIO: everything of the file system that a file belongs to. */
export const sys_syncfs = kfunc(SYNC, function* __x64_sys_syncfs(k: Kernel, fd: number) {
  const file = fget(k, fd)
  if (file === undefined) return -EBADF
  return file.f_inode === undefined ? 0 : ((yield* k.options.vfs?.syncfs(k, file.f_inode.i_sb) ?? []) ?? 0)
})

const SYNC_FILE_RANGE_WRITE = 2
const SYNC_FILE_RANGE_VALID = 7

/** 0, or a negative error number. Pages of the cache are on their way to the disk; nothing is flushed. */
export const sys_sync_file_range = kfunc(
  SYNC,
  function* __x64_sys_sync_file_range(k: Kernel, fd: number, offset: number, length: number, flags: number) {
    const file = fget(k, fd)
    if (file === undefined) return -EBADF
    if ((flags & ~SYNC_FILE_RANGE_VALID) !== 0 || offset < 0 || length < 0) return -EINVAL
    const { f_inode: inode, f_op } = file
    if (inode === undefined || !is_reg(inode)) return -ESPIPE
    // Only pages of the cache: of direct access there are none that wait to be written (WB_SYNC_NONE).
    if ((flags & SYNC_FILE_RANGE_WRITE) === 0 || inode.i_dax) return 0
    return (yield* f_op.writeback?.(k, inode) ?? []) ?? 0
  },
)

export const sys_sync = kfunc(SYNC, function* ksys_sync(k: Kernel) {
  yield* k.options.vfs?.sync(k) ?? []
  yield* sync_bdevs(k)
  return 0
})
