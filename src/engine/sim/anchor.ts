/**
 * Places that survive edits: a step named by who, where, which execution and which event inside (design.md §1).
 *
 * One counter walks the recording in order, online (to find where an intervention is due) or afterwards (to name a
 * step, or to find a named one). A *visit* of a program line begins when a call moves to that line; a visit of a
 * library or kernel function is one call of it.
 */

import type { EventKind } from './event.ts'
import { NOBODY, type Trace } from './trace.ts'

/** A place in a recording: who, where, which time, which event. Never a step number. */
export type Anchor =
  | {
      readonly kind: 'code'
      readonly thread: string
      /** "line:17" of the program, or "fn:nvdimm_flush" for a kernel or library function. */
      readonly at: string
      /** Trimmed text of that line, to find it again after an edit. */
      readonly text?: string
      /** n-th execution, from 1. */
      readonly visit: number
      /** n-th event inside, from 1. */
      readonly event: number
    }
  | {
      readonly kind: 'hardware'
      /** Name of the transition, as `EventKind` has it: "drain", "evict", … */
      readonly transition: string
      /** SPA of the 64-byte line, bytes. */
      readonly line: number
      /** n-th time this transition took this line, from 1. */
      readonly nth: number
    }

interface Visit {
  line: number
  visit: number
  event: number
}

export class AnchorCounter {
  private readonly trace: Trace
  private readonly threadName: (thread: number) => string
  /** SPA of the line that a hardware step moves, 0 if none. */
  private readonly lineOf: (step: number) => number
  private readonly visits = new Map<number, Visit>()
  private readonly counts = new Map<string, number>()

  constructor(trace: Trace, threadName: (thread: number) => string, lineOf: (step: number) => number) {
    this.trace = trace
    this.threadName = threadName
    this.lineOf = lineOf
  }

  /** The anchor of `step`. Steps must be given in order, none left out. */
  see(step: number): Anchor {
    const { trace } = this
    const thread = trace.thread.get(step)
    const kind = trace.kindOf(step)
    if (thread === NOBODY) {
      const line = this.lineOf(step)
      return { kind: 'hardware', transition: kind, line, nth: this.count(`${kind} ${line}`) }
    }
    const frame = trace.frame.get(step)
    const name = this.threadName(thread)
    if (frame === 0)
      return { kind: 'code', thread: name, at: `event:${kind}`, visit: this.count(`${name} ${kind}`), event: 1 }
    const fn = trace.functionOf(frame)
    const line = fn.kind === 'program' ? trace.line.get(step) : -1
    const at = line < 0 ? `fn:${fn.name}` : `line:${line}`
    let visit = this.visits.get(frame)
    if (visit === undefined || visit.line !== line) {
      visit = { line, visit: this.count(`${name} ${at}`), event: 0 }
      this.visits.set(frame, visit)
    }
    visit.event++
    if (kind === 'return') this.visits.delete(frame)
    return { kind: 'code', thread: name, at, visit: visit.visit, event: visit.event }
  }

  private count(key: string): number {
    const count = (this.counts.get(key) ?? 0) + 1
    this.counts.set(key, count)
    return count
  }
}

export function sameAnchor(a: Anchor, b: Anchor): boolean {
  if (a.kind === 'hardware')
    return b.kind === 'hardware' && a.transition === b.transition && a.line === b.line && a.nth === b.nth
  return b.kind === 'code' && a.thread === b.thread && a.at === b.at && a.visit === b.visit && a.event === b.event
}

/**
 * An anchor as it reads in the text at hand: when the line it names has other contents now, the nearest line with the
 * old contents; undefined when there is none.
 */
export function relocate(anchor: Anchor, lines: readonly string[]): Anchor | undefined {
  if (anchor.kind === 'hardware' || anchor.text === undefined || !anchor.at.startsWith('line:')) return anchor
  const wanted = Number(anchor.at.slice(5))
  let best = 0
  for (let line = 1; line <= lines.length; line++)
    if (lines[line - 1]?.trim() === anchor.text && (best === 0 || Math.abs(line - wanted) < Math.abs(best - wanted)))
      best = line
  return best === 0 ? undefined : { ...anchor, at: `line:${best}` }
}

const OPERATIONS: ReadonlySet<EventKind> = new Set([
  'store',
  'movnt',
  'movdir64b',
  'lock',
  'clwb',
  'clflushopt',
  'clflush',
  'hint',
  'drain',
  'wc-fill',
  'flush-start',
])

/** Steps that move a line: their first operand is an operation, not the line itself. */
export const namesOperation = (kind: EventKind): boolean => OPERATIONS.has(kind)
