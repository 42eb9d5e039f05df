/** Arguments and results as words: what a 64-bit register holds of an int, a double, a pointer. */

import type { Request } from '../../sim/kfunc.ts'
import { type Process, store } from '../process.ts'

export const int = (word: bigint): number => Number(BigInt.asIntN(32, word))
export const long = (word: bigint): bigint => BigInt.asIntN(64, word)
/** A pointer or a size. */
export const address = (word: bigint): number => Number(BigInt.asUintN(64, word))

export function toDouble(word: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt.asUintN(64, word))
  return view.getFloat64(0)
}

export function fromDouble(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

/** Sets errno. */
export const fail = (p: Process, error: number): Generator<Request, void, unknown> =>
  store(p, p.errno, 4, BigInt(error))

export const ERANGE = 34
export const EINVAL = 22
export const ENOMEM = 12
