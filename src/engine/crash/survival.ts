/**
 * What may survive a power failure, exactly, while a recording is walked from its beginning (design.md §7).
 *
 * The walk is given what the recording fixes: instructions in the order in which they issued, what loads of other
 * cores' stores returned, fences that are done. Everything else (when store buffers and write-combining buffers drain,
 * evictions, when flushes complete) is free, and every choice is covered: persistency.md §§2–3, synchronous reading.
 *
 * A core's stores and clflushes take effect in order, so one number, its cut, says how far it is; what a unit may hold
 * is a function of the cut of the one core that has something on its way to it. A load that returned what another core
 * stored bounds that core's cut from below. Units that two cores are writing at once are `race.ts`.
 */

import { assert, ensure } from '../../base/assert.ts'
import { type Cuts, straysOf } from './contents.ts'
import { Race } from './race.ts'
import { bytesOfUnit, type Subject, unitOf, unitsOf } from './subject.ts'
import { copyUnit, lay, lowest, newUnit, type Pending, prefixBytes, settle, type Unit } from './unit.ts'
import {
  assertFastForm,
  copyWindow,
  emptyBuffer,
  issueFlush,
  issueFlushOpt,
  issueMovnt,
  issueStore,
  newWindow,
  type Window,
} from './window.ts'

/** Everything that later steps depend on. */
export interface Snapshot {
  readonly units: Map<number, Unit>
  readonly windows: Window[]
  readonly race: Race | undefined
  /** What flush-hint stores promise at their core's next fence. */
  readonly hints: Hint[]
  /** A race had more outcomes than the budget allows. */
  readonly undecided: boolean
  readonly step: number
}

export class Survival implements Snapshot {
  readonly subject: Subject
  units = new Map<number, Unit>()
  windows: Window[]
  race: Race | undefined
  hints: Hint[] = []
  undecided = false
  /** The step that is walked at the moment. */
  step = -1

  constructor(subject: Subject) {
    assertFastForm(subject)
    this.subject = subject
    this.windows = Array.from({ length: subject.cores }, (_, core) => newWindow(core))
  }

  // What the recording fixes

  store(core: number, op: number): void {
    this.write(core, op, 'store')
  }

  /** A movnt or movdir64b. */
  movnt(core: number, op: number): void {
    this.write(core, op, 'movnt')
  }

  private write(core: number, op: number, kind: 'store' | 'movnt'): void {
    const { subject } = this
    const line = subject.writes.line(op)
    const wide = subject.writes.size(op) > 8
    const ids = wide ? unitsOf(subject, line) : [unitOf(subject, line, subject.writes.offset(op))]
    const units = ids.map((id) => this.unit(id))
    const window = this.window(core)
    // One write to several units takes effect in all of them at once.
    if (units.length > 1 || units.some((unit) => this.isRaced(core, unit))) {
      this.raceFor(core, units)
      this.race?.write(core, kind, op, units, window)
      this.endRace()
      return
    }
    const unit = units[0] as Unit
    const pending = this.own(window, unit)
    if (kind === 'movnt') issueMovnt(subject, window, unit, pending, op)
    else {
      issueStore(subject, window, unit, pending, op)
      if (this.race?.has(core)) this.race.stop(core, window)
    }
  }

  clflush(core: number, line: number): void {
    const window = this.window(core)
    // Of a line that holds nothing yet, too, when another core may write to it before this takes effect.
    const units = unitsOf(this.subject, line).flatMap((id) =>
      this.subject.shared(id) ? this.unit(id) : (this.units.get(id) ?? []),
    )
    if (units.some((unit) => this.isRaced(core, unit)))
      this.raceFor(
        core,
        units.filter((unit) => this.isShared(unit)),
      )
    const own: Unit[] = []
    for (const unit of units)
      if (!this.race?.holds(unit.id)) {
        this.own(window, unit)
        own.push(unit)
      }
    issueFlush(this.subject, window, line, own)
    if (this.race?.has(core)) this.race.flush(core, line, window)
    this.endRace()
  }

