/**
 * The machine's state as numbered 32-bit cells, and the journal of how they changed.
 *
 * A change is kept as (cell, old XOR new). Such a patch undoes itself, and patches commute: to move a copy of the state
 * from one step to another, either way, apply every patch between them.
 */

import { int32Column } from '../../base/column.ts'

export class Cells {
  /** The state now. May be longer than `size`. */
  words: Int32Array = new Int32Array(1024)
  size = 0
  readonly where = int32Column()
  readonly change = int32Column()

  /** Reserve `count` cells, all zero; returns the first. */
  allocate(count: number): number {
    const first = this.size
    this.size += count
    if (this.size > this.words.length) {
      const larger = new Int32Array(Math.max(this.size, this.words.length * 2))
      larger.set(this.words)
      this.words = larger
    }
    return first
  }

  get(cell: number): number {
    return this.words[cell] as number
  }

  set(cell: number, value: number): void {
    const change = (this.words[cell] as number) ^ value
    if (change === 0) return
    this.words[cell] = value
    this.where.push(cell)
    this.change.push(change)
  }

  /** Apply the patches [from, to) of the journal to a copy of the state. */
  patch(words: Int32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const cell = this.where.get(i)
      words[cell] = (words[cell] as number) ^ this.change.get(i)
    }
  }

  /** Take back every change from entry `length` of the journal on. */
  undo(length: number): void {
    this.patch(this.words, length, this.where.length)
    this.where.truncate(length)
    this.change.truncate(length)
  }
}
