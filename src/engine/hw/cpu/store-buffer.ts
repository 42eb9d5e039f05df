/**
 * cpu/store-buffer.ts: the stores, flushes and fences of one core that have issued and are not globally visible yet.
 *
 * A ring of operation numbers in program order. Entries leave when `isa` allows: mostly from the head, but a clwb does
 * not hold back younger stores to other lines, so an entry may leave from the middle; its slot is then 0 until the
 * head passes it.
 */

import type { Cells } from '../../sim/cells.ts'
import type { History, OpKind } from '../history.ts'
import { CLASSES, type InstructionClass, type OrderTable } from './isa.ts'

/** The row and column of the ordering table that an operation goes by. */
const CLASS: Readonly<Record<OpKind, InstructionClass>> = {
  store: 'store',
  movnt: 'movnt',
  movdir64b: 'movnt',
  locked: 'locked',
  'locked-load': 'locked',
  clwb: 'flushopt',
  clflushopt: 'flushopt',
  clflush: 'clflush',
  sfence: 'sfence',
  mfence: 'mfence',
  // An uncached store waits for the whole store buffer (choice, persistency.md §4): nothing may pass it.
  hint: 'sfence',
}

/** What may stand in a store buffer; the other classes take effect when they issue. */
const BUFFERED: readonly InstructionClass[] = ['store', 'movnt', 'flushopt', 'clflush', 'sfence', 'mfence']

/** One instruction may be cut into this many operations (a movntdq of 64 bytes), whatever the capacity. */
const MOST_PIECES = 8

export class StoreBuffer {
  readonly capacity: number
  private readonly cells: Cells
  private readonly history: History
  private readonly table: OrderTable
  /** Classes that no buffered entry can hold back. */
  private readonly free: ReadonlySet<InstructionClass>
  /** Cell: head | count << 16. Slots follow it. */
  readonly pointer: number
  readonly slots: number
  readonly ring: number
  /** Instruction count at which each slot's entry issued: lets old entries leave under the lazy policy. */
  private readonly issued: Float64Array

  constructor(cells: Cells, history: History, capacity: number, table: OrderTable) {
    this.cells = cells
    this.history = history
    this.capacity = capacity
    this.table = table
    this.free = new Set(CLASSES.filter((kind) => BUFFERED.every((older) => table[older][kind] === 'never')))
    this.ring = Math.max(capacity, MOST_PIECES)
    this.pointer = cells.allocate(1)
    this.slots = cells.allocate(this.ring)
    this.issued = new Float64Array(this.ring)
  }

  private get head(): number {
    return this.cells.get(this.pointer) & 0xffff
  }
  /** Slots in use, holes included. */
  get count(): number {
    return this.cells.get(this.pointer) >>> 16
  }
  get full(): boolean {
    return this.count >= this.capacity
  }

  /** Operation at position `i` (0 is the oldest); 0 for one that left early. */
  at(i: number): number {
    return this.cells.get(this.slots + ((this.head + i) % this.ring))
  }

  /** Instruction count at which the oldest entry issued. */
  get oldestIssued(): number {
    return this.issued[this.head] as number
  }

  push(op: number, instructions: number): void {
    const { head, count } = this
    const slot = (head + count) % this.ring
    this.issued[slot] = instructions
    this.cells.set(this.slots + slot, op)
    this.cells.set(this.pointer, head | ((count + 1) << 16))
  }

  /** Take out the entry at position `i`. */
  remove(i: number): void {
    let { head, count } = this
    // A slot outside head … head+count is not looked at, so the common case changes the pointer alone.
    if (i > 0) this.cells.set(this.slots + ((head + i) % this.ring), 0)
    else {
      do {
        head = (head + 1) % this.ring
        count--
      } while (count > 0 && this.cells.get(this.slots + head) === 0)
      this.cells.set(this.pointer, head | (count << 16))
    }
  }

  /** May the entry at position `i` leave before all older ones? */
  mayLeave(i: number): boolean {
    const op = this.at(i)
    const { history } = this
    return op !== 0 && !this.waits(i, CLASS[history.kind(op)], history.line(op), history.offset(op), history.size(op))
  }

  /**
   * Must an instruction that takes effect when it issues (a load, a locked instruction, lfence) wait for something here?
   * `offset`, `size`: the bytes of `line` that it is about.
   */
  holdsBack(kind: InstructionClass, line: number, offset: number, size: number): boolean {
    return !this.free.has(kind) && this.waits(this.count, kind, line, offset, size)
  }

  /** Does the table keep the order of one of the first `count` entries and a younger instruction? */
  private waits(count: number, kind: InstructionClass, line: number, offset: number, size: number): boolean {
    const { history, table } = this
    for (let i = 0; i < count; i++) {
      const older = this.at(i)
      if (older === 0) continue
      const order = table[CLASS[history.kind(older)]][kind]
      if (order === 'always') return true
      if (order === 'never' || history.line(older) !== line) continue
      const first = history.offset(older)
      if (order === 'line' || (first < offset + size && offset < first + history.size(older))) return true
    }
    return false
  }

  clear(): void {
    this.cells.set(this.pointer, 0)
  }
}
