/**
 * Where the YAML ends and the C begins: `---`, YAML, `---`, C. A text whose first line is not `---` is all C.
 */

import { type Diagnostic, diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'

export interface ScenarioParts {
  /** The YAML text and where it begins in the whole text (UTF-16 units). */
  readonly yaml: string
  readonly yamlOffset: number
  /** Where the C begins in the whole text. */
  readonly programOffset: number
  /** The C text, with an empty line in front for every line of front matter. */
  readonly program: string
}

/** UTF-16 units. A link holds far less; a file beyond this is a mistake or an attack. */
const TEXT_LIMIT = 1024 * 1024
const YAML_LIMIT = 128 * 1024

export function splitFrontMatter(text: string): Result<ScenarioParts, Diagnostic> {
  if (text.length > TEXT_LIMIT)
    return err(
      diagnostic(1, 1, 1, `the scenario has ${text.length} characters; at most ${TEXT_LIMIT} (1 MiB) are read`),
    )
  const bom = text.startsWith('\ufeff') ? 1 : 0
  const opening = /^---[ \t]*\r?(?:\n|$)/.exec(text.slice(bom, bom + 1000))
  if (opening === null) {
    return ok({ yaml: '', yamlOffset: 0, programOffset: bom, program: bom === 1 ? ` ${text.slice(1)}` : text })
  }
  const yamlOffset = bom + opening[0].length
  const closing = /^---[ \t]*\r?$/m
  const found = closing.exec(text.slice(yamlOffset))
  if (found === null) {
    return err(
      diagnostic(1, bom + 1, 3, 'the front matter that begins here does not end', 'expected a line `---` before the C'),
    )
  }
  if (found.index > YAML_LIMIT) {
    return err(diagnostic(2, 1, 1, `the front matter has ${found.index} characters; at most ${YAML_LIMIT} are read`))
  }
  const yaml = text.slice(yamlOffset, yamlOffset + found.index)
  const after = yamlOffset + found.index + found[0].length
  const end = text.charAt(after) === '\n' ? after + 1 : after
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++
  return ok({ yaml, yamlOffset, programOffset: end, program: '\n'.repeat(lines) + text.slice(end) })
}