  /** clwb and clflushopt. */
  flushopt(core: number, line: number): void {
    const window = this.window(core)
    for (const unit of this.known(line)) {
      const { pending } = unit
      if (this.race?.holds(unit.id)) continue
      if (pending === undefined) this.mark(window, unit, unit.to)
      else if (pending.core === core) issueFlushOpt(this.subject, window, pending)
      else if (pending.nts.length > 0) this.raceFor(core, [unit])
      else {
        this.advance(unit, pending)
        this.mark(window, unit, unit.to)
      }
    }
    if (this.race?.touches(line)) {
      this.raceFor(core, [])
      this.race?.flushopt(core, line, this.lastOf(core, line))
    } else window.issued.push({ kind: 'flushopt', line, unit: -1, op: 0, at: this.lastOf(core, line) })
    this.endRace()
  }

  /** The cut at which a clwb or clflushopt of the line may take effect: after what the core wrote there. */
  private lastOf(core: number, line: number): number {
    let last = this.window(core).least
    for (const { pending } of this.known(line))
      if (pending?.core === core) last = Math.max(last, pending.writes.at(-1)?.at ?? 0)
    return last
  }

  /** Everything that the core issued has taken effect, and its flushes and movnt have arrived. */
  fence(core: number): void {
    const window = this.window(core)
    this.race?.fence(core)
    for (const unit of window.units) this.settleUnit(unit, unit.pending as Pending)
    for (const unit of window.marked) {
      for (const mark of unit.marks) if (mark.core === core) this.raise(unit, mark.index)
      unit.marks = unit.marks.filter((mark) => mark.core !== core)
    }
    for (const hint of this.hints)
      if (hint.core === core) {
        this.reachMedia(this.unit(hint.unit), hint.index)
      }
    this.hints = this.hints.filter((hint) => hint.core !== core)
    this.windows[core] = newWindow(core)
    this.endRace()
  }

  /**
   * A locked instruction that wrote: a fence, then what it read and what it wrote with nothing in between. `ops`: its
   * writes, one a cell; `read`: what was where one of them went.
   */
  locked(core: number, ops: readonly number[], read: (op: number) => Uint8Array): void {
    const { subject } = this
    const { writes } = subject
    this.fence(core)
    for (const op of ops) this.load(core, writes.line(op), writes.offset(op), writes.size(op), () => read(op))
    const all = ops.map((op) => ({ op, unit: this.unit(unitOf(subject, writes.line(op), writes.offset(op))) }))
    if (all.some(({ unit }) => this.isRaced(core, unit))) {
      this.raceFor(
        core,
        all.map(({ unit }) => unit),
      )
      // What others wrote after the loads above is free again: of these states, those where it was not yet there.
      for (const { op, unit } of all)
        this.race?.load(core, unit.id, writes.offset(op), read(op).subarray(0, writes.size(op)))
      this.race?.locked(core, all, this.window(core))
      this.endRace()
    } else for (const { op } of all) this.store(core, op)
    this.drained(core)
  }

  /** The core's store buffer is empty; write-combining buffers and flushes need not be. */
  drained(core: number): void {
    emptyBuffer(this.window(core))
    this.race?.drained(core)
    this.endRace()
  }

  /** A flush-hint store of a DIMM, whose next fence completes it: what was accepted when it issued is on media. */
  hint(core: number, dimm: number): void {
    for (const unit of this.units.values())
      if (unit.guard === 'media' && this.subject.dimm(unit.line) === dimm && unit.accepted > unit.media)
        this.hints.push({ core, unit: unit.id, index: unit.accepted })
  }

  /** Time passes: nothing is on its way any more, and the queues are on media. */
  idle(): void {
    for (let core = 0; core < this.windows.length; core++) this.fence(core)
    for (const unit of this.units.values()) this.reachMedia(unit, unit.accepted)
  }

