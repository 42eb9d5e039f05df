/**
 * Places in a recording: a step, and so many ticks of the thread that acts next.
 *
 * Ticks lie right before the step that ends them: at step n, when a thread makes step n + 1, tick t is where it has done t
 * ticks since its last step; elsewhere there is only tick 0. An instruction that makes steps is done with the last of them
 * (a `return`, though, one tick later: its step still shows what is about to be left). Every other thread stands at its
 * last step.
 */

import type { Place } from '../../protocol/debug.ts'
import { NOBODY, type Trace } from '../sim/trace.ts'

/** Steps between two rows of the index. */
const BLOCK = 64

/** The thread that acts next, where it stands at tick 0 and at how many further ticks. */
export interface Stretch {
  readonly thread: number
  /** Its ticks at tick 0. */
  readonly from: number
  /** The last tick. */
  readonly ticks: number
}

export class Places {
  private readonly trace: Trace
  private readonly threads: number
  /** At the start of each block: ticks of each thread at its last step before, and that step. */
  private readonly totals: Float64Array
  private readonly lasts: Int32Array

  constructor(trace: Trace, threads: number) {
    this.trace = trace
    this.threads = threads
    const blocks = Math.ceil(trace.length / BLOCK)
    this.totals = new Float64Array(blocks * threads)
    this.lasts = new Int32Array(blocks * threads).fill(-1)
    const totals = new Float64Array(threads)
    const lasts = new Int32Array(threads).fill(-1)
    for (let step = 0; step < trace.length; step++) {
      if (step % BLOCK === 0) {
        this.totals.set(totals, (step / BLOCK) * threads)
        this.lasts.set(lasts, (step / BLOCK) * threads)
      }
      const thread = trace.thread.get(step)
      if (thread === NOBODY) continue
      totals[thread]! += trace.ticks.get(step)
      lasts[thread] = step
    }
  }

  get last(): number {
    return this.trace.length - 1
  }

  /** The thread that made `step`. */
  actor(step: number): number {
    return this.trace.thread.get(step)
  }

  /** The last step at or before `step` that the thread made, -1 if none, and its ticks there. */
  lastOf(thread: number, step: number): { readonly step: number; readonly ticks: number } {
    const { trace, threads } = this
    const block = Math.floor(step / BLOCK)
    let ticks = this.totals[block * threads + thread] ?? 0
    let last = this.lasts[block * threads + thread] ?? -1
    for (let at = block * BLOCK; at <= step; at++) {
      if (trace.thread.get(at) !== thread) continue
      ticks += trace.ticks.get(at)
      last = at
    }
    return { step: last, ticks }
  }

  private nextOf(thread: number, step: number): number {
    for (let at = step + 1; at < this.trace.length; at++) if (this.trace.thread.get(at) === thread) return at
    return -1
  }

  /** The thread that acts first after `step`, -1 if none. */
  nextThread(step: number): number {
    const { trace } = this
    for (let at = step + 1; at < trace.length; at++) {
      // Nothing that ran before a power failure goes on.
      if (trace.kindOf(at) === 'power-failure') return -1
      if (trace.thread.get(at) !== NOBODY) return trace.thread.get(at)
    }
    return -1
  }

  /** The thread has begun and not ended. */
  lives(thread: number, step: number): boolean {
    const { trace } = this
    const last = this.lastOf(thread, step).step
    if (last < 0 || trace.kindOf(last) === 'thread-end') return false
    for (let at = last + 1; at <= step; at++) if (trace.kindOf(at) === 'power-failure') return false
    return true
  }

  /** The thread that was the last to act, -1 if none. */
  lastThread(step: number): number {
    for (let at = step; at >= 0; at--) if (this.trace.thread.get(at) !== NOBODY) return this.trace.thread.get(at)
    return -1
  }

  private ofProgram(frame: number): boolean {
    return frame !== 0 && this.trace.functionOf(frame).kind === 'program'
  }

