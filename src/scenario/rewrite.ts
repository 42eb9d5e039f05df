/** A scenario's text with keys of its front matter changed, comments and the C kept. */

import { isMap } from 'yaml'
import { diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import { splitFrontMatter } from './front-matter.ts'
import type { ScenarioDiagnostic } from './reading.ts'
import { applySetting, type Setting } from './settings.ts'
import { parseYaml } from './yaml.ts'

export function rewriteScenario(
  text: string,
  settings: readonly Setting[],
): Result<string, readonly ScenarioDiagnostic[]> {
  if (settings.length === 0) return ok(text)
  const parts = splitFrontMatter(text)
  if (!parts.ok) return err([parts.error])
  const { yaml, yamlOffset, programOffset } = parts.value
  const { document, errors } = parseYaml(text, yamlOffset, yaml)
  if (document === undefined || errors.length > 0) return err(errors)
  for (const setting of settings) {
    const changed = applySetting(document.contents, setting)
    const problem = changed.ok ? (isMap(changed.value) ? undefined : 'the front matter has no keys') : changed.error
    if (problem !== undefined) return err([{ ...diagnostic(1, 1, 1, problem), setting: setting.spelled }])
    if (changed.ok) document.contents = changed.value
  }
  return ok(`---\n${document.toString({ lineWidth: 0 })}---\n${text.slice(programOffset)}`)
}
