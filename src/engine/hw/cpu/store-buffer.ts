/**
 * cpu/store-buffer.ts: the stores, flushes and fences of one core that have issued and are not globally visible yet.
 *
 * A ring of operation numbers in program order. Entries leave when `isa` allows: mostly from the head, but a clwb does
 * not hold back younger stores to other lines, so an entry may leave from the middle; its slot is then 0 until the
 * head passes it.
 */

import type { Cells } from '../../sim/cells.ts'
import type { History } from '../history.ts'
import { orderOf } from './isa.ts'

export class StoreBuffer {
  readonly capacity: number
  private readonly cells: Cells
  private readonly history: History
  /** Cell: head | count << 16. Slots follow it. */
  readonly pointer: number
  readonly slots: number
  /** Instruction count at which each slot's entry issued: lets old entries leave under the lazy policy. */
  private readonly issued: Float64Array

  constructor(cells: Cells, history: History, capacity: number) {
    this.cells = cells
    this.history = history
    this.capacity = capacity
    this.pointer = cells.allocate(1)
    this.slots = cells.allocate(capacity)
    this.issued = new Float64Array(capacity)
  }

  private get head(): number {
    return this.cells.get(this.pointer) & 0xffff
  }
  /** Slots in use, holes included. */
  get count(): number {
    return this.cells.get(this.pointer) >>> 16
  }
  get full(): boolean {
    return this.count === this.capacity
  }

  /** Operation at position `i` (0 is the oldest); 0 for one that left early. */
  at(i: number): number {
    return this.cells.get(this.slots + ((this.head + i) % this.capacity))
  }

  /** Instruction count at which the oldest entry issued. */
  get oldestIssued(): number {
    return this.issued[this.head] as number
  }

  push(op: number, instructions: number): void {
    const { head, count } = this
    const slot = (head + count) % this.capacity
    this.issued[slot] = instructions
    this.cells.set(this.slots + slot, op)
    this.cells.set(this.pointer, head | ((count + 1) << 16))
  }

  /** Take out the entry at position `i`. */
  remove(i: number): void {
    let { head, count } = this
    // A slot outside head … head+count is not looked at, so the common case changes the pointer alone.
    if (i > 0) this.cells.set(this.slots + ((head + i) % this.capacity), 0)
    else {
      do {
        head = (head + 1) % this.capacity
        count--
      } while (count > 0 && this.cells.get(this.slots + head) === 0)
      this.cells.set(this.pointer, head | (count << 16))
    }
  }

  /** May the entry at position `i` leave before all older ones? */
  mayLeave(i: number): boolean {
    const op = this.at(i)
    if (op === 0) return false
    const { history } = this
    const kind = history.kind(op)
    for (let j = 0; j < i; j++) {
      const older = this.at(j)
      if (older === 0) continue
      const order = orderOf(history.kind(older), kind)
      if (order === 'always') return false
      if (order === 'never' || history.line(older) !== history.line(op)) continue
      if (order === 'line' || overlap(history, older, op)) return false
    }
    return true
  }

  clear(): void {
    this.cells.set(this.pointer, 0)
  }
}

function overlap(history: History, a: number, b: number): boolean {
  return (
    history.offset(a) < history.offset(b) + history.size(b) && history.offset(b) < history.offset(a) + history.size(a)
  )
}
