/** What it takes to run a thread of the C machine again: its inputs, and places to start from, the first of
 * which is how it began. */

import { STACK_STRIDE, STACK_TOP } from '../../../lang/c/program.ts'
import { walk } from '../../linux/arch/x86/include/asm/pgtable.ts'
import { PAGE_SIZE } from '../../linux/include/linux/mm_types.ts'
import { find_vma } from '../../linux/mm/mmap.ts'
import type { AccessSize } from '../../sim/cpu.ts'
import type { VmThread } from '../vm/thread.ts'
import { Checkpoints } from './checkpoints.ts'
import { EFFECT, InputLog, ON_STACK } from './input-log.ts'
import type { Origin, ThreadKeeper } from './keeper.ts'

const onStack = (va: number): number => (va >= 0x1_0000_0000 ? ON_STACK : 0)

export class ThreadPast implements ThreadKeeper {
  readonly origin: Origin
  readonly log = new InputLog()
  readonly checkpoints = new Checkpoints()
  /** Library calls that wait for a function of the program, three words each: result, floor, registers. */
  private readonly waiting: number[] = []
  /** Of the process, by their numbers in it. */
  private readonly siblings: readonly ThreadPast[]

  constructor(origin: Origin, siblings: readonly ThreadPast[]) {
    this.origin = origin
    this.siblings = siblings
  }

  /** The address behind its stack. */
  get stackTop(): number {
    return STACK_TOP - this.origin.index * STACK_STRIDE
  }

  /** Physical address of a byte of the process as its page tables stand; undefined where nothing is mapped. */
  physicalOf(va: number): number | undefined {
    const { memory, kernel } = this.origin
    const own = memory.physicalOf(va)
    const { mm } = kernel.current
    if (own !== undefined || mm === undefined) return own
    const found = walk(mm, va)
    return found === undefined ? undefined : found.pte.pfn * PAGE_SIZE + (va % found.size)
  }

  /** Is it in a mapping, whether or not there is a page yet? */
  isMapped(va: number): boolean {
    const { mm } = this.origin.kernel.current
    return mm !== undefined && find_vma(mm, va) !== undefined
  }

  runs(vm: VmThread): void {
    const { checkpoints, log, origin } = this
    const { memory } = origin
    if (!checkpoints.isDue(vm.ticks, log.words.length) || log.fullAt <= origin.ticks()) return
    checkpoints.take(vm, memory.shared ? undefined : memory.vm, log, origin.steps(), origin.ticks(), this.waiting)
  }

  loaded(lo: number, hi: number, size: AccessSize): void {
    this.log.loaded(lo, hi, size, this.origin.ticks())
  }

  /** The thread finds its own private memory itself when it runs again. */
  read(va: number, bytes: Uint8Array): void {
    if (!this.isPrivate(va) || !this.isMine(va)) this.log.bytes(bytes, this.origin.ticks())
  }

  /** So does it write there; but not to another's stack. */
  keeps(va: number, bytes: Uint8Array): void {
    if (this.isPrivate(va) && !this.isMine(va)) this.tellOwner(va, bytes.slice())
  }

  stores(va: number, size: AccessSize, lo: number, hi: number): void {
    if (this.isMine(va)) this.effect(EFFECT.store, size | onStack(va), size === 8 ? [va | 0, lo, hi] : [va | 0, lo])
    else {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setInt32(0, lo, true)
      new DataView(bytes.buffer).setInt32(4, hi, true)
      this.tellOwner(va, bytes.subarray(0, size))
    }
  }

  copies(to: number, from: number, source: Uint8Array): void {
    const { length } = source
    if (!this.isMine(to)) this.tellOwner(to, source.slice())
    else if (this.isMine(from)) this.effect(EFFECT.copy, onStack(to) | (onStack(from) >> 1), [to | 0, from | 0, length])
    else {
      const view = new DataView(source.buffer, source.byteOffset, length)
      let i = 0
      for (; i + 8 <= length; i += 8) this.stores(to + i, 8, view.getInt32(i, true), view.getInt32(i + 4, true))
      for (; i < length; i++) this.stores(to + i, 1, view.getUint8(i), 0)
    }
  }

  fills(to: number, byte: number, length: number): void {
    if (this.isMine(to)) this.effect(EFFECT.fill, onStack(to), [to | 0, byte, length])
    else this.tellOwner(to, new Uint8Array(length).fill(byte))
  }

  brk(end: number): void {
    this.effect(EFFECT.brk, 0, [end])
  }

  calls(fn: number, at: number, words: readonly number[], was: { result: number; floor: number }): void {
    this.effect(EFFECT.call, 0, [fn, words.length / 2, ...words])
    this.waiting.push(was.result, was.floor, at)
  }

  calledBack(): void {
    this.waiting.length -= 3
  }

  returned(lo: number, hi: number): void {
    this.effect(EFFECT.result, 0, [lo, hi])
  }

  private isPrivate(va: number): boolean {
    return this.origin.memory.direct(va, 1) !== undefined
  }

  /** Private memory that is this thread's to run again: its stack, and data. */
  private isMine(va: number): boolean {
    const stack = this.origin.memory.stackOf(va)
    return stack < 0 || stack === this.origin.index
  }

  private tellOwner(va: number, bytes: Uint8Array): void {
    const { origin } = this
    const owner = this.siblings[origin.memory.stackOf(va)]
    const at = { by: origin.thread, byTicks: origin.ticks(), step: origin.steps() }
    owner?.log.foreign.push({ ...at, ticks: owner.origin.ticks(), va, bytes })
  }

  /** Library code, or what it calls, changes the thread or its memory. */
  private effect(kind: number, detail: number, operands: readonly number[]): void {
    this.log.effect(kind, detail, this.origin.steps(), this.origin.ticks(), operands)
  }
}
