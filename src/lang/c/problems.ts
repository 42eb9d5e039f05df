/** Collects what is wrong with a program: one message a place, at most MAX_PROBLEMS, in the order of the text. */

import { type Diagnostic, diagnostic } from '../../base/diagnostic.ts'
import { nearest } from '../../base/nearest.ts'
import { MAX_PROBLEMS } from './limits.ts'
import type { Place } from './token.ts'

export class Problems {
  private readonly byPlace = new Map<string, Diagnostic>()

  /** Enough has been said; readers may stop early. */
  get full(): boolean {
    return this.byPlace.size >= MAX_PROBLEMS
  }

  get any(): boolean {
    return this.byPlace.size > 0
  }

  error(at: Place, message: string, hint?: string): void {
    const key = `${at.line}:${at.column}`
    if (this.full || this.byPlace.has(key)) return
    this.byPlace.set(key, diagnostic(at.line, at.column, at.length, message, hint))
  }

  sorted(): readonly Diagnostic[] {
    return [...this.byPlace.values()].sort((a, b) => a.line - b.line || a.column - b.column)
  }
}

/** The known name nearest to a misspelt one, as a hint; a single letter is nobody's misspelling of it. */
export function didYouMean(wrong: string, known: Iterable<string>): string | undefined {
  const meant = wrong.length > 64 ? undefined : nearest(wrong, known)
  return meant === undefined || meant.length === 1 ? undefined : `did you mean '${meant}'?`
}
