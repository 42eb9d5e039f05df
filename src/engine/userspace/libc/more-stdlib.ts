/** The rest of stdlib.h but memory and numbers in text: sorting, searching, random numbers, arithmetic, atexit. */

import { do_group_exit } from '../../linux/kernel/exit.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { load, type Process, readBytes, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { address, int } from './words.ts'

const STDLIB = 'libc: stdlib.h'

/** Writes bytes as a copy does: eight at a time, then the rest. */
function* write(p: Process, to: number, bytes: Uint8Array): Generator<Request, void, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let i = 0
  for (; i + 8 <= bytes.length; i += 8) yield* store(p, to + i, 8, view.getBigUint64(i, true))
  for (; i < bytes.length; i++) yield* store(p, to + i, 1, BigInt(bytes[i] as number))
}

/**
 * glibc's merge sort (2.36): halves are sorted, then merged; the order of the comparisons is the program's to see. The
 * scratch copy is not in memory.
 */
function* sort(
  p: Process,
  at: number,
  count: number,
  size: number,
  compare: bigint,
): Generator<Request, void, unknown> {
  if (count <= 1) return
  const half = Math.floor(count / 2)
  const [middle, end] = [at + half * size, at + count * size]
  yield* sort(p, at, half, size, compare)
  yield* sort(p, middle, count - half, size, compare)
  const merged: number[] = []
  let [left, right] = [at, middle]
  while (left < middle && right < end) {
    const first = int(yield* p.call(compare, BigInt(left), BigInt(right))) <= 0
    merged.push(...(yield* readBytes(p, first ? left : right, size)))
    if (first) left += size
    else right += size
  }
  while (left < middle) {
    merged.push(...(yield* readBytes(p, left, size)))
    left += size
  }
  yield* write(p, at, Uint8Array.from(merged))
}

const qsort = kfunc(STDLIB, function* qsort(p: Process, at: bigint, count: bigint, size: bigint, compare: bigint) {
  yield* sort(p, address(at), address(count), address(size), compare)
  return 0n
})

const bsearch = kfunc(
  STDLIB,
  function* bsearch(p: Process, key: bigint, at: bigint, count: bigint, size: bigint, compare: bigint) {
    let [low, high] = [0n, count]
    while (low < high) {
      const middle = (low + high) / 2n
      const order = int(yield* p.call(compare, key, at + middle * size))
      if (order === 0) return at + middle * size
      if (order < 0) high = middle
      else low = middle + 1n
    }
    return 0n
  },
)

/** glibc's additive feedback generator of 31 words. */
function seeded(seed: number): { words: number[]; next: number } {
  const words = [seed | 0 || 1]
  for (let i = 1; i < 31; i++) {
    const before = words[i - 1] as number
    const word = 16807 * (before % 127773) - 2836 * Math.trunc(before / 127773)
    words.push(word < 0 ? word + 2147483647 : word)
  }
  // Each word is the sum of those 31 and 3 before it; of the first three sums there is no second part yet.
  const generator = { words, next: 3 }
  for (let i = 0; i < 310; i++) draw(generator)
  return generator
}

function draw(generator: { words: number[]; next: number }): number {
  const { words, next } = generator
  const word = ((words[next] as number) + (words[(next + 28) % 31] as number)) | 0
  words[next] = word
  generator.next = (next + 1) % 31
  return word >>> 1
}

const dice = (): { words: number[]; next: number } => seeded(1)

const rand = kfunc(STDLIB, function* rand(p: Process) {
  yield* []
  return draw(p.global(dice))
})

const srand = kfunc(STDLIB, function* srand(p: Process, seed: bigint) {
  yield* []
  Object.assign(p.global(dice), seeded(int(seed)))
  return 0
})

const rand_r = kfunc(STDLIB, function* rand_r(p: Process, at: bigint) {
  let next = Number(yield* load(p, address(at), 4))
  const part = (): number => {
    next = (Math.imul(next, 1103515245) + 12345) >>> 0
    return Math.floor(next / 65536)
  }
  let result = part() % 2048
  result = (result << 10) ^ (part() % 1024)
  result = (result << 10) ^ (part() % 1024)
  yield* store(p, address(at), 4, BigInt(next))
  return result
})

const absolute = (name: string, bits: number): LibraryFunction =>
  kfunc(`${STDLIB}#${name}`, function* (_p: Process, n: bigint) {
    yield* []
    const value = BigInt.asIntN(bits, n)
    return BigInt.asIntN(bits, value < 0n ? -value : value)
  })

/** A record of quotient and remainder, at the address that the caller has passed in front of the arguments. */
const divide = (name: string, size: 4 | 8): LibraryFunction =>
  kfunc(`${STDLIB}#${name}`, function* (p: Process, to: bigint, a: bigint, b: bigint) {
    if (BigInt.asUintN(8 * size, b) === 0n) throw new Killed(136, 'SIGFPE: division by zero')
    const [x, y] = [BigInt.asIntN(8 * size, a), BigInt.asIntN(8 * size, b)]
    yield* store(p, address(to), size, BigInt.asUintN(8 * size, x / y))
    yield* store(p, address(to) + size, size, BigInt.asUintN(8 * size, x % y))
    return to
  })

const handlers = (): bigint[] => []

/** What main's return and exit() do: the handlers of atexit, the last one first. */
const exit = kfunc(STDLIB, function* exit(p: Process, status: bigint) {
  const all = p.global(handlers)
  for (let next = all.pop(); next !== undefined; next = all.pop()) yield* p.call(next)
  return yield* do_group_exit(p.kernel, Number(status & 0xffn))
})

const atexit = kfunc(STDLIB, function* atexit(p: Process, handler: bigint) {
  yield* []
  p.global(handlers).push(handler)
  p.atEnd = exit
  return 0
})

const getenv = kfunc(STDLIB, function* getenv(_p: Process) {
  yield* []
  return 0n
})

export const moreStdlib: Readonly<Record<string, LibraryFunction>> = {
  exit,
  atexit,
  getenv,
  qsort,
  bsearch,
  rand,
  srand,
  random: rand,
  srandom: srand,
  rand_r,
  abs: absolute('abs', 32),
  labs: absolute('labs', 64),
  llabs: absolute('llabs', 64),
  imaxabs: absolute('imaxabs', 64),
  div: divide('div', 4),
  ldiv: divide('ldiv', 8),
  lldiv: divide('lldiv', 8),
}
