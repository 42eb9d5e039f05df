/** A verdict in words: the same on the screen, in the title of its panel and for a screen reader. */

import type { Explored } from '../client/explorer.ts'
import type { LitmusView, Model, Quantifier, When } from '../protocol/litmus.ts'
import { otherChoices } from './model-words.ts'

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

/** An outcome that a `forall` or a `~exists` says there is none of. */
export const breaks = (satisfies: boolean, quantifier: Quantifier): boolean =>
  quantifier === 'forall' ? !satisfies : quantifier === '~exists' && satisfies

/**
 * "Forbidden, as the file says". Of a condition that states something it says whether that holds: what the engine calls
 * forbidden there is a counterexample.
 */
export function headline(explored: Explored, quantifier: Quantifier): string {
  const { verdict, expected } = explored
  const name = verdictName(explored, quantifier)
  if (expected === undefined) return `${name}; the file gives no verdict`
  if (verdict === expected) return `${name}, as the file says`
  const says = {
    exists: expected,
    '~exists': expected === 'forbidden' ? 'never' : 'it happens',
    forall: expected === 'forbidden' ? 'it holds' : 'it fails',
  }
  return `${name}; the file says ${says[quantifier]}`
}

function verdictName({ verdict, outcomes, cut }: Explored, quantifier: Quantifier): string {
  if (verdict === 'undecided') return 'Undecided'
  if (quantifier === 'exists') return verdict === 'allowed' ? 'Allowed' : 'Forbidden'
  if (verdict === 'forbidden') return quantifier === 'forall' ? 'Holds in every outcome' : 'Never happens'
  const count = outcomes.filter(({ satisfies }) => breaks(satisfies, quantifier)).length
  const most = `${cut ? 'at least ' : ''}${plural(count, 'outcome')}`
  return quantifier === 'forall' ? `Fails: ${most} break${count === 1 ? 's' : ''} it` : `Happens: in ${most}`
}

export const plural = (count: number | string, noun: string): string =>
  `${Number(count).toLocaleString('en')} ${noun}${String(count) === '1' ? '' : 's'}`

export function verdictSentence(
  explored: Explored,
  { condition, quantifier, model: own }: LitmusView,
  model: Model,
): string {
  const { outcomes, states, cut } = explored
  const other = otherChoices(model, own)
  const under = other.length === 0 ? '' : `Not the default model: ${other.join('; ')}. `
  return `${under}${headline(explored, quantifier)}: ${condition}. ${cut ? 'More than ' : ''}${plural(outcomes.length, 'outcome')}, ${plural(states, 'state')}.`
}
