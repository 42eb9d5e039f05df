/**
 * A file in our own format, cut into its fields: `key: value`, one a line.
 *
 * Keys that hold prose keep every character; in the others `#` begins a comment, and `(* … *)` is one. Lines behind a
 * thread's that are indented and begin no field continue it.
 */

import { meant, type Problems, quoted } from '../problems.ts'
import { type Word, withoutComments } from '../tokens.ts'

const PROSE = ['name', 'shows', 'source', 'confidence', 'model'] as const
export const CONDITIONS = ['crash', 'end-crash', 'final', 'eadr'] as const
const KEYS: readonly string[] = [...PROSE, 'layout', 'init', 'thread', ...CONDITIONS, 'verdict', 'images']
const REPEATED = ['layout', 'init', 'thread', 'verdict']

export interface Field {
  readonly key: Word
  /** The number of a thread. */
  readonly thread?: Word
  /** What stands in brackets behind `verdict`. */
  readonly option?: Word
  /** Line by line; a field that is not continued has one. */
  readonly values: readonly Word[]
}

const FIELD = /^(\s*)([A-Za-z][A-Za-z-]*)(\s*)([^\s:[]*)\s*(\[[^\]]*\])?\s*:/

export function fieldsOf(text: string, problems: Problems): readonly Field[] {
  const fields: (Field & { values: Word[] })[] = []
  const first = new Map<string, Field>()
  const lines = text.split(/\r?\n/)
  let open = false
  for (const [index, raw] of lines.entries()) {
    const line = index + 1
    const prose: boolean = !open && (PROSE as readonly string[]).includes(FIELD.exec(raw)?.[2]?.toLowerCase() ?? '')
    const blanked = withoutComments(open ? `(*${raw}` : raw)
    const shown = prose ? raw : open ? blanked.slice(2) : blanked
    open = !prose && leavesOpen(open, raw)
    if (shown.trim() === '') continue
    const match = FIELD.exec(shown)
    const [, indent = '', key = '', gap = '', argument = '', brackets] = match ?? []
    const known = KEYS.includes(key.toLowerCase()) && (key.toLowerCase() === 'thread' || argument === '')
    const last = fields.at(-1)
    if (!known && last?.key.text === 'thread' && /^\s/.test(shown)) {
      last.values.push({ text: shown, line, column: 1 })
      continue
    }
    if (match === null) {
      const word = { text: shown.trim(), line, column: shown.length - shown.trimStart().length + 1 }
      problems.at(word, `expected a field such as \`thread 0: …\`, found ${quoted(word.text)}`)
      continue
    }
    const column = indent.length + 1
    const keyWord = { text: key.toLowerCase(), line, column }
    if (!known) {
      const hint = meant(key, KEYS) ?? `the fields are ${KEYS.join(', ')}`
      problems.at({ text: `${key}${gap}${argument}`, line, column }, `unknown field ${quoted(key)}`, hint)
      continue
    }
    const argumentColumn = column + key.length + gap.length
    const bracketColumn = shown.indexOf('[', column + key.length - 1) + 2
    const field = {
      key: keyWord,
      ...(keyWord.text === 'thread' ? { thread: { text: argument, line, column: argumentColumn } } : {}),
      ...(brackets === undefined ? {} : { option: { text: brackets.slice(1, -1), line, column: bracketColumn } }),
      values: [{ text: shown.slice(match[0].length), line, column: match[0].length + 1 }],
    }
    if (brackets !== undefined && keyWord.text !== 'verdict') {
      problems.at({ text: brackets, line, column: bracketColumn - 1 }, 'only a verdict is given for one option')
    }
    const earlier = first.get(keyWord.text)
    if (earlier !== undefined && !REPEATED.includes(keyWord.text)) {
      problems.at(keyWord, `\`${keyWord.text}\` is given twice, first in line ${earlier.key.line}`)
      continue
    }
    first.set(keyWord.text, earlier ?? field)
    fields.push(field)
  }
  return fields
}

/** Whether a comment goes on behind this line. */
function leavesOpen(open: boolean, raw: string): boolean {
  const marked = withoutComments(`${open ? '(*' : ''}${raw} \n!`)
  return !marked.endsWith('!')
}

/** The value without the blanks around it. */
export function trimmed(value: Word): Word {
  const text = value.text.trim()
  return { text, line: value.line, column: value.column + value.text.length - value.text.trimStart().length }
}
