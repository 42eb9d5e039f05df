/** A verdict in words: the same on the screen, in the title of its panel and for a screen reader. */

import type { Explored } from '../client/explorer.ts'
import type { When } from '../protocol/litmus.ts'

/** Where the condition is asked. */
export const ASKED: Readonly<Record<When, string>> = {
  crash: 'after a power failure at any instant',
  'end-crash': 'after a power failure behind the last instruction',
  eadr: 'after a power failure at any instant; caches survive',
  final: 'at the end, power on',
}

type Standing = 'agrees' | 'differs' | 'open'

/** Beside what the file says; a number of images counts, too. */
export function standing({ verdict, expected, images, expectedImages }: Explored): Standing {
  if (verdict === 'undecided') return 'open'
  if (images !== undefined && expectedImages !== undefined && images !== String(expectedImages)) return 'differs'
  if (expected === undefined) return 'open'
  return verdict === expected ? 'agrees' : 'differs'
}

/** "Forbidden, as the file says" */
export function headline({ verdict, expected }: Explored): string {
  const name = verdict.charAt(0).toUpperCase() + verdict.slice(1)
  if (expected === undefined) return `${name}; the file gives no verdict`
  return verdict === expected ? `${name}, as the file says` : `${name}; the file says ${expected}`
}

export const plural = (count: number | string, noun: string): string =>
  `${Number(count).toLocaleString('en')} ${noun}${String(count) === '1' ? '' : 's'}`

export function verdictSentence(explored: Explored, condition: string): string {
  const { outcomes, states, cut } = explored
  return `${headline(explored)}: ${condition}. ${cut ? 'More than ' : ''}${plural(outcomes.length, 'outcome')}, ${plural(states, 'state')}.`
}
