/** Arithmetic of small programs: unsigned numbers of 1, 2, 4 or 8 bytes as bigints, and pieces of eight-byte cells. */

import type { Condition, Modify, Place } from './program.ts'

export const cut = (value: bigint, size: number): bigint => BigInt.asUintN(8 * size, value)

export const extract = (cell: bigint, at: Place): bigint => cut(cell >> BigInt(8 * at.offset), at.size)

/** The cell after `value` has been written to `at`. */
export function insert(cell: bigint, at: Place, value: bigint): bigint {
  const shift = BigInt(8 * at.offset)
  const mask = (1n << BigInt(8 * at.size)) - 1n
  return (cell & ~(mask << shift)) | ((value & mask) << shift)
}

/** Bit i stands for byte i of the cell. */
export const byteMask = (at: Place): number => ((1 << at.size) - 1) << at.offset

/** Not yet cut to a size. */
export function modified(modify: Modify, old: bigint, operand: bigint): bigint {
  switch (modify) {
    case 'xchg':
      return operand
    case 'add':
      return old + operand
    case 'sub':
      return old - operand
    case 'and':
      return old & operand
    case 'or':
      return old | operand
    case 'xor':
      return old ^ operand
  }
}

export function holds(when: Condition, left: bigint, right: bigint, size: number): boolean {
  const [a, b] = [cut(left, size), cut(right, size)]
  const [signedA, signedB] = [BigInt.asIntN(8 * size, left), BigInt.asIntN(8 * size, right)]
  switch (when) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'lt':
      return signedA < signedB
    case 'le':
      return signedA <= signedB
    case 'gt':
      return signedA > signedB
    case 'ge':
      return signedA >= signedB
    case 'below':
      return a < b
    case 'below-eq':
      return a <= b
    case 'above':
      return a > b
    case 'above-eq':
      return a >= b
  }
}