  /** The innermost call that a thread is in. */
  call(thread: number, place: Place): number {
    const { trace } = this
    const { step } = this.lastOf(thread, place.step)
    if (step < 0) return 0
    const frame = trace.frame.get(step)
    // What returns is left with the tick after.
    const isLeft = trace.kindOf(step) === 'return' && place.tick > 0 && this.stretch(place.step)?.thread === thread
    return isLeft ? trace.frameParent.get(frame) : frame
  }

  /** Has the thread, with this tick, come back into a function of the program from one that it had called? */
  isBack(thread: number, { step, tick }: Place): boolean {
    const { trace } = this
    if (tick !== 1) return false
    const last = this.lastOf(thread, step).step
    if (last < 0 || trace.kindOf(last) !== 'return') return false
    const frame = trace.frame.get(last)
    return this.ofProgram(frame) && this.ofProgram(trace.frameParent.get(frame))
  }

  /** Does the thread run library code there that the program has called, or what that has called in the kernel? */
  isInLibrary(frame: number): boolean {
    const { trace } = this
    let called = 0
    for (let at = frame; at !== 0 && !this.ofProgram(at); at = trace.frameParent.get(at)) called = at
    if (called === 0 || !this.ofProgram(trace.frameParent.get(called))) return false
    return trace.functionOf(called).kind === 'library'
  }

  /** Has a function of the program been called at `step` by no instruction: by library code, or as the first of all? */
  begins(step: number): boolean {
    const { trace } = this
    const frame = trace.frame.get(step)
    return trace.kindOf(step) === 'call' && this.ofProgram(frame) && !this.ofProgram(trace.frameParent.get(frame))
  }

  /** Was it an instruction of the program that made `step`, and is it done with it? */
  private isInstruction(step: number): boolean {
    const { trace } = this
    return this.ofProgram(trace.frame.get(step)) && trace.kindOf(step) !== 'return' && !this.begins(step)
  }

  /** The thread's ticks when it has just made its last step at or before `step`. */
  standing(thread: number, step: number): { readonly step: number; readonly ticks: number } {
    const last = this.lastOf(thread, step)
    if (last.step < 0) return last
    const next = this.nextOf(thread, last.step)
    const goesOn = next >= 0 && this.trace.ticks.get(next) > 0
    const done = goesOn && this.isInstruction(last.step)
    return { step: last.step, ticks: last.ticks + (done ? 1 : 0) }
  }

  /** What lies between `step` and the next one; undefined when no thread that has begun makes that one. */
  stretch(step: number): Stretch | undefined {
    if (this.found?.step !== step) this.found = { step, stretch: this.stretchAt(step) }
    return this.found.stretch
  }

  private found: { readonly step: number; readonly stretch: Stretch | undefined } | undefined

  private stretchAt(step: number): Stretch | undefined {
    const { trace } = this
    const next = step + 1
    if (next >= trace.length) return undefined
    const thread = trace.thread.get(next)
    if (thread === NOBODY || trace.kindOf(next) === 'thread-start') return undefined
    const { ticks: from } = this.standing(thread, step)
    const ticks = this.lastOf(thread, step).ticks + trace.ticks.get(next) - from
    return { thread, from, ticks }
  }

  /** One instruction, or one step, further; null at the end. */
  next({ step, tick }: Place, direction: 'forward' | 'back'): Place | null {
    if (direction === 'forward') {
      if (tick < (this.stretch(step)?.ticks ?? 0)) return { step, tick: tick + 1 }
      return step < this.last ? { step: step + 1, tick: 0 } : null
    }
    if (tick > 0) return { step, tick: tick - 1 }
    return step > 0 ? { step: step - 1, tick: this.stretch(step - 1)?.ticks ?? 0 } : null
  }

  /** The nearest place that exists. */
  inside({ step, tick }: Place): Place {
    const at = Math.max(0, Math.min(Math.trunc(step), this.last))
    if (tick <= 0) return { step: at, tick: 0 }
    return { step: at, tick: Math.max(0, Math.min(Math.trunc(tick), this.stretch(at)?.ticks ?? 0)) }
  }
}
