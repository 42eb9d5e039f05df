/** All published and derived verdicts, under every option that a file speaks about. */

import { describe, expect, test } from 'vitest'
import { fixtures } from '../../../test/litmus-fixtures.ts'
import { DEFAULT_MODEL, type Model } from '../explore/model.ts'
import { decide } from './decide.ts'

const BUDGET = { maxStates: 1_000_000 }
const published = fixtures('litmus')

const under = (option: string): Model => {
  const [key, value] = option.split('=') as [keyof Model, never]
  return { ...DEFAULT_MODEL, [key]: value }
}

test('there are 150 published tests, 14 with a count of images and 7 verdicts under an option', () => {
  expect(published.length).toBe(150)
  expect(published.filter(({ images }) => images !== undefined).length).toBe(14)
  expect(published.flatMap(({ verdicts }) => verdicts).length).toBe(7)
})

test.each([...published, ...fixtures('litmus-own')])('$name: $shows', (each) => {
  const decision = decide(each, { model: DEFAULT_MODEL, ...BUDGET })
  expect(decision.verdict).toBe(each.verdict)
  if (each.images !== undefined) expect(decision.images).toBe(BigInt(each.images))
  for (const { option, verdict } of each.verdicts) {
    expect([option, decide(each, { model: under(option), ...BUDGET }).verdict]).toEqual([option, verdict])
  }
})

describe('where a file gives no verdict for an option, the option changes nothing', () => {
  test.each(['unit=word', 'movnt=fence', 'cas=paper'] as const)('%s', (option) => {
    for (const each of published.filter(({ verdicts }) => !verdicts.some((verdict) => verdict.option === option))) {
      const { verdict } = decide(each, { model: under(option), ...BUDGET })
      expect([each.name, verdict]).toEqual([each.name, each.verdict])
    }
  })
})

describe('the reduction loses nothing, in any test under any option', () => {
  test.each([undefined, 'unit=word', 'movnt=fence', 'cas=paper'])('%s', (option) => {
    const model = option === undefined ? DEFAULT_MODEL : under(option)
    for (const each of published) {
      const { verdict, images, outcomes } = decide(each, { model, ...BUDGET })
      const whole = decide(each, { model, ...BUDGET, reduce: false })
      expect([each.name, verdict, images, outcomes]).toEqual([each.name, whole.verdict, whole.images, whole.outcomes])
    }
  })
})

test('a budget never forbids: what it cuts short is allowed or undecided', () => {
  for (const each of published) {
    const cut = decide(each, { model: DEFAULT_MODEL, maxStates: 5 })
    if (cut.complete) expect(cut.verdict).toBe(each.verdict)
    else expect(each.verdict === 'allowed' ? ['allowed', 'undecided'] : ['undecided']).toContain(cut.verdict)
  }
})

test('every outcome has a witness that executes every instruction at most as often as it issues', () => {
  for (const each of published) {
    const { outcomes, witness } = decide(each, { model: DEFAULT_MODEL, ...BUDGET, witnesses: true })
    for (const i of outcomes.keys()) {
      const { transitions, chosen } = witness(i)
      const issued = new Set<string>()
      for (const { kind, thread, pc, visit } of transitions) {
        const key = `${thread} ${pc} ${visit}`
        expect(issued.has(key)).toBe(kind === 'effect')
        if (kind === 'issue') issued.add(key)
        else issued.delete(key)
      }
      for (const maker of chosen ?? []) expect(maker).toBeLessThan(transitions.length)
    }
  }
})
