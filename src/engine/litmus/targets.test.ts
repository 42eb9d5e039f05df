import { expect, test } from 'vitest'
import { parseLitmus } from '../../formats/litmus/parse.ts'
import { targetsOf } from './targets.ts'

function targets(condition: string): readonly string[] {
  const text = `name: t\nthread 0: store x 1; load r y\nthread 1: store y 1; load s x\n${condition}\nverdict: allowed\n`
  const parsed = parseLitmus(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return targetsOf(parsed.value).map((each) => each.map(({ name, value }) => `${name}=${value}`).join(' '))
}

test('a conjunction is one row, each alternative another', () => {
  expect(targets('crash: exists x=0 y=1')).toEqual(['x=0 y=1'])
  expect(targets('crash: exists x=0 y=1 | x=1')).toEqual(['x=0 y=1', 'x=1'])
  expect(targets('final: exists 0:r=0 1:s=0')).toEqual(['0:r=0 1:s=0'])
})

test('alternatives inside a conjunction are multiplied out, and what contradicts itself is no row', () => {
  expect(targets('crash: exists x=1 /\\ (y=0 \\/ x=0 \\/ y=1)')).toEqual(['x=1 y=0', 'x=1 y=1'])
})

test('what is no choice among values has no rows', () => {
  expect(targets('crash: exists ~(x=1)')).toEqual([])
  expect(targets('crash: forall x=1')).toEqual([])
})
