/** Stepping by statement, and running to breakpoints, both ways. */

import type { CFunction, Program } from '../../lang/c/program.ts'
import type { Breakpoint, Place, StatementVerb } from '../../protocol/debug.ts'
import type { Machine } from '../machine.ts'
import { isFirstHalf } from '../sim/targets.ts'
import type { Trace } from '../sim/trace.ts'
import type { Replay } from '../userspace/past/replay.ts'
import { Breakpoints } from './breakpoints.ts'
import { type Found, Search, type Stops, trapped } from './search.ts'
import { followsCall, repeatsOf, startsOf } from './statements.ts'
import type { Threads } from './threads.ts'
import type { Variables } from './variables.ts'

interface Wish {
  readonly from: Place
  readonly verb: StatementVerb
  readonly direction: 'forward' | 'back'
  /** Where `continue` stops. */
  readonly breakpoints: readonly Breakpoint[]
}

export class Stepping {
  private readonly trace: Trace
  private readonly threads: Threads
  private readonly search: Search
  private readonly breakpoints: Breakpoints
  /** First step of the program. */
  private readonly first: number

  constructor({ trace, programStart }: Machine, threads: Threads, variables: Variables) {
    this.trace = trace
    this.threads = threads
    this.first = Math.max(0, programStart)
    this.search = new Search(trace, threads)
    this.breakpoints = new Breakpoints(trace, threads, variables, this.search, this.first)
  }

  /** Where the command leads; null: nowhere. */
  *target(wish: Wish): Generator<void, Found | null> {
    const { from, direction, verb } = wish
    if (verb === 'continue') return yield* this.run(wish)
    const stops = this.stops(from, verb, direction)
    if (stops === undefined) return null
    // The first thread begins with the program's first step.
    if (direction === 'back') return yield* this.search.back(from, stops, Math.max(0, this.first - 1))
    return (yield* this.search.forward(from, stops))?.found ?? null
  }

  /** To a breakpoint, or to the end or the beginning of the recording. */
  private *run({ from, direction, breakpoints }: Wish): Generator<void, Found | null> {
    const stops = yield* this.breakpoints.stops(breakpoints)
    if (!('found' in stops)) return stops
    if (direction === 'back') {
      const found = yield* this.search.back(from, stops, 0)
      return found ?? (from.step === 0 && from.tick === 0 ? null : { step: 0, tick: 0 })
    }
    const hit = yield* this.search.forward(from, stops)
    const { last } = this.threads.places
    return hit?.found ?? (from.step === last ? null : { step: last, tick: 0 })
  }

  /**
   * Where a thread stops does not depend on where it comes from, nor on the direction: where a statement begins; where it
   * goes on inside one, back from a call; and, stepping into, at all that library code does which it has called. Of those
   * `over` and `out` leave out what lies deeper.
   */
  private stops(from: Place, verb: 'over' | 'into' | 'out', direction: 'forward' | 'back'): Stops | undefined {
    const { threads, trace } = this
    const thread = direction === 'back' ? threads.before(from) : threads.of(from)
    const replay = threads.at(thread, from)
    if (replay === undefined) return undefined
    const { program } = replay.past.origin
    // Where a thread has ended all calls lie deeper.
    const depth = threads.lives(thread, from) ? replay.vm.depth : 0
    const starts = startsOf(program)
    const repeats = repeatsOf(program, starts)
    const within = verb === 'into' ? () => true : this.bodies(program, replay)
    const code = trapped(program, (pc) => within(pc) && (starts(pc) || repeats(pc) || followsCall(program, pc)))
    const most = verb === 'into' ? Number.POSITIVE_INFINITY : verb === 'over' ? depth : depth - 1
    /** Back inside a statement one stops on the way out of calls, and on the way through them. */
    const mostBack = verb === 'into' ? most : direction === 'back' && verb === 'out' ? -1 : depth - 1
    let repeated = Number.NaN
    const ticksAt = (place: Place): number => threads.moment(thread, place).ticks
    return {
      code,
      thread,
      landmarks: true,
      counts:
        verb === 'into'
          ? (step) =>
              trace.thread.get(step) === thread &&
              threads.places.isInLibrary(trace.frame.get(step)) &&
              !isFirstHalf(trace, step)
          : undefined,
      begin: (place) => {
        const { vm, waits } = threads.at(thread, place) ?? {}
        repeated = waits === false && vm !== undefined && repeats(vm.pc) ? ticksAt(place) : Number.NaN
      },
      found: ({ replay: now, place, counts }) => {
        if (counts) return place
        if (now === undefined) return undefined
        const { pc, depth: deep } = now.vm
        const ticks = ticksAt(place)
        const goesOn = ticks === repeated + 1
        if (repeats(pc)) repeated = ticks
        if (starts(pc) && deep <= most && (this.enters(place) ?? !goesOn)) return place
        return deep <= mostBack && threads.places.isBack(thread, place) ? place : undefined
      },
      lost: (place) => place,
    }
  }

  /** Does the place's step begin a function of the program? Undefined: it is no call. A thread begins before it calls. */
  private enters({ step, tick }: Place): boolean | undefined {
    const { trace } = this
    if (tick > 0 || trace.kindOf(step) !== 'call') return undefined
    return trace.frameParent.get(trace.frame.get(step)) !== 0
  }

  /** Is an instruction of one of the functions that the thread is in? */
  private bodies(program: Program, { vm }: Replay): (pc: number) => boolean {
    const onStack = new Set<number>([vm.function])
    for (let i = 0; i < vm.depth; i++) onStack.add(vm.frames[4 * i + 3] ?? -1)
    const inStack = [...onStack].map((fn) => program.functions[fn]).filter((fn): fn is CFunction => fn !== undefined)
    const ends = [...program.functions.map(({ entry }) => entry), program.lines.length].sort((a, b) => a - b)
    const ranges = inStack.map(({ entry }) => ({ entry, end: ends.find((end) => end > entry) ?? 0 }))
    return (pc) => ranges.some(({ entry, end }) => pc >= entry && pc < end)
  }
}
