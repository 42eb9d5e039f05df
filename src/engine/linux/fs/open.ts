/** fs/open.c, fs/file.c: open and close. */

import { kfunc } from '../../sim/kfunc.ts'
import { EBADF, EINVAL, ENOENT } from '../include/linux/errno.ts'
import { fput, isTracked } from '../include/linux/file.ts'
import { type File, file as file_struct } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { path_lookup } from './namei.ts'

const OPEN = 'fs/open.c'

function fd_install(k: Kernel, file: File): number {
  const { files } = k.current
  if (files === undefined) return -EBADF
  const free = files.fd.findIndex((entry, fd) => fd > 2 && entry === undefined)
  const fd = free < 0 ? files.fd.length : free
  files.fd = Array.from({ length: Math.max(fd + 1, files.fd.length) }, (_, i) => (i === fd ? file : files.fd[i]))
  return fd
}

const do_sys_openat2 = kfunc(OPEN, function* do_sys_openat2(k: Kernel, path: string, flags: number, mode: number) {
  if (!path.startsWith('/')) return path === '' ? -ENOENT : -EINVAL
  const { vfs } = k.options
  if (vfs?.covers(k, path) === true) {
    const opened: File | number = yield* vfs.open(k, path, flags, mode)
    return typeof opened === 'number' ? opened : fd_install(k, opened)
  }
  const found = path_lookup(k, path)
  if (found === undefined) return -ENOENT
  const file = file_struct.create(k.journal, { path, flags, ...found })
  const rc = found.f_op.open === undefined ? 0 : yield* found.f_op.open(k, file)
  return rc < 0 ? rc : fd_install(k, file)
})

/** A file descriptor, or a negative error number. Paths are absolute: there is no current folder. */
export const sys_openat = kfunc(
  OPEN,
  function* __x64_sys_openat(k: Kernel, path: string, flags: number, mode?: number) {
    return yield* do_sys_openat2(k, path, flags, mode ?? 0o666)
  },
)

export const sys_close = kfunc(OPEN, function* __x64_sys_close(k: Kernel, fd: number) {
  const { files } = k.current
  const file = files?.fd[fd]
  if (files === undefined || file === undefined) return -EBADF
  files.fd = files.fd.map((entry, i) => (i === fd ? undefined : entry))
  if (isTracked(file)) yield* fput(k, file)
  return 0
})
