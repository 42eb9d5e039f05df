/**
 * What the ordering table needs to know of an instruction: its class, its line, its bytes.
 *
 * movdir64b is ordered as a movnt to all bytes of its line (a choice, persistency.md §4).
 */

import { ensure } from '../../base/assert.ts'
import type { InstructionClass, OrderTable } from '../hw/cpu/isa.ts'
import { byteMask } from './arithmetic.ts'
import type { Instruction, Program } from './program.ts'

export interface Footprint {
  readonly class: InstructionClass
  /** -1: none, a fence. */
  readonly line: number
  /** Byte mask by cell. */
  readonly bytes: ReadonlyMap<number, number>
}

/** undefined: a local instruction, which no other can see. */
export function footprintOf({ lineOf }: Program, instruction: Instruction): Footprint | undefined {
  const at = (kind: InstructionClass, place: { cell: number; offset: number; size: 1 | 2 | 4 | 8 }): Footprint => ({
    class: kind,
    line: ensure(lineOf[place.cell], 'a cell is on a line'),
    bytes: new Map([[place.cell, byteMask(place)]]),
  })
  switch (instruction.op) {
    case 'store':
    case 'movnt':
    case 'load':
      return at(instruction.op, instruction.at)
    case 'rmw':
    case 'cas':
      return at('locked', instruction.at)
    case 'movdir64b': {
      const cells = [...lineOf.keys()].filter((cell) => lineOf[cell] === instruction.line)
      return { class: 'movnt', line: instruction.line, bytes: new Map(cells.map((cell) => [cell, 0xff])) }
    }
    case 'clwb':
    case 'clflushopt':
      return { class: 'flushopt', line: instruction.line, bytes: new Map() }
    case 'clflush':
      return { class: 'clflush', line: instruction.line, bytes: new Map() }
    case 'sfence':
    case 'mfence':
    case 'lfence':
      return { class: instruction.op, line: -1, bytes: new Map() }
    case 'move':
    case 'compute':
    case 'branch':
    case 'goto':
      return undefined
  }
}

export const overlap = (a: Footprint, b: Footprint): boolean =>
  [...a.bytes].some(([cell, mask]) => (mask & (b.bytes.get(cell) ?? 0)) !== 0)

/** `younger` may not take effect while `older`, of the same thread, has not. */
export function waits(table: OrderTable, older: Footprint, younger: Footprint): boolean {
  const order = table[older.class][younger.class]
  switch (order) {
    case 'always':
      return true
    case 'line':
      return older.line === younger.line
    case 'bytes':
      return overlap(older, younger)
    case 'never':
      return false
  }
}
