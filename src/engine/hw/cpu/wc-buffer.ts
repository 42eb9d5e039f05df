/**
 * cpu/wc-buffer.ts: write-combining buffers of one core. movnt data waits here, visible to its own core alone.
 *
 * Each buffer collects stores to one line as a chain of versions of its own; draining makes them visible and hands the
 * line to the memory controller. They leave in any order; a fence empties them all.
 */

import type { Cells } from '../../sim/cells.ts'

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

  /** The open buffer whose chain began first (chains are numbered in time), or -1. */
  oldest(root: (chain: number) => number): number {
    let best = -1
    let bestRoot = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.capacity; i++) {
      if (this.line(i) === 0) continue
      const began = root(this.chain(i))
      if (began < bestRoot) {
        best = i
        bestRoot = began
      }
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
