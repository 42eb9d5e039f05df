/** What every run of bytes in a list says of itself: where it is, and which program line stored it. */

import { address } from '../../base/bytes.ts'
import { useApp } from '../app-context.ts'

interface Range {
  readonly spa: number
  readonly length: number
  readonly file?: string
  readonly offset?: number
  readonly sourceLine: number
  readonly source: string
}

/** Ranges that are listed, at most. */
export const MOST_RANGES = 40

export function Place({ range }: { readonly range: Range }) {
  const app = useApp()
  const last = (range.offset ?? 0) + range.length - 1
  return (
    <button
      type="button"
      className="link mono"
      onClick={() => app.details.selectLine(range.spa - (range.spa % 64), range.spa % 64)}
    >
      {range.file === undefined
        ? address(range.spa)
        : `${range.file} @ ${range.offset ?? 0}${range.length > 1 ? `…${last}` : ''}`}
    </button>
  )
}

export function Source({ range }: { readonly range: Range }) {
  const app = useApp()
  if (range.sourceLine === 0) return <p className="muted">written by no line of the program</p>
  return (
    <button type="button" className="link source-ref" onClick={() => app.showLine(range.sourceLine)}>
      {range.sourceLine}: {range.source}
    </button>
  )
}

export function More({ count }: { readonly count: number }) {
  return count > 0 ? <p className="empty">and {count} more ranges</p> : null
}
