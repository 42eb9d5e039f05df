/**
 * The abstract machine of persistency.md §§2-3 over one program: its states are short lists of numbers.
 *
 * First a number for each thread (its program counter, registers and window), then one for each persistence unit (its
 * history and marks). Visible memory is the last content of each unit.
 */

import { ensure } from '../../base/assert.ts'
import { ORDER, type OrderTable } from '../hw/cpu/isa.ts'
import type { Ground } from './effects.ts'
import { Effort } from './effort.ts'
import { Interner } from './interner.ts'
import { layoutOf } from './layout.ts'
import type { Model } from './model.ts'
import type { Program } from './program.ts'
import { type Outcome, ThreadStates } from './thread-states.ts'
import { type Change, UnitStates } from './unit-states.ts'

export interface Rules {
  readonly model: Model
  readonly order?: OrderTable
  /** Flushes and fences leave the window the moment they may (persistency.md §3, Reduction); true unless told. */
  readonly reduce?: boolean
}

export class AbstractMachine {
  readonly program: Program
  readonly effort = new Effort()
  readonly ground: Ground
  readonly units: UnitStates
  readonly threads: readonly ThreadStates[]
  readonly unitCount: number
  /** Numbers a state. */
  readonly width: number
  readonly start: Uint32Array

  constructor(program: Program, { model, order = ORDER, reduce = true }: Rules) {
    const { effort } = this
    const values = new Interner<bigint>(
      (value) => value,
      () => effort.keep(1),
    )
    const layout = layoutOf(program, model.unit)
    this.program = program
    this.ground = { layout, model, values }
    this.units = new UnitStates(values, program.threads.length, effort)
    this.threads = program.threads.map(
      (_, thread) => new ThreadStates(program, this.ground, this.units, thread, { order, reduce, effort }),
    )
    this.unitCount = layout.cellsOf.length
    this.width = this.threads.length + this.unitCount
    this.start = Uint32Array.from([
      ...this.threads.map((states, thread) =>
        states.initial(ensure(program.threads[thread], 'each thread has its states').registers),
      ),
      ...layout.cellsOf.map((cells) =>
        this.units.initial(
          cells.map((cell) => values.number(BigInt.asUintN(64, ensure(program.initial[cell], 'a cell has contents')))),
        ),
      ),
    ])
  }

  /**
   * Every transition from `from`: writes the state after it into `to` and calls `visit`, which may overwrite `to`.
   * `change`: how the set of images changed; 'lost' when any image left it.
   */
  successors(
    from: Uint32Array,
    to: Uint32Array,
    visit: (thread: number, outcome: Outcome, change: Change) => void,
  ): void {
    const { threads, units } = this
    const count = threads.length
    for (let thread = 0; thread < count; thread++) {
      const states = threads[thread]!
      for (const move of states.movesOf(states.at(from[thread]!))) {
        let value = 0
        if (move.reads !== undefined) {
          const { visible } = units.at(from[count + move.reads.unit]!)
          value = units.cells(visible)[move.reads.index]!
        }
        let outcome = move.outcomes[value]
        if (outcome === undefined) {
          outcome = move.take(value)
          move.outcomes[value] = outcome
        }
        if (outcome === null) continue
        to.set(from)
        to[thread] = outcome.next
        let change: Change = 'kept'
        for (const { unit, operation } of outcome.operations) {
          const at = from[count + unit]!
          to[count + unit] = units.after(at, operation)
          const here = units.at(at).changes[operation]!
          if (here !== 'kept' && change !== 'lost') change = here
        }
        visit(thread, outcome, change)
      }
    }
  }

  /** Every thread has executed all its instructions, and nothing is left in a window. */
  ended(state: Uint32Array): boolean {
    return this.threads.every((states, thread) => states.at(state[thread]!).ended)
  }

  /** What each cell of the program holds, from the contents of each unit. */
  memory(contents: readonly number[]): readonly bigint[] {
    const { layout, values } = this.ground
    return layout.spots.map(({ unit, index }) => {
      const cells = this.units.cells(ensure(contents[unit], 'each unit has contents'))
      return values.item(ensure(cells[index], 'a cell is in its unit'))
    })
  }

  /** Each cell of a unit that has this content. */
  cellsIn(unit: number, content: number): readonly { readonly cell: number; readonly value: bigint }[] {
    const { layout, values } = this.ground
    const cells = ensure(layout.cellsOf[unit], 'a unit of the program')
    return this.units.cells(content).map((value, i) => ({
      cell: ensure(cells[i], 'a content has a value for each cell'),
      value: values.item(value),
    }))
  }

  registersOf(thread: number, state: number): readonly bigint[] {
    const { registers } = ensure(this.threads[thread], 'a thread of the program').at(state)
    return registers.map((value) => this.ground.values.item(value))
  }
}
