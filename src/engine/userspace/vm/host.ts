/**
 * What the C virtual machine needs of the world around it. `machine.ts` joins the two.
 *
 * The machine runs bytecode; memory that is not the thread's own stack (and, with more than one thread, every other
 * memory too) belongs to the host, because an access to it is a recorded step that may fault, wait or end the turn.
 */

import type { AccessSize } from '../../sim/cpu.ts'

/** It happened; a result, if any, is in `lo`/`hi`. */
export const DONE = 0
/** It could not happen yet. The thread stops at this instruction, which runs again at its next turn. */
export const RETRY = 1
/** (`native` only) A library or kernel function now runs on the thread; its result comes through `deliver`. */
export const CALLED = 2

export interface VmHost {
  /** Result words of the last load or native call. */
  lo: number
  hi: number
  /** True when globals and heap are shared by threads: accesses then go through `load` and `store`. */
  readonly sharedData: boolean
  /** `vaHi`/`vaLo`: the virtual address as two unsigned 32-bit words. */
  load(vaLo: number, vaHi: number, size: AccessSize): typeof DONE | typeof RETRY
  store(vaLo: number, vaHi: number, size: AccessSize, lo: number, hi: number): typeof DONE | typeof RETRY
  /**
   * Call native function `index` of `Program.natives`. Argument i is the 64-bit pair `words[at + 2i]` (low),
   * `words[at + 2i + 1]` (high), already converted to its parameter type (variadic: after default promotions,
   * sign- or zero-extended to 64 bits; doubles as their bits).
   */
  native(index: number, words: Int32Array, at: number, count: number): typeof DONE | typeof RETRY | typeof CALLED
  /**
   * A C function is about to be entered or left; both are recorded steps. On RETRY the call or return has not happened:
   * the thread stops at that instruction.
   */
  enter(functionIndex: number): typeof DONE | typeof RETRY
  leave(): typeof DONE | typeof RETRY
}
