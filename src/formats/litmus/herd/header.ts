/** What stands before the initial state: `X86_64 NAME`, a text in quotes, `Key=Value` lines. */

import { type Problems, quoted } from '../problems.ts'
import type { Word } from '../tokens.ts'
import type { Dialect } from './registers.ts'

export interface Header {
  readonly dialect: Dialect
  readonly name: string
  /** The text in quotes. */
  readonly text: string
  readonly keys: readonly Key[]
  /** Where the initial state begins: a position in the text, and its place. */
  readonly body: { readonly at: number; readonly line: number; readonly column: number }
}

interface Key {
  readonly key: Word
  readonly option?: Word
  readonly value: Word
}

const BEGINNING = /^\s*(X86_64|X86)(?![\w=:])/i
const OTHERS =
  /^\s*(AArch64|ARM|PPC|RISCV|MIPS|LISA|LK|C|CPP|Java|BPF|ASL)[^\S\n]+[\w.+-]+\s*(?:"[^"]*"\s*|\w+=[^\n]*\n\s*)*\{/i
const NAME = /[^\S\n]*([\w./+[\]-]*)[^\S\n]*(?:\([^)\n]*\))?\s*(?:"([^"]*)")?[^\S\n]*;?/y
const KEY = /^(\s*)([A-Za-z][\w./-]*)(\s*)(?:\[([^\]]*)\])?(\s*=\s*)(.*?)\s*$/

/** Another architecture's name, if the text is a herd test for it. */
export const otherArchitecture = (text: string): string | undefined => OTHERS.exec(text)?.[1]

/** `text`: without comments, and beginning with the architecture. */
export function readHeader(text: string, nameHint: string, problems: Problems): Header | undefined {
  const start = BEGINNING.exec(text)
  NAME.lastIndex = start?.[0].length ?? 0
  const [whole = '', name = '', doc = ''] = NAME.exec(text) ?? []
  const dialect = start?.[1]?.toUpperCase() === 'X86' ? 'X86' : 'X86_64'
  let at = (start?.[0].length ?? 0) + whole.length
  const head = text.slice(0, at)
  let line = head.split('\n').length
  const keys: Key[] = []
  for (;;) {
    const end = text.indexOf('\n', at)
    const rest = text.slice(at, end < 0 ? text.length : end)
    const column = at - text.lastIndexOf('\n', at - 1)
    const [, indent = '', key = '', gap = '', option, equals = '', value = ''] = KEY.exec(rest) ?? []
    const brace = rest.indexOf('{')
    if (key !== '') {
      const keyColumn = column + indent.length
      const optionColumn = keyColumn + key.length + gap.length + 1
      const valueColumn = optionColumn - 1 + (option === undefined ? 0 : option.length + 2) + equals.length
      keys.push({
        key: { text: key, line, column: keyColumn },
        value: { text: value, line, column: valueColumn },
        ...(option === undefined ? {} : { option: { text: option, line, column: optionColumn } }),
      })
    } else if (brace >= 0) {
      const word = start?.[1] ?? ''
      if (name === '' && nameHint === '')
        problems.at({ text: word, line: 1, column: 1 }, `expected a name behind ${quoted(word)}`)
      const body = { at: at + brace, line, column: column + brace }
      return {
        dialect,
        name: name === '' || name === '--' ? nameHint : name,
        text: doc.replaceAll(/\s+/g, ' ').trim(),
        keys,
        body,
      }
    }
    if (end < 0) {
      const place = { text: '', line, column: column + rest.length }
      return problems.at(
        place,
        'there is no initial state',
        '`{ }` before the table of threads, if everything begins as 0',
      )
    }
    at = end + 1
    line += 1
  }
}
