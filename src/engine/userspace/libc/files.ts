/** unistd.h on open files: reads, writes and syncs go to the kernel; streams 1 and 2 to the console. */

import {
  sys_lseek,
  sys_pread64,
  sys_preadv,
  sys_pwrite64,
  sys_pwritev,
  sys_read,
  sys_readv,
  sys_write,
  sys_writev,
} from '../../linux/fs/read_write.ts'
import { sys_fdatasync, sys_fsync, sys_sync } from '../../linux/fs/sync.ts'
import { TICK_NSEC, timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { load, type Process, store, stretch } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { toDescriptor } from './streams.ts'
import { address, fail, int, long } from './words.ts'

const UNISTD = 'libc: unistd.h'
/** Linux moves no more with one call. */
const MAX_RW_COUNT = 0x7fff_f000
/** What one call of a program may ask for here. */
const MOST = 64 << 20
const EINVAL = 22

/** The end of a system call, which takes a tick. */
function* settle(p: Process, result: number): Generator<Request, bigint, unknown> {
  timekeeping_advance(p.kernel, TICK_NSEC)
  if (result >= 0) return BigInt(result)
  yield* fail(p, -result)
  return -1n
}

/** Out of the program's memory: what copy_from_user() reads. */
function* fromUser(p: Process, va: number, length: number): Generator<Request, Uint8Array, unknown> {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  let i = 0
  while (i < length) {
    const size = yield* stretch(p, [va + i], length - i)
    const direct = size === 0 ? undefined : p.direct(va + i, size)
    if (direct === undefined) break
    bytes.set(direct, i)
    i += size
  }
  for (; i + 8 <= length; i += 8) view.setBigUint64(i, yield* load(p, va + i, 8), true)
  for (; i < length; i++) bytes[i] = Number(yield* load(p, va + i, 1))
  return bytes
}

/** Into the program's memory. */
function* toUser(p: Process, va: number, bytes: Uint8Array): Generator<Request, void, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let i = 0
  for (; i + 8 <= bytes.length; i += 8) yield* store(p, va + i, 8, view.getBigUint64(i, true))
  for (; i < bytes.length; i++) yield* store(p, va + i, 1, BigInt(bytes[i] as number))
}

const sizeOf = (length: bigint): number => Math.min(address(length), MAX_RW_COUNT)

type Move = (fd: number, bytes: Uint8Array, buffer: number) => Iterable<Request, number>

function* reading(p: Process, fd: bigint, to: bigint, length: bigint, move: Move) {
  const size = sizeOf(length)
  if (size > MOST) return yield* settle(p, -EINVAL)
  const bytes = new Uint8Array(size)
  const count = yield* move(int(fd), bytes, address(to))
  if (count > 0) yield* toUser(p, address(to), bytes.subarray(0, count))
  return yield* settle(p, count)
}

function* writing(p: Process, fd: bigint, from: bigint, length: bigint, move: Move) {
  const size = sizeOf(length)
  if (size > MOST) return yield* settle(p, -EINVAL)
  return yield* settle(p, yield* move(int(fd), yield* fromUser(p, address(from), size), address(from)))
}

const read = kfunc(UNISTD, function* read(p: Process, fd: bigint, to: bigint, length: bigint) {
  return yield* reading(p, fd, to, length, (n, bytes, at) => sys_read(p.kernel, n, bytes, at))
})

const pread = kfunc(UNISTD, function* pread(p: Process, fd: bigint, to: bigint, length: bigint, pos: bigint) {
  if (long(pos) < 0n) return yield* settle(p, -EINVAL)
  return yield* reading(p, fd, to, length, (n, bytes, at) => sys_pread64(p.kernel, n, bytes, Number(pos), at))
})

const write = kfunc(UNISTD, function* write(p: Process, fd: bigint, from: bigint, length: bigint) {
  if (int(fd) <= 2) {
    const bytes = yield* fromUser(p, address(from), address(length))
    return (yield* toDescriptor(p, int(fd), bytes)) ? length : -1n
  }
  return yield* writing(p, fd, from, length, (n, bytes, at) => sys_write(p.kernel, n, bytes, at))
})

const pwrite = kfunc(UNISTD, function* pwrite(p: Process, fd: bigint, from: bigint, length: bigint, pos: bigint) {
  if (long(pos) < 0n) return yield* settle(p, -EINVAL)
  return yield* writing(p, fd, from, length, (n, bytes, at) => sys_pwrite64(p.kernel, n, bytes, Number(pos), at))
})

