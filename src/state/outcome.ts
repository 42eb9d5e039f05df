/** Outcomes of a litmus test: which one a recording ended in, which one a power failure here would leave. */

import type { Frame } from '../protocol/frame.ts'
import type { LitmusFrame, LitmusView } from '../protocol/litmus.ts'
import type { Summary } from '../protocol/messages.ts'
import type { AppState } from './app-state.ts'

type Values = Readonly<Record<string, string>>

/** The same for equal outcomes, whatever order their names have. */
export const outcomeKey = (values: Values): string =>
  Object.keys(values)
    .sort()
    .map((name) => `${name}=${values[name]}`)
    .join(' ')

/** "x=1 y=0" */
export const outcomeText = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

const allIssued = (test: LitmusView, { next }: LitmusFrame): boolean =>
  test.threads.every(({ instructions }, thread) => (next[thread] ?? 0) >= instructions.length)

const buffersEmpty = ({ cores }: Frame): boolean => cores.every(({ storeBuffer }) => storeBuffer.entries.length === 0)

/**
 * The outcome that this place of the recording is, or that a power failure would leave here; undefined where the
 * question of the test is about another place.
 *
 * `before`: the frame in front of a power failure, which has taken the store buffers along.
 */
function outcomeAt(summary: Summary, frame: Frame, before: Frame = frame): Values | undefined {
  const { litmus: test, end, programStart, failedAt } = summary
  const { litmus: here } = frame
  if (test === undefined || here === undefined || frame.step < programStart) return undefined
  if (test.when === 'final') {
    if (failedAt !== undefined || frame.step < end || !allIssued(test, here)) return undefined
    const registers = here.registers.flatMap((thread, index) =>
      thread.map(({ name, value }) => [`${index}:${name}`, value] as const),
    )
    return Object.fromEntries([...here.memory.map(({ name, visible }) => [name, visible] as const), ...registers])
  }
  if (test.when === 'end-crash' && !(allIssued(test, here) && buffersEmpty(before))) return undefined
  return Object.fromEntries(here.memory.map(({ name, survives }) => [name, survives]))
}

/** Key of the outcome that the place on the screen stands for. */
export function outcomeHere({ summary, frame, litmus }: AppState): string | undefined {
  if (summary === undefined || frame === undefined) return undefined
  if (frame.failedAt !== undefined) return litmus?.ended
  const values = outcomeAt(summary, frame)
  return values && outcomeKey(values)
}

/** Key of the outcome that a recording ended in: `last` is its last frame, `before` the one in front of the failure. */
export function outcomeReached(summary: Summary, last: Frame, before: Frame): string | undefined {
  if (summary.problem !== undefined) return undefined
  if (summary.litmus?.when !== 'final' && summary.failedAt === undefined) return undefined
  const values = outcomeAt(summary, last, before)
  return values && outcomeKey(values)
}
