/** What a shell command prints on the machine of a scenario: booted and set up, in the place of its program. */

import type { Diagnostic } from '../base/diagnostic.ts'
import { ok, type Result } from '../base/result.ts'
import type { CommandOutcome, Intervention } from '../protocol/interventions.ts'
import type { ParsedScenario } from '../scenario/parse-with.ts'
import { summary } from './inspect/summary.ts'
import { prepareAny } from './prepare.ts'
import { record } from './record.ts'

const NOTHING = 'int main(void) { return 0; }\n'

/** Without `status`: the machine ended before the command did. `problem`: what ended it. */
interface AtPrompt {
  readonly outcome: CommandOutcome | undefined
  readonly problem: string | undefined
}

/** `text`: the whole scenario, for places. */
export function atPrompt(
  scenario: ParsedScenario,
  text: string,
  command: string,
): Result<AtPrompt, readonly Diagnostic[]> {
  const idle: ParsedScenario = { ...scenario, what: { kind: 'c', text: NOTHING }, threads: ['main'] }
  const recorded = (interventions: readonly Intervention[]) =>
    record(idle, text, { prepare: prepareAny, interventions })
  const booted = recorded([])
  if (!booted.ok) return booted
  const { problem } = booted.value.machine
  if (problem !== undefined) return ok({ outcome: undefined, problem: problem.message })
  const at = booted.value.anchorOf(booted.value.machine.programStart)
  const recording = recorded([{ kind: 'command', at, text: command }])
  if (!recording.ok) return recording
  const outcome = summary(recording.value).commands?.[0]
  return ok({ outcome, problem: recording.value.machine.problem?.message })
}
