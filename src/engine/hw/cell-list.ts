/**
 * A short ordered list kept in cells, as a ring: head | count << 16, then `width` cells an entry. Entries mostly leave
 * from the front, which changes one cell; one that leaves from the middle moves the older ones up.
 */

import type { Cells } from '../sim/cells.ts'

/** Field `field` of the entry at position `i`, in any copy of the cells. */
export function listGet(words: ArrayLike<number>, list: CellList, i: number, field: number): number {
  const head = (words[list.first] ?? 0) & 0xffff
  return words[list.first + 1 + ((head + i) % list.capacity) * list.width + field] ?? 0
}

export const listCount = (words: ArrayLike<number>, list: CellList): number => (words[list.first] ?? 0) >>> 16

export class CellList {
  readonly capacity: number
  readonly width: number
  /** The pointer's cell. */
  readonly first: number
  private readonly cells: Cells

  constructor(cells: Cells, capacity: number, width: number) {
    this.cells = cells
    this.capacity = capacity
    this.width = width
    this.first = cells.allocate(1 + capacity * width)
  }

  private get head(): number {
    return this.cells.get(this.first) & 0xffff
  }
  get count(): number {
    return this.cells.get(this.first) >>> 16
  }
  get full(): boolean {
    return this.count === this.capacity
  }

  private cell(entry: number, field: number): number {
    return this.first + 1 + ((this.head + entry) % this.capacity) * this.width + field
  }

  get(entry: number, field: number): number {
    return this.cells.get(this.cell(entry, field))
  }

  push(a: number, b = 0): void {
    const { head, count } = this
    this.cells.set(this.cell(count, 0), a)
    if (this.width > 1) this.cells.set(this.cell(count, 1), b)
    this.cells.set(this.first, head | ((count + 1) << 16))
  }

  remove(entry: number): void {
    const { head, count } = this
    for (let i = entry; i > 0; i--)
      for (let f = 0; f < this.width; f++) this.cells.set(this.cell(i, f), this.get(i - 1, f))
    this.cells.set(this.first, ((head + 1) % this.capacity) | ((count - 1) << 16))
  }

  /** The oldest entry whose field 0 is `value`, or -1. */
  find(value: number): number {
    for (let i = 0; i < this.count; i++) if (this.get(i, 0) === value) return i
    return -1
  }

  clear(): void {
    this.cells.set(this.first, 0)
  }
}
