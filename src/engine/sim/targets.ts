/**
 * Stepping as queries on an immutable recording: "where does this command lead from here?" Both directions are answered
 * the same way; nothing is executed.
 */

import type { Trace } from './trace.ts'
import { NOBODY } from './trace.ts'

export type StepVerb = 'over' | 'into' | 'out' | 'micro' | 'continue' | 'line-event'

export interface TargetQuestion {
  readonly from: number
  readonly verb: StepVerb
  readonly direction: 'forward' | 'back'
  /** Program lines at which `continue` stops. */
  readonly breakpoints: readonly number[]
  /** For 'line-event': does this step touch the selected line? */
  readonly touches?: (step: number) => boolean
}

/** The step that the command leads to; null when there is none in that direction. */
export function target(trace: Trace, q: TargetQuestion): number | null {
  const way = q.direction === 'forward' ? 1 : -1
  const last = trace.length - 1
  const inside = (step: number): boolean => step >= 0 && step <= last
  if (q.verb === 'micro') return inside(q.from + way) ? q.from + way : null
  const scan = (wanted: (step: number) => boolean): number | null => {
    for (let step = q.from + way; inside(step); step += way) if (wanted(step)) return step
    return null
  }
  if (q.verb === 'line-event') return scan((step) => q.touches?.(step) ?? false)
  if (q.verb === 'continue') {
    const lines = new Set(q.breakpoints)
    const stop = scan((step) => isLandmark(trace, step) || (lines.has(trace.line.get(step)) && entersLine(trace, step)))
    return stop ?? (q.from === (way > 0 ? last : 0) ? null : way > 0 ? last : 0)
  }
  const here = actingStep(trace, q.from)
  const thread = trace.thread.get(here)
  const depth = trace.depth(trace.frame.get(here))
  const mine = (step: number): boolean => trace.thread.get(step) === thread && !isFirstHalf(trace, step)
  // When the thread has nothing more to do, the next one that begins (or the last that ended) is where one goes.
  const other = way > 0 ? 'thread-start' : 'thread-end'
  const depthAt = (step: number): number => trace.depth(trace.frame.get(step))
  let found: number | null
  if (q.verb === 'into') found = scan((step) => mine(step) || isLandmark(trace, step))
  else {
    // At a call one is inside the function already: stepping over goes on in it. Where no function runs (a thread
    // starts or has ended) there is nothing to step over.
    const most = q.verb === 'out' ? depth - 1 : depth === 0 ? Number.POSITIVE_INFINITY : depth
    found = scan((step) => (mine(step) && depthAt(step) <= most) || isLandmark(trace, step))
  }
  found ??= scan((step) => trace.kindOf(step) === other)
  return found ?? (q.from === (way > 0 ? last : 0) ? null : way > 0 ? last : 0)
}

/** A fence in which its thread waits is two steps, issued and done; stepping stops at done. */
export function isFirstHalf(trace: Trace, step: number): boolean {
  const kind = trace.kindOf(step)
  if (kind !== 'sfence' && kind !== 'mfence') return false
  const thread = trace.thread.get(step)
  let next = step + 1
  while (next < trace.length && trace.thread.get(next) !== thread) next++
  return next === trace.length || trace.kindOf(next) === 'fence-done'
}

/** Where stepping stops whatever thread it follows. */
function isLandmark(trace: Trace, step: number): boolean {
  const kind = trace.kindOf(step)
  return kind === 'power-failure' || kind === 'boot' || kind === 'stopped'
}

/** The last step at or before `step` that a thread made (hardware steps belong to nobody). */
function actingStep(trace: Trace, step: number): number {
  for (let at = step; at >= 0; at--) if (trace.thread.get(at) !== NOBODY) return at
  return step
}

/** The first step of a visit of its line: the previous step of this call was on another line. */
function entersLine(trace: Trace, step: number): boolean {
  const thread = trace.thread.get(step)
  if (thread === NOBODY) return false
  for (let at = step - 1; at >= 0; at--) {
    if (trace.thread.get(at) !== thread) continue
    return trace.line.get(at) !== trace.line.get(step)
  }
  return true
}
