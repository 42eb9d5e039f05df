/**
 * What one unit may hold after a power failure, as a function of its core's cut.
 *
 * A contents is a settled prefix, or all settled operations and then the first `writes` pending stores and a set of
 * pending movnt. Operations that overlap keep their order, so the set of operations decides the bytes. A contents is
 * possible from the cut at which it can first be there until a clflush, or a movnt that is durable once visible, has
 * left it behind: one interval.
 */

import { assert, ensure } from '../../base/assert.ts'
import type { Choice, Column } from './family.ts'
import { bytesOfUnit, type Guard, isDurableOnceVisible, type Subject } from './subject.ts'
import {
  lay,
  leaveTimes,
  lowest,
  type NonTemporal,
  type Pending,
  prefixBytes,
  type Stray,
  strayBytes,
  type Unit,
} from './unit.ts'

const NEVER = Number.POSITIVE_INFINITY

/** Movnt to one unit whose subsets are listed one by one, at most. */
const MOST_LISTED = 12
/** Contents of a unit that are put together from its cells, at most. */
const MOST_WHOLE = 4096

interface Span {
  from: number
  to: number
}

interface Contents {
  /** Settled operations. */
  readonly prefix: number
  readonly writes: number
  /** Which pending movnt, as bits. */
  readonly nts: number
  readonly from: number
  readonly to: number
}

/** What can be said of every contents of a unit. */
export interface UnitView {
  readonly column: Column
  /** Settled operations, pending stores, pending movnt that all contents have. */
  readonly prefix: number
  readonly writes: number
  readonly nts: ReadonlySet<number>
}

/** Cuts that are possible now: from the one that is certain to everything issued. */
export interface Cuts {
  readonly least: number
  readonly most: number
}

/** undefined: too many contents to tell apart. */
export function viewUnit(subject: Subject, unit: Unit, cuts: Cuts): UnitView | undefined {
  const { pending } = unit
  if (pending !== undefined && pending.nts.length > 0 && isFree(pending, cuts)) return viewFree(subject, unit, pending)
  if (pending !== undefined && pending.nts.length > MOST_LISTED) return undefined
  const all = listed(subject, unit, cuts)
  const counted = possibleBytes(subject, unit, all)
  const choices: Choice[] = []
  const scattered: Choice[][] = []
  for (const spans of counted.values()) {
    const weighed = spans.map((span) => ({ ...span, weight: 1n }))
    if (weighed.length === 1) choices.push(weighed[0] as Choice)
    else scattered.push(weighed)
  }
  let prefix = NEVER
  let writes = NEVER
  let nts = -1
  for (const contents of all) {
    prefix = Math.min(prefix, contents.prefix)
    writes = Math.min(writes, contents.writes)
    nts &= contents.nts
  }
  const certain = (pending?.nts ?? []).flatMap((_, i) => ((nts >> i) & 1 ? [i] : []))
  return { column: { choices, scattered }, prefix, writes, nts: new Set(certain) }
}

/**
 * Contents that the unit's movnt make possible in orders other than the one in which they settle; undefined: too many.
 * Only what must have reached media remembers them: any other guard forgets contents that lack a movnt.
 */
export function straysOf(subject: Subject, unit: Unit): readonly Stray[] | undefined {
  const { pending } = unit
  if (unit.guard !== 'media' || pending === undefined || pending.nts.length === 0) return []
  if (pending.nts.length > MOST_LISTED) return undefined
  return listed(subject, unit, { least: 0, most: NEVER }).flatMap(({ prefix, writes, nts }) => {
    if (prefix < unit.to || writes + nts === 0) return []
    const stores = pending.writes.slice(0, writes).map(({ op }) => op)
    const movnt = pending.nts.flatMap(({ op }, i) => ((nts >> i) & 1 ? [op] : []))
    return [{ prefix: unit.to, ops: [...stores, ...movnt].sort((a, b) => a - b) }]
  })
}

/** The bytes of every contents, each with the cuts at which it is possible. */
function possibleBytes(subject: Subject, unit: Unit, all: readonly Contents[]): Map<string, Span[]> {
  const found = new Map<string, Span[]>()
  for (const { contents, key } of withKeys(subject, unit, all)) {
    const spans = found.get(key)
    if (spans === undefined) found.set(key, [{ from: contents.from, to: contents.to }])
    else join(spans, contents)
  }
  for (const stray of unit.strays) found.set(keyOf(strayBytes(subject, unit, stray)), [{ from: 0, to: NEVER }])
  return found
}

/** A part of a unit that comes and goes by itself, whatever the rest of the unit holds. */
export interface Part {
  /** Its first byte in the line. */
  readonly first: number
  /** Different from each other; possible at the cuts from … to - 1 of any of the spans. */
  readonly contents: readonly { readonly bytes: Uint8Array; readonly spans: readonly Span[] }[]
}

