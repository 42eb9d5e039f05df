/**
 * The words of a litmus file, with their places. Both syntaxes are cut by the same rules: they share names, numbers and
 * the operators of conditions.
 */

import type { SourcePlace } from '../../engine/litmus/test.ts'

/** A piece of the text; `line` and `column` count from 1. */
export interface Word {
  readonly text: string
  readonly line: number
  readonly column: number
}

export interface Token extends Word {
  /** `other`: a character that means nothing here, or a string. */
  readonly kind: 'name' | 'number' | 'sign' | 'other'
}

const LEXEME =
  /(?<name>[A-Za-z_.][\w.']*(?:[-/]\w[\w.']*)*)|(?<number>-?\d\w*)|(?<sign>\/\\|\\\/|=>|==|!=|<>|<-|[=~()[\]{};|,:$%+*&-])|(?<other>"[^"]*"|[^\s])/gy
const BLANK = /[^\S\n]+/y

/** `line` and `column`: where `text` begins in the file. */
export function tokensOf(text: string, line = 1, column = 1): readonly Token[] {
  const tokens: Token[] = []
  let lineStart = 1 - column
  let at = 0
  while (at < text.length) {
    if (text[at] === '\n') {
      at += 1
      line += 1
      lineStart = at
      continue
    }
    BLANK.lastIndex = at
    if (BLANK.test(text)) {
      at = BLANK.lastIndex
      continue
    }
    LEXEME.lastIndex = at
    const groups = LEXEME.exec(text)?.groups
    const kind = (['name', 'number', 'sign', 'other'] as const).find((name) => groups?.[name] !== undefined) ?? 'other'
    const word = groups?.[kind] ?? (text[at] as string)
    tokens.push({ kind, text: word, line, column: at - lineStart + 1 })
    at += word.length
    for (let i = word.indexOf('\n'); i >= 0; i = word.indexOf('\n', i + 1)) {
      line += 1
      lineStart = at - word.length + i + 1
    }
  }
  return tokens
}

/** The same text with every comment blanked, so that places stay: `(* … *)`, nested, and `#` to the end of its line. */
export function withoutComments(text: string): string {
  let depth = 0
  let quoted = false
  let hash = false
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const two = text.slice(i, i + 2)
    const one = text[i] as string
    if (one === '\n') hash = false
    if (!hash && !quoted && two === '(*') {
      depth += 1
      out += '  '
      i += 1
    } else if (!hash && depth > 0 && two === '*)') {
      depth -= 1
      out += '  '
      i += 1
    } else {
      if (depth === 0 && !hash && one === '"') quoted = !quoted
      if (depth === 0 && !quoted && one === '#') hash = true
      out += one === '\n' || (depth === 0 && !hash) ? one : ' '
    }
  }
  return out
}

const INTEGER = /^(-?)(0[xX][0-9a-fA-F]+|\d+)$/
const HALF = 1n << 63n

/** Undefined: no integer, or none that eight bytes hold, signed or not. More digits than that are not even converted. */
export function integerOf(text: string): bigint | undefined {
  const [, minus, digits] = INTEGER.exec(text) ?? []
  if (digits === undefined || digits.replace(/^(0[xX])?0*/, '').length > 20) return undefined
  const value = minus === '' ? BigInt(digits) : -BigInt(digits)
  return value < -HALF || value >= 2n * HALF ? undefined : value
}

export const isInteger = (text: string): boolean => INTEGER.test(text)

/** From the first to the last of some words of one line. */
export function placeOf(words: readonly Word[]): SourcePlace {
  const [first] = words
  const last = words.at(-1)
  if (first === undefined || last === undefined) return { line: 1, column: 1, length: 1 }
  const length = last.line === first.line ? last.column + last.text.length - first.column : first.text.length
  return { line: first.line, column: first.column, length }
}
