import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Explored } from '../../state/app-state.ts'
import { columnsOf, missingRows, type OutcomeRow, ordered, outcomeRows } from './outcome-rows.ts'

const explored = (part: Partial<Explored>): Explored => ({
  kind: 'explored',
  verdict: 'forbidden',
  states: 1,
  complete: true,
  targets: [{ x: '0', y: '1' }],
  outcomes: [
    { values: { x: '0', y: '0' }, satisfies: false, witness: 'power-off' },
    { values: { x: '1', y: '0' }, satisfies: false, witness: 'P0 power-off' },
  ],
  cut: false,
  ...part,
})

const shown = (rows: readonly OutcomeRow[]): readonly string[] => rows.map(({ key, kind }) => `${key} ${kind}`)

test('what the condition asks for in vain is a row of its own', () => {
  expect(shown(outcomeRows(explored({})))).toEqual(['x=0 y=0 allowed', 'x=1 y=0 allowed'])
  expect(shown(missingRows(explored({})))).toEqual(['? x=0 y=1 forbidden'])
})

test('an alternative that was found is no such row, also when it names only some of the places', () => {
  const targets = [{ y: '1' }, { x: '1' }]
  expect(shown(missingRows(explored({ verdict: 'allowed', targets })))).toEqual(['? y=1 forbidden'])
})

test('nothing is called forbidden after a search that was cut off', () => {
  expect(shown(missingRows(explored({ verdict: 'undecided', complete: false })))).toEqual(['? x=0 y=1 unfound'])
  const listed = { verdict: 'allowed', targets: [{ x: '1' }, { x: '2' }], cut: true } as const
  expect(shown(missingRows(explored(listed)))).toEqual(['? x=2 unfound'])
})

test('a test without any outcome still has columns', () => {
  const test = { locations: [{ name: 'x', spa: 0, size: 8 }] } as unknown as Parameters<typeof columnsOf>[1]
  expect(columnsOf(explored({ outcomes: [] }), test)).toEqual(['x', 'y'])
  expect(columnsOf(explored({}), test)).toEqual(['x', 'y'])
})

test('values are put in order as numbers, however long they are', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, (1n << 64n) - 1n)), fc.boolean(), (values, descending) => {
      const rows = values.map(
        (value): OutcomeRow => ({ key: `x=${value}`, values: { x: String(value) }, kind: 'allowed', satisfies: false }),
      )
      const sorted = ordered(rows, { by: 'x', descending }, new Set()).map((row) => BigInt(row.values['x'] ?? ''))
      const expected = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect(sorted).toEqual(descending ? expected.reverse() : expected)
    }),
  )
})

test('what was seen comes first when a person asks so', () => {
  const rows = outcomeRows(explored({}))
  expect(ordered(rows, { by: { kind: 'seen' }, descending: false }, new Set(['x=1 y=0']))[0]?.key).toBe('x=1 y=0')
})