/** Everything that the unit may hold, byte by byte; undefined: too much to list. The parts lie side by side. */
export function partsOf(subject: Subject, unit: Unit, cuts: Cuts): readonly Part[] | undefined {
  const { pending } = unit
  const { first, length } = bytesOfUnit(unit.id)
  const always = [{ from: 0, to: NEVER }]
  if (pending !== undefined && pending.nts.length > 0 && isFree(pending, cuts)) {
    const free = freeCells(subject, unit, pending)
    if (free === undefined) return undefined
    const { cells, others } = free
    if (others.size === 0)
      return cells.map((cell) => ({
        first: first + cell.first,
        contents: [...cell.values].map((key) => ({ bytes: bytesOf(key), spans: always })),
      }))
    if (cells.reduce((product, { values }) => product * values.size, 1) > MOST_WHOLE) return undefined
    const combined = cells.reduce(
      (all, { values }) => all.flatMap((key) => [...values].map((more) => key + more)),
      [''],
    )
    return [{ first, contents: [...combined, ...others].map((key) => ({ bytes: bytesOf(key), spans: always })) }]
  }
  if (pending !== undefined && pending.nts.length > MOST_LISTED) return undefined
  const found = possibleBytes(subject, unit, listed(subject, unit, cuts))
  assert(
    [...found.keys()].every((key) => key.length === length),
    'contents are as long as their unit',
  )
  return [{ first, contents: [...found].map(([key, spans]) => ({ bytes: bytesOf(key), spans })) }]
}

/** Add a span to a list of spans that do not touch. */
function join(spans: Span[], { from, to }: Readonly<Span>): void {
  const merged = { from, to }
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i] as Span
    if (span.to < merged.from || merged.to < span.from) continue
    merged.from = Math.min(merged.from, span.from)
    merged.to = Math.max(merged.to, span.to)
    spans.splice(i, 1)
  }
  spans.push(merged)
}

/** Every contents that is possible at some cut. */
function listed(subject: Subject, unit: Unit, { least, most }: Cuts): readonly Contents[] {
  const all: Contents[] = []
  const { pending } = unit
  const { guard } = unit
  const add = (prefix: number, writes: number, nts: number, from: number, to: number): void => {
    const first = Math.max(from, least)
    if (first < to && first <= most) all.push({ prefix, writes, nts, from: first, to })
  }
  if (pending === undefined) {
    for (let prefix = lowest(unit); prefix <= unit.to; prefix++) add(prefix, 0, 0, least, NEVER)
    return all
  }
  const gone = leftBehind(guard)
  const sets = subsets(subject, pending.nts)
  const none = ensure(sets[0], 'no movnt at all is one of the sets')
  const firstFlush = pending.flushes[0] ?? NEVER
  for (let prefix = lowest(unit); prefix < unit.to; prefix++)
    add(prefix, 0, 0, 0, gone.byFlush ? Math.min(firstFlush, none.outlived) : NEVER)
  let flush = 0
  for (let writes = 0; writes <= pending.writes.length; writes++) {
    const began = writes === 0 ? 0 : (pending.writes[writes - 1] as { at: number }).at
    const next = pending.writes[writes]?.at ?? NEVER
    while (flush < pending.flushes.length && (pending.flushes[flush] as number) < next) flush++
    const nextFlush = pending.flushes[flush] ?? NEVER
    for (const { bits, need, block, outlived } of sets) {
      const from = Math.max(began, need)
      if (from >= next || from >= block) continue
      const byStore = gone.byStore ? Math.min(next, block) : NEVER
      const byFlush = gone.byFlush ? Math.min(nextFlush, outlived) : NEVER
      add(unit.to, writes, bits, from, Math.min(byStore, byFlush))
    }
  }
  return all
}

/** Which later events of its line a contents cannot outlive. */
function leftBehind(guard: Guard) {
  return { byStore: guard === 'visible' || guard === 'nothing', byFlush: guard === 'accepted' }
}

interface Left {
  readonly bits: number
  /** The least cut at which these may have left, and the first at which another must have. */
  readonly need: number
  readonly block: number
  /** The first at which another that is durable has left these behind. */
  readonly outlived: number
}

/** Sets of movnt that may have left together, the empty one first. */
function subsets(subject: Subject, nts: readonly NonTemporal[]): readonly Left[] {
  const all: Left[] = []
  for (let bits = 0; bits < 1 << nts.length; bits++) {
    let need = 0
    let block = NEVER
    let outlived = NEVER
    let closed = true
    for (const [i, nt] of nts.entries()) {
      if ((bits >> i) & 1) {
        need = Math.max(need, nt.need)
        closed &&= nt.waits.every((older) => (bits >> older) & 1)
      } else {
        block = Math.min(block, nt.block)
        outlived = Math.min(outlived, isDurableOnceVisible(subject, nt.op) ? nt.block : nt.blockFlush)
      }
    }
    if (closed) all.push({ bits, need, block, outlived })
  }
  return all
}

