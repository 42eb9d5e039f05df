/**
 * cache/cache.ts: one cache, with real sets and ways, least-recently-used replacement, and the state of each line.
 *
 * It holds version numbers, not bytes. Who may hold what, and when, is `coherence.ts`.
 */

import type { Cells } from '../../sim/cells.ts'

/** MESI. For a shared L3, MODIFIED means "newer than memory", SHARED "as in memory". */
const INVALID = 0
export const SHARED = 1
export const EXCLUSIVE = 2
export const MODIFIED = 3
export type LineState = typeof INVALID | typeof SHARED | typeof EXCLUSIVE | typeof MODIFIED

export class Cache {
  readonly sets: number
  readonly ways: number
  private readonly cells: Cells
  /** Two cells a way: line (0: empty), version << 2 | state. */
  readonly first: number
  /** Ways of a set in order of use, least recent first, `orderBits` each. */
  private readonly order: number
  private readonly orderBits: number
  private readonly orderCells: number

  constructor(cells: Cells, geometry: { readonly sets: number; readonly ways: number }) {
    this.cells = cells
    this.sets = geometry.sets
    this.ways = geometry.ways
    this.first = cells.allocate(2 * this.sets * this.ways)
    this.orderBits = this.ways > 16 ? 8 : 4
    this.orderCells = Math.ceil((this.ways * this.orderBits) / 32)
    this.order = cells.allocate(this.sets * this.orderCells)
  }

  private cell(entry: number): number {
    return this.first + 2 * entry
  }

  /** The entry (set * ways + way) that holds `line`, or -1. `number` is the line's address divided by 64. */
  find(line: number, number: number): number {
    const base = (number % this.sets) * this.ways
    for (let way = 0; way < this.ways; way++) {
      const cell = this.cell(base + way)
      if (this.cells.get(cell) === line && (this.cells.get(cell + 1) & 3) !== INVALID) return base + way
    }
    return -1
  }

  line(entry: number): number {
    return (this.cells.get(this.cell(entry) + 1) & 3) === INVALID ? 0 : this.cells.get(this.cell(entry))
  }
  state(entry: number): LineState {
    return (this.cells.get(this.cell(entry) + 1) & 3) as LineState
  }
  version(entry: number): number {
    return this.cells.get(this.cell(entry) + 1) >>> 2
  }

  set(entry: number, line: number, version: number, state: LineState): void {
    this.cells.set(this.cell(entry), line)
    this.cells.set(this.cell(entry) + 1, (version << 2) | state)
  }

  invalidate(entry: number): void {
    this.cells.set(this.cell(entry) + 1, 0)
  }

  /** Where a line goes that is not here yet: an empty way of its set, else the least recently used one. */
  place(number: number): number {
    const set = number % this.sets
    const base = set * this.ways
    for (let way = 0; way < this.ways; way++) if (this.state(base + way) === INVALID) return base + way
    return base + this.readOrder(set, 0)
  }

  /** Make an entry its set's most recently used. */
  touch(entry: number): void {
    const set = Math.floor(entry / this.ways)
    const way = entry % this.ways
    if (this.readOrder(set, this.ways - 1) === way) return
    let at = 0
    while (this.readOrder(set, at) !== way) at++
    for (; at < this.ways - 1; at++) this.writeOrder(set, at, this.readOrder(set, at + 1))
    this.writeOrder(set, this.ways - 1, way)
  }

  // Kept as way XOR position, so that all zeros is the order 0, 1, 2, …
  private readOrder(set: number, position: number): number {
    const bit = position * this.orderBits
    const cell = this.order + set * this.orderCells + (bit >> 5)
    return ((this.cells.get(cell) >>> (bit & 31)) & ((1 << this.orderBits) - 1)) ^ position
  }

  private writeOrder(set: number, position: number, way: number): void {
    const bit = position * this.orderBits
    const cell = this.order + set * this.orderCells + (bit >> 5)
    const mask = ((1 << this.orderBits) - 1) << (bit & 31)
    this.cells.set(cell, (this.cells.get(cell) & ~mask) | ((way ^ position) << (bit & 31)))
  }

  clear(): void {
    for (let entry = 0; entry < this.sets * this.ways; entry++) if (this.line(entry) !== 0) this.invalidate(entry)
  }
}
