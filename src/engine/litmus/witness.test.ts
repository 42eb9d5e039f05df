/**
 * The other half of refinement (persistency.md §7): every outcome of the abstract machine is reached by a schedule of
 * the machine on the screen, which the witness of the search is turned into.
 */

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { playOnRig, testOf } from '../../../test/litmus-rig.ts'
import { programs } from '../../../test/naive/programs.ts'
import { recorded } from '../../../test/recorded.ts'
import { runs } from '../../../test/runs.ts'
import { parseLitmus } from '../../formats/litmus/parse.ts'
import { DEFAULT_MODEL, type Model } from '../explore/model.ts'
import type { Program } from '../explore/program.ts'
import { frame } from '../inspect/frame.ts'
import { decide } from './decide.ts'
import type { LitmusTest } from './test.ts'
import { scheduleOf } from './witness.ts'

const FOLDER = new URL('../../../test/fixtures/litmus/', import.meta.url)
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.litmus'))
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8')
const read = (file: string): LitmusTest => {
  const parsed = parseLitmus(textOf(file))
  if (!parsed.ok) throw new Error(`${file} cannot be read`)
  return parsed.value
}

/** Every outcome of a test with the schedule that should end so, or why there is none. */
function outcomes(litmus: LitmusTest, model: Model, reduce: boolean) {
  const decision = decide(litmus, { model, maxStates: 300_000, witnesses: true, reduce })
  return decision.outcomes.map(({ values }, index) => ({
    values: values.map(({ name, value }) => `${name}=${value}`),
    schedule: scheduleOf(litmus, decision.witness(index), model),
  }))
}

function playAll(litmus: LitmusTest, model = DEFAULT_MODEL, reduce = true): number {
  let played = 0
  for (const { values, schedule } of outcomes(litmus, model, reduce)) {
    if (!schedule.ok) {
      expect([schedule.error, model], values.join()).not.toEqual([schedule.error, DEFAULT_MODEL])
      continue
    }
    const ending = playOnRig(litmus, schedule.value)
    expect({ schedule: schedule.value, ...ending }).toEqual({
      schedule: schedule.value,
      values,
      stuck: undefined,
      ended: litmus.when === 'crash' || litmus.when === 'eadr' ? ending.ended : true,
    })
    played++
  }
  return played
}

test.each(files)('every outcome of %s is reached on the machine', (file) => {
  expect(playAll(read(file))).toBeGreaterThan(0)
})

test('the whole machine, kernel and all, ends as the hardware alone does', () => {
  for (const file of files) {
    const litmus = read(file)
    const [first, ...others] = outcomes(litmus, DEFAULT_MODEL, true)
    for (const outcome of [first, others.at(-1)]) {
      if (outcome === undefined || !outcome.schedule.ok) continue
      const choices = outcome.schedule.value
      const r = recorded(textOf(file), { interventions: [{ kind: 'schedule', choices }] })
      const { litmus: left } = frame(r, r.steps - 1, r.steps - 2)
      const memory = left?.memory.map(
        ({ name, media, visible }) => `${name}=${litmus.when === 'final' ? visible : media}`,
      )
      const registers = left?.registers.flatMap((all, t) => all.map(({ name, value }) => `${t}:${name}=${value}`))
      expect([r.machine.unresolved, ...(memory ?? []), ...(litmus.when === 'final' ? (registers ?? []) : [])]).toEqual([
        [],
        ...outcome.values,
      ])
    }
  }
})

describe('random programs', () => {
  test.each(['crash', 'end-crash', 'eadr', 'final'] as const)('end on the machine as the search says: %s', (when) => {
    fc.assert(
      fc.property(programs, fc.boolean(), (program, reduce) => {
        playAll(testOf(program, when), DEFAULT_MODEL, reduce)
      }),
      { numRuns: runs(100), seed: 3 },
    )
  })

  test('a clwb leaves the store buffer for a clflush of its line, whatever a failed compare-and-swap did before', () => {
    const program: Program = {
      lineOf: [0, 1, 1],
      initial: [0n, 0n, 0n],
      threads: [
        {
          registers: [0n],
          code: [
            {
              op: 'cas',
              reg: 0,
              at: { cell: 1, offset: 0, size: 8 },
              expected: { value: 1n },
              desired: { value: 0n },
            },
            { op: 'clwb', line: 1 },
            { op: 'clflush', line: 1 },
            { op: 'movnt', at: { cell: 0, offset: 0, size: 8 }, value: { value: 1n } },
          ],
        },
      ],
    }
    expect(playAll(testOf(program, 'crash'), DEFAULT_MODEL, false)).toBe(2)
  })
})

describe('a variant of the model', () => {
  const variants: readonly (readonly [Model, string])[] = [
    [
      { ...DEFAULT_MODEL, unit: 'word' },
      'a line reaches media as one snapshot here: its words cannot be of different moments',
    ],
    [
      { ...DEFAULT_MODEL, movnt: 'fence' },
      'a movnt that others can see has reached the memory controller here: it cannot be lost',
    ],
    [{ ...DEFAULT_MODEL, cas: 'paper' }, 'a compare-and-swap is a full barrier here even when it fails'],
  ]
  test.each(variants)('%j has outcomes that the machine cannot reach, and they say why', (model, why) => {
    const schedules = files.flatMap((file) => outcomes(read(file), model, true)).map(({ schedule }) => schedule)
    expect(new Set(schedules.flatMap((schedule) => (schedule.ok ? [] : [schedule.error])))).toEqual(new Set([why]))
  })
  test.each(variants)('%j has schedules for the others', (model) => {
    for (const file of files) playAll(read(file), model)
    fc.assert(
      fc.property(programs, fc.constantFrom('crash', 'final'), (program, when) => {
        playAll(testOf(program, when), model)
      }),
      { numRuns: runs(50), seed: 5 },
    )
  })
})
