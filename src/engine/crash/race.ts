/**
 * Units that several cores write at once: every order in which their operations may take effect, as a set of states.
 *
 * A state says what each racing core has still waiting and what each contested unit has seen since the race began. A
 * core's stores to units that nobody else touches take effect as soon as they may (that leaves the most images), so they
 * are no part of a state: the state's *cut* of the core tells them. clwb and clflushopt take effect as soon as they may,
 * because an early one guarantees least. Loads and completed fences throw out the states that contradict them.
 */

import { ensure } from '../../base/assert.ts'
import type { Column } from './family.ts'
import { bytesOfUnit, isDurableOnceVisible, type Subject, unitsOf } from './subject.ts'
import { lay, lowest, type Mark, overlap, prefixBytes, strayBytes, type Unit } from './unit.ts'
import type { Issued, Window } from './window.ts'

/** States that are followed at once, at most. */
const MOST_STATES = 2000
/** States that are looked at in the whole of a race, those of steps with few of them aside. */
const MOST_EFFORT = 40_000
const FEW = 64

interface Entry extends Issued {
  /** Contested units that it changes, as positions in `held`. */
  readonly affects: readonly number[]
}

/** What a contested unit has seen in one state. */
interface Seen {
  readonly more: readonly number[]
  /** Prefix, counted with what was settled before the race. */
  readonly accepted: number
  readonly marks: readonly Mark[]
}

interface State {
  /** Entries of each racing core that have not taken effect, in program order. */
  readonly waiting: readonly (readonly Entry[])[]
  readonly seen: readonly Seen[]
}

/** One combination of cuts and contested contents; `cuts` by core. */
export interface Scene {
  readonly cuts: ReadonlyMap<number, number>
  /** Operations of each contested unit since the race began, and the oldest number of them that may be left. */
  readonly seen: readonly { readonly more: readonly number[]; readonly lowest: number }[]
}

const isOrdered = (entry: Entry): boolean => entry.kind === 'store' || entry.kind === 'clflush'

export class Race {
  private readonly subject: Subject
  private readonly slots = new Map<number, number>()
  private readonly places = new Map<number, number>()
  readonly held: Unit[] = []
  /** Writes to each contested unit since the race began, as they issued. */
  private readonly written: number[][] = []
  private states: readonly State[] = [{ waiting: [], seen: [] }]
  private effort = 0
  exploded = false

  constructor(subject: Subject) {
    this.subject = subject
  }

  has(core: number): boolean {
    return this.slots.has(core)
  }
  holds(unit: number): boolean {
    return this.places.has(unit)
  }
  touches(line: number): boolean {
    return unitsOf(this.subject, line).some((id) => this.places.has(id))
  }
  get cores(): readonly number[] {
    return [...this.slots.keys()]
  }

  /** As it is now; states are never changed, only replaced. */
  copy(unit: (id: number) => Unit): Race {
    const copy = new Race(this.subject)
    for (const [core, slot] of this.slots) copy.slots.set(core, slot)
    for (const { id } of this.held) copy.hold(unit(id))
    copy.states = this.states
    copy.effort = this.effort
    for (const [place, ops] of this.written.entries()) copy.written[place] = [...ops]
    return copy
  }

  /** A unit is contested from now on; whatever was pending of it has been handed over. */
  hold(unit: Unit): void {
    if (this.places.has(unit.id)) return
    this.places.set(unit.id, this.held.push(unit) - 1)
    this.written.push([])
    const seen: Seen = { more: [], accepted: unit.accepted, marks: unit.marks }
    this.states = this.states.map((state) => ({ ...state, seen: [...state.seen, seen] }))
  }