  /** A load of `size` bytes of one line. `returned`: what it returned, in case that it matters. */
  load(core: number, line: number, offset: number, size: number, returned: () => Uint8Array): void {
    if (!this.known(line).some((unit) => this.race?.holds(unit.id) || (unit.pending?.core ?? core) !== core)) return
    const { subject } = this
    const bytes = returned().subarray(0, size)
    const others = new Map<number, Unit[]>()
    for (const id of unitsOf(subject, line)) {
      const { first, length } = bytesOfUnit(id)
      if (first >= offset + bytes.length || offset >= first + length) continue
      if (this.race?.holds(id)) this.race.load(core, id, offset, bytes)
      const unit = this.units.get(id)
      const { pending } = unit ?? {}
      if (unit === undefined || pending === undefined || pending.core === core) continue
      if (pending.nts.length > 0 || this.race?.has(pending.core)) {
        this.raceFor(pending.core, [unit])
        this.race?.load(core, id, offset, bytes)
      } else others.set(pending.core, [...(others.get(pending.core) ?? []), unit])
    }
    for (const [other, units] of others) this.bound(this.window(other), units, offset, bytes)
    this.race?.spread()
    this.endRace()
  }

  /** The least cut of the core that explains what was read; an execution may always have been as slow as that. */
  private bound(window: Window, units: readonly Unit[], offset: number, bytes: Uint8Array): void {
    const { subject } = this
    const cuts = units.flatMap(({ pending }) => pending?.writes.map(({ at }) => at) ?? [])
    for (const cut of [window.least, ...cuts.filter((at) => at > window.least).sort((a, b) => a - b)]) {
      const explains = units.every((unit) => {
        const { first } = bytesOfUnit(unit.id)
        const held = prefixBytes(subject, unit, unit.to)
        for (const { op, at } of unit.pending?.writes ?? []) if (at <= cut) lay(subject, unit.id, op, held)
        return held.every((value, i) => {
          const read = bytes[first + i - offset]
          return read === undefined || read === value
        })
      })
      if (!explains) continue
      window.least = cut
      return
    }
    // A value that nothing explains: the recording knows of something that this does not.
    this.undecided = true
  }

  /** The machine starts again: each unit holds, for certain, the writes that are given for it. */
  restart(contents: ReadonlyMap<number, readonly number[]>): void {
    this.race = undefined
    this.undecided = false
    this.hints = []
    this.windows = this.windows.map(({ core }) => newWindow(core))
    this.units = new Map()
    for (const [id, ops] of contents) {
      const unit = this.unit(id)
      unit.ops.push(...ops)
      unit.to = unit.accepted = unit.media = ops.length
      unit.since = this.step
    }
  }

  // Who has what on its way

  private window(core: number): Window {
    return ensure(this.windows[core], 'every core has a window')
  }

  private unit(id: number): Unit {
    let unit = this.units.get(id)
    if (unit === undefined) {
      unit = newUnit(this.subject, id)
      this.units.set(id, unit)
    }
    return unit
  }

  /** Units of a line that anything was ever written to. */
  private known(line: number): Unit[] {
    return unitsOf(this.subject, line).flatMap((id) => this.units.get(id) ?? [])
  }

  /** Would the core's next write or clflush of the unit have to be ordered with what another core has on its way? */
  private isRaced(core: number, unit: Unit): boolean {
    if (this.race?.holds(unit.id) || (this.race?.has(core) && this.isShared(unit))) return true
    const { pending } = unit
    if (pending === undefined || pending.core === core) return false
    const { least } = this.window(pending.core)
    const certain = (pending.writes.at(-1)?.at ?? 0) <= least && (pending.flushes.at(-1) ?? 0) <= least
    return !certain || pending.nts.length > 0
  }

  private isShared(unit: Unit): boolean {
    return this.subject.shared(unit.id)
  }

  /** The unit's pending operations are this core's from here on. */
  private own(window: Window, unit: Unit): Pending {
    if (unit.pending !== undefined && unit.pending.core !== window.core) this.advance(unit, unit.pending)
    unit.pending ??= { core: window.core, writes: [], flushes: [], nts: [], opts: [] }
    window.units.add(unit)
    return unit.pending
  }

  private mark(window: Window, unit: Unit, index: number): void {
    if (index === 0) return
    unit.marks = [...unit.marks.filter(({ core }) => core !== window.core), { core: window.core, index }]
    window.marked.add(unit)
  }

  private raise(unit: Unit, index: number): void {
    if (index <= unit.accepted || unit.frozen !== undefined) return
    unit.accepted = index
    unit.since = this.step
  }

