/** A place in a finished recording: a copy of the cells as they were right after one step, movable both ways. */

import type { Trace } from './trace.ts'

export class Cursor {
  private readonly trace: Trace
  /** -1: before the first step. */
  step = -1
  words: Int32Array

  constructor(trace: Trace) {
    this.trace = trace
    this.words = new Int32Array(trace.cells.size)
  }

  /** Move to right after `step` (-1: the beginning). */
  seek(step: number): void {
    const { trace } = this
    const target = Math.max(-1, Math.min(step, trace.length - 1))
    let from = this.step
    let base: Int32Array | undefined
    for (const checkpoint of trace.checkpoints) {
      if (Math.abs(checkpoint.step - target) < Math.abs(from - target)) {
        from = checkpoint.step
        base = checkpoint.words
      }
    }
    if (base !== undefined) {
      this.words.fill(0)
      this.words.set(base)
    }
    trace.patch(this.words, from, target)
    this.step = target
  }
}
