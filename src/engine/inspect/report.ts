/** What `pmemscope run --json` says of a recording (design.md §8). A key that is not delivered yet is absent. */

import type { BioView } from '../../protocol/devices.ts'
import type { Model } from '../explore/model.ts'
import { isDirtyShutdown } from '../hw/power.ts'
import type { EventKind } from '../sim/event.ts'
import { NOBODY } from '../sim/trace.ts'
import { biosOf } from './bios.ts'
import type { Place, Recording } from './recording.ts'
import { type RiskReport, Survivals } from './survivals.ts'

/** Steps that are counted, under the name they are counted by. */
const COUNTED = {
  store: 'store',
  movnt: 'movnt',
  movdir64b: 'movdir64b',
  clwb: 'clwb',
  clflushopt: 'clflushopt',
  clflush: 'clflush',
  sfence: 'sfence',
  mfence: 'mfence',
  lock: 'lock',
  hint: 'hint',
} as const satisfies Partial<Record<EventKind, string>>

type Counts = Record<(typeof COUNTED)[keyof typeof COUNTED], number>

interface LostBytes {
  /** null: bytes of the page cache. */
  readonly spa: number | null
  readonly length: number
  readonly where: string
  readonly file: string | null
  readonly offset: number | null
  /** Of the metadata of a file system. */
  readonly block: number | null
  readonly line: number
}

interface CrashReport extends RiskReport {
  readonly step: number
  readonly lostBytes: number
  readonly lost: readonly LostBytes[]
  /** How often each DIMM, afterwards, has lost its part of the write-pending queue. */
  readonly dirtyShutdowns: readonly number[]
}

export interface RunReport {
  readonly release: string
  /** Which reading of x86 persistency `crash.mayLose` and `crash.images` go by. */
  readonly model: Model
  readonly steps: number
  readonly programStart: number
  /** What setup commands printed, on both streams. */
  readonly setupOutput: string
  readonly stdout: string
  readonly stderr: string
  /** Exit status by thread. */
  readonly exit: Readonly<Record<string, number>>
  /** Bios in the order in which disks were handed them. */
  readonly bios: readonly BioView[]
  readonly dmesg: readonly { readonly step: number; readonly level: string; readonly text: string }[]
  /** From programStart to the end, all threads, kernel work included. */
  readonly counts: Counts
  /** The same by innermost function. */
  readonly countsByFunction: Readonly<Record<string, Counts>>
  readonly setupCounts: Counts
  readonly hash: string
  readonly crash: CrashReport | null
  /** The run was cut off, trapped …; absent when it ended as it should. */
  readonly problem?: {
    readonly message: string
    readonly line: number
    /** The budget ended it: nothing is decided. */
    readonly budget: boolean
    /** It is a setup command that failed: the program did not run. */
    readonly setup: boolean
  }
}

const none = (): Counts => Object.fromEntries(Object.values(COUNTED).map((name) => [name, 0])) as Counts

function count(recording: Recording, from: number, to: number, byFunction?: Map<string, Counts>): Counts {
  const { trace, hw } = recording.machine
  const counts = none()
  for (let step = from; step < to; step++) {
    const kind = trace.kindOf(step)
    if (!(kind in COUNTED)) continue
    const name = COUNTED[kind as keyof typeof COUNTED]
    // Cached stores to DRAM are not what the counts are about.
    if (name === 'store' && hw.lines.home(hw.history.line(trace.a.get(step))).kind !== 'nvdimm') continue
    counts[name]++
    if (byFunction === undefined) continue
    const frame = trace.frame.get(step)
    const fn = frame === 0 ? '' : trace.functionOf(frame).name
    const counted = byFunction.get(fn) ?? none()
    byFunction.set(fn, counted)
    counted[name]++
  }
  return counts
}

/** `crashStep`: also what a power failure right after that step loses. */
export function runReport(recording: Recording, crashStep: number | undefined): RunReport {
  const { machine } = recording
  const programStart = Math.max(0, machine.programStart)
  const end = (machine.end < 0 ? recording.steps - 1 : machine.end) + 1
  const countsByFunction = new Map<string, Counts>()
  const exit = new Map<string, number>()
  for (const thread of machine.threads) {
    const status = machine.exits.get(thread.id)
    if (status !== undefined && machine.scenario.threads.includes(thread.name)) exit.set(thread.name, status)
  }
  const output = recording.texts('output', end)
  const printed = (stream: 1 | 2): string =>
    output
      .filter(({ step }) => step >= programStart && machine.trace.b.get(step) === stream - 1)
      .map(({ text }) => text)
      .join('')
  const began = machine.end >= 0
  const beforeProgram = output.filter(({ step }) => !began || step < programStart)
  return {
    release: machine.release.name,
    model: machine.scenario.model,
    steps: recording.steps,
    programStart,
    setupOutput: beforeProgram.map(({ text }) => text).join(''),
    stdout: began ? printed(1) : '',
    stderr: began ? printed(2) : '',
    exit: Object.fromEntries(exit),
    dmesg: recording.texts('log', recording.steps).map(({ step, text }) => {
      const space = text.indexOf(' ')
      return { step, level: text.slice(0, space), text: text.slice(space + 1) }
    }),
    bios: biosOf(recording, recording.steps),
    counts: count(recording, programStart, end, countsByFunction),
    countsByFunction: Object.fromEntries(countsByFunction),
    setupCounts: count(recording, 0, programStart),
    hash: recording.hash(),
    crash: crashStep === undefined ? null : crashReport(recording, crashStep),
    ...(machine.problem === undefined ? {} : { problem: { ...machine.problem, setup: machine.end < 0 } }),
  }
}

