/**
 * Instructions with their operands, numbered, and what each does when it takes effect. Most do the same whatever memory
 * holds, and that is worked out once.
 */

import { ensure } from '../../base/assert.ts'
import { effectOf, type Ground, type Operands, type UnitOps } from './effects.ts'
import { Interner } from './interner.ts'
import type { CodePoint } from './thread-code.ts'
import type { UnitOp, UnitStates } from './unit-states.ts'

/** An instruction as it issued: one object for each place in the code and operands. */
export interface Entry extends Operands {
  readonly number: number
  readonly pc: number
}

export interface Happening {
  readonly touched: readonly UnitOps[]
  /** The same as numbers of operations. */
  readonly operations: readonly { readonly unit: number; readonly operation: number }[]
  readonly writes: boolean
  /** Number of the value for the register that it fills. */
  readonly result?: number
}

export const NOTHING: Happening = { touched: [], operations: [], writes: false }

export class Happenings {
  readonly #ground: Ground
  readonly #units: UnitStates
  readonly #thread: number
  readonly #code: readonly CodePoint[]
  readonly #numbers = new Interner<Operands & { readonly pc: number }>(
    (each) => `${each.pc} ${each.value} ${each.other}`,
  )
  readonly #entries: Entry[] = []
  /** By number of entry, of those that do not read. */
  readonly #known: Happening[] = []

  constructor(ground: Ground, units: UnitStates, thread: number, code: readonly CodePoint[]) {
    this.#ground = ground
    this.#units = units
    this.#thread = thread
    this.#code = code
  }

  entry(pc: number, { value, other }: Operands): Entry {
    const number = this.#numbers.number({ pc, value, other })
    this.#entries[number] ??= { number, pc, value, other }
    return this.#entries[number]
  }

  /** `cell`: what it reads, its thread's older stores laid over it for a load. */
  of(entry: Entry, cell: bigint): Happening {
    const { instruction } = ensure(this.#code[entry.pc], 'a program counter is in the code')
    if (instruction.op === 'load' || instruction.op === 'rmw' || instruction.op === 'cas') {
      const { touched, result } = effectOf(this.#ground, this.#thread, instruction, entry, cell)
      const happening = this.together([touched])
      return result === undefined ? happening : { ...happening, result: this.#ground.values.number(result) }
    }
    this.#known[entry.number] ??= this.together([
      effectOf(this.#ground, this.#thread, instruction, entry, cell).touched,
    ])
    return this.#known[entry.number] as Happening
  }

  /** What several do one after the other, at one instant. */
  together(parts: readonly (readonly UnitOps[])[]): Happening {
    const byUnit = new Map<number, readonly UnitOp[]>()
    for (const { unit, ops } of parts.flat()) byUnit.set(unit, [...(byUnit.get(unit) ?? []), ...ops])
    const touched = [...byUnit].map(([unit, ops]) => ({ unit, ops }))
    return {
      touched,
      operations: touched.map(({ unit, ops }) => ({ unit, operation: this.#units.operation(ops) })),
      writes: touched.some(({ ops }) => ops.some(({ kind }) => kind === 'write' || kind === 'fill')),
    }
  }
}
