/** A short ordered list kept in cells: `count`, then `width` cells an entry. Entries leave from anywhere. */

import type { Cells } from '../sim/cells.ts'

export class CellList {
  readonly capacity: number
  readonly first: number
  private readonly cells: Cells
  private readonly width: number

  constructor(cells: Cells, capacity: number, width: number) {
    this.cells = cells
    this.capacity = capacity
    this.width = width
    this.first = cells.allocate(1 + capacity * width)
  }

  get count(): number {
    return this.cells.get(this.first)
  }
  get full(): boolean {
    return this.count === this.capacity
  }

  get(entry: number, field: number): number {
    return this.cells.get(this.first + 1 + entry * this.width + field)
  }

  push(...fields: number[]): void {
    const { count } = this
    for (let f = 0; f < this.width; f++) this.cells.set(this.first + 1 + count * this.width + f, fields[f] ?? 0)
    this.cells.set(this.first, count + 1)
  }

  /** Take out an entry; younger ones move up. */
  remove(entry: number): void {
    const { count, width, first } = this
    for (let i = entry; i < count - 1; i++)
      for (let f = 0; f < width; f++) this.cells.set(first + 1 + i * width + f, this.get(i + 1, f))
    this.cells.set(first, count - 1)
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
