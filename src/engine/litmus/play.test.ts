import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { readScenario } from '../../scenario/read.ts'
import { DEFAULT_MODEL } from '../explore/model.ts'
import { frame } from '../inspect/frame.ts'
import { lineView } from '../inspect/line-view.ts'
import type { Recording } from '../inspect/recording.ts'
import { summary } from '../inspect/summary.ts'
import { prepareAny } from '../prepare.ts'
import { record } from '../record.ts'
import { decide } from './decide.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../test/fixtures/litmus/${name}.litmus`, import.meta.url), 'utf8')

const played = (text: string, choices: string): Recording =>
  recorded(text, { interventions: [{ kind: 'schedule', choices }] })

/** Where the test stands at the end of a recording. */
const ending = (r: Recording) => {
  const { litmus } = frame(r, r.steps - 1, r.steps - 2)
  if (litmus === undefined) throw new Error('this is a recording of a litmus test')
  return litmus
}
const stuckOf = (r: Recording): string | undefined => summary(r).litmus?.schedule?.stuck?.reason

const A07 = fixture('PX-A07-flushopt-sfence')
const header = 'name: t\nthread 0: '
const question = '\ncrash: exists x=1\nverdict: allowed\n'

describe('a litmus test on the machine', () => {
  test('runs to its end without a schedule, as policy and turns have it', () => {
    const r = recorded(A07)
    expect(summary(r)).toMatchObject({ title: 'PX-A07-flushopt-sfence', threads: [{ name: 'P0' }], unresolved: [] })
    expect(ending(r)).toEqual({
      next: [4],
      registers: [[]],
      memory: [
        { name: 'x', visible: '1', media: '0', survives: '1' },
        { name: 'y', visible: '1', media: '0', survives: '0' },
      ],
    })
  })

  test('shows the next instruction and the registers at every step', () => {
    const r = recorded(`${header}load r x; store y 7; load s y\ninit: x=5${question}`)
    const states = new Set<string>()
    for (let step = r.machine.programStart; step < r.steps; step++) {
      const { litmus } = frame(r, step, step - 1)
      states.add(`${litmus?.next} ${litmus?.registers[0]?.map(({ name, value }) => `${name}=${value}`).join(' ')}`)
    }
    expect([...states]).toEqual(['0 r=0 s=0', '1 r=5 s=0', '2 r=5 s=0', '3 r=5 s=7'])
  })

  test('has its initial values in memory and on media before anything runs', () => {
    const r = recorded(`${header}store y 1\ninit: x=5${question}`)
    expect(frame(r, r.machine.programStart, 0).litmus?.memory).toContainEqual({
      name: 'x',
      visible: '5',
      media: '5',
      survives: '5',
    })
  })

  test('calls its lines by the names of its locations', () => {
    const r = recorded(A07)
    const [, y] = summary(r).litmus?.locations ?? []
    expect(lineView(r, r.steps - 1, y?.spa ?? 0, 0)).toMatchObject({ file: 'y', offset: 0 })
  })

  test('tells the instructions of one line of text apart by their anchors', () => {
    const r = recorded(A07)
    const steps = Array.from({ length: r.steps - r.machine.programStart }, (_, i) => r.machine.programStart + i)
    expect(steps.map((step) => r.stepOf(r.anchorOf(step)))).toEqual(steps)
  })

  test('of a thread that spins is cut off, and says so', () => {
    const spin = 'name: t\nthread 0: L: load r x; ifeq r 0 L\nfinal: exists 0:r=1\nverdict: forbidden\n'
    expect(summary(recorded(spin)).problem).toMatchObject({ budget: true })
    const dead = 'name: t\nthread 0: load r x; L: goto L\nfinal: exists 0:r=1\nverdict: forbidden\n'
    expect(summary(recorded(dead)).problem?.message).toContain('without touching memory')
  })
})

