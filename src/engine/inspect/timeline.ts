/** The timeline of a stretch of the recording: calls as bars, movements towards media as dots. */

import type { Stage, TimelineBar, TimelineView } from '../../protocol/frame.ts'
import type { EventKind } from '../sim/event.ts'
import type { Recording } from './recording.ts'

/** Deepest calls that are drawn, bars a lane. */
const DEEPEST = 6
const MOST_BARS = 160

/** Which movement a dot shows when several fall on one pixel: the one nearest to media. */
const STAGES: Partial<Record<EventKind, readonly [Stage, number]>> = {
  store: ['store-buffer', 1],
  movnt: ['store-buffer', 1],
  movdir64b: ['store-buffer', 1],
  lock: ['dirty', 2],
  drain: ['dirty', 2],
  'wc-fill': ['wc', 2],
  clwb: ['flight', 3],
  clflushopt: ['flight', 3],
  clflush: ['flight', 3],
  flush: ['wpq', 4],
  'wc-drain': ['wpq', 4],
  'write-back': ['wpq', 4],
  'wpq-drain': ['media', 5],
}

export function timeline(recording: Recording, from: number, to: number, width: number): TimelineView {
  const { machine } = recording
  const { trace } = machine
  // `width` counts what can be told apart: a few pixels each.
  const stepsAPixel = Math.max(1, (to - from + 1) / Math.max(1, width))
  const lanes = new Map<number, TimelineBar[]>()
  for (let frame = 1; frame < trace.frameFrom.length; frame++) {
    const start = trace.frameFrom.get(frame)
    if (start > to) break
    const end = trace.frameTo.get(frame) < 0 ? trace.length - 1 : trace.frameTo.get(frame) - 1
    if (end < from || (end - start + 1) / stepsAPixel < 1.5) continue
    const depth = trace.depth(frame) - 1
    if (depth >= DEEPEST) continue
    const thread = trace.frameThread.get(frame)
    const bars = lanes.get(thread) ?? []
    lanes.set(thread, bars)
    if (bars.length >= MOST_BARS) continue
    const fn = trace.functionOf(frame)
    bars.push({ from: start, to: end, depth, label: `${fn.name}()`, kind: fn.kind })
  }
  return {
    from,
    to,
    lanes: [...lanes]
      .sort(([a], [b]) => a - b)
      .map(([thread, bars]) => ({
        thread: machine.threads[thread]?.name ?? '',
        core: machine.threads[thread]?.core ?? 0,
        bars,
      })),
    dots: dots(recording, from, to, stepsAPixel),
  }
}

function dots(recording: Recording, from: number, to: number, stepsADot: number): TimelineView['dots'] {
  const { trace } = recording.machine
  const found: { step: number; stage: Stage }[] = []
  let bucket = -1
  let rank = 0
  for (let step = Math.max(0, from); step <= Math.min(to, trace.length - 1); step++) {
    const stage = STAGES[trace.kindOf(step)]
    if (stage === undefined) continue
    const here = Math.floor((step - from) / stepsADot)
    if (here !== bucket) {
      bucket = here
      rank = stage[1]
      found.push({ step, stage: stage[0] })
    } else if (stage[1] > rank) {
      rank = stage[1]
      found[found.length - 1] = { step, stage: stage[0] }
    }
  }
  return found
}
