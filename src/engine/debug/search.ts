/**
 * The next place, or the one before, at which something stops, inside computation that records no step too.
 *
 * Going forwards a copy of the bytecode with traps is run from where one is. Going backwards the same is done in
 * stretches that end where one is, further back each time, and the last place found counts. Whoever drives it looks up
 * at every `yield`.
 */

import { Op } from '../../lang/c/opcode.ts'
import type { Program } from '../../lang/c/program.ts'
import type { Place } from '../../protocol/debug.ts'
import type { DebugAnswers } from '../../protocol/messages.ts'
import type { Trace } from '../sim/trace.ts'
import type { Replay } from '../userspace/past/replay.ts'
import type { Stretch } from './places.ts'
import type { Threads } from './threads.ts'

export type Found = NonNullable<DebugAnswers['statement']>

/** A thread has just come to a place. */
export interface Visit {
  readonly place: Place
  readonly thread: number
  /** It stands at a trap. */
  readonly replay: Replay | undefined
  /** The place's step is one that counts by itself. */
  readonly counts: boolean
}

/** What may stop a thread, and what does. */
export interface Stops {
  /** The program with traps; undefined: no instruction stops it. */
  readonly code: Int32Array | undefined
  /** undefined: any thread. */
  readonly thread: number | undefined
  /** Steps that are visits wherever the thread stands; undefined: none. */
  readonly counts: ((step: number) => boolean) | undefined
  /** Power failures and boots stop everything. */
  readonly landmarks: boolean
  /** From here on visits are told, in their order. */
  begin?(from: Place): void
  found(visit: Visit): Found | undefined
  /** Nobody knows what the thread does from here on. */
  lost(place: Place): Found | undefined
}

interface Hit {
  readonly at: Place
  readonly found: Found
  /** There is no looking behind it. */
  readonly final: boolean
}

/** Steps and visits between two `yield`s. */
const SLICE = 2048
/** Ticks in the last stretch of a way back; each further one is four times as long as the one behind it, up to a limit. */
const FIRST_BACK = 256
const LONGEST = 1 << 20
/** Ticks that take as long to look at as a step. */
const STEP = 16

const LANDMARKS: ReadonlySet<string> = new Set(['power-failure', 'boot', 'stopped'])

/** The program with traps at the chosen instructions. */
export function trapped(program: Program, chosen: (pc: number) => boolean): Int32Array {
  const code = program.code.slice()
  for (let pc = 0; pc < program.lines.length; pc++) if (chosen(pc)) code[4 * pc] = Op.trap
  return code
}

export class Search {
  private readonly trace: Trace
  private readonly threads: Threads

  constructor(trace: Trace, threads: Threads) {
    this.trace = trace
    this.threads = threads
  }

  /** The first behind `from` (and before `end`). */
  *forward(from: Place, stops: Stops, end?: Place): Generator<void, Hit | null> {
    const { places } = this.threads
    let { tick } = from
    stops.begin?.(from)
    for (let step = from.step; step <= (end?.step ?? places.last); step++, tick = 0) {
      const stretch = stops.code === undefined ? undefined : places.stretch(step)
      const last = Math.min(stretch?.ticks ?? 0, end?.step === step ? end.tick - 1 : Number.POSITIVE_INFINITY)
      if (stretch !== undefined && last > tick && this.isMeant(stretch.thread, stops)) {
        const hit = yield* this.within(step, stretch.thread, tick, last, stops)
        if (hit !== null) return hit
      }
      const next = step + 1
      if (next > places.last || (end !== undefined && (next > end.step || (next === end.step && end.tick === 0)))) break
      const hit = this.atStep(next, stretch, stops)
      if (hit !== null) return hit
      if (step % SLICE === 0) yield
    }
    return null
  }

