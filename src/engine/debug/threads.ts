/** The threads of the C machine as they were at any place of the recording. */

import type { Program } from '../../lang/c/program.ts'
import type { Place } from '../../protocol/debug.ts'
import type { Machine } from '../machine.ts'
import type { Pasts } from '../userspace/past/pasts.ts'
import { type Moment, Replay } from '../userspace/past/replay.ts'
import type { ThreadPast } from '../userspace/past/thread-past.ts'
import { Places } from './places.ts'

/** Replayed threads that are kept where they stand. */
const MOST_REPLAYS = 8

export class Threads {
  readonly places: Places
  private readonly pasts: ReadonlyMap<number, ThreadPast>
  private readonly replays: Replay[] = []

  constructor(machine: Machine, pasts: Pasts) {
    this.places = new Places(machine.trace, machine.threads.length)
    this.pasts = pasts.threads
  }

  /** Numbers of the threads that had begun and not ended. */
  alive(place: Place): readonly number[] {
    return [...this.pasts.keys()].filter((thread) => this.lives(thread, place))
  }

  lives(thread: number, { step }: Place): boolean {
    return this.places.lives(thread, step)
  }

  /** Whose place it is: of who made the step, if that is a C thread and goes on; else of who acts next. -1: nobody's. */
  of({ step, tick }: Place): number {
    const actor = this.places.actor(step)
    const stays = tick === 0 && this.pasts.has(actor) && this.places.lives(actor, step)
    return stays ? actor : this.places.nextThread(step)
  }

  /** Who came to it. -1: nobody. */
  before({ step, tick }: Place): number {
    return tick > 0 ? this.places.nextThread(step) : this.places.lastThread(step)
  }

  /** That all C threads run. */
  get program(): Program | undefined {
    const [past] = this.pasts.values()
    return past?.origin.program
  }

  past(thread: number): ThreadPast | undefined {
    return this.pasts.get(thread)
  }

  /** Where in its own run a thread is. */
  moment(thread: number, { step, tick }: Place): Moment {
    const { places } = this
    const stretch = tick > 0 ? places.stretch(step) : undefined
    const acts = stretch?.thread === thread
    let ticks = acts ? stretch.from + tick : places.standing(thread, step).ticks
    // What another thread has written to its stack came when it had got at least so far.
    let foreign = 0
    for (const write of this.pasts.get(thread)?.log.foreign ?? []) {
      const now = stretch !== undefined && write.by === stretch.thread && write.byTicks <= stretch.from + tick
      if (write.step > step && !now) break
      foreign++
      ticks = Math.max(ticks, write.ticks)
    }
    // Who has just been called by library code is inside it.
    const begins = tick === 0 && places.actor(step) === thread && places.begins(step)
    return { step, ticks, inside: acts || begins, foreign }
  }

  /** What it received by then was too much to be kept: nobody knows what it is like there. */
  isLost(thread: number, place: Place): boolean {
    const { fullAt } = this.pasts.get(thread)?.log ?? {}
    return fullAt !== undefined && fullAt < Number.POSITIVE_INFINITY && this.moment(thread, place).ticks >= fullAt
  }

  /** The thread there; valid until the next call. Undefined: it is no thread of the C machine, or lost. */
  at(thread: number, place: Place): Replay | undefined {
    const past = this.pasts.get(thread)
    if (past === undefined || this.isLost(thread, place)) return undefined
    let replay = this.replays.find((each) => each.past === past)
    if (replay === undefined) {
      replay = new Replay(past)
      this.replays.push(replay)
      if (this.replays.length > MOST_REPLAYS) this.replays.shift()
    }
    replay.seek(this.moment(thread, place))
    return replay
  }
}
