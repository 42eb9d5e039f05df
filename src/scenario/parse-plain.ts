/**
 * A scenario without front matter, or with a plain title and nothing else. The page reads its first scenario with this
 * and fetches the reader of YAML with the first that has more. What is read here means the same there.
 */

import { type Parsed, parseWith } from './parse-with.ts'
import type { Span, YamlScalar } from './yaml/node.ts'
import type { YamlText } from './yaml/read.ts'

/** Words that YAML takes for text, quotes and colons left out. */
const TITLE = /^(?:title: ([A-Z][a-z]*(?: [A-Za-z]+)+)\n)?$/

/** Undefined: the front matter has more. */
export const parsePlain = (text: string): Parsed | undefined => parseWith(plainYaml, text, [])

function plainYaml(text: string, offset: number, yaml: string): YamlText | undefined {
  const found = TITLE.exec(yaml)
  if (found === null) return undefined
  const [, title] = found
  const first = text.slice(0, offset).split('\n').length
  const position = ({ offset: at, end }: Span) => ({ line: first, column: at + 1, length: Math.max(1, end - at) })
  if (title === undefined) return { root: undefined, errors: [], refused: [], position }
  const scalar = (value: string, at: number): YamlScalar => {
    return { kind: 'scalar', at: { offset: at, end: at + value.length }, value, source: value, style: 'plain' }
  }
  const items = [{ key: scalar('title', 0), value: scalar(title, 7) }]
  const root = { kind: 'map', at: { offset: 0, end: 7 + title.length }, items } as const
  return { root, errors: [], refused: [], position }
}