  /** A core joins with what it has on its way to `units`. */
  join(window: Window, units: readonly Unit[]): void {
    if (this.slots.has(window.core)) return
    this.slots.set(window.core, this.slots.size)
    const own = new Map(units.map((unit) => [unit.id, unit.pending]))
    for (const unit of units) {
      this.hold(unit)
      unit.pending = undefined
      window.units.delete(unit)
    }
    const begun = new Set<number>()
    const entries: Entry[] = []
    for (const issued of window.issued) {
      const affects: number[] = []
      for (const id of issued.unit >= 0 ? [issued.unit] : unitsOf(this.subject, issued.line)) {
        const pending = own.get(id)
        if (pending === undefined) continue
        const takes =
          issued.kind === 'flushopt'
            ? begun.has(id)
            : issued.kind === 'clflush'
              ? pending.flushes.includes(issued.at)
              : [...pending.writes, ...pending.nts].some(({ op }) => op === issued.op)
        if (!takes) continue
        begun.add(id)
        const place = this.places.get(id) as number
        affects.push(place)
        if (issued.op !== 0) this.written[place]?.push(issued.op)
      }
      if (affects.length > 0 || this.stops(issued)) entries.push({ ...issued, affects })
    }
    const { least } = window
    const left = new Set(
      units.flatMap(({ id }) => own.get(id)?.nts.flatMap((nt) => (nt.block <= least ? [nt.op] : [])) ?? []),
    )
    this.states = this.states.map((state) => ({ ...state, waiting: [...state.waiting, entries] }))
    this.spread()
    const isPast = (entry: Entry): boolean => (isOrdered(entry) ? entry.at <= least : left.has(entry.op))
    this.keep((state) => !state.waiting.at(-1)?.some(isPast))
  }

  /** Does it make a difference by itself, at units that are not contested, whether it has taken effect? */
  private stops({ kind, line, forces }: Issued): boolean {
    return kind === 'clflush' || (kind === 'store' && (forces === true || this.subject.guard(line) === 'visible'))
  }

  // What happens

  write(core: number, kind: 'store' | 'movnt', op: number, units: readonly Unit[], window: Window): void {
    const at = kind === 'store' ? ++window.count : 0
    const affects = units.map(({ id }) => this.places.get(id) as number)
    for (const place of affects) this.written[place]?.push(op)
    this.issue(core, { kind, line: this.subject.writes.line(op), unit: units[0]?.id ?? -1, op, at, affects })
  }

  /** The core's last store went to a unit of its own. */
  stop(core: number, window: Window): void {
    const last = window.issued.at(-1)
    if (last !== undefined && this.stops(last)) this.issue(core, { ...last, affects: [] })
  }

  flush(core: number, line: number, window: Window): void {
    this.issue(core, { kind: 'clflush', line, unit: -1, op: 0, at: window.count, affects: this.contested(line) })
  }

  /** `at`: the least cut of the core at which it may take effect. */
  flushopt(core: number, line: number, at: number): void {
    this.issue(core, { kind: 'flushopt', line, unit: -1, op: 0, at, affects: this.contested(line) })
  }

  private contested(line: number): readonly number[] {
    return unitsOf(this.subject, line).flatMap((id) => this.places.get(id) ?? [])
  }

  private issue(core: number, entry: Entry): void {
    const slot = this.slots.get(core)
    this.states = this.states.map((state) => ({
      ...state,
      waiting: state.waiting.map((waiting, i) => (i === slot ? [...waiting, entry] : waiting)),
    }))
    this.spread()
  }

  /** The writes of a locked instruction: they take effect in every state before anything else does. */
  locked(core: number, writes: readonly { readonly op: number; readonly unit: Unit }[], window: Window): void {
    for (const { op, unit } of writes) {
      const at = ++window.count
      const place = this.places.get(unit.id) as number
      this.written[place]?.push(op)
      const line = this.subject.writes.line(op)
      const entry: Entry = { kind: 'store', line, unit: unit.id, op, at, affects: [place] }
      this.states = this.states.map((state) => ({ ...state, seen: this.after(state.seen, core, entry) }))
    }
    this.spread()
  }

  /** Of a core outside the race, too: its clwb may have covered what is contested now. */
  fence(core: number): void {
    const slot = this.slots.get(core)
    if (slot !== undefined) this.keep((state) => state.waiting[slot]?.length === 0)
    this.states = this.states.map((state) => ({
      ...state,
      seen: state.seen.map((seen) => {
        const promised = seen.marks.reduce((most, mark) => (mark.core === core ? Math.max(most, mark.index) : most), 0)
        const accepted = Math.max(seen.accepted, promised)
        return { ...seen, accepted, marks: seen.marks.filter((mark) => mark.core !== core) }
      }),
    }))
    this.spread()
  }

  drained(core: number): void {
    const slot = this.slots.get(core)
    if (slot === undefined) return
    this.keep((state) => state.waiting[slot]?.every(({ kind }) => kind === 'movnt') ?? true)
    this.spread()
  }

