/** The micro-ops of kernel and library code: `yield* sfence(k)`. Each is one instruction of the running thread. */

import { type Spa, spa } from '../../base/brand.ts'
import type { AccessSize, Cpu } from './cpu.ts'
import { microOp, type Op, type Request, WAIT } from './kfunc.ts'

/** Anything that runs on a core. */
export interface OnCpu {
  readonly cpu: Cpu
}

const word = (value: bigint): [number, number] => [
  Number(BigInt.asIntN(32, value)),
  Number(BigInt.asIntN(32, value >> 32n)),
]

export const store = (k: OnCpu, at: Spa, size: AccessSize, value: bigint): Op<void> => {
  const [lo, hi] = word(value)
  return microOp(() => k.cpu.store(at, size, lo, hi))
}

export const movnti = (k: OnCpu, at: Spa, size: 4 | 8, value: bigint): Op<void> => {
  const [lo, hi] = word(value)
  return microOp(() => k.cpu.movnti(at, size, lo, hi))
}

export const writeq = (k: OnCpu, at: Spa, value: bigint): Op<void> => {
  const [lo, hi] = word(value)
  return microOp(() => k.cpu.writeq(at, lo, hi))
}

export const clwb = (k: OnCpu, at: Spa): Op<void> => microOp(() => k.cpu.clwb(at))
export const clflushopt = (k: OnCpu, at: Spa): Op<void> => microOp(() => k.cpu.clflushopt(at))
export const clflush = (k: OnCpu, at: Spa): Op<void> => microOp(() => k.cpu.clflush(at))
export const mfence = (k: OnCpu): Op<void> => microOp(() => k.cpu.mfence())
export const sfence = (k: OnCpu): Op<void> => microOp(() => k.cpu.sfence())

/** Read `length` bytes, one step a line (the fast-string copy that the kernel's mcsafe read uses). */
export function* loadBytes(k: OnCpu, at: Spa, length: number): Generator<Request, Uint8Array, unknown> {
  const bytes = new Uint8Array(length)
  for (let offset = 0; offset < length; ) {
    const piece = Math.min(length - offset, 64 - ((at + offset) % 64))
    while (!k.cpu.loadBytes(spa(at + offset), bytes, offset, piece)) yield WAIT
    offset += piece
  }
  return bytes
}
