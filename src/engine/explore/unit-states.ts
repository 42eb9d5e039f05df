/**
 * The history of one persistence unit and what threads are owed of it: H[u] and the marks of persistency.md §2.
 *
 * Contents, histories and operations are numbered, and what an operation makes of a history is computed once. Equal
 * neighbours in a history are one element. That loses nothing: with c c in H[u], a mark on the first c and a mark on
 * the second leave the same contents when their fence comes, because a fence keeps the element that it was marked at,
 * and the last element, the visible one, is c either way.
 */

import { ensure } from '../../base/assert.ts'
import { insert } from './arithmetic.ts'
import type { Effort } from './effort.ts'
import { Interner } from './interner.ts'
import type { Place } from './program.ts'

/** `cell` counts within the unit; `value` is a number of the interner of values. */
export type UnitOp =
  | { readonly kind: 'write'; readonly cell: number; readonly at: Place; readonly value: number }
  /** Write the whole of every cell at once. */
  | { readonly kind: 'fill'; readonly value: number }
  /** The visible content is durable: nothing older may be on media. */
  | { readonly kind: 'floor' }
  /** The thread owes durability of what is visible now. */
  | { readonly kind: 'mark'; readonly thread: number }
  /** The thread's mark becomes the floor. */
  | { readonly kind: 'fence'; readonly thread: number }

interface History {
  /** Numbers of contents, oldest first; the last is visible. */
  readonly contents: readonly number[]
  /** By thread: index into `contents`; 0 is no mark. */
  readonly marks: readonly number[]
}

/** How the set of contents that may be on media changed: nothing left it; something came and nothing left; something left. */
export type Change = 'kept' | 'grown' | 'lost'

export interface UnitState extends History {
  readonly visible: number
  /** Number of the set of its contents. */
  readonly possible: number
  /** By number of operation, filled as needed. */
  readonly next: number[]
  readonly changes: Change[]
}

/** Values of the cells after a write. */
export function written(cells: readonly number[], op: UnitOp, values: Interner<bigint>): readonly number[] {
  if (op.kind === 'fill') return cells.map(() => op.value)
  if (op.kind !== 'write') return cells
  const old = values.item(ensure(cells[op.cell], 'a write is to a cell of its unit'))
  return cells.with(op.cell, values.number(insert(old, op.at, values.item(op.value))))
}

/** Drops the first `count` elements. */
const without = ({ contents, marks }: History, count: number): History => ({
  contents: contents.slice(count),
  marks: marks.map((mark) => Math.max(0, mark - count)),
})

export class UnitStates {
  readonly #values: Interner<bigint>
  readonly #threads: number
  readonly #contents = new Interner<readonly number[]>((cells) => cells.join())
  /** What may be on media, ascending. */
  readonly #sets = new Interner<readonly number[]>((contents) => contents.join())
  readonly #operations = new Interner<readonly UnitOp[]>((ops) =>
    ops.map((op) => Object.values(op).map((part) => (typeof part === 'object' ? Object.values(part) : part))).join(';'),
  )
  readonly #states: Interner<UnitState>

  constructor(values: Interner<bigint>, threads: number, effort: Effort) {
    this.#values = values
    this.#threads = threads
    this.#states = new Interner(
      ({ contents, marks }) => `${contents.join()};${marks.join()}`,
      ({ contents, marks }) => {
        effort.keep(3 * contents.length + marks.length)
        effort.history(contents.length)
      },
    )
  }

  /** A unit that holds `cells`, numbers of values, in memory and on media. */
  initial(cells: readonly number[]): number {
    return this.#number({ contents: [this.#contents.number(cells)], marks: new Array(this.#threads).fill(0) })
  }

  /** The number of a sequence of operations that happen at one instant. */
  operation(ops: readonly UnitOp[]): number {
    return this.#operations.number(ops)
  }

  at(number: number): UnitState {
    return this.#states.items[number] as UnitState
  }

  after(number: number, operation: number): number {
    const state = this.at(number)
    return state.next[operation] ?? this.#apply(state, operation)
  }

  /** Values of the cells that a content stands for, by their numbers. */
  cells(content: number): readonly number[] {
    return this.#contents.item(content)
  }

  /** The contents of a set, by its number. */
  possible(set: number): readonly number[] {
    return this.#sets.item(set)
  }

  #number(history: History): number {
    const visible = ensure(history.contents.at(-1), 'a history is never empty')
    const possible = this.#sets.number([...new Set(history.contents)].sort((a, b) => a - b))
    return this.#states.number({ ...history, visible, possible, next: [], changes: [] })
  }

  #apply(state: UnitState, operation: number): number {
    let history: History = state
    for (const op of this.#operations.item(operation)) history = this.#step(history, op)
    const next = this.#number(history)
    const [before, after] = [new Set(state.contents), new Set(history.contents)]
    const lost = state.contents.some((content) => !after.has(content))
    const came = history.contents.some((content) => !before.has(content))
    state.next[operation] = next
    state.changes[operation] = lost ? 'lost' : came ? 'grown' : 'kept'
    return next
  }

  #step(history: History, op: UnitOp): History {
    const { contents, marks } = history
    const last = contents.length - 1
    switch (op.kind) {
      case 'write':
      case 'fill': {
        const visible = ensure(contents[last], 'a history is never empty')
        const content = this.#contents.number(written(this.cells(visible), op, this.#values))
        return content === visible ? history : { contents: [...contents, content], marks }
      }
      case 'floor':
        return without(history, last)
      case 'mark':
        return { contents, marks: marks.with(op.thread, last) }
      case 'fence':
        return without(history, ensure(marks[op.thread], 'each thread has a mark'))
    }
  }
}
