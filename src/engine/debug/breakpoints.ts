/**
 * Breakpoints as what stops a search: lines by traps in the bytecode, functions by their calls, which are steps.
 *
 * A breakpoint with a number of hits stops from one place on, the same in both directions. It is found once, by counting
 * from the beginning of the program.
 */

import type { Breakpoint, Place } from '../../protocol/debug.ts'
import type { Trace } from '../sim/trace.ts'
import { type Found, type Search, type Stops, trapped, type Visit } from './search.ts'
import { startsOf } from './statements.ts'
import type { Threads } from './threads.ts'
import type { Variables } from './variables.ts'

/** From where on a breakpoint stops; null: nowhere. */
type From = Place | null

const isBefore = (a: Place, b: Place): boolean => a.step < b.step || (a.step === b.step && a.tick < b.tick)
const LOST = 'what the thread received was too much to be kept: where it comes to a line is not known from here on'

export class Breakpoints {
  private readonly trace: Trace
  private readonly threads: Threads
  private readonly variables: Variables
  private readonly search: Search
  /** First step of the program. */
  private readonly first: number
  /** By what the breakpoint is. */
  private readonly counted = new Map<string, From>()

  constructor(trace: Trace, threads: Threads, variables: Variables, search: Search, first: number) {
    this.trace = trace
    this.threads = threads
    this.variables = variables
    this.search = search
    this.first = first
  }

  /** What `continue` stops at. A condition that cannot be told before its breakpoint is to stop is found instead. */
  *stops(list: readonly Breakpoint[]): Generator<void, Stops | Found> {
    const from: (From | undefined)[] = []
    for (const [number, each] of list.entries()) {
      if ((each.hits ?? 1) <= 1) continue
      const found = yield* this.count(each, number)
      if (found !== null && 'message' in found) return found
      from[number] = found
    }
    return this.stopsAt(list, true, (number, place) => {
      const start = from[number]
      if (start === null || (start !== undefined && isBefore(place, start))) return undefined
      return { ...place, breakpoint: number }
    })
  }

  private *count(breakpoint: Breakpoint, number: number): Generator<void, From | (Found & { message: string })> {
    const key = JSON.stringify(breakpoint)
    const known = this.counted.get(key)
    if (known !== undefined) return known
    let left = breakpoint.hits ?? 1
    const stops = this.stopsAt([breakpoint], false, (_, place) => (--left > 0 ? undefined : place))
    const hit = yield* this.search.forward({ step: Math.max(0, this.first - 1), tick: 0 }, stops)
    if (hit !== null && 'message' in hit.found) return { ...hit.found, breakpoint: number }
    const from = hit?.at ?? null
    this.counted.set(key, from)
    return from
  }

  /** `reached`: a breakpoint whose condition holds; does it stop? */
  private stopsAt(
    list: readonly Breakpoint[],
    landmarks: boolean,
    reached: (number: number, place: Place) => Found | undefined,
  ): Stops {
    const { program } = this.threads
    const lines = new Set(list.flatMap(({ at }) => (at.kind === 'line' ? [at.line] : [])))
    const starts = program && startsOf(program)
    const code =
      program && lines.size > 0
        ? trapped(program, (pc) => lines.has(program.lines[pc] ?? 0) && starts?.(pc) === true)
        : undefined
    return {
      code,
      thread: undefined,
      counts: list.some(({ at }) => at.kind === 'function') ? (step) => this.trace.kindOf(step) === 'call' : undefined,
      landmarks,
      found: (visit) => {
        const line = visit.replay === undefined ? 0 : (program?.lines[visit.replay.vm.pc] ?? 0)
        const name = visit.counts ? this.trace.functionOf(this.trace.a.get(visit.place.step)).name : undefined
        for (const [number, each] of list.entries()) {
          if (each.at.kind === 'line' ? each.at.line !== line : each.at.name !== name) continue
          const found = this.met(each, number, visit) ?? reached(number, visit.place)
          if (found !== undefined && found !== 'no') return found
        }
        return undefined
      },
      lost: () => ({ message: LOST, breakpoint: list.findIndex(({ at }) => at.kind === 'line') }),
    }
  }

  /** Why it does not count; undefined: its condition holds. */
  private met({ condition }: Breakpoint, number: number, { thread, place }: Visit): Found | 'no' | undefined {
    if (condition === undefined || condition.trim() === '') return undefined
    const holds = this.variables.holds(condition, thread, place)
    if (holds.ok) return holds.value ? undefined : 'no'
    const { message, column } = holds.error
    return { message: `column ${column}: ${message}`, breakpoint: number }
  }
}
