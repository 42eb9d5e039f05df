/** What the page begins with is the compiler's own work, and is recorded as it would be with everything loaded. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compile } from '../lang/c/compile.ts'
import type { Program } from '../lang/c/program.ts'
import { parseScenario } from '../scenario/parse.ts'
import { readAgain, writeDown } from './compiled-ahead.ts'
import { firstProgram } from './first-program.ts'
import { prepareAny } from './prepare.ts'
import { record } from './record.ts'

const read = (name: string): string => readFileSync(new URL(`../scenarios/${name}.pmem`, import.meta.url), 'utf8')

function scenarioOf(text: string) {
  const parsed = parseScenario(text)
  if (!parsed.ok || parsed.value.what.kind !== 'c') throw new Error('not a C program')
  return { parsed: parsed.value, source: parsed.value.what.text }
}

function compiled(source: string): Program {
  const program = compile(source)
  if (!program.ok) throw new Error(program.error[0]?.message)
  return program.value
}

const text = read('flag-before-record')
const { parsed, source } = scenarioOf(text)

// After a change of the scenario or the compiler: npx vitest run src/engine/first-program.test.ts -u
test('the file holds what the compiler makes of the first scenario', async () => {
  const { functions, ...rest } = writeDown(source, compiled(source))
  const lines = [
    ...Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`),
    `  "functions": [\n${functions.map((fn) => `    ${JSON.stringify(fn)}`).join(',\n')}\n  ]`,
  ]
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot('./first-program.json')
})

test('read again it is the same program', () => {
  const program = compiled(source)
  const ahead = JSON.parse(JSON.stringify(writeDown(source, program)))
  const functions = program.functions.map((fn) => ({ ...fn, locals: [] }))
  expect(readAgain(source, ahead)).toEqual({ ...program, functions })
  expect(readAgain(`${source} `, ahead)).toBeUndefined()
  expect(() => writeDown('', compiled('int x; int main(void) { return x; }'))).toThrow('globals')
})

test('it is recorded step by step as with the whole kernel and the whole library', () => {
  const hashes = [firstProgram, prepareAny].map((prepare) => {
    const recorded = record(parsed, text, { prepare })
    return recorded.ok ? recorded.value.hash() : recorded.error
  })
  expect(hashes[0]).toEqual(hashes[1])
  expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/)
})

test('any other program is refused, and another machine', () => {
  const other = read('flag-after-record')
  expect(record(scenarioOf(other).parsed, other, { prepare: firstProgram })).toMatchObject({ ok: false })
  const more = scenarioOf(text.replace('---\ntitle', '---\ncmdline: memmap=64M!512M\ntitle'))
  expect(record(more.parsed, text, { prepare: firstProgram })).toMatchObject({ ok: false })
})
