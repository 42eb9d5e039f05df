/**
 * What one core has issued since its last completed fence: the order of its stores and clflushes, and which movnt wait
 * for what. Filled in the order of issue.
 */

import { assert, ensure } from '../../base/assert.ts'
import { type Subject, WAITING } from './subject.ts'
import { overlap, type Pending, type Unit } from './unit.ts'

/** An instruction of the window, kept in case that cores turn out to race. */
export interface Issued {
  readonly kind: 'store' | 'movnt' | 'flushopt' | 'clflush'
  readonly line: number
  /** The unit of a write. */
  readonly unit: number
  readonly op: number
  /** Position of a store or clflush; of the others the least cut at which they take effect. */
  readonly at: number
  /** A store that an older movnt to the same bytes holds back: its taking effect says that the movnt has left. */
  readonly forces?: boolean
}

export interface Window {
  readonly core: number
  /** Positions given: stores and clflushes issued, and moments at which the store buffer was empty. */
  count: number
  /** How many of them have certainly taken effect. */
  least: number
  lastFlush: number
  /** Units with something pending, and units with marks. */
  readonly units: Set<Unit>
  readonly marked: Set<Unit>
  /** Pending movnt, wherever. */
  readonly nts: { readonly unit: Unit; readonly index: number }[]
  readonly issued: Issued[]
}

export const newWindow = (core: number): Window => ({
  core,
  count: 0,
  least: 0,
  lastFlush: 0,
  units: new Set(),
  marked: new Set(),
  nts: [],
  issued: [],
})

/** A copy that shares nothing that changes. `unit`: the copy of a unit. */
export function copyWindow(window: Window, unit: (id: number) => Unit): Window {
  const units = (from: ReadonlySet<Unit>): Set<Unit> => new Set([...from].map(({ id }) => unit(id)))
  return {
    ...window,
    units: units(window.units),
    marked: units(window.marked),
    nts: window.nts.map(({ unit: { id }, index }) => ({ unit: unit(id), index })),
    issued: [...window.issued],
  }
}

/**
 * What the fast form takes from the ordering table without asking it again. Stores and clflushes of a core take effect
 * in the order in which they issued. And a clwb or clflushopt takes effect as early as it may without holding anything
 * back: whatever waits for one waits by itself for all that it waits for.
 */
export function assertFastForm({ order }: Pick<Subject, 'order'>): void {
  for (const older of ['store', 'clflush'] as const)
    for (const younger of ['store', 'clflush'] as const)
      assert(order[older][younger] === 'always', 'stores and clflushes of a core take effect in order')
  const isKept = (cell: string): boolean => cell === 'always' || cell === 'line'
  for (const older of WAITING)
    for (const younger of WAITING) {
      const [before, after, direct] = [order[older].flushopt, order.flushopt[younger], order[older][younger]]
      if (!isKept(before) || !isKept(after)) continue
      const onLineAlone = before === 'line' && after === 'line'
      assert(direct === 'always' || (onLineAlone && direct === 'line'), 'a clwb or clflushopt holds nothing back')
    }
}

/** Is the order of two instructions on one line kept? `bytes`: the operations, when both are writes. */
function kept(subject: Subject, order: 'always' | 'line' | 'bytes' | 'never', a: number, b: number): boolean {
  return order === 'always' || order === 'line' || (order === 'bytes' && overlap(subject, a, b))
}

/** Once the cut is `at`, a movnt must have left, and those that it waits for. */
function mustLeave(p: Pending, index: number, at: number, flush: boolean): void {
  const nt = ensure(p.nts[index], 'a movnt that is waited for is pending')
  nt.block = Math.min(nt.block, at)
  if (flush) nt.blockFlush = Math.min(nt.blockFlush, at)
  for (const older of nt.waits) mustLeave(p, older, at, flush)
}

/** The store buffer is empty: clwb and clflushopt have left it, and so have the movnt that they wait for. */
export function emptyBuffer(window: Window): void {
  // It takes a position of its own: what had not left until then had its time.
  window.least = ++window.count
  for (const { pending } of window.units)
    for (const { nts } of pending?.opts ?? [])
      for (let i = 0; i < nts; i++) mustLeave(pending as Pending, i, window.count, false)
}

/** A store or clflush at position `at` waits for movnt: they must have left once the cut is there. */
function holdBack(
  subject: Subject,
  window: Window,
  at: number,
  younger: 'store' | 'clflush',
  op: number,
  units: Iterable<Unit>,
): boolean {
  const order = subject.order.movnt[younger]
  let any = false
  const hold = (p: Pending, index: number): void => {
    any = true
    mustLeave(p, index, at, younger === 'clflush')
  }
  if (order === 'always') {
    for (const { unit, index } of window.nts) if (unit.pending !== undefined) hold(unit.pending, index)
  } else
    for (const { pending } of units)
      for (const [index, nt] of (pending?.nts ?? []).entries())
        if (younger === 'clflush' ? order !== 'never' : kept(subject, order, nt.op, op)) hold(pending as Pending, index)
  return any
}

export function issueStore(subject: Subject, window: Window, unit: Unit, p: Pending, op: number): void {
  const at = ++window.count
  const forces = holdBack(subject, window, at, 'store', op, [unit])
  p.writes.push({ op, at })
  window.issued.push({ kind: 'store', line: unit.line, unit: unit.id, op, at, forces })
}

export function issueMovnt(subject: Subject, window: Window, unit: Unit, p: Pending, op: number): void {
  const { order } = subject
  let need = window.least
  if (order.clflush.movnt === 'always') need = Math.max(need, window.lastFlush)
  else if (order.clflush.movnt !== 'never') need = Math.max(need, p.flushes.at(-1) ?? 0)
  if (order.store.movnt === 'always') need = Math.max(need, window.count)
  else
    for (let i = p.writes.length - 1; i >= 0; i--) {
      const older = p.writes[i] as { op: number; at: number }
      if (older.at <= need) break
      if (kept(subject, order.store.movnt, older.op, op)) need = older.at
    }
  const waits = p.nts.flatMap((older, i) => (kept(subject, order.movnt.movnt, older.op, op) ? [i] : []))
  window.nts.push({ unit, index: p.nts.length })
  p.nts.push({ op, need, waits, block: Number.POSITIVE_INFINITY, blockFlush: Number.POSITIVE_INFINITY })
  window.issued.push({ kind: 'movnt', line: unit.line, unit: unit.id, op, at: need })
}

/** `units`: those of the line that have something pending of this core. */
export function issueFlush(subject: Subject, window: Window, line: number, units: readonly Unit[]): void {
  const at = ++window.count
  window.lastFlush = at
  holdBack(subject, window, at, 'clflush', 0, units)
  for (const unit of units) unit.pending?.flushes.push(at)
  window.issued.push({ kind: 'clflush', line, unit: -1, op: 0, at })
}

/** A clwb or clflushopt of a unit that has something pending of this core. */
export function issueFlushOpt(subject: Subject, window: Window, p: Pending): void {
  const { order } = subject
  const line = (cell: 'always' | 'line' | 'bytes' | 'never', last: number | undefined, any: number): number =>
    cell === 'always' ? any : cell === 'never' ? 0 : (last ?? 0)
  const at = Math.max(
    window.least,
    line(order.store.flushopt, p.writes.at(-1)?.at, window.count),
    line(order.clflush.flushopt, p.flushes.at(-1), window.lastFlush),
  )
  p.opts.push({ at, nts: order.movnt.flushopt === 'never' ? 0 : p.nts.length })
}