describe('a schedule', () => {
  test('decides all that happens: nothing moves that it does not name', () => {
    const early = played(A07, 'P0 P0 P0 P0')
    expect(stuckOf(early)).toBeUndefined()
    expect(ending(early).memory.map(({ visible }) => visible)).toEqual(['0', '0'])
    const moved = played(A07, 'P0 drain:P0:x write-back:x power-off')
    expect(ending(moved).memory.map(({ media }) => media)).toEqual(['1', '0'])
    expect(summary(moved)).toMatchObject({ failedAt: moved.steps - 1, unresolved: [] })
  })

  test('lets a load pass an sfence that is not done', () => {
    const text = fixture('NT-18-sb-nt-sfence')
    const r = played(text, 'P0 P0 P1 P1 P0 P1')
    expect(stuckOf(r)).toBeUndefined()
    expect(ending(r).registers).toEqual([[{ name: 'r', value: '0' }], [{ name: 'r', value: '0' }]])
  })

  test.each([
    ['P0 P1', 1, 'there is no thread P1'],
    ['drain:P0:x', 0, 'its store buffer lets no store to x go'],
    ['P0 drain:P0:z', 1, 'the test has no location z'],
    ['P0 P0 P0 fence:P0', 3, 'no fence of it may be done: what it waits for has not arrived'],
    ['P0 P0 P0 P0 P0', 4, 'P0 cannot go on: it has executed its last instruction'],
    ['P0 power-on', 1, '`power-on` is no choice of a schedule'],
    ['P0 power-off P0', 2, 'the power is off'],
    ['P0 write-back:x', 1, "x's line is not dirty in any cache"],
    ['P0 drain:P0:x flush:P0:x', 2, "no flush of x's line may do its work"],
  ])('that cannot be carried on is reported with the choice: %s', (choices, choice, reason) => {
    const r = played(A07, choices)
    expect(summary(r)).toMatchObject({ unresolved: [0], litmus: { schedule: { stuck: { choice, reason } } } })
  })

  test('waits for nothing: a fence that cannot be done yet is refused before it begins', () => {
    const r = played(`${header}store x 1; mfence${question}`, 'P0 P0')
    expect(stuckOf(r)).toBe('P0 cannot go on: its store buffer is not empty, and mfence waits for that')
  })

  test('is the same recording every time', () => {
    const choices = 'P0 drain:P0:x P0 flush:P0:x power-off'
    expect(played(A07, choices).hash()).toBe(played(A07, choices).hash())
  })

  test('of a C program does nothing and is among the unresolved', () => {
    const r = played('int main(void) { return 0; }', 'P0')
    expect(summary(r)).toMatchObject({ unresolved: [0] })
  })

  test('goes together with an intervention of a person', () => {
    const choices = 'P0 drain:P0:x P0 P0 P0'
    const plain = played(A07, choices)
    const drain = plain.steps - 1
    const step = Array.from({ length: plain.steps }, (_, i) => i).find(
      (i) => i >= plain.machine.programStart && plain.machine.trace.kindOf(i) === 'drain',
    )
    const at = plain.anchorOf(step ?? drain)
    const r = recorded(A07, {
      interventions: [
        { kind: 'schedule', choices },
        { kind: 'power-failure', at },
      ],
    })
    expect(summary(r)).toMatchObject({ failedAt: (step ?? 0) + 1, unresolved: [] })
  })
})

describe('what the machine does of its own accord', () => {
  const settings = (seed: number) => [
    { path: 'machine.policy', value: 'random', spelled: '' },
    { path: 'machine.seed', value: String(seed), spelled: '' },
  ]
  const files = readdirSync(new URL('../../../test/fixtures/litmus/', import.meta.url))

  test.each(files.filter((file) => file.endsWith('.litmus')))('is among what the search allows: %s', (file) => {
    const text = fixture(file.replace('.litmus', ''))
    for (let seed = 1; seed <= 4; seed++) {
      const scenario = readScenario(text, settings(seed))
      if (!scenario.ok || scenario.value.what.kind !== 'litmus') throw new Error('this is a litmus test')
      const { test: litmus } = scenario.value.what
      const outcomes = decide(litmus, { model: DEFAULT_MODEL, maxStates: 300_000 }).outcomes
      const allowed = outcomes.map(({ values }) => values.map(({ name, value }) => `${name}=${value}`).join(' '))
      const run = record(scenario.value, text, { prepare: prepareAny })
      if (!run.ok) throw new Error('it can be recorded')
      const r = run.value
      const first = litmus.when === 'crash' || litmus.when === 'eadr' ? r.machine.programStart : r.machine.end
      for (let step = first; step <= r.machine.end; step++) {
        const { litmus: here } = frame(r, step, step - 1)
        const final = litmus.when === 'final'
        const memory = here?.memory.map(({ name, visible, survives }) => `${name}=${final ? visible : survives}`) ?? []
        const registers = here?.registers.flatMap((all, t) => all.map(({ name, value }) => `${t}:${name}=${value}`))
        expect(allowed, `seed ${seed}, step ${step}`).toContain(
          [...memory, ...(final ? (registers ?? []) : [])].join(' '),
        )
      }
    }
  })
})
