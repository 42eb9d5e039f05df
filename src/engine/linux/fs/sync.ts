/** fs/sync.c: what was written becomes durable. */

import { kfunc } from '../../sim/kfunc.ts'
import { sync_bdevs } from '../block/bdev.ts'
import { EBADF, EINVAL } from '../include/linux/errno.ts'
import { fget } from '../include/linux/file.ts'
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

export const sys_sync = kfunc(SYNC, function* ksys_sync(k: Kernel) {
  yield* k.options.vfs?.sync(k) ?? []
  yield* sync_bdevs(k)
  return 0
})
