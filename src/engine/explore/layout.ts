/** Which cells make one persistence unit: a cache line, or each eight-byte cell by itself (persistency.md §5). */

import { ensure } from '../../base/assert.ts'
import type { Model } from './model.ts'
import type { Program } from './program.ts'

export interface Spot {
  readonly unit: number
  /** Position of the cell among those of its unit. */
  readonly index: number
}

export interface Layout {
  /** The cells of each unit, ascending. */
  readonly cellsOf: readonly (readonly number[])[]
  /** By cell. */
  readonly spots: readonly Spot[]
  /** By line. */
  readonly unitsOf: readonly (readonly number[])[]
}

export function layoutOf({ lineOf }: Program, unit: Model['unit']): Layout {
  const lines = Math.max(-1, ...lineOf) + 1
  const unitOfCell = (cell: number, line: number): number => (unit === 'line' ? line : cell)
  const units = unit === 'line' ? lines : lineOf.length
  const cellsOf = Array.from({ length: units }, (_, each) =>
    [...lineOf.keys()].filter((cell) => unitOfCell(cell, ensure(lineOf[cell], 'a cell is on a line')) === each),
  )
  return {
    cellsOf,
    spots: lineOf.map((line, cell) => {
      const own = unitOfCell(cell, line)
      return { unit: own, index: ensure(cellsOf[own], 'a cell is in a unit').indexOf(cell) }
    }),
    unitsOf: Array.from({ length: lines }, (_, line) => [
      ...new Set(lineOf.flatMap((on, cell) => (on === line ? [unitOfCell(cell, line)] : []))),
    ]),
  }
}
