/** Stepping by statement, and running to breakpoints, both ways. */

import type { CFunction, Program } from '../../lang/c/program.ts'
import type { Breakpoint, Place, StatementVerb } from '../../protocol/debug.ts'
import type { Machine } from '../machine.ts'
import type { Trace } from '../sim/trace.ts'
import type { Replay } from '../userspace/past/replay.ts'
import { Breakpoints } from './breakpoints.ts'
import { type Found, Search, type Stops, trapped } from './search.ts'
import { startsOf } from './statements.ts'
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
    const stops = this.stops(wish)
    if (stops === undefined) return null
    if (direction === 'back') return yield* this.search.back(from, stops, this.first)
    const found = (yield* this.search.forward(from, stops))?.found ?? null
    const to = found !== null && 'step' in found ? found.step : this.trace.length - 1
    const call = verb === 'into' ? this.libraryCall(from.step, to) : undefined
    return call === undefined ? found : { step: call, tick: 0 }
  }

  /** The first call of a library function that the thread makes after `from`, up to `to`. */
  private libraryCall(from: number, to: number): number | undefined {
    const { trace } = this
    const kindOf = (frame: number): string => (frame === 0 ? '' : trace.functionOf(frame).kind)
    const thread = this.threads.places.nextThread(from)
    for (let step = from + 1; step <= to; step++) {
      if (trace.thread.get(step) !== thread || trace.kindOf(step) !== 'call') continue
      const frame = trace.frame.get(step)
      if (kindOf(frame) === 'library' && kindOf(trace.frameParent.get(frame)) === 'program') return step
    }
    return undefined
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

  private stops({ from, verb, direction }: Wish): Stops | undefined {
    const { places } = this.threads
    const next = places.nextThread(from.step)
    const thread = this.threads.past(next) === undefined ? this.trace.thread.get(from.step) : next
    const replay = this.threads.at(thread, from) ?? this.anyThread(from)
    if (replay === undefined) return undefined
    const { program } = replay.past.origin
    const starts = startsOf(program)
    const { vm } = replay
    const { depth } = vm
    const line = program.lines[vm.pc]
    const caller = vm.frames[4 * (depth - 1)]
    const within = this.bodies(program, replay)
    const code = trapped(
      program,
      (pc) => (starts(pc) && (verb === 'into' || within(pc))) || (depth > 0 && pc === caller),
    )
    const most = verb === 'out' ? depth - 1 : verb === 'over' ? depth : Number.POSITIVE_INFINITY
    const wanted = ({ vm: now }: Replay): boolean => {
      if (now.depth > most) return false
      // A caller that is come back to stands inside its statement; going back one stops where statements begin.
      if (!starts(now.pc)) return direction === 'forward' && now.depth < depth
      return direction === 'back' || now.depth !== depth || program.lines[now.pc] !== line
    }
    const found: Stops['found'] = ({ replay: now, place }) => (now !== undefined && wanted(now) ? place : undefined)
    return { code, thread, calls: false, landmarks: true, found, lost: (place) => place }
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

  private anyThread(place: Place): Replay | undefined {
    const [thread] = this.threads.alive(place)
    return thread === undefined ? undefined : this.threads.at(thread, place)
  }
}
