/**
 * A process's own DRAM: data, heap, stacks.
 *
 * With one thread it is private: accesses are plain reads and writes of these bytes, counted as ticks. With several,
 * data and heap are shared memory like any other: they have physical addresses, and every access is a recorded step.
 */

import { type Spa, spa } from '../../base/brand.ts'
import { DATA_BASE, type Program, STACK_SIZE, STACK_STRIDE, STACK_TOP } from '../../lang/c/program.ts'
import type { VmThread } from './vm/vm.ts'

/** Where data and stacks of shared processes are in DRAM, bytes. */
const DATA_SPA = 0x1000_0000
const STACK_SPA = 0x4000_0000
/** A thread's errno and what else the library keeps a thread, bytes. */
const THREAD_BYTES = 64

export class Memory {
  data: Uint8Array
  readonly shared: boolean
  private readonly stacks = new Map<number, Uint8Array>()

  /** `threads`: how many the process will have. */
  constructor(program: Program, threads: number) {
    this.shared = threads > 1
    const errnos = Math.ceil(program.data.length / THREAD_BYTES) * THREAD_BYTES
    this.data = new Uint8Array(errnos + threads * THREAD_BYTES)
    this.data.set(program.data)
    this.firstErrno = DATA_BASE + errnos
  }

  private readonly firstErrno: number

  /** Make a thread's stack known; returns the address of its errno. */
  addThread(vm: VmThread, index: number): number {
    this.stacks.set(index, vm.stack)
    return this.firstErrno + index * THREAD_BYTES
  }

  /** The bytes at `va` when they are private to the process, or a stack. */
  direct(va: number, length: number): Uint8Array | undefined {
    const offset = va - DATA_BASE
    if (offset >= 0 && offset + length <= this.data.length)
      return this.shared ? undefined : this.data.subarray(offset, offset + length)
    const stack = this.stackOf(va)
    return stack === undefined || stack.offset + length > STACK_SIZE
      ? undefined
      : stack.bytes.subarray(stack.offset, stack.offset + length)
  }

  /** Physical address of shared data. */
  spaOf(va: number): Spa | undefined {
    const offset = va - DATA_BASE
    if (!this.shared || offset < 0 || offset >= this.data.length) return undefined
    return spa(DATA_SPA + offset)
  }

  /** What 64 bytes of shared data hold at first. */
  initial(at: Spa): Uint8Array | undefined {
    const offset = at - DATA_SPA
    if (!this.shared || offset < 0 || offset >= this.data.length) return undefined
    const bytes = new Uint8Array(64)
    bytes.set(this.data.subarray(offset, offset + 64))
    return bytes
  }

  private stackOf(va: number): { readonly bytes: Uint8Array; readonly offset: number } | undefined {
    const index = Math.floor((STACK_TOP - va - 1) / STACK_STRIDE)
    const bytes = this.stacks.get(index)
    const offset = va - (STACK_TOP - index * STACK_STRIDE - STACK_SIZE)
    return bytes === undefined || offset < 0 || offset >= STACK_SIZE ? undefined : { bytes, offset }
  }
}

export const isDram = (at: number): boolean => at < STACK_SPA