  /** The last before `from`, and not before step `first`. */
  *back(from: Place, stops: Stops, first: number): Generator<void, Found | null> {
    let end = from
    for (let length = FIRST_BACK; ; length = Math.min(4 * length, LONGEST)) {
      const begin = this.before(end, length, first)
      if (begin === undefined) return null
      let last: Found | null = null
      for (let at: Place | undefined = begin; at !== undefined; ) {
        const hit: Hit | null = yield* this.forward(at, stops, end)
        if (hit?.final) return hit.found
        at = hit?.at
        if (hit !== null) last = hit.found
      }
      if (last !== null) return last
      end = { step: begin.step, tick: begin.tick + 1 }
    }
  }

  private isMeant(thread: number, { code, thread: only }: Stops): boolean {
    return code !== undefined && this.threads.past(thread) !== undefined && (only === undefined || only === thread)
  }

  private isStopped(replay: Replay, { code }: Stops): boolean {
    return !replay.waits && code?.[4 * replay.vm.pc] === Op.trap
  }

  /** Between two steps, behind tick `from` and up to `to`. */
  private *within(step: number, thread: number, from: number, to: number, stops: Stops): Generator<void, Hit | null> {
    for (let tick = from + 1; tick <= to; ) {
      const at = { step, tick }
      const replay = this.threads.at(thread, at)
      if (replay === undefined) return this.lost(thread, at, stops)
      if (this.isStopped(replay, stops)) {
        const found = stops.found({ place: at, thread, replay, counts: false })
        if (found !== undefined) return { at, found, final: false }
        tick++
        if (tick % SLICE === 0) yield
        continue
      }
      const here = this.threads.moment(thread, at)
      const until = Math.min(to, tick + LONGEST)
      const ticks = replay.until(this.threads.moment(thread, { step, tick: until }), stops.code ?? new Int32Array(0))
      tick = ticks === undefined ? until + 1 : tick + ticks - here.ticks
      yield
    }
    return null
  }

  /** What stops at a step; `stretch`: what lies before it. */
  private atStep(step: number, stretch: Stretch | undefined, stops: Stops): Hit | null {
    const { trace, threads } = this
    const at = { step, tick: 0 }
    const kind = trace.kindOf(step)
    const thread = trace.thread.get(step)
    const ends = kind === 'thread-end' && thread === stops.thread
    if ((stops.landmarks && LANDMARKS.has(kind)) || ends) return { at, found: at, final: false }
    const counts = stops.counts?.(step) === true
    const meant = this.isMeant(thread, stops) && this.arrives(step, thread, stretch)
    if (!counts && !meant) return null
    const replay = meant ? threads.at(thread, at) : undefined
    const stands = replay !== undefined && this.isStopped(replay, stops) ? replay : undefined
    const hit = meant && replay === undefined ? this.lost(thread, at, stops) : null
    if (hit !== null || (stands === undefined && !counts)) return hit
    const found = stops.found({ place: at, thread, replay: stands, counts })
    return found === undefined ? null : { at, found, final: false }
  }

  /** It comes to an instruction by this step, rather than making one of several steps of the one where it stood. */
  private arrives(step: number, thread: number, stretch: Stretch | undefined): boolean {
    const { places } = this.threads
    if (stretch === undefined || places.begins(step)) return true
    return places.standing(thread, step).ticks > stretch.from + stretch.ticks
  }

  private lost(thread: number, at: Place, stops: Stops): Hit | null {
    const found = this.threads.isLost(thread, at) ? stops.lost(at) : undefined
    return found === undefined ? null : { at, found, final: true }
  }

  /** So many ticks before; undefined when there is nothing before. */
  private before(end: Place, length: number, first: number): Place | undefined {
    let { step, tick } = end
    for (let left = length; ; ) {
      if (tick >= left) return { step, tick: tick - left }
      left -= tick + STEP
      if (step <= first) return end.step <= first && end.tick <= 1 ? undefined : { step: first, tick: 0 }
      step--
      tick = this.threads.places.stretch(step)?.ticks ?? 0
      if (left <= 0) return { step, tick }
    }
  }
}
