/**
 * Which instruction waits for which: the only place that knows. The machine on the screen, the exhaustive search and
 * the exact set all ask this table.
 *
 * The matrix is persistency.md §4: a row is the older instruction of a thread, a column the younger. `always` keeps the
 * order, `line` keeps it on the same cache line, `bytes` when the bytes overlap, `never` leaves both orders possible.
 * The letter behind a cell names its source in `NOTES`. clwb and clflushopt are one class: they differ only in whether
 * the line stays cached.
 */

export const CLASSES = [
  'load',
  'store',
  'locked',
  'mfence',
  'sfence',
  'flushopt',
  'clflush',
  'movnt',
  'lfence',
] as const
export type InstructionClass = (typeof CLASSES)[number]

export type Order = 'always' | 'line' | 'bytes' | 'never'

export type OrderTable = Readonly<Record<InstructionClass, Readonly<Record<InstructionClass, Order>>>>

interface Note {
  readonly source: string
  /** Our decision where the sources are silent. */
  readonly choice?: true
}

export const NOTES: Readonly<Record<string, Note>> = {
  a: { source: 'x86-TSO; Px86view: a load before any access, any access before a store' },
  b: { source: 'Px86_sim; Px86_man leaves these three free' },
  c: { source: 'Ex86: a store, non-temporal or not, is not performed before older loads retire' },
  d: { source: 'x86-TSO: store buffer with forwarding; SDM: reads can pass buffered writes' },
  e: { source: 'Px86 p.116: mfence orders everything, sfence everything but loads' },
  f: { source: 'Px86 p.115-116; SDM CLFLUSHOPT, CLWB: ordered with older writes to the line' },
  g: { source: 'Px86 p.116; SDM CLFLUSH: ordered with all writes' },
  h: { source: 'coherence on the same bytes; SDM: non-temporal stores are weakly ordered otherwise' },
  i: { source: 'Px86 p.115: flushes are ordered with locked instructions' },
  j: { source: 'SDM vol. 3 11.10: what drains write-combining buffers' },
  k: { source: 'Px86 p.116: an sfence may be passed by loads only' },
  l: { source: 'SDM LFENCE: younger instructions do not begin before it completes' },
  m: { source: 'flushes wait in the store buffer, loads do not wait for it' },
  n: { source: 'Px86 p.115-116; SDM CLFLUSHOPT: not ordered with other flushes or younger writes' },
  o: { source: 'SDM CLFLUSHOPT: ordered with older CLFLUSH of the line' },
  p: { source: 'as n, for a movnt', choice: true },
  q: { source: 'as g, for a movnt', choice: true },
  r: { source: 'loads do not wait for write-combining buffers; own data is forwarded' },
  s: { source: 'SDM CLWB, CLFLUSHOPT: ordered with older writes to the line' },
  t: { source: 'the line only: a buffer of another line is no listed draining event', choice: true },
  u: { source: 'SDM LFENCE: older loads complete, older stores and flushes are not drained', choice: true },
}

/** Columns as in `CLASSES`. */
const MATRIX: Readonly<Record<InstructionClass, string>> = {
  //          load     store    locked   mfence   sfence   flushopt clflush  movnt    lfence
  load: '     always a always a always a always a always b always b always b always c always l',
  store: '    never  d always a always a always e always e line   f always g bytes  h never  u',
  locked: '   always a always a always a always e always e always i always i always j always a',
  mfence: '   always e always e always e always e always e always e always e always j always e',
  sfence: '   never  k always e always e always e always e always e always e always j never  u',
  flushopt: ' never  m never  n always i always e always e never  n line   o never  p never  u',
  clflush: '  never  m always g always i always e always e line   o always g always q never  u',
  movnt: '    never  r bytes  h always j always j always j line   s line   t bytes  h never  u',
  lfence: '   always l always l always l always l always l always l always l always l always l',
}

interface OrderCell {
  readonly older: InstructionClass
  readonly younger: InstructionClass
  readonly order: Order
  /** Key of `NOTES`. */
  readonly note: string
}

export const ORDER_CELLS: readonly OrderCell[] = CLASSES.flatMap((older) => {
  const words = MATRIX[older].trim().split(/\s+/)
  return CLASSES.map((younger, i) => ({
    older,
    younger,
    order: words[2 * i] as Order,
    note: words[2 * i + 1] as string,
  }))
})

export const ORDER: OrderTable = Object.fromEntries(
  CLASSES.map((older) => [
    older,
    Object.fromEntries(ORDER_CELLS.filter((cell) => cell.older === older).map((cell) => [cell.younger, cell.order])),
  ]),
) as OrderTable

/** An instruction that nothing younger passes takes effect when it issues; the others wait in the store buffer. */
export const takesEffectAtIssue = (table: OrderTable, kind: InstructionClass): boolean =>
  CLASSES.every((younger) => table[kind][younger] === 'always')
