/**
 * The rest of string.h and strings.h, in the C locale. Searches go byte by byte; what is copied is stored like memcpy
 * stores it. Nothing here flushes.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { load, type Process, readBytes, readString, store } from '../process.ts'
import { errorText } from './error-text.ts'
import type { LibraryFunction } from './library.ts'
import { keepText, malloc } from './malloc.ts'
import { copyForward, memcmp, memmove, memset, strcmp } from './string.ts'
import { address, int } from './words.ts'

const FOREVER = Number.POSITIVE_INFINITY
type Bytes = Generator<Request, number, unknown>

/** The first of at most `length` places from `at` on whose byte `found` accepts; `otherwise` if none. */
function* scan(p: Process, at: number, length: number, found: (byte: number) => boolean, otherwise = -1): Bytes {
  for (let i = 0; i < length; i++) if (found(Number(yield* load(p, at + i, 1)))) return at + i
  return otherwise
}

const byteOf = (word: bigint): number => Number(word & 0xffn)
/** A place, or a null pointer for none. */
const orNull = (at: number): number => Math.max(at, 0)

const fn = <A extends readonly bigint[]>(
  body: (p: Process, ...args: A) => Generator<Request, bigint | number, unknown>,
) => kfunc('libc: string.h', body)

const mempcpy = fn(function* mempcpy(p, to: bigint, from: bigint, length: bigint) {
  yield* copyForward(p, address(to), address(from), address(length))
  return to + length
})

const memccpy = fn(function* memccpy(p, to: bigint, from: bigint, c: bigint, length: bigint) {
  const end = yield* scan(p, address(from), address(length), (byte) => byte === byteOf(c))
  const count = end < 0 ? address(length) : end - address(from) + 1
  yield* copyForward(p, address(to), address(from), count)
  return end < 0 ? 0n : to + BigInt(count)
})

const memchr = fn(function* memchr(p, at: bigint, c: bigint, length: bigint) {
  return orNull(yield* scan(p, address(at), address(length), (byte) => byte === byteOf(c)))
})

const rawmemchr = fn(function* rawmemchr(p, at: bigint, c: bigint) {
  return yield* scan(p, address(at), FOREVER, (byte) => byte === byteOf(c))
})

const memrchr = fn(function* memrchr(p, at: bigint, c: bigint, length: bigint) {
  for (let i = address(length) - 1; i >= 0; i--)
    if (Number(yield* load(p, address(at) + i, 1)) === byteOf(c)) return address(at) + i
  return 0n
})

const explicit_bzero = fn(function* explicit_bzero(p, to: bigint, length: bigint) {
  yield* memset(p, to, 0n, length)
  return 0n
})

const bcopy = fn(function* bcopy(p, from: bigint, to: bigint, length: bigint) {
  yield* memmove(p, to, from, length)
  return 0n
})

const strnlen = fn(function* strnlen(p, text: bigint, most: bigint) {
  const at = address(text)
  return (yield* scan(p, at, address(most), (byte) => byte === 0, at + address(most))) - at
})

const stpcpy = fn(function* stpcpy(p, to: bigint, from: bigint) {
  const { length } = yield* readString(p, address(from))
  yield* copyForward(p, address(to), address(from), length + 1)
  return to + BigInt(length)
})

const stpncpy = fn(function* stpncpy(p, to: bigint, from: bigint, length: bigint) {
  const n = address(length)
  const count = (yield* readString(p, address(from), n)).length
  yield* copyForward(p, address(to), address(from), count)
  yield* memset(p, to + BigInt(count), 0n, BigInt(n - count))
  return to + BigInt(count)
})

function* append(p: Process, to: bigint, from: bigint, most: number): Generator<Request, bigint, unknown> {
  const end = yield* scan(p, address(to), FOREVER, (byte) => byte === 0)
  const { length } = yield* readString(p, address(from), most)
  yield* copyForward(p, end, address(from), length)
  yield* store(p, end + length, 1, 0n)
  return to
}

const strcat = fn(function* strcat(p, to: bigint, from: bigint) {
  return yield* append(p, to, from, FOREVER)
})

