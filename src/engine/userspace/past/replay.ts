/**
 * Runs a thread of the C machine again to any place of its recorded run: by the same loop, from the nearest checkpoint,
 * with the log (`input-log.ts`) for an answer to everything that it asks of the world.
 */

import { ensure } from '../../../base/assert.ts'
import { type Spa, spa } from '../../../base/brand.ts'
import { Op } from '../../../lang/c/opcode.ts'
import { DATA_BASE, type Program } from '../../../lang/c/program.ts'
import type { Cpu } from '../../sim/cpu.ts'
import { Killed } from '../../sim/thread.ts'
import type { Executor, Intrinsic } from '../intrinsics.ts'
import { allIntrinsics } from '../more-intrinsics.ts'
import { CALLED, DONE, RETRY, type VmHost } from '../vm/host.ts'
import { brk, createMemory, hostView, type VmMemory } from '../vm/memory.ts'
import { createThread, deliver, popFrame, pushFrame, STACK_HIGH, type VmThread, viewOf } from '../vm/thread.ts'
import type { RunEnd } from '../vm/transfer.ts'
import { run } from '../vm/vm.ts'
import { bytesOf, type Checkpoint } from './checkpoints.ts'
import { EFFECT, ON_STACK } from './input-log.ts'
import type { ThreadPast } from './thread-past.ts'

/** A place in a thread's run. */
export interface Moment {
  /** What had happened to the thread right after this step has happened. */
  readonly step: number
  /** The thread has done so many ticks, those of library code included. */
  readonly ticks: number
  /** Library code has gone on since `step`, up to `ticks`. */
  readonly inside: boolean
  /** So many writes of other threads to its stack have come. */
  readonly foreign: number
}

const TWO_32 = 0x1_0000_0000
/** All that the answering core needs to know of an address: whether it is the thread's own private memory. */
const OWN = spa(0)
const ELSEWHERE = spa(64)

export class Replay implements VmHost, Executor {
  lo = 0
  hi = 0
  readonly past: ThreadPast
  readonly sharedData: boolean
  readonly cpu: Cpu
  vm!: VmThread
  memory!: VmMemory
  /** Library code runs above the thread, or something else that it waits for. */
  waits = false
  /** By number of the native function. */
  private readonly intrinsics: readonly (Intrinsic | undefined)[]
  private program: Program
  private at: Moment | undefined
  private position = 0
  private markStep = -1
  private markTicks = 0
  private foreign = 0
  private libraryTicks = 0
  private waiting: number[] = []

  constructor(past: ThreadPast) {
    this.past = past
    this.program = past.origin.program
    this.sharedData = past.origin.memory.shared
    this.cpu = this.answeringCpu()
    this.intrinsics = past.origin.program.natives.map((name) => allIntrinsics[name]?.(this))
  }

  /** The thread as it was there. Valid until the next call. */
  seek(to: Moment): void {
    const from = this.past.checkpoints.before(to)
    const { at } = this
    const onTheWay =
      at !== undefined &&
      at.ticks <= to.ticks &&
      at.foreign <= to.foreign &&
      (at.step < to.step || (at.step === to.step && (to.inside || !at.inside)))
    if (!onTheWay || this.total < (from?.total ?? 0)) this.restart(from)
    this.at = to
    try {
      this.advance(to)
    } catch (error) {
      // The thread died here.
      if (!(error instanceof Killed)) throw error
    }
  }

  /**
   * Goes on to a later place, but stops before the first instruction that `code` (the program's own but for the traps put
   * into it) has replaced by a trap; the thread's ticks there, undefined when it came to none.
   */
  until(to: Moment, code: Int32Array): number | undefined {
    this.program = { ...this.past.origin.program, code }
    try {
      this.advance(to)
    } finally {
      this.program = this.past.origin.program
    }
    const stopped = !this.waits && code[4 * this.vm.pc] === Op.trap
    this.at = stopped ? { ...to, ticks: this.total, foreign: this.foreign } : to
    return stopped ? this.total : undefined
  }

  private get total(): number {
    return this.vm.ticks + this.libraryTicks
  }

