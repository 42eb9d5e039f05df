/**
 * What a power failure may leave at the place where the walk stands: how many images, and which writes are certain.
 *
 * Cores that do not race are independent of each other; each is a family of its own (`family.ts`), a race is one.
 */

import { type Cuts, type UnitView, viewUnit } from './contents.ts'
import { type Column, countImages } from './family.ts'
import type { Scene } from './race.ts'
import { bytesOfUnit } from './subject.ts'
import type { Survival } from './survival.ts'
import { lowest, type Unit } from './unit.ts'

export interface OpenUnit {
  readonly unit: Unit
  /** Every write that has issued and is not in every image. */
  readonly open: ReadonlySet<number>
}

export interface Possible {
  /** Number of distinct images; undefined: undecided, the budget ended it. */
  readonly images: bigint | undefined
  /** NVDIMM units that are not certain. When undecided, every write that might be lost is there, and perhaps others. */
  readonly units: readonly OpenUnit[]
}

/** What was found for a unit, kept under its list of operations: it is the same until something happens to the unit. */
export type Memory = WeakMap<readonly number[], Remembered>

interface Remembered {
  readonly key: string
  /** undefined: too many to tell apart. */
  readonly view: UnitView | undefined
  readonly open: ReadonlySet<number>
  lost?: readonly ByteAtRisk[]
}

/** A byte of a line whose newest write, `op`, may be missing. */
interface ByteAtRisk {
  readonly offset: number
  readonly op: number
}

/** `memory`: of earlier calls for the same walk. */
export function possible(survival: Survival, memory: Memory = new WeakMap()): Possible {
  const families = new Map<number, Column[]>()
  const units: OpenUnit[] = []
  let images: bigint | undefined = survival.undecided ? undefined : 1n
  const times = (count: bigint | undefined): void => {
    images = images === undefined || count === undefined ? undefined : images * count
  }
  const { race } = survival
  const scenes = race?.scenes(survival.windows) ?? []
  const raced: Column[] = []
  for (const unit of survival.units.values()) {
    if (unit.guard === 'nothing' || race?.holds(unit.id) || !survival.isOpen(unit)) continue
    const { pending } = unit
    const racing = pending !== undefined && race?.has(pending.core) === true
    const cuts = racing ? withinRace(scenes, pending.core) : survival.cuts(pending?.core ?? 0)
    const { view, open } = racing ? look(survival, unit, cuts, '') : remembered(survival, unit, cuts, memory)
    units.push({ unit, open })
    if (view === undefined) images = undefined
    else if (pending === undefined) times(BigInt(view.column.choices.length))
    else if (racing) raced.push(byScene(view.column, scenes, pending.core))
    else {
      const family = families.get(pending.core)
      if (family === undefined) families.set(pending.core, [view.column])
      else family.push(view.column)
    }
  }
  for (const [core, columns] of families) {
    const { least, most } = survival.cuts(core)
    times(countImages(columns, least, most + 1))
  }
  for (const [place, unit] of (race?.held ?? []).entries()) {
    if (unit.guard === 'nothing') continue
    if (race !== undefined) raced.push(race.column(place, scenes))
    units.push(raceOpen(unit, place, scenes))
  }
  if (race !== undefined) times(countImages(raced, 0, scenes.length))
  return { images, units: units.filter(({ open }) => open.size > 0) }
}

function remembered(survival: Survival, unit: Unit, cuts: Cuts, memory: Memory): Remembered {
  const { pending: p } = unit
  const blocks = p?.nts.reduce((sum, { block }) => sum + (Number.isFinite(block) ? block : 0), 0)
  const pending = p === undefined ? '' : `${p.core} ${p.writes.length} ${p.flushes.length} ${p.nts.length} ${blocks}`
  const key = `${unit.to} ${lowest(unit)} ${unit.strays.length} ${pending} ${p === undefined ? 0 : cuts.least}`
  const known = memory.get(unit.ops)
  if (known?.key === key) return known
  const found = look(survival, unit, cuts, key)
  memory.set(unit.ops, found)
  return found
}

