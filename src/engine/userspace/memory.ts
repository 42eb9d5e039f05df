/**
 * A process's own DRAM: data, heap, stacks.
 *
 * With one thread it is private: accesses are plain reads and writes of these bytes, counted as ticks. With several,
 * data and heap are shared memory like any other: they have physical addresses, and every access is a recorded step.
 * A thread's stack stays private even
 * then: what another thread does there happens at once, and is no step.
 */

import { type Spa, spa } from '../../base/brand.ts'
import { DATA_BASE, MOST_CONSTANTS, type Program, STACK_STRIDE, STACK_TOP } from '../../lang/c/program.ts'
import { brk, createMemory, hostView, type VmMemory } from './vm/memory.ts'
import type { VmThread } from './vm/thread.ts'

/** Where the data of shared processes is in DRAM, bytes: behind the page allocator's RAM, with room for constants below. */
const DATA_SPA = 0x1000_0000 + MOST_CONSTANTS
/** Where stacks are in DRAM, bytes: those of all threads, from the lowest on. */
const STACKS_SPA = 0x6000_0000
/** Threads that a process can have at a time. */
export const MOST_THREADS = 16
const LOWEST_STACK = STACK_TOP - MOST_THREADS * STACK_STRIDE
/** A thread's errno and what else the library keeps a thread, bytes. */
const THREAD_BYTES = 64
/** The name that the program is started under. */
const NAME = new TextEncoder().encode('program')
/** argv and envp of main: the address of the name, a null pointer each; then the name. */
const ARGUMENTS_BYTES = 64

export class Memory {
  readonly vm: VmMemory
  readonly shared: boolean
  private readonly threads: VmThread[] = []
  /** Address behind globals and what the library keeps a thread. */
  readonly heapStart: number
  /** What main gets as its second argument; its third is 16 bytes behind. */
  readonly argv: number
  private readonly firstErrno: number

  /** `threads`: how many the process will have. */
  constructor(program: Program, threads: number) {
    this.shared = threads > 1
    this.vm = createMemory(program)
    const { constants } = this.vm
    this.firstErrno = DATA_BASE + this.vm.size - constants
    this.argv = this.firstErrno + threads * THREAD_BYTES
    this.heapStart = this.argv + ARGUMENTS_BYTES
    brk(this.vm, this.heapStart)
    const at = this.argv - DATA_BASE + constants
    this.vm.view.setBigUint64(at, BigInt(this.argv + 24), true)
    this.vm.data.set(NAME, at + 24)
  }

  /** Make a thread's stack known; returns the address of its errno. */
  addThread(index: number, vm: VmThread): number {
    this.threads[index] = vm
    return this.firstErrno + index * THREAD_BYTES
  }

  /** Moves the program break to `end`; false when that is no place for it. */
  brk(end: number): boolean {
    return brk(this.vm, end)
  }

  /** The bytes at `va` when they are private to the process, or on a stack. */
  direct(va: number, length: number): Uint8Array | undefined {
    return this.shared && this.inData(va) ? undefined : hostView(this.vm, this.threads, va, length)
  }

  /** Physical address of shared data. */
  spaOf(va: number): Spa | undefined {
    return this.shared && this.inData(va) ? spa(DATA_SPA + va - DATA_BASE) : undefined
  }

  /** Physical address of a byte of the process, private or not. */
  physicalOf(va: number): Spa | undefined {
    if (this.inData(va)) return spa(DATA_SPA + va - DATA_BASE)
    return hostView(this.vm, this.threads, va, 1) === undefined ? undefined : spa(STACKS_SPA + va - LOWEST_STACK)
  }

  /** What 64 bytes of shared data hold at first. */
  initial(at: Spa): Uint8Array | undefined {
    const offset = at - DATA_SPA + this.vm.constants
    if (!this.shared || offset < 0 || offset >= this.vm.size) return undefined
    const bytes = new Uint8Array(64)
    bytes.set(this.vm.data.subarray(offset, Math.min(offset + 64, this.vm.size)))
    return bytes
  }

  /** String literals and constant objects: reads are as of other data, writes end the process. */
  isConstant(va: number): boolean {
    return va < DATA_BASE && this.inData(va)
  }

  /** Number of the thread on whose stack an address is; -1 for data. */
  stackOf(va: number): number {
    return this.inData(va) ? -1 : Math.floor((STACK_TOP - 1 - va) / STACK_STRIDE)
  }

  private inData(va: number): boolean {
    const at = va - DATA_BASE + this.vm.constants
    return at >= 0 && at < this.vm.size
  }
}