  private restart(from: Checkpoint | undefined): void {
    const { program, index, entry } = this.past.origin
    this.memory = createMemory(program)
    this.vm = createThread(program, index, entry)
    this.waits = false
    this.position = from?.position ?? 0
    this.markStep = from?.markStep ?? -1
    this.markTicks = from?.markTicks ?? 0
    this.foreign = from?.foreign ?? 0
    this.libraryTicks = from === undefined ? 0 : from.total - from.ticks
    this.waiting = [...(from?.waiting ?? [])]
    if (from === undefined) return
    const { vm } = this
    vm.stack = new Uint8Array(from.stackLength)
    vm.stackView = viewOf(vm.stack)
    vm.words = new Int32Array(from.wordsLength)
    vm.doubles = new Float64Array(vm.words.buffer)
    vm.frames = new Int32Array(from.framesLength)
    const { depth, floor, pc, base, down, function: fn, entered, result, ticks } = from
    Object.assign(vm, { depth, floor, pc, base, down, function: fn, entered, result, ticks })
    vm.registers = vm.words.subarray(base)
    let data = this.memory.data
    if (!this.sharedData) {
      data = new Uint8Array(from.dataLength)
      this.memory = { ...this.memory, data, view: viewOf(data), size: from.dataSize }
    }
    this.past.checkpoints.restore(
      from,
      vm.stack,
      bytesOf(vm.words),
      bytesOf(vm.frames),
      this.sharedData ? undefined : data,
    )
    // What a smaller break has given back reads as zeros.
    if (!this.sharedData) data.fill(0, from.dataSize)
  }

  private advance(to: Moment): void {
    const { log } = this.past
    for (;;) {
      while (this.foreign < to.foreign && ensure(log.foreign[this.foreign], 'it has come').ticks <= this.total)
        this.takeForeign()
      if (this.waits) {
        if (this.record(to)) continue
        while (this.foreign < to.foreign) this.takeForeign()
        return
      }
      const next = this.foreign < to.foreign ? (log.foreign[this.foreign]?.ticks ?? to.ticks) : to.ticks
      const fuel = Math.min(to.ticks, next) - this.total
      if (fuel <= 0) return
      const end: RunEnd = run(this.program, this.memory, this.vm, this, fuel)
      if (end === 'returned') this.returned()
      else if (end !== 'fuel' && !this.waits) return
    }
  }

  /** A function that library code has called is done; or the thread is, and whatever follows is library code. */
  private returned(): void {
    this.waits = true
    const [result, floor] = this.waiting.splice(-3)
    if (result === undefined || floor === undefined) return
    popFrame(this.vm)
    this.vm.floor = floor
    this.vm.result = result
  }

  private takeForeign(): void {
    const write = ensure(this.past.log.foreign[this.foreign++], 'a write of another thread has come')
    this.direct(write.va, write.bytes.length)?.set(write.bytes)
  }

  private word(): number {
    return this.past.log.words.get(this.position++)
  }

  private has(words: number): boolean {
    return this.position + words <= this.past.log.words.length
  }

  /** Applies the next record, if that had happened; false if not. */
  private record(to: Moment): boolean {
    if (!this.has(1)) return false
    const { words } = this.past.log
    const header = words.get(this.position)
    const kind = header & 7
    const detail = (header >>> 3) & 31
    const marks = kind === EFFECT.mark
    const step = marks ? words.get(this.position + 1) : this.markStep
    const ticks = marks ? words.get(this.position + 2) >>> 0 : this.markTicks + (header >>> 8)
    // What came with the step behind the next one, or with the next itself, has no place before that.
    if (step > to.step && !(to.inside && step === to.step + 1 && ticks <= to.ticks)) return false
    this.position++
    this.libraryTicks = ticks - this.vm.ticks
    if (marks) {
      this.markStep = step
      this.markTicks = ticks
      this.position += 2
    } else this.effect(kind, detail)
    return true
  }

