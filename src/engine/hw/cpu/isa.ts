/**
 * Which instruction waits for which: the only place that knows.
 *
 * persistency.md §4, restricted to what can stand in a store buffer (loads, locked operations and mfence are executed
 * when they issue, after everything older that they must follow). `row` is older, `column` younger:
 * `always` keeps the order, `line` on the same cache line, `bytes` when the bytes overlap, `never` is free.
 */

import type { OpKind } from '../history.ts'

export type Order = 'always' | 'line' | 'bytes' | 'never'

type Buffered = 'store' | 'movnt' | 'flushopt' | 'clflush' | 'sfence'

/** Notes name the source of a cell as persistency.md §4 does. */
const TABLE: Readonly<Record<Buffered, Readonly<Record<Buffered, Order>>>> = {
  // a x86-TSO; h movnt is weakly ordered but coherent; f CLFLUSHOPT/CLWB text of the SDM; g Px86 p.116; e fences
  store: { store: 'always', movnt: 'bytes', flushopt: 'line', clflush: 'always', sfence: 'always' },
  // h, s, t (choice: a clflush waits for a movnt of its own line only), j draining events
  movnt: { store: 'bytes', movnt: 'bytes', flushopt: 'line', clflush: 'line', sfence: 'always' },
  // n not ordered with younger writes or flushes of other lines; o same line; p choice; e
  flushopt: { store: 'never', movnt: 'never', flushopt: 'never', clflush: 'line', sfence: 'always' },
  // g ordered with all writes; o; q choice; e
  clflush: { store: 'always', movnt: 'always', flushopt: 'line', clflush: 'always', sfence: 'always' },
  // e, j
  sfence: { store: 'always', movnt: 'always', flushopt: 'always', clflush: 'always', sfence: 'always' },
}

const CLASS: Readonly<Record<OpKind, Buffered>> = {
  store: 'store',
  movnt: 'movnt',
  clwb: 'flushopt',
  clflushopt: 'flushopt',
  clflush: 'clflush',
  sfence: 'sfence',
  // An uncached store waits for the whole store buffer (choice, persistency.md §4): nothing may pass it.
  hint: 'sfence',
}

export const orderOf = (older: OpKind, younger: OpKind): Order => TABLE[CLASS[older]][CLASS[younger]]
