/**
 * One exploration of a litmus test: text in, verdict, every outcome and a schedule for each out. Runs to its end in one
 * go; whoever wants it to stop ends its worker.
 */

import { DEFAULT_MODEL, type Model } from '../engine/explore/model.ts'
import { decide } from '../engine/litmus/decide.ts'
import { expectedUnder } from '../engine/litmus/expected.ts'
import { type NamedValue, targetsOf } from '../engine/litmus/targets.ts'
import { scheduleOf } from '../engine/litmus/witness.ts'
import { parseLitmus } from '../formats/litmus/parse.ts'
import type { ExploreReply, ExploreRequest } from '../protocol/litmus.ts'

export function explore({ text, model, maxStates }: ExploreRequest, post: (reply: ExploreReply) => void): void {
  const parsed = parseLitmus(text)
  if (!parsed.ok) return post({ kind: 'refused', diagnostics: parsed.error })
  const test = parsed.value
  const stop = (states: number): boolean => {
    post({ kind: 'progress', states })
    return false
  }
  const decision = decide(test, { model, maxStates, stop, witnesses: true })
  const expected = expectedUnder(test, model)
  post({
    kind: 'explored',
    verdict: decision.verdict,
    ...(expected === undefined ? {} : { expected }),
    states: decision.states,
    complete: decision.complete,
    // A search that was cut off has not counted them.
    ...(decision.complete && decision.images !== undefined ? { images: String(decision.images) } : {}),
    ...(test.images === undefined || !isDefault(model) ? {} : { expectedImages: test.images }),
    targets: targetsOf(test).map(named),
    outcomes: decision.outcomes.map(({ values, satisfies }, index) => {
      const schedule = scheduleOf(test, decision.witness(index), model)
      return {
        values: named(values),
        satisfies,
        ...(schedule.ok ? { witness: schedule.value } : { why: schedule.error }),
      }
    }),
    cut: decision.outcomesCut,
  })
}

const named = (values: readonly NamedValue[]): Readonly<Record<string, string>> =>
  Object.fromEntries(values.map(({ name, value }) => [name, String(value)]))

const isDefault = (model: Model): boolean =>
  model.unit === DEFAULT_MODEL.unit && model.movnt === DEFAULT_MODEL.movnt && model.cas === DEFAULT_MODEL.cas
