/** One outcome of the table, or one that the condition asks for in vain. */

import type { Quantifier } from '../../protocol/litmus.ts'
import { breaks } from '../../state/litmus-words.ts'
import { outcomeText } from '../../state/outcome.ts'
import type { OutcomeRow } from './outcome-rows.ts'

interface RowProps {
  readonly row: OutcomeRow
  readonly index: number
  readonly columns: readonly string[]
  readonly chosen: boolean
  readonly playing: boolean
  readonly quantifier: Quantifier
  readonly seen: boolean
  /** A power failure at the step on the screen would leave it; or this is how it ended. */
  readonly here: boolean
  readonly onPlay: () => void
}

const SAYS: Readonly<Record<OutcomeRow['kind'], string>> = {
  allowed: 'allowed',
  forbidden: 'forbidden: no execution ends so',
  unfound: 'not found so far',
}

/** Columns of values beside which there is room for a sentence. */
const MOST_WIDE = 3
const SHORT: typeof SAYS = { ...SAYS, forbidden: 'forbidden', unfound: 'not found' }

export function Row({ row, index, columns, chosen, playing, quantifier, seen, here, onPlay }: RowProps) {
  const { kind, values, why } = row
  const breaksIt = kind === 'allowed' && breaks(row.satisfies, quantifier)
  // What a `forall` holds for is nothing special.
  const stands = quantifier === 'exists' && row.satisfies
  const look = [kind, here ? 'here' : '', playing ? 'playing' : '', chosen ? 'chosen' : ''].filter(Boolean).join(' ')
  const mark = playing ? (seen ? '▶●' : '▶') : seen ? '●' : kind === 'allowed' ? '○' : ''
  const said = [
    outcomeText(values),
    SAYS[kind],
    ...(kind === 'allowed' && stands ? ['satisfies the condition'] : []),
    ...(breaksIt ? ['breaks the condition'] : []),
    ...(playing ? ['being played'] : []),
    ...(seen ? ['seen'] : []),
    ...(here ? ['what a power failure at this step leaves'] : []),
    ...(why === undefined ? [] : [`no witness: ${why}`]),
  ].join('; ')
  return (
    <tr
      id={`outcome-${index}`}
      className={look}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      aria-label={said}
      title={why ?? (kind === 'allowed' ? 'Play a witness of this outcome' : SAYS[kind])}
      onClick={onPlay}
    >
      <td className="mark">{mark}</td>
      {columns.map((name) => (
        <td key={name} className={values[name] === undefined ? 'any' : 'value'}>
          {values[name] ?? '·'}
        </td>
      ))}
      <td className="outcome-says">
        {kind === 'allowed' ? (
          <>
            {stands && <span className="satisfies">✓ </span>}
            {breaksIt ? <span className="satisfies">✗ breaks it</span> : 'allowed'}
            {why !== undefined && <span className="muted"> · no witness</span>}
            {here && <span className="here-sign"> ◂ here</span>}
          </>
        ) : (
          <>
            {kind === 'forbidden' ? '✗ ' : '? '}
            {columns.length > MOST_WIDE ? SHORT[kind] : SAYS[kind]}
          </>
        )}
      </td>
    </tr>
  )
}
