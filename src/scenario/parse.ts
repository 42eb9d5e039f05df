/** A scenario's text, whatever YAML its front matter is, to a `Scenario` or to everything that is wrong with it. */

import { type Parsed, parseWith } from './parse-with.ts'
import { applySetting, type Setting } from './settings.ts'
import { parseYaml } from './yaml/read.ts'

/** `settings` change keys of the front matter before it is read. */
export const parseScenario = (text: string, settings: readonly Setting[] = []): Parsed =>
  parseWith(
    parseYaml,
    text,
    settings.map((setting) => ({ ...setting, made: (root) => applySetting(root, setting) })),
  )
