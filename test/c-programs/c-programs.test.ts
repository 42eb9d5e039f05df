/**
 * gcc is the judge: what each program of this folder prints here is what it prints natively, kept beside it as NAME.out.
 *
 * Where gcc is installed, the kept outputs are what it says today, too.
 */

import { execFile, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { renderDiagnostic } from '../../src/base/diagnostic.ts'
import { runReport } from '../../src/engine/inspect/report.ts'
import { prepareAny } from '../../src/engine/prepare.ts'
import { record } from '../../src/engine/record.ts'
import { readScenario } from '../../src/scenario/read.ts'
import { AWAITED } from './awaited.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.c'))
  .map((file) => file.slice(0, -2))
const kept = (name: string): string => readFileSync(`${folder}${name}.out`, 'utf8')

/** What the program prints, and its exit status if that is not 0; or why it does not run to its end. */
function outcome(name: string): string {
  const text = readFileSync(`${folder}${name}.c`, 'utf8')
  const parsed = readScenario(text)
  const recording = parsed.ok ? record(parsed.value, text, { prepare: prepareAny }) : parsed
  if (!recording.ok) return recording.error.map((d) => renderDiagnostic(d, text, `${name}.c`)).join('\n')
  const { stdout, exit, problem } = runReport(recording.value, undefined)
  const status = exit['main'] ?? 0
  const stopped = problem === undefined ? '' : `\n${name}.c:${problem.line}: ${problem.message}\n`
  return `${stdout}${stopped}${stopped === '' && status !== 0 ? `[exit ${status}]\n` : ''}`
}

describe('a program prints what it prints when gcc has compiled it', () => {
  test.each(names.filter((name) => !(name in AWAITED)))('%s', (name) => {
    expect(outcome(name)).toBe(kept(name))
  })

  test.each(Object.keys(AWAITED))('%s: awaited, and not there yet', (name) => {
    expect(outcome(name), `${name} works now: take it off the list`).not.toBe(kept(name))
  })
})

// Elsewhere `gcc` may be another compiler, for another machine.
const noGcc =
  process.platform !== 'linux' || process.arch !== 'x64' || spawnSync('gcc', ['--version']).error !== undefined

test.skipIf(noGcc)(
  `the kept outputs are what gcc says${noGcc ? ' (skipped: no gcc for x86-64 Linux here)' : ''}`,
  async () => {
    const checked = await promisify(execFile)(process.execPath, [`${folder}judge.mjs`, '--check'])
    expect(checked.stdout).toBe(`${names.length} programs, 0 differ\n`)
  },
  120_000,
)
