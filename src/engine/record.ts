/** From a scenario to its recording: check it, build the machine, run it. */

import { type Diagnostic, diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import { compile } from '../lang/c/compile.ts'
import type { Intervention } from '../protocol/interventions.ts'
import type { ParsedScenario } from '../scenario/parse.ts'
import { platformOf } from './firmware/platform.ts'
import { Recording } from './inspect/recording.ts'
import { parseRelease } from './linux/releases.ts'
import { type Due, Machine } from './machine.ts'
import { relocate } from './sim/anchor.ts'

export interface RecordOptions {
  readonly interventions?: readonly Intervention[]
  /** Cut the power right after this step, or at the end of the program. */
  readonly crashAt?: number | 'end'
  /** Another release than the scenario's. */
  readonly release?: string
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
  options: RecordOptions = {},
): Result<Run, readonly Diagnostic[]> {
  const { positions, ...scenario } = parsed
  const problems: Diagnostic[] = []
  const at = (key: string, message: string): void => {
    const place = positions.get(key) ?? { line: 1, column: 1, length: 1 }
    problems.push(diagnostic(place.line, place.column, place.length, message))
  }
  const release = parseRelease(options.release ?? scenario.kernel)
  if (!release.ok) at('kernel', release.error)
  const platform = platformOf(scenario.machine)
  if (!platform.ok) {
    const { message, offset } = platform.error
    const key = scenario.machine.nfit === undefined ? 'machine' : 'machine.nfit'
    at(key, offset === undefined ? message : `byte ${offset} of the NFIT: ${message}`)
  }
  const program = compile(scenario.program)
  if (!program.ok) problems.push(...program.error)
  else
    for (const name of scenario.threads) {
      const fn = program.value.functions.find((f) => f.name === name)
      if (fn === undefined) at('threads', `the program has no function ${name}() to run as a thread`)
      else if (fn.parameters > 0 && name !== 'main')
        at('threads', `${name}() takes parameters: a thread's function has none`)
    }
  if (!release.ok || !platform.ok || !program.ok || problems.length > 0) return err(problems)
  const lines = text.split('\n')
  const due: Due[] = []
  for (const [index, intervention] of (options.interventions ?? []).entries()) {
    const anchor = relocate(intervention.at, lines)
    const what =
      intervention.kind === 'power-failure'
        ? ({ kind: 'power-failure' } as const)
        : ({ kind: 'transition', transition: intervention.transition } as const)
    due.push({ at: anchor ?? { kind: 'nowhere' }, what, index })
  }
  const { crashAt } = options
  if (crashAt !== undefined)
    due.push({
      at: crashAt === 'end' ? { kind: 'end' } : { kind: 'step', step: crashAt },
      what: { kind: 'power-failure' },
      index: -1,
    })
  const machine = new Machine({
    scenario,
    program: program.value,
    platform: platform.value,
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

/** The whole recording in one go: the command line, tests. */
export function record(
  parsed: ParsedScenario,
  text: string,
  options: RecordOptions = {},
): Result<Recording, readonly Diagnostic[]> {
  const run = start(parsed, text, options)
  if (!run.ok) return run
  while (!run.value.advance());
  return ok(run.value.recording())
}
