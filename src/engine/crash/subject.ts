/**
 * What the exact set asks of the machine that is handed in: the data of its writes, what guards its lines, the ordering
 * table, and which model is meant (persistency.md §§3, 4, 6).
 */

type Order = 'always' | 'line' | 'bytes' | 'never'

/** Instructions that wait in a store buffer, by the rows of the ordering table. */
export const WAITING = ['store', 'movnt', 'flushopt', 'clflush'] as const
type Waiting = (typeof WAITING)[number]

/** The part of the ordering table that this needs. */
type BufferOrder = Readonly<Record<Waiting, Readonly<Record<Waiting, Order>>>>

/**
 * What a power failure leaves of a line: everything visible (caches inside the persistence domain), what its memory
 * controller must have accepted, what must have reached media, nothing (DRAM).
 */
export type Guard = 'visible' | 'accepted' | 'media' | 'nothing'

export interface Subject {
  /** What persists as one: a line, or each eight-byte word by itself. DRAM always goes by words. */
  readonly unit: 'line' | 'word'
  /** When a movnt is durable: once visible, or at its thread's next fence. A movdir64b: see `isDurableOnceVisible`. */
  readonly movnt: 'visible' | 'fence'
  readonly order: BufferOrder
  readonly cores: number
  /** Operations are numbered in the order in which they issued; a write lies inside one cell or is a whole line. */
  readonly writes: {
    line(op: number): number
    /** First byte in the line. */
    offset(op: number): number
    size(op: number): number
    byte(op: number, i: number): number
  }
  guard(line: number): Guard
  /** DIMM that a line belongs to, for flush hints. */
  dimm(line: number): number
  /** The 64 bytes that a line held at first. */
  initial(line: number): Uint8Array
  /**
   * Units (see `unitOf`) that more than one core ever touches, and those that anything non-temporal is ever written to:
   * during a race, of all others the newest contents that the cores' cuts allow is the least certain. When one core does
   * everything, a race is about a movdir64b alone, and those that one changes with others are enough.
   */
  shared(unit: number): boolean
}

/**
 * A movdir64b (the one write of more than a cell) is durable once visible under every model: it is atomic at power
 * failure (persistency.md §4) also where words persist by themselves, and words that owe durability apart would tear.
 */
export const isDurableOnceVisible = ({ movnt, writes }: Pick<Subject, 'movnt' | 'writes'>, op: number): boolean =>
  movnt === 'visible' || writes.size(op) > 8

/** Words of a line have numbers of their own, and the whole line one more. */
const UNITS_A_LINE = 9
const WHOLE = 8

/** The unit that byte `offset` of a line belongs to. */
export function unitOf(subject: Pick<Subject, 'unit' | 'guard'>, line: number, offset: number): number {
  const words = subject.unit === 'word' || subject.guard(line) === 'nothing'
  return line * UNITS_A_LINE + (words ? offset >> 3 : WHOLE)
}

/** Units of a line, as numbers. */
export function unitsOf(subject: Pick<Subject, 'unit' | 'guard'>, line: number): readonly number[] {
  const first = line * UNITS_A_LINE
  if (unitOf(subject, line, 0) === first + WHOLE) return [first + WHOLE]
  return [0, 1, 2, 3, 4, 5, 6, 7].map((word) => first + word)
}

export const lineOfUnit = (unit: number): number => Math.floor(unit / UNITS_A_LINE)

/** First byte of a unit in its line, and how many it has. */
export function bytesOfUnit(unit: number): { readonly first: number; readonly length: number } {
  const word = unit % UNITS_A_LINE
  return word === WHOLE ? { first: 0, length: 64 } : { first: 8 * word, length: 8 }
}
