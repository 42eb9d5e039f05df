/** sys/stat.h: what is known of a file, as the struct of x86-64. */

import { sys_newfstat, sys_newfstatat } from '../../linux/fs/readdir.ts'
import type { Stat } from '../../linux/include/linux/fs.ts'
import { TICK_NSEC, timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { type Process, readString, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { address, fail, int } from './words.ts'

const STAT = 'libc: sys/stat.h'
const KIND = { folder: 0o040000, file: 0o100000, link: 0o120000, character: 0o020000, block: 0o060000 } as const
const PAGE = 4096
const decoder = new TextDecoder('utf-8')

/** glibc's makedev() of "259:0", for numbers below 256 and 4096. */
function deviceNumber(text = '0:0'): bigint {
  const [major = 0, minor = 0] = text.split(':').map(Number)
  return BigInt(((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0)
}

type Field = readonly [offset: number, size: 4 | 8, value: bigint]

/** Each field; what is 0 for root's files is not told. */
function fieldsOf(stat: Stat): readonly Field[] {
  const { kind, mode, size, ino = 0, nlink = 1, blocks = 0, device, fs, times } = stat
  const time = (at: number, seconds = 0): readonly Field[] => {
    const whole = Math.floor(seconds)
    return [
      [at, 8, BigInt(whole)],
      [at + 8, 8, BigInt(Math.round((seconds - whole) * 1e9))],
    ]
  }
  return [
    [0, 8, deviceNumber(fs?.device)],
    [8, 8, BigInt(ino)],
    [16, 8, BigInt(nlink)],
    [24, 4, BigInt(KIND[kind] | mode)],
    [28, 4, 0n],
    [32, 4, 0n],
    [40, 8, deviceNumber(device)],
    [48, 8, BigInt(size)],
    [56, 8, BigInt(fs?.blksize ?? PAGE)],
    [64, 8, BigInt(blocks)],
    ...time(72, times?.atime),
    ...time(88, times?.mtime),
    ...time(104, times?.ctime),
  ]
}

function* settle(p: Process, found: Stat | number, to: bigint): Generator<Request, bigint, unknown> {
  timekeeping_advance(p.kernel, TICK_NSEC)
  if (typeof found === 'number') {
    yield* fail(p, -found)
    return -1n
  }
  for (const [at, size, value] of fieldsOf(found)) yield* store(p, address(to) + at, size, value)
  return 0n
}

function* path(p: Process, at: bigint): Generator<Request, string, unknown> {
  return decoder.decode(yield* readString(p, address(at)))
}

const stat = kfunc(STAT, function* stat(p: Process, at: bigint, to: bigint) {
  return yield* settle(p, yield* sys_newfstatat(p.kernel, yield* path(p, at), true), to)
})

const lstat = kfunc(STAT, function* lstat(p: Process, at: bigint, to: bigint) {
  return yield* settle(p, yield* sys_newfstatat(p.kernel, yield* path(p, at), false), to)
})

const fstat = kfunc(STAT, function* fstat(p: Process, fd: bigint, to: bigint) {
  return yield* settle(p, yield* sys_newfstat(p.kernel, int(fd)), to)
})

export const statFunctions: Readonly<Record<string, LibraryFunction>> = { stat, lstat, fstat }
