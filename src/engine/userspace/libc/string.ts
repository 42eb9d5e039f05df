/**
 * string.h: copies move eight bytes at a time and then the tail, byte by byte; searches go byte by byte. Private memory,
 * where single accesses are not recorded, is handled in stretches. Nothing here flushes: that is the caller's business.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { load, type Process, readString, store, stretch } from '../process.ts'
import type { LibraryFunction } from './library.ts'

export function* copyForward(p: Process, to: number, from: number, length: number): Generator<Request, void, unknown> {
  let i = 0
  while (i < length) {
    const size = yield* stretch(p, [to + i, from + i], length - i)
    if (size === 0) break
    p.copy(to + i, from + i, size)
    i += size
  }
  for (; i + 8 <= length; i += 8) yield* store(p, to + i, 8, yield* load(p, from + i, 8))
  for (; i < length; i++) yield* store(p, to + i, 1, yield* load(p, from + i, 1))
}

const memcpy = kfunc('libc: string.h', function* memcpy(p: Process, to: bigint, from: bigint, length: bigint) {
  yield* copyForward(p, Number(to), Number(from), Number(length))
  return to
})

export const memmove = kfunc('libc: string.h', function* memmove(p: Process, to: bigint, from: bigint, length: bigint) {
  const n = Number(length)
  if (to <= from || to >= from + length) yield* copyForward(p, Number(to), Number(from), n)
  else {
    let i = n
    for (; i % 8 !== 0; i--) yield* store(p, Number(to) + i - 1, 1, yield* load(p, Number(from) + i - 1, 1))
    for (; i > 0; i -= 8) yield* store(p, Number(to) + i - 8, 8, yield* load(p, Number(from) + i - 8, 8))
  }
  return to
})

export const memset = kfunc('libc: string.h', function* memset(p: Process, to: bigint, c: bigint, length: bigint) {
  const byte = c & 0xffn
  const word = byte * 0x0101_0101_0101_0101n
  const n = Number(length)
  let i = 0
  while (i < n) {
    const size = yield* stretch(p, [Number(to) + i], n - i)
    if (size === 0) break
    p.fill(Number(to) + i, Number(byte), size)
    i += size
  }
  for (; i + 8 <= n; i += 8) yield* store(p, Number(to) + i, 8, word)
  for (; i < n; i++) yield* store(p, Number(to) + i, 1, byte)
  return to
})

/** The first byte at which two areas differ, as memcmp and strcmp return it. */
function* compare(
  p: Process,
  a: bigint,
  b: bigint,
  length: number,
  strings: boolean,
): Generator<Request, number, unknown> {
  for (let i = 0; i < length; i++) {
    const x = Number(yield* load(p, Number(a) + i, 1))
    const y = Number(yield* load(p, Number(b) + i, 1))
    if (x !== y) return x - y
    if (strings && x === 0) return 0
  }
  return 0
}

export const memcmp = kfunc('libc: string.h', function* memcmp(p: Process, a: bigint, b: bigint, length: bigint) {
  return yield* compare(p, a, b, Number(length), false)
})

export const strcmp = kfunc('libc: string.h', function* strcmp(p: Process, a: bigint, b: bigint) {
  return yield* compare(p, a, b, Number.POSITIVE_INFINITY, true)
})

const strncmp = kfunc('libc: string.h', function* strncmp(p: Process, a: bigint, b: bigint, length: bigint) {
  return yield* compare(p, a, b, Number(length), true)
})

const strlen = kfunc('libc: string.h', function* strlen(p: Process, s: bigint) {
  return (yield* readString(p, Number(s))).length
})

const strcpy = kfunc('libc: string.h', function* strcpy(p: Process, to: bigint, from: bigint) {
  const length = (yield* readString(p, Number(from))).length
  yield* copyForward(p, Number(to), Number(from), length + 1)
  return to
})

const strncpy = kfunc('libc: string.h', function* strncpy(p: Process, to: bigint, from: bigint, length: bigint) {
  const n = Number(length)
  let ended = false
  for (let i = 0; i < n; i++) {
    const byte: bigint = ended ? 0n : yield* load(p, Number(from) + i, 1)
    ended = byte === 0n
    yield* store(p, Number(to) + i, 1, byte)
  }
  return to
})

export const string: Readonly<Record<string, LibraryFunction>> = {
  memcpy,
  memmove,
  memset,
  memcmp,
  strcmp,
  strncmp,
  strlen,
  strcpy,
  strncpy,
}
