/**
 * What may survive at a step of a recording, exactly: bytes that may be lost, the number of images, and for the stores
 * to one line whether they must, may or cannot be on media (design.md §7). "May be lost" speaks of the architecture
 * under a model; what this run loses is `loss.ts`.
 */

import type { Question } from '../../protocol/messages.ts'
import type { MayLoseRange, SurvivalView, WriteView } from '../../protocol/survival.ts'
import { type Memory, mayLose, type OpenUnit, type Possible, possible } from '../crash/possible.ts'
import { unitsOf } from '../crash/subject.ts'
import type { Survival } from '../crash/survival.ts'
import type { Model } from '../explore/model.ts'
import type { CachedRun } from './cache-loss.ts'
import type { Recording } from './recording.ts'
import { SurvivalWalk, type Walked } from './walk.ts'

/** A byte of NVDIMM whose newest store may be missing. */
interface AtRisk {
  readonly spa: number
  /** Its newest store. */
  readonly op: number
}

/** What may be left at one step. */
interface AtStep {
  /** undefined: undecided. */
  readonly images: bigint | undefined
  /** In the order of their addresses. */
  readonly bytes: readonly AtRisk[]
}

/** Keys of `crash` in the report of a run. */
export interface RiskReport {
  readonly mayLoseBytes: number
  readonly mayLose: readonly {
    /** null: bytes of the page cache, which no power failure spares. */
    readonly spa: number | null
    readonly length: number
    readonly file: string | null
    readonly offset: number | null
    /** Of the metadata of a file system. */
    readonly block: number | null
  }[]
  /** Number of different images, in decimal; absent when it is undecided. */
  readonly images?: string
}

/** Writes to a line that are told of, by certainty. */
const MOST = { must: 4, may: 24, cannot: 3 }

/** Models whose walks are kept. */
const MOST_WALKS = 2

interface Kept {
  readonly walk: SurvivalWalk
  readonly memory: Memory
}

interface Here extends Possible, Kept {
  readonly survival: Survival
}

export class Survivals {
  readonly recording: Recording
  /** By model; the last one used is the last. */
  private readonly walks = new Map<string, Kept>()

  constructor(recording: Recording) {
    this.recording = recording
  }

  at(step: number, model: Model): AtStep {
    const { walk, survival, memory, images, units } = this.look(step, model)
    const { hw } = this.recording.machine
    const bytes = units.flatMap((unit) => {
      const start = hw.lines.spa(unit.unit.line)
      return mayLose(survival, unit, memory).map(({ offset, op }) => ({ spa: start + offset, op }))
    })
    for (const op of walk.behind) {
      const { history, lines } = hw
      const line = history.line(op)
      if (lines.home(line).kind !== 'nvdimm') continue
      for (let i = 0; i < history.size(op); i++) bytes.push({ spa: lines.spa(line) + history.offset(op) + i, op })
    }
    bytes.sort((a, b) => a.spa - b.spa || b.op - a.op)
    return { images, bytes: bytes.filter((byte, i) => byte.spa !== bytes[i - 1]?.spa) }
  }

  /** May take long: whoever drives it looks up at every `yield`. */
  *answer(q: Question & { ask: 'survival' }): Generator<void, SurvivalView> {
    const step = Math.max(0, Math.min(Math.trunc(q.step), this.recording.steps - 1))
    const { walk } = this.walkOf(this.modelOf(q.model))
    while (!walk.approach(step, () => true)) yield
    return this.view(step, q.model, q.line)
  }

  private modelOf(asked: Partial<Model>): Model {
    return { ...this.recording.machine.scenario.model, ...asked }
  }

  /** `line`: SPA of a line whose stores are told one by one. */
  view(step: number, asked: Partial<Model>, line?: number): SurvivalView {
    const model = this.modelOf(asked)
    const { images, bytes } = this.at(step, model)
    const ranges = riskRanges(this.recording, bytes, step)
    const cached = this.recording.cached(step)
    return {
      step,
      model,
      ...(images === undefined ? {} : { images: images.toString() }),
      mayLoseBytes: bytes.length + lengthOf(cached),
      mayLose: [...ranges, ...cached.map((run) => cachedRange(this.recording, run))],
      writes: line === undefined ? [] : this.writes(step, model, line),
    }
  }

  /** As the command line reports it: whatever stored the bytes. */
  report(step: number): RiskReport {
    const { images, bytes } = this.at(step, this.recording.machine.scenario.model)
    const mayLose: RiskReport['mayLose'][number][] = []
    for (const { spa } of bytes) {
      const last = mayLose.at(-1)
      if (last !== undefined && continues(this.recording, last, spa, step))
        mayLose[mayLose.length - 1] = { ...last, length: last.length + 1 }
      else {
        const { file = null, offset = null, block = null } = this.recording.placeOf(spa, step)
        mayLose.push({ spa, length: 1, file, offset, block })
      }
    }
    const cached = this.recording.cached(step)
    for (const {
      file,
      offset,
      block = null,
      bytes: { length },
    } of cached)
      mayLose.push({ spa: null, length, file: file ?? null, offset: file === undefined ? null : offset, block })
    return {
      mayLoseBytes: bytes.length + lengthOf(cached),
      mayLose,
      ...(images === undefined ? {} : { images: images.toString() }),
    }
  }

  private walked(): Walked {
    const { trace, hw, power, programStart, workload } = this.recording.machine
    return { trace, hw, power, programStart, directed: workload.director !== undefined }
  }

  private look(step: number, model: Model): Here {
    const { walk, memory } = this.walkOf(model)
    const survival = walk.at(step)
    const here = possible(survival, memory)
    return { walk, memory, survival, images: walk.isBehind ? undefined : here.images, units: here.units }
  }

