/** Any text that runs, to a `Scenario`: front matter and C, or a litmus test; the text itself tells which. */

import type { Result } from '../base/result.ts'
import { looksLikeLitmus } from '../formats/litmus/looks-like.ts'
import { readLitmus } from './litmus.ts'
import { parseScenario } from './parse.ts'
import type { ParsedScenario } from './parse-with.ts'
import type { ScenarioDiagnostic } from './reading.ts'
import type { Setting } from './settings.ts'

/** `settings` change keys of the front matter before it is read. */
export const readScenario = (
  text: string,
  settings: readonly Setting[] = [],
): Result<ParsedScenario, readonly ScenarioDiagnostic[]> =>
  (looksLikeLitmus(text) ? readLitmus : parseScenario)(text, settings)
