/**
 * Text → preprocessing tokens (C11 §6.4), line continuations and comments removed.
 *
 * Left out: trigraphs, digraphs, universal character names, header names (the preprocessor puts `<a.h>` together).
 */

import type { Place, Token, TokenKind } from './token.ts'

const punctuators = [
  ...['...', '<<=', '>>='],
  ...['->', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||', '*=', '/=', '%=', '+=', '-=', '&=', '^=', '|='],
  ...['##', ...'[](){}.&*+-~!/%<>^|?:;=,#'],
]

/** By their first character, longer ones first. */
const byFirst = new Map<string, readonly string[]>()
for (const p of punctuators) byFirst.set(p[0]!, [...(byFirst.get(p[0]!) ?? []), p])

const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c === 36
const isDigit = (c: number): boolean => c >= 48 && c <= 57
const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === 11 || c === 12

/** The text without `\`-newline, and where each unit of it was. */
function splice(text: string): { text: string; origin: (at: number) => number } {
  if (!/\\\r?\n/.test(text)) return { text, origin: (at) => at }
  const from = new Int32Array(text.length + 1)
  let out = ''
  let start = 0
  let length = 0
  const keep = (end: number): void => {
    for (let i = start; i < end; i++) from[length++] = i
    out += text.slice(start, end)
  }
  for (const match of text.matchAll(/\\\r?\n/g)) {
    keep(match.index)
    start = match.index + match[0].length
  }
  keep(text.length)
  from[length] = text.length
  return { text: out, origin: (at) => from[at] ?? text.length }
}

/** Where a word of `isPart` characters that starts at `at` ends. */
function wordEnd(text: string, at: number): number {
  while (at < text.length && (isLetter(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at++
  return at
}

/** A preprocessing number takes letters, digits, dots, and a sign after an exponent's letter. */
function numberEnd(text: string, at: number): number {
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (isLetter(c) || isDigit(c) || c === 46) continue
    if ((c === 43 || c === 45) && /[eEpP]/.test(text[at - 1] ?? '')) continue
    break
  }
  return at
}

/** The end of a quoted text whose opening quote is at `at`; `closed` is false at a line's end. */
function quotedEnd(text: string, at: number): { end: number; closed: boolean } {
  const quote = text[at]
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === quote) return { end: i + 1, closed: true }
    if (text[i] === '\n') return { end: i, closed: false }
    if (text[i] === '\\' && text[i + 1] !== '\n') i++
  }
  return { end: text.length, closed: false }
}

export function lex(original: string): readonly Token[] {
  const { text, origin } = splice(original)
  const tokens: Token[] = []
  let at = 0
  let spaced = false
  let first = true
  let line = 1
  let lineStart = 0
  let nextLine = original.indexOf('\n')

  const place = (start: number, end: number): Place => {
    const from = origin(start)
    while (nextLine >= 0 && nextLine < from) {
      line++
      lineStart = nextLine + 1
      nextLine = original.indexOf('\n', lineStart)
    }
    return { line, column: from - lineStart + 1, length: Math.max(1, end - start) }
  }
  const push = (kind: TokenKind, end: number, problem?: string): void => {
    tokens.push({ kind, text: text.slice(at, end), at: place(at, end), spaced, first, hidden: undefined, problem })
    at = end
    spaced = false
    first = false
  }

  while (at < text.length) {
    const c = text.charCodeAt(at)
    if (c === 10) {
      first = true
      spaced = true
      at++
    } else if (isBlank(c)) {
      spaced = true
      at++
    } else if (c === 47 && text[at + 1] === '/') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (c === 47 && text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) push('other', text.length, 'this comment is never closed')
      else at = end + 2
      spaced = true
    } else if (isLetter(c)) {
      const end = wordEnd(text, at)
      const quote = text[end]
      const prefix = text.slice(at, end)
      if ((quote === '"' || quote === "'") && /^(u8|u|U|L)$/.test(prefix)) {
        const { end: close, closed } = quotedEnd(text, end)
        if (prefix === 'u8') at = end
        if (closed) push(quote === '"' ? 'string' : 'character', close)
        else push('other', close, `missing closing ${quote}`)
      } else push('identifier', end)
    } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(at + 1)))) {
      push('number', numberEnd(text, at))
    } else if (c === 34 || c === 39) {
      const { end, closed } = quotedEnd(text, at)
      if (!closed) push('other', end, c === 34 ? "missing closing '\"'" : 'missing closing "\'"')
      else push(c === 34 ? 'string' : 'character', end)
    } else {
      const punctuator = byFirst.get(text[at]!)?.find((p) => text.startsWith(p, at))
      if (punctuator !== undefined) push('punctuator', at + punctuator.length)
      else {
        const char = String.fromCodePoint(text.codePointAt(at) ?? 0)
        const shown = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(char) ? `'${char}'` : `U+${c.toString(16).padStart(4, '0')}`
        push('other', at + char.length, `unexpected character ${shown}`)
      }
    }
  }
  const end = place(text.length, text.length)
  tokens.push({ kind: 'end', text: '', at: end, spaced: true, first: true, hidden: undefined, problem: undefined })
  return tokens
}
