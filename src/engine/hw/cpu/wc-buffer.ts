/**
 * cpu/wc-buffer.ts: write-combining buffers of one core. movnt data waits here, visible to its own core alone.
 *
 * Each buffer collects stores to one line as a chain of versions of its own. How they fill and drain: `write-combining`.
 */

import type { Cells } from '../../sim/cells.ts'
import type { History } from '../history.ts'

/** Which bytes of its line a buffer holds: of each eight-byte cell, a bit a byte. */
export function byteMasks(history: History, chain: number): readonly number[] {
  const masks = [0, 0, 0, 0, 0, 0, 0, 0]
  for (const op of history.chainOps(chain))
    for (let at = history.offset(op); at < history.offset(op) + history.size(op); at++)
      masks[at >> 3] = (masks[at >> 3] as number) | (1 << (at & 7))
  return masks
}

export class WcBuffers {
  readonly capacity: number
  private readonly cells: Cells
  /** Cells of buffer i at first + 2i: line (0: free), newest link of its chain. */
  readonly first: number

  constructor(cells: Cells, capacity: number) {
    this.cells = cells
    this.capacity = capacity
    this.first = cells.allocate(2 * capacity)
  }

  line(buffer: number): number {
    return this.cells.get(this.first + 2 * buffer)
  }
  chain(buffer: number): number {
    return this.cells.get(this.first + 2 * buffer + 1)
  }

  /** The open buffer of `line`, or -1. */
  find(line: number): number {
    for (let i = 0; i < this.capacity; i++) if (this.line(i) === line) return i
    return -1
  }

  get used(): number {
    let used = 0
    for (let i = 0; i < this.capacity; i++) if (this.line(i) !== 0) used++
    return used
  }

  /** The open buffer that has held something longest (operations are numbered in time), or -1. */
  oldest(history: History): number {
    let best = -1
    let bestOp = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.capacity; i++) {
      const first = this.line(i) === 0 ? undefined : history.chainOps(this.chain(i))[0]
      if (first === undefined || first >= bestOp) continue
      best = i
      bestOp = first
    }
    return best
  }

  set(buffer: number, line: number, chain: number): void {
    this.cells.set(this.first + 2 * buffer, line)
    this.cells.set(this.first + 2 * buffer + 1, chain)
  }

  clear(): void {
    for (let i = 0; i < this.capacity; i++) this.set(i, 0, 0)
  }
}
