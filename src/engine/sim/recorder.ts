/**
 * Where events come in. It knows who acts at the moment, closes each step, and says when running code must pause:
 * its turn is over, an intervention is due right after the last step, or the budget is used up.
 */

import type { EventKind } from './event.ts'
import { NOBODY, type Trace } from './trace.ts'

/** The thread that acts, as the recorder sees it. */
export interface Actor {
  readonly id: number
  readonly core: number
  /** Innermost open call, 0 for none. */
  frame: number
  /** Program line that runs at the moment, 0 if none. */
  sourceLine(): number
  /** Instructions so far that were no step. */
  ticks(): number
  /** `ticks()` at its last step. */
  ticksSeen: number
}

/** Looks at every step as it is recorded; true: pause here, something is due right after it. */
export type Watch = (step: number, kind: EventKind, actor: Actor | undefined) => boolean

export class Recorder {
  readonly trace: Trace
  actor: Actor | undefined
  /** Running code must hand over before its next instruction. */
  paused = false
  /** Something is due right after the last step. */
  due = false
  private turn = Number.POSITIVE_INFINITY
  private turnEnd = Number.POSITIVE_INFINITY
  /** Ticks left in this turn. */
  fuel = Number.POSITIVE_INFINITY
  /** Steps after which the run is cut off. */
  limit: number
  watch: Watch | undefined
  onStep: ((step: number) => void) | undefined

  constructor(trace: Trace, limit: number) {
    this.trace = trace
    this.limit = limit
  }

  /** A turn begins: it lasts for so many instructions, steps and ticks, whichever are used up first. */
  begin(instructions: number, steps: number, ticks: number): void {
    this.turn = instructions
    this.turnEnd = this.trace.length + steps
    this.fuel = ticks
    this.paused = this.trace.length >= this.limit
  }

  /** The acting thread does `ticks` that are no step; false when it must hand over first. */
  spend(ticks: number): boolean {
    if (this.paused || this.fuel <= 0) return false
    this.fuel -= ticks
    return true
  }

  /** An instruction of the acting thread; counts against its turn. */
  instruction(kind: EventKind, a: number, b: number): void {
    if (--this.turn <= 0) this.paused = true
    this.thread(kind, a, b)
  }

  /** Something else that the acting thread does: a call, a log line. */
  thread(kind: EventKind, a: number, b: number): void {
    const actor = this.actor
    if (actor === undefined) return this.close(kind, NOBODY, NOBODY, 0, 0, a, b, 0, undefined)
    const ticks = actor.ticks()
    const since = ticks - actor.ticksSeen
    actor.ticksSeen = ticks
    this.close(kind, actor.id, actor.core, actor.frame, actor.sourceLine(), a, b, since, actor)
  }

  /** A transition that hardware takes by itself. */
  hardware(kind: EventKind, core: number, a: number, b: number): void {
    this.close(kind, NOBODY, core, 0, 0, a, b, 0, undefined)
  }

  private close(
    kind: EventKind,
    thread: number,
    core: number,
    frame: number,
    line: number,
    a: number,
    b: number,
    ticks: number,
    actor: Actor | undefined,
  ): void {
    const { trace } = this
    const step = trace.push(kind, thread, core, frame, line, a, b)
    if (ticks !== 0) trace.ticks.set(step, ticks)
    this.onStep?.(step)
    if (step + 1 >= this.limit || step + 1 >= this.turnEnd) this.paused = true
    if (this.watch?.(step, kind, actor)) {
      this.due = true
      this.paused = true
    }
  }
}
