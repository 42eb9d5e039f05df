/**
 * Programs with pieces removed, doubled, exchanged or brought in from others: compiler and machine answer, and never
 * throw.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runReport } from '../src/engine/inspect/report.ts'
import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import { rare } from '../src/lang/c/check-rare.ts'
import { compile } from '../src/lang/c/compile.ts'
import { allHeaders } from '../src/lang/c/more-headers.ts'
import type { ParsedScenario } from '../src/scenario/parse-with.ts'
import { readScenario } from '../src/scenario/read.ts'
import { runs } from './runs.ts'

const textsIn = (folder: string, ending: string): readonly string[] => {
  const path = fileURLToPath(new URL(folder, import.meta.url))
  return readdirSync(path)
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(`${path}${file}`, 'utf8'))
}
const texts = [...textsIn('c-programs/', '.c'), ...textsIn('../src/scenarios/', '.pmem')]
const pieces = texts.map((text) => text.match(/\w+|\s+|[^\w\s]/g) ?? [])

const edit = fc.record({
  at: fc.nat(),
  drop: fc.nat({ max: 6 }),
  from: fc.nat(),
  start: fc.nat(),
  take: fc.nat({ max: 8 }),
})

/** A little of its run: to the end, to a trap that says why, or to the budget's end. */
function ran(scenario: ParsedScenario, text: string): void {
  const budget = { ...scenario.budget, steps: 2000, ticks: 20_000 }
  const result = record({ ...scenario, budget }, text, { prepare: prepareAny })
  if (result.ok) expect(runReport(result.value, undefined).stdout.length).toBeLessThan(1_000_000)
  else expect(result.error.length).toBeGreaterThan(0)
}

test('a mutated program runs for a while, or is a list of mistakes with places', { timeout: 120_000 }, () => {
  const property = fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 5 }), (which, edits) => {
    const words = [...(pieces[which % pieces.length] ?? [])]
    for (const { at, drop, from, start, take } of edits) {
      const other = pieces[from % pieces.length] ?? []
      const first = start % Math.max(1, other.length)
      words.splice(at % (words.length + 1), drop, ...other.slice(first, first + take))
    }
    const text = words.join('')
    const scenario = readScenario(text)
    const result = compile(text, { headers: allHeaders, rare })
    if (!result.ok) expect(result.error.every(({ line, column }) => line > 0 && column > 0)).toBe(true)
    if (!scenario.ok) expect(scenario.error.length).toBeGreaterThan(0)
    else ran(scenario.value, text)
  })
  fc.assert(property, { numRuns: runs(300) })
})