const strncat = fn(function* strncat(p, to: bigint, from: bigint, most: bigint) {
  return yield* append(p, to, from, address(most))
})

const strchrnul = fn(function* strchrnul(p, text: bigint, c: bigint) {
  return yield* scan(p, address(text), FOREVER, (byte) => byte === byteOf(c) || byte === 0)
})

function* firstOf(p: Process, text: bigint, c: bigint): Bytes {
  const at = yield* scan(p, address(text), FOREVER, (byte) => byte === byteOf(c) || byte === 0)
  return Number(yield* load(p, at, 1)) === byteOf(c) ? at : 0
}

function* lastOf(p: Process, text: bigint, c: bigint): Bytes {
  const bytes = yield* readString(p, address(text))
  return orNull(byteOf(c) === 0 ? address(text) + bytes.length : addTo(address(text), bytes.lastIndexOf(byteOf(c))))
}
const addTo = (at: number, offset: number): number => (offset < 0 ? -1 : at + offset)

const strchr = fn(function* strchr(p, text: bigint, c: bigint) {
  return yield* firstOf(p, text, c)
})
const index = fn(function* index(p, text: bigint, c: bigint) {
  return yield* firstOf(p, text, c)
})
const strrchr = fn(function* strrchr(p, text: bigint, c: bigint) {
  return yield* lastOf(p, text, c)
})
const rindex = fn(function* rindex(p, text: bigint, c: bigint) {
  return yield* lastOf(p, text, c)
})

/** Where the first byte of the text is that is (or is not) in the set, its end included. */
function* span(p: Process, text: number, set: bigint, inside: boolean): Bytes {
  const members = new Set(yield* readString(p, address(set)))
  return yield* scan(p, text, FOREVER, (byte) => byte === 0 || members.has(byte) !== inside)
}

const strspn = fn(function* strspn(p, text: bigint, set: bigint) {
  return (yield* span(p, address(text), set, true)) - address(text)
})

const strcspn = fn(function* strcspn(p, text: bigint, set: bigint) {
  return (yield* span(p, address(text), set, false)) - address(text)
})

const strpbrk = fn(function* strpbrk(p, text: bigint, set: bigint) {
  const at = yield* span(p, address(text), set, false)
  return (yield* load(p, at, 1)) === 0n ? 0n : at
})

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte)

/** Where `what` first is in `bytes`, -1 for nowhere. */
function find(bytes: Uint8Array, what: Uint8Array): number {
  for (let i = 0; i + what.length <= bytes.length; i++) if (what.every((byte, j) => bytes[i + j] === byte)) return i
  return -1
}

const strstr = fn(function* strstr(p, text: bigint, what: bigint) {
  const [bytes, wanted] = [yield* readString(p, address(text)), yield* readString(p, address(what))]
  return orNull(addTo(address(text), find(bytes, wanted)))
})

const strcasestr = fn(function* strcasestr(p, text: bigint, what: bigint) {
  const [bytes, wanted] = [yield* readString(p, address(text)), yield* readString(p, address(what))]
  return orNull(addTo(address(text), find(bytes.map(lower), wanted.map(lower))))
})

const memmem = fn(function* memmem(p, at: bigint, size: bigint, what: bigint, length: bigint) {
  const bytes = yield* readBytes(p, address(at), address(size))
  return orNull(addTo(address(at), find(bytes, yield* readBytes(p, address(what), address(length)))))
})

/** The next word from `from` on, ended with a zero byte; and where to go on, 0 for nowhere. */
function* token(p: Process, from: number, set: bigint): Generator<Request, readonly [number, number], unknown> {
  if (from === 0) return [0, 0]
  const start = yield* span(p, from, set, true)
  if ((yield* load(p, start, 1)) === 0n) return [0, start]
  const end = yield* span(p, start, set, false)
  if ((yield* load(p, end, 1)) === 0n) return [start, end]
  yield* store(p, end, 1, 0n)
  return [start, end + 1]
}

const tokens = (): { rest: number } => ({ rest: 0 })

