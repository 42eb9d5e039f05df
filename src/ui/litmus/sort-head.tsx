/** The head of a column: a button that sorts by it, upwards, downwards, not at all. */

import type { ReactNode } from 'react'
import type { Order } from './outcome-rows.ts'

interface SortProps {
  readonly label: string
  readonly by: Order['by']
  readonly order: Order | undefined
  readonly onOrder: (order: Order | undefined) => void
  readonly children: ReactNode
}

export function SortHead({ label, by, order, onOrder, children }: SortProps) {
  const mine = order !== undefined && sameBy(order.by, by)
  const direction = !mine ? undefined : order.descending ? 'descending' : 'ascending'
  return (
    <th scope="col" aria-sort={direction}>
      <button
        type="button"
        title={`Sort by ${label}`}
        aria-label={`Sort by ${label}`}
        // The grid would take Enter, the page Space.
        onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && event.stopPropagation()}
        onClick={() => onOrder(mine && order.descending ? undefined : { by, descending: mine })}
      >
        {children}
        <span aria-hidden="true">{direction === undefined ? '' : direction === 'ascending' ? ' ↑' : ' ↓'}</span>
      </button>
    </th>
  )
}

const sameBy = (a: Order['by'], b: Order['by']): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.kind === b.kind
