/**
 * A litmus test as a scenario: the machine of an empty front matter with a core a thread, no setup, and, where the test
 * asks what survives in caches, eADR.
 */

import { err, ok, type Result } from '../base/result.ts'
import { parseLitmus } from '../formats/litmus/parse.ts'
import { parseScenario } from './parse.ts'
import type { ParsedScenario } from './parse-with.ts'
import type { ScenarioDiagnostic } from './reading.ts'
import type { Setting } from './settings.ts'

/** More steps than any test needs that ends; one that spins is cut off. */
const BUDGET = { steps: 100_000, ticks: 10_000_000 }

export function readLitmus(
  text: string,
  settings: readonly Setting[],
): Result<ParsedScenario, readonly ScenarioDiagnostic[]> {
  const test = parseLitmus(text)
  const frame = parseScenario('', settings)
  if (!test.ok || !frame.ok) return err([...(test.ok ? [] : test.error), ...(frame.ok ? [] : frame.error)])
  const { machine } = frame.value
  const threads = test.value.program.threads.map((_, index) => `P${index}`)
  return ok({
    ...frame.value,
    title: test.value.name,
    machine: {
      ...machine,
      cores: threads.length,
      power_fail: test.value.when === 'eadr' ? 'eadr' : machine.power_fail,
    },
    setup: '',
    threads,
    what: { kind: 'litmus', test: test.value },
    budget: BUDGET,
    positions: new Map(),
    ...(test.value.warnings.length === 0 ? {} : { warnings: test.value.warnings }),
  })
}