const strtok = fn(function* strtok(p, text: bigint, set: bigint) {
  const kept = p.global(tokens)
  const [word, rest] = yield* token(p, text === 0n ? kept.rest : address(text), set)
  kept.rest = rest
  return word
})

const strtok_r = fn(function* strtok_r(p, text: bigint, set: bigint, kept: bigint) {
  const from = text === 0n ? address(yield* load(p, address(kept), 8)) : address(text)
  const [word, rest] = yield* token(p, from, set)
  yield* store(p, address(kept), 8, BigInt(rest))
  return word
})

const strsep = fn(function* strsep(p, kept: bigint, set: bigint) {
  const from = address(yield* load(p, address(kept), 8))
  if (from === 0) return 0n
  const end = yield* span(p, from, set, false)
  const last = (yield* load(p, end, 1)) === 0n
  if (!last) yield* store(p, end, 1, 0n)
  yield* store(p, address(kept), 8, last ? 0n : BigInt(end + 1))
  return from
})

function* duplicate(p: Process, text: bigint, most: number): Generator<Request, bigint, unknown> {
  const { length } = yield* readString(p, address(text), most)
  const copy = BigInt((yield* malloc(p, BigInt(length + 1))) as bigint)
  if (copy === 0n) return 0n
  yield* copyForward(p, address(copy), address(text), length)
  yield* store(p, address(copy) + length, 1, 0n)
  return copy
}

const strdup = fn(function* strdup(p, text: bigint) {
  return yield* duplicate(p, text, FOREVER)
})

const strndup = fn(function* strndup(p, text: bigint, most: bigint) {
  return yield* duplicate(p, text, address(most))
})

const strcoll = fn(function* strcoll(p, a: bigint, b: bigint) {
  return yield* strcmp(p, a, b)
})

const strxfrm = fn(function* strxfrm(p, to: bigint, from: bigint, most: bigint) {
  const { length } = yield* readString(p, address(from))
  if (most > 0n) yield* copyForward(p, address(to), address(from), Math.min(length + 1, address(most)))
  return length
})

const strerror = fn(function* strerror(p, error: bigint) {
  return yield* keepText(p, errorText(int(error)))
})

function* compareCase(p: Process, a: bigint, b: bigint, most: number): Bytes {
  for (let i = 0; i < most; i++) {
    const x = lower(Number(yield* load(p, address(a) + i, 1)))
    const y = lower(Number(yield* load(p, address(b) + i, 1)))
    if (x !== y || x === 0) return x - y
  }
  return 0
}

const strcasecmp = fn(function* strcasecmp(p, a: bigint, b: bigint) {
  return yield* compareCase(p, a, b, FOREVER)
})

const strncasecmp = fn(function* strncasecmp(p, a: bigint, b: bigint, most: bigint) {
  return yield* compareCase(p, a, b, address(most))
})

const bcmp = fn(function* bcmp(p, a: bigint, b: bigint, length: bigint) {
  return yield* memcmp(p, a, b, length)
})

/** The number of the lowest bit that is set, from one. */
const lowestBit = (bits: bigint): number => (bits === 0n ? 0 : (bits & -bits).toString(2).length)

const ffs = fn(function* ffs(_p, n: bigint) {
  yield* []
  return lowestBit(BigInt.asUintN(32, n))
})

const ffsl = fn(function* ffsl(_p, n: bigint) {
  yield* []
  return lowestBit(BigInt.asUintN(64, n))
})

export const moreString: Readonly<Record<string, LibraryFunction>> = {
  mempcpy,
  memccpy,
  memchr,
  memrchr,
  rawmemchr,
  memmem,
  explicit_bzero,
  bzero: explicit_bzero,
  bcopy,
  bcmp,
  strnlen,
  stpcpy,
  stpncpy,
  strcat,
  strncat,
  strchr,
  strrchr,
  strchrnul,
  index,
  rindex,
  strspn,
  strcspn,
  strpbrk,
  strstr,
  strcasestr,
  strtok,
  strtok_r,
  strsep,
  strdup,
  strndup,
  strcoll,
  strxfrm,
  strerror,
  strcasecmp,
  strncasecmp,
  ffs,
  ffsl,
  ffsll: ffsl,
}
