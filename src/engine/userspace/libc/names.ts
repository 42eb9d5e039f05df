/** unistd.h, stdio.h, sys/stat.h, sys/mman.h: what changes names of files, their length; and msync. */

import {
  sys_fallocate,
  sys_link,
  sys_mkdir,
  sys_rename,
  sys_rmdir,
  sys_symlink,
  sys_truncate,
  sys_unlink,
  vfs_truncate_file,
} from '../../linux/fs/mounted.ts'
import { sys_sync_file_range, sys_syncfs } from '../../linux/fs/sync.ts'
import { EBADF } from '../../linux/include/linux/errno.ts'
import { fget } from '../../linux/include/linux/file.ts'
import { TICK_NSEC, timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import { sys_msync } from '../../linux/mm/msync.ts'
import { kfunc, type Op, type Request } from '../../sim/kfunc.ts'
import { type Process, readString } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { address, fail, int, long } from './words.ts'

const UNISTD = 'libc: unistd.h'
const FCNTL = 'libc: fcntl.h'
const decoder = new TextDecoder('utf-8')

function* settle(p: Process, result: number): Generator<Request, bigint, unknown> {
  timekeeping_advance(p.kernel, TICK_NSEC)
  if (result >= 0) return BigInt(result)
  yield* fail(p, -result)
  return -1n
}

function* path(p: Process, at: bigint): Generator<Request, string, unknown> {
  return decoder.decode(yield* readString(p, address(at)))
}

/** A call with one path. */
const one = (call: (p: Process, path: string) => Op<number>) =>
  function* (p: Process, at: bigint): Generator<Request, bigint, unknown> {
    return yield* settle(p, yield* call(p, yield* path(p, at)))
  }

/** A call with two. */
const two = (call: (p: Process, from: string, to: string) => Op<number>) =>
  function* (p: Process, from: bigint, to: bigint): Generator<Request, bigint, unknown> {
    return yield* settle(p, yield* call(p, yield* path(p, from), yield* path(p, to)))
  }

const unlinking = one((p, name) => sys_unlink(p.kernel, name))
const unlink = kfunc(UNISTD, function* unlink(p: Process, at: bigint) {
  return yield* unlinking(p, at)
})

const removing = one((p, name) => sys_rmdir(p.kernel, name))
const rmdir = kfunc(UNISTD, function* rmdir(p: Process, at: bigint) {
  return yield* removing(p, at)
})

const linking = two((p, from, to) => sys_link(p.kernel, from, to))
const link = kfunc(UNISTD, function* link(p: Process, from: bigint, to: bigint) {
  return yield* linking(p, from, to)
})

const symlinking = two((p, from, to) => sys_symlink(p.kernel, from, to))
const symlink = kfunc(UNISTD, function* symlink(p: Process, from: bigint, to: bigint) {
  return yield* symlinking(p, from, to)
})

const renaming = two((p, from, to) => sys_rename(p.kernel, from, to))
const rename = kfunc('libc: stdio.h', function* rename(p: Process, from: bigint, to: bigint) {
  return yield* renaming(p, from, to)
})

const mkdir = kfunc('libc: sys/stat.h', function* mkdir(p: Process, at: bigint, mode: bigint) {
  return yield* settle(p, yield* sys_mkdir(p.kernel, yield* path(p, at), int(mode)))
})

const truncate = kfunc(UNISTD, function* truncate(p: Process, at: bigint, length: bigint) {
  return yield* settle(p, yield* sys_truncate(p.kernel, yield* path(p, at), Number(long(length))))
})

const ftruncate = kfunc(UNISTD, function* ftruncate(p: Process, fd: bigint, length: bigint) {
  const file = fget(p.kernel, int(fd))
  return yield* settle(p, file === undefined ? -EBADF : yield* vfs_truncate_file(p.kernel, file, Number(long(length))))
})

const fallocate = kfunc(FCNTL, function* fallocate(p: Process, fd: bigint, mode: bigint, at: bigint, length: bigint) {
  return yield* settle(p, yield* sys_fallocate(p.kernel, int(fd), int(mode), Number(long(at)), Number(long(length))))
})

/** Returns the error number, and leaves errno alone. */
const posix_fallocate = kfunc(FCNTL, function* posix_fallocate(p: Process, fd: bigint, at: bigint, length: bigint) {
  return BigInt(-(yield* sys_fallocate(p.kernel, int(fd), 0, Number(long(at)), Number(long(length)))))
})

const syncfs = kfunc(UNISTD, function* syncfs(p: Process, fd: bigint) {
  return yield* settle(p, yield* sys_syncfs(p.kernel, int(fd)))
})

const sync_file_range = kfunc(
  FCNTL,
  function* sync_file_range(p: Process, fd: bigint, at: bigint, length: bigint, flags: bigint) {
    return yield* settle(
      p,
      yield* sys_sync_file_range(p.kernel, int(fd), Number(long(at)), Number(long(length)), int(flags)),
    )
  },
)

const msync = kfunc('libc: sys/mman.h', function* msync(p: Process, at: bigint, length: bigint, flags: bigint) {
  return yield* settle(p, yield* sys_msync(p.kernel, address(at), address(length), int(flags)))
})

export const names: Readonly<Record<string, LibraryFunction>> = {
  unlink,
  rmdir,
  link,
  symlink,
  rename,
  mkdir,
  truncate,
  ftruncate,
  fallocate,
  posix_fallocate,
  syncfs,
  sync_file_range,
  msync,
}