  /** A load saw `bytes` from byte `offset` of the unit's line on. `spread()` lets time go on after it. */
  load(core: number, id: number, offset: number, bytes: Uint8Array): void {
    const slot = this.slots.get(core)
    const place = this.places.get(id)
    if (place === undefined) return
    const unit = this.held[place] as Unit
    const { first } = bytesOfUnit(id)
    const settled = prefixBytes(this.subject, unit, unit.to)
    this.keep((state) => {
      const held = settled.slice()
      for (const op of state.seen[place]?.more ?? []) lay(this.subject, id, op, held)
      for (const { op, affects } of slot === undefined ? [] : (state.waiting[slot] ?? []))
        if (op !== 0 && affects.includes(place)) lay(this.subject, id, op, held)
      return held.every((value, i) => {
        const read = bytes[first + i - offset]
        return read === undefined || read === value
      })
    })
  }

  isOver(): boolean {
    return this.states.length === 1 && (this.states[0]?.waiting.every((waiting) => waiting.length === 0) ?? true)
  }

  /** The one outcome becomes what is settled. */
  writeBack(windows: readonly Window[]): void {
    const outcome = ensure(this.states[0], 'a race that is over has an outcome')
    for (const [place, unit] of this.held.entries()) {
      const { more, accepted, marks } = outcome.seen[place] as Seen
      for (const op of more) unit.ops[unit.to++] = op
      unit.accepted = accepted
      unit.marks = marks
      for (const { core } of marks) windows[core]?.marked.add(unit)
    }
    for (const core of this.slots.keys()) {
      const window = windows[core]
      if (window !== undefined) window.least = window.count
    }
  }

  /** Too many outcomes: every write since may be there or not, in whatever order. */
  giveUp(): void {
    for (const [place, unit] of this.held.entries()) {
      unit.frozen = lowest(unit)
      for (const op of this.written[place] ?? []) unit.ops[unit.to++] = op
    }
  }

  /** Every write to a contested unit since the race began. */
  writesTo(unit: number): readonly number[] {
    return this.written[this.places.get(unit) ?? -1] ?? []
  }

  // States

  private keep(agrees: (state: State) => boolean): void {
    this.states = this.states.filter(agrees)
    if (this.states.length === 0) this.exploded = true
  }

