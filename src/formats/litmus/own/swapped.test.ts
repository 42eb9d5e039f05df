import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseLitmus } from '../parse.ts'

function warned(text: string): readonly string[] {
  const parsed = parseLitmus(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value.warnings.map(({ line, column, hint }) => `${line}:${column} ${hint}`)
}

const testOf = (first: string, second = 'store y 1', condition = 'final: exists y=1'): string =>
  `thread 0: ${first}\nthread 1: ${second}\n${condition}\nverdict: allowed\n`

test('a load whose register is a location, and whose location is named like a register, is the wrong way round', () => {
  expect(warned(testOf('load y r1'))).toEqual(['1:16 load takes the register first: `load r1 y`'])
  expect(warned(testOf('store x 1; load y r'))).toEqual(['1:27 load takes the register first: `load r y`'])
  expect(warned(testOf('cas y r0 0 1'))).toEqual(['1:15 cas takes the register first: `cas r0 y 0 1`'])
})

test('one that is right beside it is not suspected', () => {
  expect(warned(testOf('load r1 y; load y r1'))).toHaveLength(1)
  expect(warned(testOf('xchg y r1 1; load r1 y'))).toHaveLength(1)
})

test('a name that is a register here and a location there is strange, however it is spelled', () => {
  expect(warned(testOf('load y z'))).toEqual(['1:16 load takes the register first'])
})

test('a location that is named like a register is believed when something stores to it or the test declares it', () => {
  expect(warned(testOf('load a r1', 'store r1 1; store y 1'))).toEqual([])
  expect(warned(`init: r1=5\n${testOf('load a r1')}`)).toEqual([])
  expect(warned(`layout: {r1,y}\n${testOf('load a r1')}`)).toEqual([])
})

test('no published test is suspected', () => {
  const folder = new URL('../../../../test/fixtures/litmus/', import.meta.url)
  const names = readdirSync(folder).filter((name) => name.endsWith('.litmus'))
  expect(names.length).toBeGreaterThan(100)
  expect(names.filter((name) => warned(readFileSync(new URL(name, folder), 'utf8')).length > 0)).toEqual([])
})