  private walkOf(model: Model): Kept {
    const key = `${model.unit} ${model.movnt} ${model.cas}`
    const kept = this.walks.get(key) ?? { walk: new SurvivalWalk(this.walked(), model), memory: new WeakMap() }
    this.walks.delete(key)
    this.walks.set(key, kept)
    for (const [oldest] of this.walks) if (this.walks.size > MOST_WALKS) this.walks.delete(oldest)
    return kept
  }

  /** The latest stores to a line: those that are certain, those that are not, and what comes next. */
  private writes(step: number, model: Model, spa: number): readonly WriteView[] {
    const { machine } = this.recording
    const { history, lines } = machine.hw
    const line = lines.peek(spa)
    if (line === 0 || lines.home(line).kind !== 'nvdimm') return []
    const { survival, units, walk } = this.look(step, model)
    const own = unitsOf(survival.subject, line)
    const open = new Set(walk.behind)
    for (const unit of units) if (unit.unit.line === line) for (const op of unit.open) open.add(op)
    const since = new Map<number, number>()
    const must = new Set<number>()
    for (const id of own) {
      const unit = survival.units.get(id)
      for (const op of unit?.ops.slice(0, unit.to) ?? []) {
        if (open.has(op)) continue
        must.add(op)
        if (unit !== undefined && unit.since >= 0 && unit.guard === 'accepted') since.set(op, unit.since)
      }
    }
    for (const id of own) for (const op of issued(survival, units, id)) if (!open.has(op)) must.add(op)
    const cannot: number[] = []
    for (let op = 1; op < history.ops; op++)
      if (history.step(op) > step && history.line(op) === line && history.isWrite(op)) cannot.push(op)
    const lifeEnd = machine.failedAt > step ? machine.failedAt : Number.POSITIVE_INFINITY
    const view =
      (certainty: WriteView['certainty']) =>
      (op: number): WriteView => ({
        step: history.step(op),
        sourceLine: this.recording.sourceLine(history.step(op)),
        offset: history.offset(op),
        length: history.size(op),
        certainty,
        ...(certainty === 'must' && since.has(op) ? { since: since.get(op) as number } : {}),
      })
    const sorted = (ops: Iterable<number>): number[] => [...ops].sort((a, b) => a - b)
    return [
      ...pieces(sorted(must).map(view('must'))).slice(-MOST.must),
      ...pieces(sorted(open).map(view('may'))).slice(-MOST.may),
      ...pieces(cannot.filter((op) => history.step(op) < lifeEnd).map(view('cannot'))).slice(0, MOST.cannot),
    ]
  }
}

/** Pending writes to a unit. */
function issued(survival: Survival, units: readonly OpenUnit[], id: number): readonly number[] {
  const pending = survival.units.get(id)?.pending
  const known = units.find(({ unit }) => unit.id === id)
  return [...(pending?.writes ?? []), ...(pending?.nts ?? [])].flatMap(({ op }) => (known?.open.has(op) ? [] : [op]))
}

/** What one step, or one program line, stored side by side is one. */
function pieces(writes: readonly WriteView[]): WriteView[] {
  const all: WriteView[] = []
  for (const write of writes) {
    const last = all.at(-1)
    const same =
      last !== undefined &&
      (last.step === write.step || (write.sourceLine > 0 && last.sourceLine === write.sourceLine)) &&
      last.since === write.since
    if (same && last.offset + last.length === write.offset)
      all[all.length - 1] = { ...last, length: last.length + write.length }
    else all.push(write)
  }
  return all
}

/** Neighbouring bytes of one file that one program line stored. */
function riskRanges(recording: Recording, bytes: readonly AtRisk[], step: number): readonly MayLoseRange[] {
  const { history } = recording.machine.hw
  const ranges: MayLoseRange[] = []
  for (const { spa, op } of bytes) {
    const sourceLine = recording.sourceLine(history.step(op))
    const last = ranges.at(-1)
    if (last?.sourceLine === sourceLine && continues(recording, last, spa, step))
      ranges[ranges.length - 1] = { ...last, length: last.length + 1 }
    else
      ranges.push({
        spa,
        length: 1,
        ...recording.placeOf(spa, step),
        sourceLine,
        source: recording.source(sourceLine),
      })
  }
  return ranges
}

const lengthOf = (runs: readonly CachedRun[]): number => runs.reduce((sum, { bytes }) => sum + bytes.length, 0)

function cachedRange(recording: Recording, { file, offset, block, bytes, step }: CachedRun): MayLoseRange {
  const sourceLine = recording.sourceLine(step)
  return {
    length: bytes.length,
    ...(file === undefined ? {} : { file, offset }),
    ...(block === undefined ? {} : { block }),
    sourceLine,
    source: recording.source(sourceLine),
  }
}

/** Is `spa` the next byte of the range, in the same file? Within a kilobyte a file does not change. */
function continues(
  recording: Recording,
  range: {
    readonly spa?: number | null
    readonly length: number
    readonly file?: string | null
    readonly offset?: number | null
    readonly block?: number | null
  },
  spa: number,
  step: number,
): boolean {
  if ((range.spa ?? 0) + range.length !== spa) return false
  if (spa % 1024 !== 0) return true
  const place = recording.placeOf(spa, step)
  return (
    (place.file ?? null) === (range.file ?? null) &&
    (place.block ?? null) === (range.block ?? null) &&
    (place.offset ?? 0) === (range.offset ?? 0) + (place.offset === undefined ? 0 : range.length)
  )
}
