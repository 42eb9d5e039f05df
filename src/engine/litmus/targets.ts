/**
 * The condition as rows of a table of outcomes: alternatives, each with values for some of the names.
 *
 * Left out: what is not, or not only, a choice among values (`not`, `true`, a `forall`).
 */

import { ensure } from '../../base/assert.ts'
import type { Formula, LitmusTest } from './test.ts'

export interface NamedValue {
  /** A location as `x`, a register as `0:r`. */
  readonly name: string
  readonly value: bigint
}

type Alternative = ReadonlyMap<string, bigint>

/** More would be no row of a table any more, but another table. */
const MOST_ALTERNATIVES = 16

/** None when the condition cannot be said so. */
export function targetsOf(test: LitmusTest): readonly (readonly NamedValue[])[] {
  if (test.quantifier === 'forall') return []
  const found = alternatives(test, test.formula) ?? []
  return found.map((each) => [...each].map(([name, value]) => ({ name, value })))
}

/** undefined: it cannot be said so. */
function alternatives(test: LitmusTest, formula: Formula): readonly Alternative[] | undefined {
  switch (formula.kind) {
    case 'location': {
      const { name } = ensure(test.locations[formula.location], 'a formula names locations of its test')
      return [new Map([[name, formula.value]])]
    }
    case 'register': {
      const { thread, register, value } = formula
      const name = ensure(test.registers[thread]?.[register], 'a formula names registers of its test')
      return [new Map([[`${thread}:${name}`, value]])]
    }
    case 'or': {
      const parts = formula.parts.map((part) => alternatives(test, part))
      return limited(parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []))
    }
    case 'and':
      return formula.parts.reduce<readonly Alternative[] | undefined>(
        (all, part) => limited(all && joined(all, alternatives(test, part))),
        [new Map()],
      )
    case 'not':
    case 'true':
      return undefined
  }
}

const limited = (all: readonly Alternative[] | undefined) =>
  all === undefined || all.length > MOST_ALTERNATIVES ? undefined : all

/** Every pair that does not ask one name for two values. */
const joined = (left: readonly Alternative[], right: readonly Alternative[] | undefined) =>
  right &&
  left.flatMap((one) =>
    right.flatMap((other) =>
      [...other].every(([name, value]) => (one.get(name) ?? value) === value) ? [new Map([...one, ...other])] : [],
    ),
  )
