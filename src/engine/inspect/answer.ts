/** Every question that a screen may ask of a recording, answered; what may survive is `survivals.ts`, which loads later. */

import type { Answers, DebugQuestion, Question } from '../../protocol/messages.ts'
import { target } from '../sim/targets.ts'
import { frame } from './frame.ts'
import { lineView } from './line-view.ts'
import { lossView } from './loss-view.ts'
import type { Recording } from './recording.ts'
import { releasesView } from './releases-view.ts'
import { timeline } from './timeline.ts'

const EMPTY_BYTE = { value: 0, media: 0, stage: 'clean' } as const

export function answer(
  recording: Recording,
  q: Exclude<
    Question,
    { readonly ask: 'survival' | 'devices' | 'translate' | 'storage' | 'facts' | 'compare' } | DebugQuestion
  >,
): Answers[keyof Answers] {
  const inside = (step: number): number => Math.max(0, Math.min(Math.trunc(step), recording.steps - 1))
  switch (q.ask) {
    case 'frame':
      return frame(recording, inside(q.step), q.since)
    case 'target': {
      const line = q.line === undefined ? 0 : recording.machine.hw.lines.peek(q.line)
      const steps = q.verb === 'line-event' && line !== 0 ? new Set(recording.stepsOf(line)) : undefined
      return target(recording.machine.trace, {
        from: inside(q.from),
        verb: q.verb,
        direction: q.direction,
        breakpoints: q.breakpoints,
        ...(steps === undefined ? {} : { touches: (step: number) => steps.has(step) }),
      })
    }
    case 'line': {
      const start = q.line - (q.line % 64)
      return (
        lineView(recording, inside(q.step), q.line, q.byte) ?? {
          line: start,
          bytes: Array.from({ length: 64 }, () => EMPTY_BYTE),
          life: [],
        }
      )
    }
    case 'loss':
      return lossView(recording, inside(q.step))
    case 'timeline':
      return timeline(recording, inside(q.from), inside(q.to), q.width)
    case 'log':
      return recording.texts('log', inside(q.step)).map(({ step, text }) => {
        const space = text.indexOf(' ')
        const { trace } = recording.machine
        const frame = trace.frame.get(step)
        const fn = frame === 0 ? undefined : trace.functionOf(frame)
        const by = { function: fn?.name ?? '', file: fn?.file ?? '' }
        return { step, level: text.slice(0, space), text: text.slice(space + 1), ...by }
      })
    case 'releases':
      return releasesView(recording.machine.release)
    case 'anchor':
      return recording.anchorOf(inside(q.step))
    case 'resolve':
      return recording.stepOf(q.anchor)
  }
}
