/**
 * What the C machine tells to whom it takes to run its threads again, if anybody does: everything that a thread receives
 * from outside itself. Telling changes nothing that is recorded.
 */

import type { CFunction, Program } from '../../../lang/c/program.ts'
import type { Kernel } from '../../linux/kernel.ts'
import type { AccessSize } from '../../sim/cpu.ts'
import type { Memory } from '../memory.ts'
import type { VmThread } from '../vm/thread.ts'

/** How a thread began, and its clocks. */
export interface Origin {
  readonly program: Program
  /** Its number in the recording. */
  readonly thread: number
  readonly name: string
  /** Its number in its process, which says where its stack is. */
  readonly index: number
  readonly entry: CFunction
  /** The kernel as its process enters it. */
  readonly kernel: Kernel
  /** The process's memory; private if it is not shared. */
  readonly memory: Memory
  /** Steps recorded by now. */
  steps(): number
  /** The thread's ticks by now, those of library code included. */
  ticks(): number
}

export interface Keeper {
  begin(origin: Origin): ThreadKeeper
}

/** Writes are told before they are done. */
export interface ThreadKeeper {
  /** The thread is about to run bytecode. */
  runs(vm: VmThread): void
  /** What a load came to. */
  loaded(lo: number, hi: number, size: AccessSize): void
  /** What another instruction has read at `va`. */
  read(va: number, bytes: Uint8Array): void
  /** An instruction is about to write to private memory. */
  keeps(va: number, bytes: Uint8Array): void
  /** So is library code, or what it calls. */
  stores(va: number, size: AccessSize, lo: number, hi: number): void
  copies(to: number, from: number, source: Uint8Array): void
  fills(to: number, byte: number, length: number): void
  /** The program break moves. */
  brk(end: number): void
  /** Library code has called a function of the program, with these words of arguments at `at`. */
  calls(fn: number, at: number, words: readonly number[], was: { result: number; floor: number }): void
  /** That function is done. */
  calledBack(): void
  /** What a native function has returned. */
  returned(lo: number, hi: number): void
}