function look(survival: Survival, unit: Unit, cuts: Cuts, key: string): Remembered {
  const { pending } = unit
  const view = viewUnit(survival.subject, unit, pending === undefined ? { least: 0, most: 0 } : cuts)
  const open = new Set<number>()
  for (let i = view?.prefix ?? lowest(unit); i < unit.to; i++) open.add(unit.ops[i] as number)
  for (const [i, { op }] of pending?.writes.entries() ?? []) if (view === undefined || i >= view.writes) open.add(op)
  for (const [i, { op }] of pending?.nts.entries() ?? []) if (!view?.nts.has(i)) open.add(op)
  return { key, view, open }
}

const withinRace = (scenes: readonly Scene[], core: number): Cuts => {
  const cuts = scenes.map((scene) => scene.cuts.get(core) ?? 0)
  return { least: Math.min(...cuts), most: Math.max(...cuts) }
}

/** A column by cuts of one core, as one by scenes. */
function byScene(column: Column, scenes: readonly Scene[], core: number): Column {
  const cuts = scenes.map((scene) => scene.cuts.get(core) ?? 0)
  const choices: Column['choices'][number][] = []
  const scattered: Column['scattered'][number][] = []
  for (const spans of [...column.choices.map((choice) => [choice]), ...column.scattered]) {
    const found: { from: number; to: number; weight: bigint }[] = []
    for (const [at, cut] of cuts.entries()) {
      if (!spans.some(({ from, to }) => from <= cut && cut < to)) continue
      const last = found.at(-1)
      if (last?.to === at) last.to = at + 1
      else found.push({ from: at, to: at + 1, weight: spans[0]?.weight ?? 1n })
    }
    if (found.length === 1) choices.push(...found)
    else if (found.length > 1) scattered.push(found)
  }
  return { choices, scattered }
}

function raceOpen(unit: Unit, place: number, scenes: readonly Scene[]): OpenUnit {
  const all = new Set<number>()
  const counts = new Map<number, number>()
  for (const scene of scenes) {
    const { more, lowest } = scene.seen[place] as Scene['seen'][number]
    for (let i = lowest; i < unit.to; i++) all.add(unit.ops[i] as number)
    for (const [i, op] of more.entries())
      if (unit.to + i < lowest) counts.set(op, (counts.get(op) ?? 0) + 1)
      else all.add(op)
  }
  // Certain only when it is certain in every outcome.
  for (const [op, count] of counts) if (count < scenes.length) all.add(op)
  return { unit, open: all }
}

/** Bytes that a power failure may lose, in their order. */
export function mayLose(survival: Survival, open: OpenUnit, memory: Memory = new WeakMap()): readonly ByteAtRisk[] {
  const known = memory.get(open.unit.ops)
  if (known === undefined || known.open !== open.open) return bytesAtRisk(survival, open)
  known.lost ??= bytesAtRisk(survival, open)
  return known.lost
}

function bytesAtRisk(survival: Survival, { unit, open }: OpenUnit): readonly ByteAtRisk[] {
  const { writes } = survival.subject
  const { first, length } = bytesOfUnit(unit.id)
  const newest = new Map<number, number>()
  for (const op of issuedTo(survival, unit)) {
    const from = Math.max(first, writes.offset(op))
    const to = Math.min(first + length, writes.offset(op) + writes.size(op))
    for (let at = from; at < to; at++) newest.set(at, Math.max(op, newest.get(at) ?? 0))
  }
  return [...newest]
    .filter(([, op]) => open.has(op))
    .map(([offset, op]) => ({ offset, op }))
    .sort((a, b) => a.offset - b.offset)
}

/** Every write to the unit that has issued. */
function issuedTo(survival: Survival, unit: Unit): readonly number[] {
  const { pending } = unit
  const pendings = [...(pending?.writes ?? []), ...(pending?.nts ?? [])].map(({ op }) => op)
  return [...unit.ops.slice(0, unit.to), ...pendings, ...(survival.race?.writesTo(unit.id) ?? [])]
}