  private effect(kind: number, detail: number): void {
    const place = (onStack: number): number => (onStack === 0 ? 0 : STACK_HIGH * TWO_32) + (this.word() >>> 0)
    switch (kind) {
      case EFFECT.store: {
        const size = detail & 15
        const to = this.own(place(detail & ON_STACK), size)
        const lo = this.word()
        const hi = size === 8 ? this.word() : 0
        for (let i = 0; i < size; i++) to[i] = (i < 4 ? lo : hi) >> (8 * (i % 4))
        return
      }
      case EFFECT.copy: {
        const to = place(detail & ON_STACK)
        const from = place(detail & (ON_STACK >> 1))
        const length = this.word()
        // The source first: making the target's place may move it.
        this.own(from, length)
        const target = this.own(to, length)
        target.set(this.own(from, length))
        return
      }
      case EFFECT.fill: {
        const to = place(detail & ON_STACK)
        const byte = this.word()
        this.own(to, this.word()).fill(byte)
        return
      }
      case EFFECT.brk:
        brk(this.memory, this.word())
        return
      case EFFECT.call:
        return this.call()
      default:
        deliver(this.vm, this.word(), this.word())
        this.waits = false
    }
  }

  private call(): void {
    const { vm } = this
    const { program } = this.past.origin
    const index = this.word()
    const count = this.word()
    const fn = ensure(program.functions[index], 'library code called a function of the program')
    const at = vm.base + 2 * ensure(program.functions[vm.function], 'a function runs').registers
    this.waiting.push(vm.result, vm.floor, at)
    pushFrame(vm, fn, index, at, vm.pc)
    for (let i = 0; i < 2 * count; i++) vm.words[at + i] = this.word()
    vm.floor = vm.depth
    this.waits = false
  }

  // The world that the thread sees

  load(_lo: number, _hi: number, size: number): typeof DONE | typeof RETRY {
    if (!this.has(size === 8 ? 2 : 1)) return RETRY
    this.lo = this.word()
    this.hi = size === 8 ? this.word() : 0
    return DONE
  }

  store(): typeof DONE {
    return DONE
  }

  native(index: number, words: Int32Array, at: number): typeof DONE | typeof RETRY | typeof CALLED {
    const intrinsic = this.intrinsics[index]
    this.lo = 0
    this.hi = 0
    if (intrinsic !== undefined) return intrinsic(words, at) ? DONE : RETRY
    this.waits = true
    return CALLED
  }

  enter(): typeof DONE {
    return DONE
  }

  leave(): typeof DONE {
    return DONE
  }

  physical(va: number): Spa {
    return this.direct(va, 1) === undefined ? ELSEWHERE : OWN
  }

  /** Private memory that is this thread's: data, if no other thread has it, and its stack. */
  direct(va: number, length: number): Uint8Array | undefined {
    const { size, constants } = this.memory
    const at = va - DATA_BASE + constants
    if (this.sharedData && at >= 0 && at < size) return undefined
    return hostView(this.memory, [this.vm], va, length)
  }

  private own(va: number, length: number): Uint8Array {
    return ensure(this.direct(va, length), 'library code wrote to private memory')
  }

  keep(va: number, bytes: Uint8Array): void {
    this.direct(va, bytes.length)?.set(bytes)
  }

  noted(): void {}

  /** A core on which everything happens at once, and loads find what they found. */
  private answeringCpu(): Cpu {
    const words = { lo: 0, hi: 0 }
    const yes = (): boolean => true
    const old = (at: Spa): boolean => {
      if (at === OWN) return true
      if (!this.has(2)) return false
      words.lo = this.word()
      words.hi = this.word()
      return true
    }
    return {
      get lo() {
        return words.lo
      },
      get hi() {
        return words.hi
      },
      load: yes,
      loadBytes: (_at, into, offset) => {
        // The log has all of them, and the first piece takes them.
        if (offset !== 0) return true
        if (!this.has(into.length / 4)) return false
        const view = new DataView(into.buffer, into.byteOffset, into.length)
        for (let i = 0; i < into.length; i += 4) view.setInt32(i, this.word(), true)
        return true
      },
      store: yes,
      movnti: yes,
      movntdq: yes,
      movdir64b: yes,
      locked: old,
      compareAndSwap: old,
      need: () => undefined,
      clwb: yes,
      clflushopt: yes,
      clflush: yes,
      sfence: yes,
      mfence: yes,
      lfence: yes,
      writeq: yes,
    }
  }
}
