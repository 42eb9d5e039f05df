/**
 * What one thread of the C machine received from outside itself, in the order in which it received it: enough to run its
 * bytecode again.
 *
 * While bytecode runs, the only inputs are words that instructions ask for: they stand in the log bare, and who runs the
 * instruction again knows how many it takes. While library code runs above the thread, each of its effects on private
 * memory and on the thread is a record: a header, then operands. Records say when they took effect: by the last mark
 * (steps recorded and the thread's ticks then) and the ticks since. Instructions that receive nothing leave nothing here.
 *
 * Left out: what comes after the log is full.
 */

import { int32Column } from '../../../base/column.ts'

/** What a record does. The header is: kind, 3 bits; `detail`, 5 bits; ticks since the last mark, 24 bits. */
export const EFFECT = {
  /** Two words: steps recorded by now, the thread's ticks by now. No detail. */
  mark: 0,
  /** `detail`: size. Address, low word; value, one word or two. */
  store: 1,
  /** `detail`: which of target and source are on a stack, bits 0 and 1. Target, source, length. */
  copy: 2,
  /** `detail`: bit 0 as above. Target, byte, length. */
  fill: 3,
  /** The new program break. */
  brk: 4,
  /** Library code calls the program back: function, number of arguments, two words each. */
  call: 5,
  /** What the native function returned: two words. */
  result: 6,
} as const

/** Bit 4 of `detail`: the address is on a stack. */
export const ON_STACK = 16

const TICKS = 24
/** Words that a thread's log may take: 128 MiB. */
const MOST_WORDS = 1 << 25

/** Another thread's write to this thread's stack. */
export interface ForeignWrite {
  /** This thread's ticks at that time, and the steps recorded. */
  readonly ticks: number
  readonly step: number
  /** Number of the writing thread in the recording, and its ticks. */
  readonly by: number
  readonly byTicks: number
  readonly va: number
  readonly bytes: Uint8Array
}

export class InputLog {
  readonly words = int32Column()
  readonly foreign: ForeignWrite[] = []
  /** The last mark. */
  markStep = -1
  markTicks = 0
  /** Nothing more is kept; ticks of the thread up to which everything is. */
  fullAt = Number.POSITIVE_INFINITY

  /** What a load of `size` bytes came to. */
  loaded(lo: number, hi: number, size: number, ticks: number): void {
    if (this.isFull(ticks)) return
    this.words.push(lo)
    if (size === 8) this.words.push(hi)
  }

  bytes(bytes: Uint8Array, ticks: number): void {
    if (this.isFull(ticks)) return
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let i = 0; i < bytes.length; i += 4) this.words.push(view.getInt32(i, true))
  }

  effect(kind: number, detail: number, step: number, ticks: number, operands: readonly number[]): void {
    if (this.isFull(ticks)) return
    if (step !== this.markStep || ticks - this.markTicks >= 1 << TICKS) {
      this.markStep = step
      this.markTicks = ticks
      this.words.push(EFFECT.mark)
      this.words.push(step)
      this.words.push(ticks)
    }
    this.words.push(kind | (detail << 3) | ((ticks - this.markTicks) << 8))
    for (const operand of operands) this.words.push(operand)
  }

  private isFull(ticks: number): boolean {
    if (this.words.length < MOST_WORDS) return false
    this.fullAt = Math.min(this.fullAt, ticks)
    return true
  }
}
