/**
 * The part of the matrix in persistency.md §4 that is about store buffers: may `younger` leave before `older`?
 *
 * Written from the specification a second time, on purpose: the engine's own table is what it is compared with. The
 * other rows and columns of the matrix (load, locked, mfence, lfence) need no table here: these instructions never wait
 * in a buffer, and machine.ts says for each when it may issue.
 */

import type { Bytes } from './bytes.ts'

interface Write {
  readonly cell: number
  readonly offset: number
  readonly bytes: Bytes
}

/** W: store, N: movnt or movdir64b, FO: clwb or clflushopt, FL: clflush, SF: sfence. */
export interface Entry {
  readonly kind: 'W' | 'N' | 'FO' | 'FL' | 'SF'
  /** Cache line; -1 for a fence. */
  readonly line: number
  readonly writes: readonly Write[]
  /** A movdir64b: all of it is on media or nothing. */
  readonly atomic: boolean
}

const overlap = (a: Entry, b: Entry): boolean =>
  a.writes.some((w) =>
    b.writes.some(
      (x) => w.cell === x.cell && w.offset < x.offset + x.bytes.length / 2 && x.offset < w.offset + w.bytes.length / 2,
    ),
  )

export function staysBehind(older: Entry, younger: Entry): boolean {
  const sameLine = older.line === younger.line
  switch (`${older.kind} before ${younger.kind}` as const) {
    case 'W before W':
    case 'W before FL':
      return true
    case 'W before N':
      return overlap(older, younger)
    case 'W before FO':
      return sameLine

    case 'N before W':
    case 'N before N':
      return overlap(older, younger)
    case 'N before FO':
    case 'N before FL':
      return sameLine

    case 'FO before W':
    case 'FO before N':
    case 'FO before FO':
      return false
    case 'FO before FL':
      return sameLine

    case 'FL before W':
    case 'FL before N':
    case 'FL before FL':
      return true
    case 'FL before FO':
      return sameLine

    case 'SF before W':
    case 'SF before N':
    case 'SF before FO':
    case 'SF before FL':
    case 'SF before SF':
    case 'W before SF':
    case 'N before SF':
    case 'FO before SF':
    case 'FL before SF':
      return true
  }
}
