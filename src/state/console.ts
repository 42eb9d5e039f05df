/** The console: commands that were typed, what came of each, and when none can be typed. */

import type { CommandOutcome, Intervention } from '../protocol/interventions.ts'
import type { AppState } from './app-state.ts'

type Command = Extract<Intervention, { kind: 'command' }>

export interface Typed {
  /** Of the intervention. */
  readonly index: number
  readonly text: string
  /** Undefined: it never came to its turn in this recording. */
  readonly outcome: CommandOutcome | undefined
}

type Known = Pick<AppState, 'interventions' | 'summary'>

/** Every command, in the order in which they ran; those that did not run come last. */
export function typedCommands({ interventions, summary }: Known): readonly Typed[] {
  const typed = interventions.flatMap((each, index) =>
    each.kind === 'command' ? [{ index, text: each.text, outcome: summary?.commands?.[index] }] : [],
  )
  const place = ({ outcome }: Typed): number => outcome?.from ?? Number.POSITIVE_INFINITY
  return typed.sort((a, b) => (place(a) === place(b) ? a.index - b.index : place(a) - place(b)))
}

/** The command in the midst of which, or at whose end, the focus is. */
export function commandHere({ interventions, summary, frame }: Known & Pick<AppState, 'frame'>): Command | undefined {
  if (frame === undefined) return undefined
  for (const [index, each] of interventions.entries()) {
    const outcome = summary?.commands?.[index]
    if (each.kind === 'command' && outcome !== undefined && outcome.from <= frame.step && frame.step <= outcome.to)
      return each
  }
  return undefined
}

/** Why nothing can be typed at the moment on the screen; undefined when it can. */
export function consoleClosed({ frame, summary }: Pick<AppState, 'frame' | 'summary'>): string | undefined {
  if (frame === undefined || summary === undefined) return 'Nothing has been recorded yet.'
  if (summary.litmus !== undefined) return 'A litmus test runs without a kernel: there is nobody to ask.'
  if (frame.step < summary.programStart)
    return 'Boot and setup come first. The console opens when the program starts: press Home.'
  const { kind, thread } = frame.event
  if (frame.failedAt !== undefined && (thread === 'kernel' || kind === 'power-failure' || kind === 'boot'))
    return 'The power has failed and the machine boots again. The console opens when recover() starts.'
  if (summary.problem !== undefined && frame.step >= summary.steps - 1)
    return 'The run was cut off here: nothing can act after it.'
  return undefined
}

/** Characters of an output that are read out. */
const MOST_SAID = 400

/** What a screen reader says of a command. */
export function outcomeWords(outcome: CommandOutcome | undefined): string {
  if (outcome === undefined) return 'The command did not run: its place is not in this recording.'
  const said = outcome.output.trim()
  const more = said.length > MOST_SAID ? ' …' : ''
  return `Command ${statusWords(outcome)}. ${said === '' ? 'It printed nothing.' : said.slice(0, MOST_SAID) + more}`
}

export function statusWords({ status }: CommandOutcome): string {
  if (status === undefined) return 'did not come to its end'
  return status === 0 ? 'done' : `failed with status ${status}`
}