  /** Add every state that is reached when waiting entries take effect. */
  spread(): void {
    const found = new Map<string, State>()
    const todo: State[] = []
    const add = (state: State): void => {
      const eager = this.flushEarly(state)
      const key = keyOf(eager)
      if (found.has(key)) return
      found.set(key, eager)
      todo.push(eager)
    }
    for (const state of this.states) add(state)
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      if (found.size > MOST_STATES) {
        this.exploded = true
        return
      }
      for (const [slot, waiting] of state.waiting.entries())
        for (let i = 0; i < waiting.length; i++) if (this.mayTake(waiting, i)) add(this.take(state, slot, i))
    }
    if (found.size > FEW) this.effort += found.size
    if (this.effort > MOST_EFFORT) this.exploded = true
    this.states = [...found.values()]
    this.prune()
  }

  private flushEarly(state: State): State {
    for (const [slot, waiting] of state.waiting.entries())
      for (let i = 0; i < waiting.length; i++)
        if (waiting[i]?.kind === 'flushopt' && this.mayTake(waiting, i))
          return this.flushEarly(this.take(state, slot, i))
    return state
  }

  /** Does nothing older of its core have to take effect first? */
  private mayTake(waiting: readonly Entry[], i: number): boolean {
    const entry = waiting[i] as Entry
    for (let j = 0; j < waiting.length; j++) {
      const other = waiting[j] as Entry
      if (j < i && this.keepsOrder(other, entry)) return false
      if (!isOrdered(entry) && isOrdered(other) && other.at <= entry.at) return false
    }
    return true
  }

  private keepsOrder(older: Entry, younger: Entry): boolean {
    const order = this.subject.order[older.kind][younger.kind]
    if (order === 'always' || order === 'never') return order === 'always'
    return older.line === younger.line && (order === 'line' || overlap(this.subject, older.op, younger.op))
  }

  private take(state: State, slot: number, i: number): State {
    const entry = state.waiting[slot]?.[i] as Entry
    const core = [...this.slots.keys()][slot] as number
    const waiting = state.waiting.map((each, s) => (s === slot ? each.filter((_, at) => at !== i) : each))
    return { waiting, seen: this.after(state.seen, core, entry) }
  }

  /** What contested units have seen once an entry has taken effect. */
  private after(before: readonly Seen[], core: number, entry: Entry): readonly Seen[] {
    const seen = [...before]
    for (const place of entry.affects) {
      const old = seen[place] as Seen
      const settled = this.held[place]?.to ?? 0
      const more = entry.op === 0 ? old.more : [...old.more, entry.op]
      const all = settled + more.length
      const durable =
        entry.kind === 'clflush' || (entry.kind === 'movnt' && isDurableOnceVisible(this.subject, entry.op))
      const marks =
        entry.kind === 'store' || durable
          ? old.marks
          : [...old.marks.filter((mark) => mark.core !== core), { core, index: all }]
      seen[place] = { more, accepted: durable ? all : old.accepted, marks }
    }
    return seen
  }

  /** Of states that differ in guarantees alone, those that guarantee least. */
  private prune(): void {
    const groups = new Map<string, State[]>()
    for (const state of this.states) {
      const key = looseKeyOf(state)
      const group = groups.get(key) ?? []
      groups.set(key, group)
      if (group.some((other) => guaranteesLess(other, state))) continue
      groups.set(key, [...group.filter((other) => !guaranteesLess(state, other)), state])
    }
    this.states = [...groups.values()].flat()
  }

  // What may be left

  scenes(windows: readonly Window[]): readonly Scene[] {
    const scenes = new Map<string, Scene>()
    for (const state of this.states) {
      const cuts = new Map<number, number>()
      for (const [core, slot] of this.slots) {
        const next = state.waiting[slot]?.find(isOrdered)?.at
        cuts.set(core, next === undefined ? (windows[core]?.count ?? 0) : next - 1)
      }
      const seen = state.seen.map(({ more, accepted }, place) => {
        const unit = this.held[place] as Unit
        return { more, lowest: lowest({ ...unit, to: unit.to + more.length, accepted }) }
      })
      const key = JSON.stringify([[...cuts.values()], seen])
      scenes.set(key, { cuts, seen })
    }
    return [...scenes.values()]
  }

  /** Contents of a contested unit by scene. */
  column(place: number, scenes: readonly Scene[]): Column {
    const unit = this.held[place] as Unit
    const found = new Map<string, { from: number; to: number; weight: bigint }[]>()
    for (const [at, scene] of scenes.entries()) {
      const { more, lowest } = scene.seen[place] as Scene['seen'][number]
      for (let count = lowest; count <= unit.to + more.length; count++) {
        const bytes = prefixBytes(this.subject, unit, Math.min(count, unit.to))
        for (const op of more.slice(0, Math.max(0, count - unit.to))) lay(this.subject, unit.id, op, bytes)
        const key = String.fromCharCode(...bytes)
        const spans = found.get(key) ?? []
        found.set(key, spans)
        const last = spans.at(-1)
        if (last !== undefined && last.to >= at) last.to = at + 1
        else spans.push({ from: at, to: at + 1, weight: 1n })
      }
    }
    // What was possible before the race and is no prefix of any order in it.
    for (const stray of unit.strays) {
      const key = String.fromCharCode(...strayBytes(this.subject, unit, stray))
      found.set(key, [{ from: 0, to: scenes.length, weight: 1n }])
    }
    const all = [...found.values()]
    return {
      choices: all.flatMap((spans) => (spans.length === 1 ? spans : [])),
      scattered: all.filter((spans) => spans.length > 1),
    }
  }
}

const keyOf = (state: State): string =>
  `${looseKeyOf(state)}|${JSON.stringify(state.seen.map(({ accepted, marks }) => [accepted, marks]))}`

const looseKeyOf = ({ waiting, seen }: State): string =>
  JSON.stringify([
    waiting.map((entries) => entries.map(({ kind, op, at, line }) => (op === 0 ? `${kind} ${line} ${at}` : op))),
    seen.map(({ more }) => more),
  ])

/** Everything that `a` guarantees, `b` guarantees too. */
function guaranteesLess(a: State, b: State): boolean {
  return a.seen.every((seen, place) => {
    const other = b.seen[place] as Seen
    return (
      seen.accepted <= other.accepted &&
      seen.marks.every(({ core, index }) => {
        const promised = other.marks.find((mark) => mark.core === core)?.index ?? 0
        return index <= Math.max(promised, other.accepted)
      })
    )
  })
}