const IOV_MAX = 1024
/** struct iovec: an address and a length. */
const IOVEC = 16

type Piece = { readonly base: number; readonly length: number }

/** The pieces of memory that an array of struct iovec names; undefined: -EINVAL. */
function* piecesAt(p: Process, iov: bigint, count: bigint): Generator<Request, readonly Piece[] | undefined, unknown> {
  if (int(count) < 0 || int(count) > IOV_MAX) return undefined
  const pieces: Piece[] = []
  for (let i = 0; i < int(count); i++) {
    const base = yield* load(p, address(iov) + i * IOVEC, 8)
    const length = yield* load(p, address(iov) + i * IOVEC + 8, 8)
    if (sizeOf(length) > MOST) return undefined
    pieces.push({ base: address(base), length: sizeOf(length) })
  }
  return total(pieces) > MOST ? undefined : pieces
}

const total = (pieces: readonly { readonly length: number }[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0)

function* gathering(
  p: Process,
  iov: bigint,
  count: bigint,
): Generator<Request, readonly Uint8Array[] | undefined, unknown> {
  const pieces = yield* piecesAt(p, iov, count)
  if (pieces === undefined) return undefined
  const all: Uint8Array[] = []
  for (const { base, length } of pieces) all.push(yield* fromUser(p, base, length))
  return all
}

const writev = kfunc(UNISTD, function* writev(p: Process, fd: bigint, iov: bigint, count: bigint) {
  const pieces = yield* gathering(p, iov, count)
  if (pieces === undefined) return yield* settle(p, -EINVAL)
  if (int(fd) > 2) return yield* settle(p, yield* sys_writev(p.kernel, int(fd), pieces))
  for (const piece of pieces) if (!(yield* toDescriptor(p, int(fd), piece))) return -1n
  return BigInt(total(pieces))
})

const pwritev = kfunc(UNISTD, function* pwritev(p: Process, fd: bigint, iov: bigint, count: bigint, pos: bigint) {
  const pieces = long(pos) < 0n ? undefined : yield* gathering(p, iov, count)
  if (pieces === undefined) return yield* settle(p, -EINVAL)
  return yield* settle(p, yield* sys_pwritev(p.kernel, int(fd), pieces, Number(pos)))
})

/** What `read` reads is dealt out to the pieces, one after the other. */
function* scattering(
  p: Process,
  iov: bigint,
  count: bigint,
  read: (into: Uint8Array) => Iterable<Request, number>,
): Generator<Request, bigint, unknown> {
  const pieces = yield* piecesAt(p, iov, count)
  if (pieces === undefined) return yield* settle(p, -EINVAL)
  const bytes = new Uint8Array(total(pieces))
  const got = yield* read(bytes)
  let at = 0
  for (const { base, length } of pieces) {
    const end = Math.min(at + length, got)
    if (end > at) yield* toUser(p, base, bytes.subarray(at, end))
    at += length
  }
  return yield* settle(p, got)
}

const readv = kfunc(UNISTD, function* readv(p: Process, fd: bigint, iov: bigint, count: bigint) {
  return yield* scattering(p, iov, count, (into) => sys_readv(p.kernel, int(fd), into))
})

const preadv = kfunc(UNISTD, function* preadv(p: Process, fd: bigint, iov: bigint, count: bigint, pos: bigint) {
  if (long(pos) < 0n) return yield* settle(p, -EINVAL)
  return yield* scattering(p, iov, count, (into) => sys_preadv(p.kernel, int(fd), into, Number(pos)))
})

const lseek = kfunc(UNISTD, function* lseek(p: Process, fd: bigint, offset: bigint, whence: bigint) {
  return yield* settle(p, yield* sys_lseek(p.kernel, int(fd), Number(long(offset)), int(whence)))
})

const fsync = kfunc(UNISTD, function* fsync(p: Process, fd: bigint) {
  return yield* settle(p, yield* sys_fsync(p.kernel, int(fd)))
})

const fdatasync = kfunc(UNISTD, function* fdatasync(p: Process, fd: bigint) {
  return yield* settle(p, yield* sys_fdatasync(p.kernel, int(fd)))
})

const sync = kfunc(UNISTD, function* sync(p: Process) {
  return yield* settle(p, yield* sys_sync(p.kernel))
})

export const files: Readonly<Record<string, LibraryFunction>> = {
  read,
  pread,
  write,
  pwrite,
  writev,
  pwritev,
  readv,
  preadv,
  lseek,
  fsync,
  fdatasync,
  sync,
}
