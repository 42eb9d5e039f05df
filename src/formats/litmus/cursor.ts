/** Reading tokens one after the other. */

import { type Problems, quoted } from './problems.ts'
import type { Token, Word } from './tokens.ts'

export class Cursor {
  readonly #tokens: readonly Token[]
  readonly #end: Word
  #next = 0

  /** `end`: where something is missing when the tokens run out. */
  constructor(tokens: readonly Token[], end: Word) {
    this.#tokens = tokens
    this.#end = end
  }

  get done(): boolean {
    return this.#next >= this.#tokens.length
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead]
  }

  is(text: string, ahead = 0): boolean {
    return this.peek(ahead)?.text === text
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++]
  }

  /** Takes the next token if it is one of these. */
  accept(...texts: readonly string[]): Token | undefined {
    const next = this.peek()
    return next !== undefined && texts.includes(next.text) ? this.take() : undefined
  }

  /** Takes what must come next, or says what came instead. */
  expect(problems: Problems, text: string): Token | undefined {
    return this.accept(text) ?? this.missing(problems, `\`${text}\``)
  }

  missing(problems: Problems, what: string, hint?: string): undefined {
    const next = this.peek()
    return problems.at(
      next ?? this.#end,
      `expected ${what}, found ${next === undefined ? 'nothing' : quoted(next.text)}`,
      hint,
    )
  }
}

/** The empty word behind the last of some words. */
export function after(words: readonly Word[], otherwise: Word): Word {
  const last = words.at(-1)
  if (last === undefined) return otherwise
  return { text: '', line: last.line, column: last.column + last.text.length }
}
