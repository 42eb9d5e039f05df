/**
 * A thread of the C machine at moments of its run, from which to run it again (`replay.ts`).
 *
 * They are so near to each other that running from one to the next takes some ten milliseconds, unless the memory that
 * must be compared is large (the comparison is to cost a twentieth of the run) or what they keep becomes too much: then
 * every other one is given up.
 */

import type { VmMemory } from '../vm/memory.ts'
import type { VmThread } from '../vm/thread.ts'
import type { InputLog } from './input-log.ts'
import { Pages } from './pages.ts'
import type { Moment } from './replay.ts'

/** Ticks between two checkpoints, and words of input. */
const TICKS_APART = 1_000_000
const WORDS_APART = 1 << 17
/** Bytes of memory that are compared in the time of one tick, times 20. */
const BYTES_A_TICK = 2
/** Bytes of memory that one thread's checkpoints may keep. */
const MOST_BYTES = 256 << 20

type Plain = Pick<VmThread, 'depth' | 'floor' | 'pc' | 'base' | 'down' | 'function' | 'entered' | 'result' | 'ticks'>

export interface Checkpoint extends Plain {
  readonly moment: number
  /** Lengths of the arrays then. */
  readonly stackLength: number
  readonly wordsLength: number
  readonly framesLength: number
  readonly dataLength: number
  readonly dataSize: number
  /** Steps recorded by then. */
  readonly step: number
  /** Ticks of the thread, those of library code included. */
  readonly total: number
  /** Where the log goes on; the last mark before; how many foreign writes had come. */
  readonly position: number
  readonly markStep: number
  readonly markTicks: number
  readonly foreign: number
  /** Library calls that wait for a function of the program, three words each: result, floor, registers. */
  readonly waiting: readonly number[]
}

export const bytesOf = (words: Int32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

export class Checkpoints {
  readonly list: Checkpoint[] = []
  private readonly data = new Pages()
  private readonly stack = new Pages(true)
  private readonly words = new Pages()
  private readonly frames = new Pages()
  private moments = 0
  private apart = TICKS_APART
  /** The first is how the thread begins. */
  private nextTicks = 0
  private nextWords = WORDS_APART

  isDue(ticks: number, words: number): boolean {
    return ticks >= this.nextTicks || words >= this.nextWords
  }

  /** `memory`: undefined when it is not private. */
  take(
    vm: VmThread,
    memory: VmMemory | undefined,
    log: InputLog,
    step: number,
    total: number,
    waiting: readonly number[],
  ): void {
    const moment = this.moments++
    const { depth, floor, pc, base, down, function: fn, entered, result, ticks, stack, words, frames } = vm
    this.list.push({
      ...{ depth, floor, pc, base, down, function: fn, entered, result, ticks },
      ...{ moment, step, total },
      stackLength: stack.length,
      wordsLength: words.length,
      framesLength: frames.length,
      dataLength: memory?.data.length ?? 0,
      dataSize: memory?.size ?? 0,
      position: log.words.length,
      markStep: log.markStep,
      markTicks: log.markTicks,
      foreign: log.foreign.length,
      waiting: [...waiting],
    })
    if (memory !== undefined) this.data.take(moment, memory.data.subarray(0, memory.size))
    this.stack.take(moment, stack)
    this.words.take(moment, bytesOf(words))
    this.frames.take(moment, bytesOf(frames))
    while (this.bytes > MOST_BYTES && this.list.length > 8) this.thin()
    this.nextTicks = ticks + Math.max(this.apart, (memory?.size ?? 0) / BYTES_A_TICK)
    this.nextWords = log.words.length + WORDS_APART
  }

  /** The latest from which the thread comes to the place; undefined: it has not begun. */
  before(to: Moment): Checkpoint | undefined {
    const last = to.step + (to.inside ? 1 : 0)
    return this.list.findLast(({ step, total, foreign }) => step <= last && total <= to.ticks && foreign <= to.foreign)
  }

  restore(
    { moment }: Checkpoint,
    stack: Uint8Array,
    words: Uint8Array,
    frames: Uint8Array,
    data: Uint8Array | undefined,
  ): void {
    if (data !== undefined) this.data.restore(moment, data)
    this.stack.restore(moment, stack)
    this.words.restore(moment, words)
    this.frames.restore(moment, frames)
  }

  /** What they keep of memory. */
  get bytes(): number {
    return this.data.bytes + this.stack.bytes + this.words.bytes + this.frames.bytes
  }

  private thin(): void {
    const last = this.list.length - 1
    const kept = this.list.filter((_, i) => i % 2 === 1 || i === last)
    this.list.splice(0, this.list.length, ...kept)
    const moments = new Set(kept.map(({ moment }) => moment))
    for (const pages of [this.data, this.stack, this.words, this.frames]) pages.thin((moment) => moments.has(moment))
    this.apart *= 2
  }
}
