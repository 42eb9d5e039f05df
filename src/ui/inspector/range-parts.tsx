/** What every run of bytes in a list says of itself: where it is, and which program line stored it. */

import { address } from '../../base/bytes.ts'
import { useApp } from '../app-context.ts'

interface Range {
  readonly spa?: number
  readonly length: number
  readonly file?: string
  readonly offset?: number
  readonly block?: number
  readonly sourceLine: number
  readonly source: string
}

/** Ranges that are listed, at most. */
export const MOST_RANGES = 40

export function Place({ range }: { readonly range: Range }) {
  const app = useApp()
  const { spa } = range
  const last = (range.offset ?? 0) + range.length - 1
  const name =
    range.file !== undefined
      ? `${range.file} @ ${range.offset ?? 0}${range.length > 1 ? `…${last}` : ''}`
      : range.block !== undefined
        ? `metadata, block ${range.block}`
        : address(spa ?? 0)
  // The page cache has no lines to look at.
  if (spa === undefined) return <span className="mono">{name}</span>
  return (
    <button type="button" className="link mono" onClick={() => app.details.selectLine(spa - (spa % 64), spa % 64)}>
      {name}
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
