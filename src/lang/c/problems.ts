/** Collects what is wrong with a program: one message a place, at most MAX_PROBLEMS, in the order of the text. */

import { type Diagnostic, diagnostic } from '../../base/diagnostic.ts'
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

/** Insertions, deletions, replacements and swaps of neighbours between two short words; `limit + 1` when more. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
    }
    before = previous
    previous = row
  }
  return previous[b.length] ?? limit + 1
}

/** The known name nearest to a misspelt one, as a hint. */
export function didYouMean(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > 64) return undefined
  let limit = Math.max(1, Math.floor(wrong.length / 3))
  let best: string | undefined
  for (const name of known) {
    const d = name.toLowerCase() === wrong.toLowerCase() ? 0 : distance(wrong, name, limit)
    if (d > limit || (best !== undefined && d >= limit)) continue
    best = name
    limit = d
  }
  return best === undefined || best.length === 1 ? undefined : `did you mean '${best}'?`
}