  private reachMedia(unit: Unit, index: number): void {
    if (index <= unit.media) return
    unit.media = index
    unit.strays = unit.strays.filter(({ prefix }) => prefix >= index)
  }

  /** What is pending has taken effect and has arrived: its core's fence is done. */
  private settleUnit(unit: Unit, pending: Pending): void {
    const strays = straysOf(this.subject, unit)
    if (strays === undefined) this.undecided = true
    else if (strays.length > 0) unit.strays = [...unit.strays, ...strays]
    const { floor, promised } = settle(unit, pending)
    unit.pending = undefined
    this.raise(unit, floor)
    this.raise(unit, promised)
  }

  /** What has certainly taken effect (of a unit without pending movnt) is pending no longer. */
  private advance(unit: Unit, { core, ...pending }: Pending): void {
    const window = this.window(core)
    const past = <T extends { readonly at: number }>(all: readonly T[]): T[] =>
      all.filter(({ at }) => at <= window.least)
    const late = <T extends { readonly at: number }>(all: readonly T[]): T[] =>
      all.filter(({ at }) => at > window.least)
    const { writes, flushes, opts } = pending
    const done = flushes.filter((at) => at <= window.least)
    const { floor, promised } = settle(unit, { core, writes: past(writes), flushes: done, nts: [], opts: past(opts) })
    this.raise(unit, floor)
    if (promised >= 0) this.mark(window, unit, promised)
    const rest = { writes: late(writes), flushes: flushes.slice(done.length), nts: [], opts: late(opts) }
    const empty = rest.writes.length + rest.flushes.length + rest.opts.length === 0
    unit.pending = empty ? undefined : { core, ...rest }
    if (empty) window.units.delete(unit)
  }

  /** From here on the cores that are at these units, and `core`, are followed jointly. */
  private raceFor(core: number, units: readonly Unit[]): void {
    const joining = new Set([core])
    for (const { pending } of units) if (pending !== undefined) joining.add(pending.core)
    this.race ??= new Race(this.subject)
    for (const each of joining) this.race.join(this.window(each), this.unitsOfRace(each, units))
    for (const unit of units) {
      assert(unit.pending === undefined, 'whatever is pending of a contested unit has been handed over')
      this.race.hold(unit)
    }
  }

  private unitsOfRace(core: number, units: readonly Unit[]): readonly Unit[] {
    const found = new Set(units.filter(({ pending }) => pending?.core === core))
    for (const unit of this.window(core).units) if (this.isShared(unit)) found.add(unit)
    return [...found]
  }

  /** When a race has one outcome left and nothing of it is on its way, the fast form goes on. */
  private endRace(): void {
    if (this.race === undefined) return
    if (this.race.exploded) {
      this.undecided = true
      this.race.giveUp()
      this.race = undefined
    } else if (this.race.isOver()) {
      this.race.writeBack(this.windows)
      this.race = undefined
    }
  }

  // What may be left

  cuts(core: number): Cuts {
    const { least, count } = this.window(core)
    return { least, most: count }
  }

  /** Anything but certain? */
  isOpen(unit: Unit): boolean {
    return unit.pending !== undefined || lowest(unit) < unit.to
  }

  /** The walk as it is now; it stays as it is. */
  snapshot(): Snapshot {
    return freeze(this)
  }

  restore(snapshot: Snapshot): void {
    const { units, windows, race, hints, undecided, step } = freeze(snapshot)
    this.units = units
    this.windows = windows
    this.race = race
    this.hints = hints
    this.undecided = undecided
    this.step = step
  }
}

interface Hint {
  readonly core: number
  readonly unit: number
  readonly index: number
}

/** A copy that shares nothing that changes. */
function freeze(from: Snapshot): Snapshot {
  const units = new Map<number, Unit>()
  for (const [id, unit] of from.units) units.set(id, copyUnit(unit))
  const get = (id: number): Unit => ensure(units.get(id), 'a window names units that exist')
  return {
    units,
    windows: from.windows.map((window) => copyWindow(window, get)),
    race: from.race?.copy(get),
    hints: [...from.hints],
    undecided: from.undecided,
    step: from.step,
  }
}
