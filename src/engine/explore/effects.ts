/** What an instruction does to memory and to its register at the instant it takes effect (persistency.md §3, Drain). */

import { ensure, unreachable } from '../../base/assert.ts'
import { extract, modified } from './arithmetic.ts'
import type { Interner } from './interner.ts'
import type { Layout } from './layout.ts'
import type { Model } from './model.ts'
import type { Instruction, Place } from './program.ts'
import type { UnitOp } from './unit-states.ts'

export interface Ground {
  readonly layout: Layout
  readonly model: Model
  readonly values: Interner<bigint>
}

/** What one unit undergoes, in order. */
export interface UnitOps {
  readonly unit: number
  readonly ops: readonly UnitOp[]
}

export interface Effect {
  readonly touched: readonly UnitOps[]
  /** Contents for the register that it fills. */
  readonly result?: bigint
}

/** Operands as they were when the instruction issued, numbers of values; -1: none. */
export interface Operands {
  readonly value: number
  /** What a cas writes; `value` is what it expects. */
  readonly other: number
}

/**
 * `cell`: contents of the cell that it reads, its thread's older stores already laid over them for a load.
 *
 * A movdir64b is one effect, and durable once visible under every model: it is atomic at power failure (persistency.md
 * §4), also where words persist by themselves, and words that owed durability apart would tear.
 */
export function effectOf(
  ground: Ground,
  thread: number,
  instruction: Instruction,
  operands: Operands,
  cell: bigint,
): Effect {
  const { layout, model, values } = ground
  const durable: UnitOp = model.movnt === 'visible' ? { kind: 'floor' } : { kind: 'mark', thread }
  switch (instruction.op) {
    case 'store':
      return { touched: [writeTo(ground, instruction.at, operands.value)] }
    case 'movnt': {
      const { unit, ops } = writeTo(ground, instruction.at, operands.value)
      return { touched: [{ unit, ops: [...ops, durable] }] }
    }
    case 'movdir64b':
      return { touched: onLine(layout, instruction.line, { kind: 'fill', value: operands.value }, { kind: 'floor' }) }
    case 'clwb':
    case 'clflushopt':
      return { touched: onLine(layout, instruction.line, { kind: 'mark', thread }) }
    case 'clflush':
      return { touched: onLine(layout, instruction.line, { kind: 'floor' }) }
    case 'sfence':
    case 'mfence':
      return { touched: fence(layout, thread) }
    case 'lfence':
      return { touched: [] }
    case 'load':
      return { touched: [], result: extract(cell, instruction.at) }
    case 'rmw': {
      const old = extract(cell, instruction.at)
      const value = values.number(modified(instruction.modify, old, values.item(operands.value)))
      const touched = fence(layout, thread, writeTo(ground, instruction.at, value))
      return instruction.reg === undefined ? { touched } : { touched, result: old }
    }
    case 'cas': {
      const result = extract(cell, instruction.at)
      if (fits(ground, instruction.at, cell, operands)) {
        return { touched: fence(layout, thread, writeTo(ground, instruction.at, operands.other)), result }
      }
      return { touched: model.cas === 'sdm' ? fence(layout, thread) : [], result }
    }
    case 'move':
    case 'compute':
    case 'branch':
    case 'goto':
      return { touched: [] }
    default:
      return unreachable(instruction)
  }
}

/** A cas that reads `cell` succeeds. */
export const fits = ({ values }: Ground, at: Place, cell: bigint, { value }: Operands): boolean =>
  extract(cell, at) === extract(values.item(value), { ...at, offset: 0 })

function writeTo({ layout }: Ground, at: Place, value: number): UnitOps {
  const { unit, index } = ensure(layout.spots[at.cell], 'a place is in a cell')
  return { unit, ops: [{ kind: 'write', cell: index, at, value }] }
}

const onLine = (layout: Layout, line: number, ...ops: readonly UnitOp[]): readonly UnitOps[] =>
  ensure(layout.unitsOf[line], 'a flush is of a line of the program').map((unit) => ({ unit, ops }))

/** Everything that the thread is owed is durable, and then `write` happens. */
const fence = (layout: Layout, thread: number, write?: UnitOps): readonly UnitOps[] =>
  layout.cellsOf.map((_, unit) => ({
    unit,
    ops: [{ kind: 'fence', thread }, ...(write?.unit === unit ? write.ops : [])],
  }))
