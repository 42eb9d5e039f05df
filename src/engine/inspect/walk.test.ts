/**
 * The machine on the screen and the exact set of its recordings: whatever a power failure leaves at any step is in the
 * set, and every image of the set is left by some schedule of the hardware.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Code, everyState } from '../../../test/concrete-search.ts'
import { execute, type Rig, rig } from '../../../test/hardware.ts'
import { machine, program } from '../../../test/hardware-programs.ts'
import { runs } from '../../../test/runs.ts'
import { possible } from '../crash/possible.ts'
import { DEFAULT_MODEL, type Model } from '../explore/model.ts'
import { type PowerFail, survivors } from '../hw/power.ts'
import { Cursor } from '../sim/cursor.ts'
import { StateAt } from './state-at.ts'
import { SurvivalWalk } from './walk.ts'

const walkOf = (r: Rig, power_fail: PowerFail, model: Model = DEFAULT_MODEL): SurvivalWalk =>
  new SurvivalWalk(
    { trace: r.trace, hw: r.hw, power: { power_fail, adr_fails: new Set() }, programStart: -1, directed: true },
    model,
  )

/** Version of each line that a power failure right after `step` leaves. */
function leftBy(r: Rig, cursor: Cursor, step: number, power_fail: PowerFail): readonly number[] {
  cursor.seek(step)
  const state = new StateAt(r.hw, cursor.words)
  const left = survivors(r.hw, cursor.words, { power_fail, adr_fails: new Set() })
  return Array.from({ length: r.hw.lines.count }, (_, i) => left.get(i + 1) ?? state.media(i + 1))
}

/** Every write that is certain is there. */
function checkCertain(r: Rig, power: PowerFail, model: Model): void {
  const { hw, trace } = r
  const walk = walkOf(r, power, model)
  const cursor = new Cursor(trace)
  for (let step = 0; step < trace.length; step++) {
    const { units } = possible(walk.at(step))
    const open = new Set([...walk.behind, ...units.flatMap((unit) => [...unit.open])])
    for (const [i, version] of leftBy(r, cursor, step, power).entries()) {
      const there = new Set(hw.history.chainOps(version))
      for (let op = 1; op < hw.history.ops; op++)
        if (hw.history.line(op) === i + 1 && hw.history.isWrite(op) && hw.history.step(op) <= step && !open.has(op))
          expect(there.has(op), `write ${op} at step ${step}`).toBe(true)
    }
  }
}

const models = (['line', 'word'] as const).flatMap((unit) =>
  (['adr', 'eadr', 'none'] as const).map((power) => ({ unit, power })),
)

describe.each(['lazy', 'eager', 'random'] as const)('policy %s', (policy) => {
  test.each(models)('what must survive does: %o', ({ unit, power }) => {
    fc.assert(
      fc.property(program(40), machine, fc.nat(), (code, config, seed) => {
        const r = rig(policy, seed, config)
        for (const [core, text] of code) execute(r, core, text)
        checkCertain(r, power, { ...DEFAULT_MODEL, unit })
      }),
      { numRuns: runs(12) },
    )
  })
})

/** Of every schedule: what its loads returned, what a power failure after the last instruction leaves, its recording. */
function everySchedule(code: Code): Map<string, { readonly images: Set<string>; readonly runs: Rig[] }> {
  const found = new Map<string, { readonly images: Set<string>; readonly runs: Rig[] }>()
  for (const { rig: r, issued } of everyState(code)) {
    if (issued < code.length) continue
    const { images, runs } = found.get(r.loads.join()) ?? { images: new Set(), runs: [] }
    found.set(r.loads.join(), { images, runs })
    const left = leftBy(r, new Cursor(r.trace), r.trace.length - 1, 'adr')
    images.add(left.map((version, i) => r.hw.history.contents(version, r.hw.lines.initial(i + 1)).join()).join(' '))
    if (runs.length < 8) runs.push(r)
  }
  return found
}

test.each(models)('a movdir64b may follow another and a movnt to words of its line: %o', ({ unit, power }) => {
  const r = rig('lazy')
  for (const text of ['movdir a 1', 'ntdq16 e 1', 'movdir e 1']) execute(r, 0, text)
  const images = possible(walkOf(r, power, { ...DEFAULT_MODEL, unit }).at(r.trace.length - 1)).images
  // Of one line nothing or all; of the other also either cell of the movnt, or both. Sixteen words without ADR.
  expect(images).toBe(unit === 'word' && power === 'none' ? 2n ** 16n : 10n)
})

const place = fc.constantFrom('a', 'a.1', 'b')
const small = fc.array(
  fc.tuple(
    fc.constantFrom(0, 1),
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.tuple(fc.constant('st'), place, fc.integer({ min: 1, max: 2 })).map((t) => t.join(' ')),
      },
      fc.tuple(fc.constantFrom('clwb', 'clflush', 'ld', 'nt'), place).map(([op, at]) => `${op} ${at} 1`),
      fc
        .tuple(fc.constantFrom('xchg', 'faa', 'cas'), place, fc.integer({ min: 0, max: 1 }))
        .map(([op, at, value]) => `${op} ${at} ${value}${op === 'cas' ? ' 2' : ''}`),
      fc.constant('sfence'),
    ),
  ),
  { maxLength: 4 },
)

function checkEvery(code: Code): void {
  for (const { images, runs: all } of everySchedule(code).values())
    for (const r of all)
      expect(possible(walkOf(r, 'adr').at(r.trace.length - 1)).images, JSON.stringify(code)).toBe(BigInt(images.size))
}

test('every image of the set is left by some schedule, and no other', () => {
  fc.assert(fc.property(small, checkEvery), { numRuns: runs(25) })
})
