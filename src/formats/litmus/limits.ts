/** How large a test may be: beyond this no search ends, and the screen could not show it. */

import { type Problems, quoted } from './problems.ts'
import type { Word } from './tokens.ts'

export const LIMITS = { threads: 8, instructions: 64, cells: 64, wordsOfLine: 8, characters: 1 << 20 } as const

/** Says so when there are too many. */
export function atMost(
  problems: Problems,
  kind: 'threads' | 'instructions' | 'cells',
  count: number,
  place: Word,
): void {
  const what = { threads: 'threads', instructions: 'instructions in a thread', cells: 'eight-byte words of memory' }[
    kind
  ]
  if (count > LIMITS[kind]) problems.at(place, `a test has at most ${LIMITS[kind]} ${what}, and this has ${count}`)
}

/** Threads are numbered from 0 without gaps, in any order; `numbers` are as written. */
export function checkThreadNumbers(problems: Problems, numbers: readonly Word[]): void {
  const seen = new Set<number>()
  for (const word of numbers) {
    const number = Number(word.text)
    if (seen.has(number)) problems.at(word, `thread ${number} is there already`)
    else if (number >= numbers.length && number >= LIMITS.threads) {
      problems.at(word, `threads are numbered from 0 to ${LIMITS.threads - 1}, found ${quoted(word.text)}`)
    }
    seen.add(number)
  }
  const [first] = numbers
  const largest = numbers.reduce((a, b) => (Number(b.text) > Number(a.text) ? b : a), first as Word)
  for (let i = 0; i < Math.min(Number(largest.text), LIMITS.threads); i++) {
    if (seen.has(i)) continue
    problems.at(
      largest,
      `there is a thread ${largest.text} but no thread ${i}: threads are numbered from 0 without gaps`,
    )
    return
  }
}
