/** What is wrong with a litmus file, all of it, each with its place; and what is strange. */

import { type Diagnostic, diagnostic } from '../../base/diagnostic.ts'
import { nearest } from '../../base/nearest.ts'
import type { Word } from './tokens.ts'

/** Damage beyond this many mistakes is one mistake. */
const MOST = 20

export class Problems {
  readonly #list: Diagnostic[] = []
  readonly #warnings: Diagnostic[] = []

  get any(): boolean {
    return this.#list.length > 0
  }

  at(word: Word, message: string, hint?: string): undefined {
    if (this.#list.length >= MOST) return
    const again = this.#list.some((d) => d.line === word.line && d.column === word.column && d.message === message)
    if (again) return
    const length = word.text.includes('\n') ? word.text.indexOf('\n') : word.text.length
    this.#list.push(diagnostic(word.line, word.column, length, message, hint))
  }

  /** What is legal and most likely not meant; `to`: the last word that it is about, of the same line. */
  warn(word: Word, message: string, { hint, to = word }: { readonly hint: string; readonly to?: Word }): void {
    if (this.#warnings.length >= MOST) return
    const end = to.line === word.line ? to.column + to.text.length : word.column + word.text.length
    const found = diagnostic(word.line, word.column, end - word.column, message, hint)
    this.#warnings.push({ ...found, severity: 'warning' })
  }

  inOrder(): readonly Diagnostic[] {
    return sorted(this.#list)
  }

  get warnings(): readonly Diagnostic[] {
    return sorted(this.#warnings)
  }
}

const sorted = (list: readonly Diagnostic[]): readonly Diagnostic[] =>
  [...list].sort((a, b) => a.line - b.line || a.column - b.column)

/** "did you mean `x`?", or undefined when nothing is near. */
export function meant(word: string, known: Iterable<string>): string | undefined {
  const best = nearest(word, known)
  return best === undefined ? undefined : `did you mean \`${best}\`?`
}

/** A word of the text as it is quoted in a message. */
export const quoted = (text: string): string => {
  const [line = ''] = text.split('\n')
  return `\`${line.length > 40 ? `${line.slice(0, 40)}…` : line}\``
}