/** The bytes of each contents, as text. */
function* withKeys(subject: Subject, unit: Unit, all: readonly Contents[]) {
  const { pending } = unit
  const { length } = bytesOfUnit(unit.id)
  let bytes: Uint8Array = new Uint8Array(length)
  /** Prefix and stores that `bytes` has. */
  let prefix = -1
  let writes = 0
  for (const contents of all) {
    if (prefix < 0 || contents.prefix < prefix) {
      bytes = prefixBytes(subject, unit, contents.prefix)
      prefix = contents.prefix
      writes = 0
    }
    for (; prefix < contents.prefix; prefix++) lay(subject, unit.id, unit.ops[prefix] as number, bytes)
    for (; writes < contents.writes; writes++)
      lay(subject, unit.id, (pending as Pending).writes[writes]?.op as number, bytes)
    yield { contents, key: keyOf(contents.nts === 0 ? bytes : withMovnt(subject, unit, contents, bytes)) }
  }
}

/** The bytes of one contents that has movnt, from those that have its stores alone. */
function withMovnt(subject: Subject, unit: Unit, contents: Contents, stored: Uint8Array): Uint8Array {
  const p = unit.pending as Pending
  const movnt = p.nts.flatMap((nt, i) => ((contents.nts >> i) & 1 ? [nt.op] : []))
  const bytes = stored.slice()
  const oldest = movnt[0] as number
  const stores = p.writes.slice(0, contents.writes).flatMap(({ op }) => (op > oldest ? [op] : []))
  // Where they overlap, the younger one lies on top; operations are numbered as they issued.
  for (const op of [...movnt, ...stores].sort((a, b) => a - b)) lay(subject, unit.id, op, bytes)
  return bytes
}

const keyOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const bytesOf = (key: string): Uint8Array => Uint8Array.from(key, (char) => char.charCodeAt(0))

// A unit with movnt alone: cells of eight bytes come and go by themselves.

/** Nothing but movnt, none of which waits for a cut. */
const isFree = (p: Pending, { least }: Cuts): boolean =>
  p.writes.length === 0 &&
  p.flushes.length === 0 &&
  p.nts.every(({ block }) => block === NEVER) &&
  leaveTimes(p.nts).every((time) => time <= least)

interface Cell {
  /** First byte in the unit. */
  readonly first: number
  readonly values: ReadonlySet<string>
}

/** What each cell may hold by itself, and older contents of the whole unit that cells cannot make up. */
function freeCells(
  subject: Subject,
  unit: Unit,
  p: Pending,
): { readonly cells: readonly Cell[]; readonly others: ReadonlySet<string> } | undefined {
  const { length } = bytesOfUnit(unit.id)
  const last = prefixBytes(subject, unit, unit.to)
  const cells: Cell[] = []
  const wide = p.nts.some(({ op }) => subject.writes.size(op) > 8)
  const width = wide ? length : 8
  for (let first = 0; first < length; first += width) {
    const base = bytesOfUnit(unit.id).first + first
    const own = p.nts.flatMap(({ op }, i) =>
      wide || (subject.writes.offset(op) >= base && subject.writes.offset(op) < base + width) ? [i] : [],
    )
    if (own.length > MOST_LISTED) return undefined
    const place = new Map(own.map((nt, i) => [nt, i]))
    const nts = own.map((i) => {
      const nt = p.nts[i] as NonTemporal
      return { ...nt, waits: nt.waits.map((older) => place.get(older) as number) }
    })
    const values = new Set<string>()
    for (const { bits } of subsets(subject, nts)) {
      const bytes = last.slice()
      for (const [i, { op }] of nts.entries()) if ((bits >> i) & 1) lay(subject, unit.id, op, bytes)
      values.add(keyOf(bytes.subarray(first, first + width)))
    }
    cells.push({ first, values })
  }
  const known = (bytes: Uint8Array): boolean =>
    cells.every(({ first, values }) => values.has(keyOf(bytes.subarray(first, first + width))))
  // Older contents, before any of these movnt.
  const others = new Set<string>()
  const bytes = prefixBytes(subject, unit, lowest(unit))
  for (let prefix = lowest(unit); prefix < unit.to; prefix++) {
    if (!known(bytes)) others.add(keyOf(bytes))
    lay(subject, unit.id, unit.ops[prefix] as number, bytes)
  }
  for (const stray of unit.strays) {
    const held = strayBytes(subject, unit, stray)
    if (!known(held)) others.add(keyOf(held))
  }
  return { cells, others }
}

function viewFree(subject: Subject, unit: Unit, p: Pending): UnitView | undefined {
  const free = freeCells(subject, unit, p)
  if (free === undefined) return undefined
  const combinations = free.cells.reduce((product, { values }) => product * BigInt(values.size), 1n)
  const weight = combinations + BigInt(free.others.size)
  return {
    column: { choices: [{ from: 0, to: NEVER, weight }], scattered: [] },
    prefix: lowest(unit),
    writes: 0,
    nts: new Set(),
  }
}
