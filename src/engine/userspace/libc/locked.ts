/** Locked instructions that library code executes; on private memory as `intrinsics.ts` does. */

import { modified, sameBytes } from '../../sim/arithmetic.ts'
import type { Modify, Words } from '../../sim/cpu.ts'
import { type Request, WAIT } from '../../sim/kfunc.ts'
import { type Process, resolve } from '../process.ts'

type Size = 4 | 8

const wordsOf = (value: bigint): Words => [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]
const wholeOf = ([lo, hi]: Words, size: Size): bigint =>
  BigInt.asUintN(8 * size, (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0))

/** `change`: the new contents of private memory. `execute`: the instruction elsewhere. Returns the old contents. */
function* locked(
  p: Process,
  va: number,
  size: Size,
  change: (old: Words) => Words,
  execute: (where: Parameters<Process['cpu']['locked']>[0]) => boolean,
): Generator<Request, bigint, unknown> {
  const own = p.direct(va, size)
  if (own === undefined) {
    const where = yield* resolve(p, va, true)
    while (!execute(where)) yield WAIT
    return wholeOf([p.cpu.lo, p.cpu.hi], size)
  }
  const view = new DataView(own.buffer, own.byteOffset, size)
  const old: Words = [view.getInt32(0, true), size === 8 ? view.getInt32(4, true) : 0]
  const wanted = change(old)
  const where = p.physical(va, true)
  while (where !== undefined && !p.cpu.locked(where, size, 'xchg', ...wanted)) yield WAIT
  p.put(va, size, wholeOf(wanted, size))
  return wholeOf(old, size)
}

export const modify = (p: Process, va: number, size: Size, how: Modify, operand: bigint) =>
  locked(
    p,
    va,
    size,
    (old) => modified(how, old, wordsOf(operand)),
    (where) => p.cpu.locked(where, size, how, ...wordsOf(operand)),
  )

export const compareAndSwap = (p: Process, va: number, size: Size, expected: bigint, wanted: bigint) =>
  locked(
    p,
    va,
    size,
    (old) => (sameBytes(size, old, wordsOf(expected)) ? wordsOf(wanted) : old),
    (where) => p.cpu.compareAndSwap(where, size, wordsOf(expected), wordsOf(wanted)),
  )
