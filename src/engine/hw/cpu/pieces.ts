/** cpu/pieces.ts: an access cut at aligned eight-byte cells, in ascending order (persistency.md §2). */

import type { Words } from '../../sim/cpu.ts'

export interface Piece {
  readonly at: number
  /** First byte of the datum that lies here. */
  readonly from: number
  readonly length: number
}

/** `rest`: where the access goes on after a page's end. */
export function cellPieces(at: number, size: number, rest: number | undefined): readonly Piece[] {
  const inCell = 8 - (at % 8)
  if (size <= inCell) return [{ at, from: 0, length: size }]
  return [
    { at, from: 0, length: inCell },
    { at: rest ?? at + inCell, from: inCell, length: size - inCell },
  ]
}

/** At most eight bytes as two words. */
export function wordsOf(bytes: Uint8Array, from: number, length: number): Words {
  let lo = 0
  let hi = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[from + i] as number
    if (i < 4) lo |= byte << (8 * i)
    else hi |= byte << (8 * (i - 4))
  }
  return [lo, hi]
}
