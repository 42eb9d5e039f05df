/** The rows of the table of outcomes: what a test can end in, and what its condition asks for in vain. */

import type { LitmusView } from '../../protocol/litmus.ts'
import type { Explored } from '../../state/app-state.ts'
import { outcomeKey } from '../../state/outcome.ts'

export interface OutcomeRow {
  /** Of two equal outcomes the same. */
  readonly key: string
  /** By name; what a row does not ask about is absent. */
  readonly values: Readonly<Record<string, string>>
  /** `forbidden`: no execution ends so. `unfound`: none was found, and not all were looked at. */
  readonly kind: 'allowed' | 'forbidden' | 'unfound'
  readonly satisfies: boolean
  readonly witness?: string
  /** Why there is no witness to play. */
  readonly why?: string
}

export interface Order {
  /** A name of a location or register, or whether it was seen. */
  readonly by: string | { readonly kind: 'seen' }
  readonly descending: boolean
}

/** Locations, then registers. */
export const columnsOf = ({ outcomes, targets }: Explored, { locations }: LitmusView): readonly string[] => {
  const [first] = outcomes
  return first === undefined
    ? [...new Set([...locations.map(({ name }) => name), ...targets.flatMap(Object.keys)])]
    : Object.keys(first.values)
}

export const outcomeRows = ({ outcomes }: Explored): readonly OutcomeRow[] =>
  outcomes.map((outcome) => ({ ...outcome, key: outcomeKey(outcome.values), kind: 'allowed' }))

/** Alternatives of the condition that no outcome satisfies. */
export function missingRows({ outcomes, targets, verdict, complete, cut }: Explored): readonly OutcomeRow[] {
  const kind = verdict === 'forbidden' || (complete && !cut) ? 'forbidden' : 'unfound'
  return targets
    .filter(
      (target) => !outcomes.some(({ values }) => Object.keys(target).every((name) => values[name] === target[name])),
    )
    .map((values) => ({ key: `? ${outcomeKey(values)}`, values, kind, satisfies: true }))
}

export function ordered(
  rows: readonly OutcomeRow[],
  order: Order | undefined,
  seen: ReadonlySet<string>,
): readonly OutcomeRow[] {
  if (order === undefined) return rows
  const { by } = order
  const compared =
    typeof by === 'string'
      ? (a: OutcomeRow, b: OutcomeRow) => comparedValues(a.values[by] ?? '', b.values[by] ?? '')
      : (a: OutcomeRow, b: OutcomeRow) => Number(seen.has(b.key)) - Number(seen.has(a.key))
  const sign = order.descending ? -1 : 1
  return [...rows].sort((a, b) => sign * compared(a, b))
}

/** Unsigned decimals of any length. */
const comparedValues = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