/** A file or a block of metadata begins at a multiple of so many bytes. */
const SMALLEST_BLOCK = 1024

/** As the keys of the report say it. */
const placeIn = ({ file, offset, block }: Place): Pick<LostBytes, 'file' | 'offset' | 'block'> => ({
  file: file ?? null,
  offset: file === undefined ? null : (offset ?? null),
  block: block ?? null,
})

/** Ranges that were cut where a block may begin, one again where it did not. */
function joined(ranges: readonly LostBytes[]): LostBytes[] {
  const all: LostBytes[] = []
  for (const range of ranges) {
    const last = all.at(-1)
    const follows =
      last !== undefined &&
      last.where === range.where &&
      last.line === range.line &&
      last.file === range.file &&
      last.block === range.block &&
      (last.spa ?? 0) + last.length === range.spa &&
      (last.offset ?? 0) + (range.offset === null ? 0 : last.length) === (range.offset ?? 0)
    if (follows) all[all.length - 1] = { ...last, length: last.length + range.length }
    else all.push(range)
  }
  return all
}

function crashReport(recording: Recording, step: number): CrashReport {
  const { hw } = recording.machine
  const { lost } = recording.loss(step)
  const ranges: LostBytes[] = []
  for (const byte of lost) {
    const spa = hw.lines.spa(byte.line) + byte.offset
    const line = recording.sourceLine(hw.history.step(byte.op))
    const last = ranges[ranges.length - 1]
    const follows = last !== undefined && (last.spa ?? 0) + last.length === spa && spa % SMALLEST_BLOCK !== 0
    if (follows && last.where === byte.where && last.line === line)
      ranges[ranges.length - 1] = { ...last, length: last.length + 1 }
    else ranges.push({ spa, length: 1, where: byte.where, ...placeIn(recording.placeOf(spa, step)), line })
  }
  const lines = joined(ranges)
  const cached = recording.cached(step)
  for (const run of cached) {
    const { where, bytes } = run
    const line = recording.sourceLine(run.step)
    lines.push({ spa: null, length: bytes.length, where, ...placeIn(run), line })
  }
  const { platform, power } = recording.machine
  const dirtyShutdowns = platform.dimms.map(
    (_, dimm) => recording.at(step).dirtyShutdowns(dimm) + Number(isDirtyShutdown(power, dimm)),
  )
  const lostBytes = lost.length + cached.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return { step, lostBytes, lost: lines, ...new Survivals(recording).report(step), dirtyShutdowns }
}

/**
 * The step that `--crash-at` names: a number, `end`, or `line:N`: right after that line has run for the first time,
 * with all that it called. undefined when the recording has no such place.
 */
export function crashStep(recording: Recording, at: number | 'end' | { readonly line: number }): number | undefined {
  const { machine } = recording
  if (at === 'end') return machine.end < 0 ? recording.steps - 1 : machine.end
  if (typeof at === 'number') return at >= 0 && at < recording.steps ? at : undefined
  const { trace } = machine
  // A call step stands in the function that is called, at the line that calls it.
  const depthAt = (step: number): number => trace.depth(trace.frame.get(step)) - (trace.kindOf(step) === 'call' ? 1 : 0)
  const isAt = (step: number): boolean => trace.line.get(step) === at.line && trace.frame.get(step) !== 0
  let first = Math.max(0, machine.programStart)
  while (first < recording.steps && !isAt(first)) first++
  if (first >= recording.steps) return undefined
  const thread = trace.thread.get(first)
  const depth = depthAt(first)
  let last = first
  for (let step = first; step < recording.steps; step++) {
    const by = trace.thread.get(step)
    // What hardware does right after the line's last instruction still belongs to it.
    if (by === NOBODY && last === step - 1) last = step
    if (by !== thread) continue
    if (depthAt(step) <= depth && !isAt(step)) break
    last = step
  }
  return last
}
