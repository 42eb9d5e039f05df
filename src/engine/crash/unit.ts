/**
 * One persistence unit: what has certainly become visible, in order, and what is still on its way.
 *
 * `ops[0 … to)` have taken effect in this order in every execution that the recording allows; the contents after any
 * prefix is one element of H[u] (persistency.md §2), `accepted` and `media` are the two floors (§3) as prefixes. What a
 * core has issued since its last completed fence and may or may not have taken effect is `pending`.
 *
 * The stores and clflushes of one core take effect in one order (the ordering table keeps it), so what has taken effect
 * of them is a prefix: the core's *cut*. Positions in that order are called `at`, from 1.
 */

import { bytesOfUnit, type Guard, lineOfUnit, type Subject } from './subject.ts'

/** A movnt that may be in a write-combining buffer. */
export interface NonTemporal {
  readonly op: number
  /** The least cut at which it may leave. */
  readonly need: number
  /** Older ones of the unit that leave before it, as positions in `nts`. */
  readonly waits: readonly number[]
  /** The least cut at which it must have left, and the same counting clflushes alone. */
  block: number
  blockFlush: number
}

/** What one core has on its way to the unit. */
export interface Pending {
  readonly core: number
  readonly writes: { readonly op: number; readonly at: number }[]
  /** Positions of clflushes of the line. */
  readonly flushes: number[]
  readonly nts: NonTemporal[]
  /** clwb and clflushopt: the cut and the number of movnt that each takes effect after, at the earliest. */
  readonly opts: { readonly at: number; readonly nts: number }[]
}

/** `core` owes the durability of the first `index` operations at its next fence. */
export interface Mark {
  readonly core: number
  readonly index: number
}

/** The contents after a settled prefix and then some operations. */
export interface Stray {
  readonly prefix: number
  readonly ops: readonly number[]
}

export interface Unit {
  readonly id: number
  readonly line: number
  readonly guard: Guard
  /** May be longer than `to`: the rest lies in the future. */
  readonly ops: number[]
  to: number
  accepted: number
  media: number
  /** Step since which the contents at `accepted` must be there. */
  since: number
  pending: Pending | undefined
  marks: readonly Mark[]
  /** Under `media`: contents that were possible once and are no prefix of `ops`, because movnt may leave in any order. */
  strays: readonly Stray[]
  /** The order of operations after this prefix is not known, so nothing more of them is ever guaranteed. */
  frozen: number | undefined
}

export function newUnit(subject: Subject, id: number): Unit {
  const line = lineOfUnit(id)
  return {
    id,
    line,
    guard: subject.guard(line),
    ops: [],
    to: 0,
    accepted: 0,
    media: 0,
    since: -1,
    pending: undefined,
    marks: [],
    strays: [],
    frozen: undefined,
  }
}

/** As it is now, however it changes later. `ops` is shared: replaying writes the same operations to the same places. */
export function copyUnit(unit: Unit): Unit {
  const { pending } = unit
  if (pending === undefined) return { ...unit }
  return {
    ...unit,
    pending: {
      core: pending.core,
      writes: [...pending.writes],
      flushes: [...pending.flushes],
      nts: pending.nts.map((nt) => ({ ...nt })),
      opts: [...pending.opts],
    },
  }
}

/** The oldest prefix that a power failure may leave. */
export function lowest(unit: Unit): number {
  if (unit.frozen !== undefined) return unit.frozen
  switch (unit.guard) {
    case 'visible':
    case 'nothing':
      return unit.to
    case 'accepted':
      return unit.accepted
    case 'media':
      return unit.media
  }
}

/** Lay the bytes of a write over those of its unit. */
export function lay(subject: Subject, unit: number, op: number, bytes: Uint8Array): void {
  const { writes } = subject
  const { first, length } = bytesOfUnit(unit)
  const offset = writes.offset(op) - first
  const size = writes.size(op)
  for (let i = Math.max(0, -offset); i < size && offset + i < length; i++) bytes[offset + i] = writes.byte(op, i)
}

/** Contents after the first `count` operations. */
export function prefixBytes(subject: Subject, unit: Unit, count: number): Uint8Array {
  const { first, length } = bytesOfUnit(unit.id)
  const bytes = subject.initial(unit.line).slice(first, first + length)
  // From the newest end, every byte is decided once.
  const decided = new Uint8Array(length)
  let left = length
  for (let i = count - 1; i >= 0 && left > 0; i--) {
    const op = unit.ops[i] as number
    const offset = subject.writes.offset(op) - first
    const size = subject.writes.size(op)
    for (let b = Math.max(0, -offset); b < size && offset + b < length; b++) {
      if (decided[offset + b] !== 0) continue
      decided[offset + b] = 1
      left--
      bytes[offset + b] = subject.writes.byte(op, b)
    }
  }
  return bytes
}

export function strayBytes(subject: Subject, unit: Unit, { prefix, ops }: Stray): Uint8Array {
  const bytes = prefixBytes(subject, unit, prefix)
  for (const op of ops) lay(subject, unit.id, op, bytes)
  return bytes
}

export const overlap = (subject: Subject, a: number, b: number): boolean => {
  const { writes } = subject
  return writes.offset(a) < writes.offset(b) + writes.size(b) && writes.offset(b) < writes.offset(a) + writes.size(a)
}

/** When each movnt leaves at the earliest. */
export function leaveTimes(nts: readonly NonTemporal[]): readonly number[] {
  const times: number[] = []
  for (const { need, waits } of nts)
    times.push(waits.reduce((time, older) => Math.max(time, times[older] as number), need))
  return times
}

/**
 * Everything pending has taken effect: movnt as early as they may, because an early one guarantees least. Returns the
 * prefix that clflushes and movnt guarantee by now, and the one that clwb and clflushopt promise; -1 for none.
 */
export function settle(unit: Unit, p: Pending): { readonly floor: number; readonly promised: number } {
  const times = leaveTimes(p.nts)
  const order = [
    ...p.writes.map(({ op, at }) => ({ op, time: at, nt: 0 })),
    ...p.nts.map(({ op }, i) => ({ op, time: times[i] as number, nt: 1 + i })),
  ]
  if (p.nts.length > 0) order.sort((a, b) => a.time - b.time || a.nt - b.nt)
  const base = unit.to
  for (const { op } of order) unit.ops[unit.to++] = op
  /** The prefix that has taken effect once the cut is `time` and every movnt up to then has left. */
  const reached = (time: number): number =>
    time < 0 ? -1 : order.reduce((count, each) => (each.time <= time ? count + 1 : count), base)
  const left = Math.max(-1, ...times)
  const flushed = p.flushes.at(-1) ?? -1
  let promised = -1
  for (const { at, nts } of p.opts) promised = Math.max(promised, at, ...times.slice(0, nts))
  return { floor: reached(Math.max(left, flushed)), promised: reached(promised) }
}
