/** From a scenario to its recording: check it, build the machine, run it. */

import { type Diagnostic, diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { Intervention } from '../protocol/interventions.ts'
import type { ParsedScenario } from '../scenario/parse-with.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { platformOf } from './firmware/platform.ts'
import { Recording } from './inspect/recording.ts'
import type { Due } from './interventions.ts'
import { parseRelease } from './linux/releases.ts'
import { Machine } from './machine.ts'
import { relocate } from './sim/anchor.ts'
import type { Keeper } from './userspace/past/keeper.ts'
import { isPlain } from './userspace/shell/plain.ts'
import type { SyntaxProblem } from './userspace/shell/script.ts'
import type { Prepare, Schedule } from './workload.ts'

export interface RecordOptions {
  readonly interventions?: readonly Intervention[]
  /** Cut the power right after this step, or at the end of the program. */
  readonly crashAt?: number | 'end'
  /** Another release than the scenario's. */
  readonly release?: string
  /** How what the scenario runs is made ready. */
  readonly prepare: Prepare
  /** Hears what it takes to look into the C threads later (`debug/`). */
  readonly keeper?: Keeper
}

/** A recording under way. `advance()` until it says that it is finished. */
export interface Run {
  readonly machine: Machine
  /** One slice further; true when there is no more. */
  advance(): boolean
  /** Only after `advance()` has returned true. */
  recording(): Recording
}

/** `text`: the whole scenario, for line numbers and quotations. */
export function start(
  parsed: ParsedScenario,
  text: string,
  options: RecordOptions,
): Result<Run, readonly Diagnostic[]> {
  const { positions, ...scenario } = parsed
  const problems: Diagnostic[] = []
  const at = (key: string, message: string): Diagnostic => {
    const place = positions.get(key) ?? { line: 1, column: 1, length: 1 }
    return diagnostic(place.line, place.column, place.length, message)
  }
  const release = parseRelease(options.release ?? scenario.kernel)
  if (!release.ok) problems.push(at('kernel', release.error))
  const platform = platformOf(scenario.machine)
  if (!platform.ok) {
    const { message, offset } = platform.error
    const key = scenario.machine.nfit === undefined ? 'machine' : 'machine.nfit'
    problems.push(at(key, offset === undefined ? message : `byte ${offset} of the NFIT: ${message}`))
  }
  const schedules: Schedule[] = []
  const lines = text.split('\n')
  const due: Due[] = []
  for (const [index, intervention] of (options.interventions ?? []).entries()) {
    if (intervention.kind === 'schedule') {
      schedules.push({ choices: intervention.choices, index })
      continue
    }
    const place = relocate(intervention.at, lines) ?? ({ kind: 'nowhere' } as const)
    due.push({ at: place, what: intervention, index })
  }
  const workload = options.prepare({
    scenario,
    platform: platform.ok ? platform.value : undefined,
    schedules,
    keeper: options.keeper,
    at,
  })
  if (!workload.ok) problems.push(...workload.error)
  if (workload.ok && scenario.what.kind === 'c' && !(due.every(isNoCommand) && isPlain(scenario.setup))) {
    const { shell } = workload.value
    const script = shell?.check(scenario.setup)
    if (script === undefined) problems.push(at('setup', 'this needs the whole shell'))
    else if (!script.ok) problems.push(inSetup(scenario, lines, script.error))
  }
  if (!release.ok || !platform.ok || !workload.ok || problems.length > 0) return err(problems)
  const { crashAt } = options
  if (crashAt !== undefined)
    due.push({
      at: crashAt === 'end' ? { kind: 'end' } : { kind: 'step', step: crashAt },
      what: { kind: 'power-failure' },
      index: -1,
    })
  const machine = new Machine({
    scenario,
    workload: workload.value,
    platform: workload.value.memory?.platform ?? platform.value,
    release: release.value,
    due,
  })
  const slices = machine.run()
  let finished = false
  return ok({
    machine,
    advance: () => {
      finished ||= slices.next().done === true
      return finished
    },
    recording: () => new Recording(machine, text),
  })
}

const isNoCommand = ({ what }: Due): boolean => what.kind !== 'command'

/** A mistake in `setup:`; a block's lines are indented in the scenario. */
function inSetup(
  { setup, setupLine }: Scenario,
  lines: readonly string[],
  { line, column, length, message }: SyntaxProblem,
): Diagnostic {
  const inText = lines[setupLine + line - 2] ?? ''
  const indent = Math.max(0, inText.indexOf(setup.split('\n')[line - 1] ?? ''))
  return diagnostic(setupLine + line - 1, column + indent, length, message)
}

/** The whole recording in one go: the command line, tests. */
export function record(
  parsed: ParsedScenario,
  text: string,
  options: RecordOptions,
): Result<Recording, readonly Diagnostic[]> {
  const run = start(parsed, text, options)
  if (!run.ok) return run
  while (!run.value.advance());
  return ok(run.value.recording())
}
