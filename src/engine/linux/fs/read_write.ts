/** fs/read_write.c: reads and writes. The caller copies between user memory and the buffer. */

import { kfunc } from '../../sim/kfunc.ts'
import { EBADF, EINVAL } from '../include/linux/errno.ts'
import { fget } from '../include/linux/file.ts'
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'

const READ_WRITE = 'fs/read_write.c'

/** Bytes read into the front of `into`, or a negative error number. */
export const sys_read = kfunc(
  READ_WRITE,
  function* ksys_read(k: Kernel, fd: number, into: Uint8Array, buffer?: number) {
    const file = fget(k, fd)
    if (file === undefined || (file.flags & O_ACCMODE) === O_WRONLY) return -EBADF
    if (file.f_op.read === undefined) return -EINVAL
    const count = yield* file.f_op.read(k, file, into, file.pos, buffer)
    if (count > 0) file.pos += count
    return count
  },
)

/** Bytes written, or a negative error number. */
export const sys_write = kfunc(
  READ_WRITE,
  function* ksys_write(k: Kernel, fd: number, bytes: Uint8Array, buffer?: number) {
    const file = fget(k, fd)
    if (file === undefined || (file.flags & O_ACCMODE) === O_RDONLY) return -EBADF
    if (file.f_op.write === undefined) return -EINVAL
    const count = yield* file.f_op.write(k, file, bytes, file.pos, buffer)
    if (count > 0) file.pos += count
    return count
  },
)

/** Pieces of memory as one: what an iov_iter is here. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** From several pieces of memory, as one write: bytes written, or a negative error number. */
export const sys_writev = kfunc(READ_WRITE, function* do_writev(k: Kernel, fd: number, pieces: readonly Uint8Array[]) {
  const file = fget(k, fd)
  if (file === undefined || (file.flags & O_ACCMODE) === O_RDONLY) return -EBADF
  if (file.f_op.write === undefined) return -EINVAL
  const lengths = pieces.map(({ length }) => length)
  const count = yield* file.f_op.write(k, file, joined(pieces), file.pos, undefined, lengths)
  if (count > 0) file.pos += count
  return count
})

/** The same at a place of its own. */
export const sys_pwritev = kfunc(
  READ_WRITE,
  function* do_pwritev(k: Kernel, fd: number, pieces: readonly Uint8Array[], pos: number) {
    const file = fget(k, fd)
    if (file === undefined || (file.flags & O_ACCMODE) === O_RDONLY) return -EBADF
    if (file.f_op.write === undefined) return -EINVAL
    const lengths = pieces.map(({ length }) => length)
    return yield* file.f_op.write(k, file, joined(pieces), pos, undefined, lengths)
  },
)

/** As one read, whose bytes the caller deals out to its pieces of memory. */
export const sys_readv = kfunc(READ_WRITE, function* do_readv(k: Kernel, fd: number, into: Uint8Array) {
  const file = fget(k, fd)
  if (file === undefined || (file.flags & O_ACCMODE) === O_WRONLY) return -EBADF
  if (file.f_op.read === undefined) return -EINVAL
  const count = yield* file.f_op.read(k, file, into, file.pos)
  if (count > 0) file.pos += count
  return count
})

/** The same at a place of its own. */
export const sys_preadv = kfunc(READ_WRITE, function* do_preadv(k: Kernel, fd: number, into: Uint8Array, pos: number) {
  const file = fget(k, fd)
  if (file === undefined || (file.flags & O_ACCMODE) === O_WRONLY) return -EBADF
  return file.f_op.read === undefined ? -EINVAL : yield* file.f_op.read(k, file, into, pos)
})

export const SEEK_SET = 0
export const SEEK_CUR = 1
const SEEK_END = 2

/** Where reads and writes go on, bytes from the start, or a negative error number. */
export const sys_lseek = kfunc(
  READ_WRITE,
  function* ksys_lseek(k: Kernel, fd: number, offset: number, whence: number = SEEK_SET) {
    yield* []
    const file = fget(k, fd)
    if (file === undefined) return -EBADF
    const size = file.f_op.size?.(file)
    const from = { [SEEK_SET]: 0, [SEEK_CUR]: file.pos, [SEEK_END]: size }[whence]
    if (from === undefined || from + offset < 0) return -EINVAL
    file.pos = from + offset
    return file.pos
  },
)

/** The same at a place of its own. */
export const sys_pread64 = kfunc(
  READ_WRITE,
  function* ksys_pread64(k: Kernel, fd: number, into: Uint8Array, pos: number, buffer?: number) {
    const file = fget(k, fd)
    if (file === undefined || (file.flags & O_ACCMODE) === O_WRONLY) return -EBADF
    return file.f_op.read === undefined ? -EINVAL : yield* file.f_op.read(k, file, into, pos, buffer)
  },
)

export const sys_pwrite64 = kfunc(
  READ_WRITE,
  function* ksys_pwrite64(k: Kernel, fd: number, bytes: Uint8Array, pos: number, buffer?: number) {
    const file = fget(k, fd)
    if (file === undefined || (file.flags & O_ACCMODE) === O_RDONLY) return -EBADF
    return file.f_op.write === undefined ? -EINVAL : yield* file.f_op.write(k, file, bytes, pos, buffer)
  },
)
