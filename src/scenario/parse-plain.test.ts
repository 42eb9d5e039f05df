import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { parseScenario } from './parse.ts'
import { parsePlain } from './parse-plain.ts'

const PROGRAM = 'int main(void) { return 0; }\n'

test('the first scenario of the page needs no YAML', () => {
  const text = readFileSync(new URL('../scenarios/flag-before-record.pmem', import.meta.url), 'utf8')
  expect(parsePlain(text)).toEqual(parseScenario(text))
  expect(parsePlain(PROGRAM)).toEqual(parseScenario(PROGRAM))
})

test('a front matter with more than a plain title is left to the reader of YAML', () => {
  for (const more of [
    'title: null\n',
    'title: Yes\n',
    'title: A: b\n',
    'title: A b\nkernel: v4.13\n',
    'threads: [a]\n',
  ])
    expect(parsePlain(`---\n${more}---\n${PROGRAM}`)).toBeUndefined()
})

test('what is read without YAML means the same with it', () => {
  const words = fc.stringMatching(/^[A-Za-z :#'-]{0,14}$/)
  const matter = fc.oneof(
    words,
    words.map((rest) => `title: A ${rest}`),
    fc.constantFrom('title: Null And', 'title: True x'),
  )
  fc.assert(
    fc.property(matter, fc.constantFrom('\n', '\r\n', ''), (line, end) => {
      const text = `---\n${line}${end}---\n${PROGRAM}`
      const plain = parsePlain(text)
      if (plain !== undefined) expect(plain).toEqual(parseScenario(text))
    }),
    { numRuns: runs(500) },
  )
})
