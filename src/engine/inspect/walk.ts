/**
 * A recording as the exact set wants it (design.md §7): instructions in the order in which they issued, what loads
 * returned, fences that are done, moments at which the machine was certainly still. What the recording's own policy did
 * by itself is passed over.
 *
 * A core stands for its threads: buffers belong to it, and a task that is switched out has executed a full barrier
 * (design.md §4). A switch that left no step of the other thread is not seen. A load that goes on in another page
 * constrains by its first part alone.
 */

import { type Subject, unitOf, unitsOf } from '../crash/subject.ts'
import { type Snapshot, Survival } from '../crash/survival.ts'
import type { Model } from '../explore/model.ts'
import { ORDER } from '../hw/cpu/isa.ts'
import type { Hardware } from '../hw/hardware.ts'
import type { PowerConfig } from '../hw/power.ts'
import { Cursor } from '../sim/cursor.ts'
import { NOBODY, type Trace } from '../sim/trace.ts'
import { StateAt } from './state-at.ts'

/** What is walked: the part of a machine that a recording leaves behind. */
export interface Walked {
  readonly trace: Trace
  readonly hw: Hardware
  readonly power: PowerConfig
  /** First step of the program, before which the machine stood still; -1 for none. */
  readonly programStart: number
  /** Somebody decides everything: a thread that ends leaves its core as it is. */
  readonly directed: boolean
}

interface CoreState {
  /** Thread that ran last and has not ended, -1 if none. */
  owner: number
  /** Its thread has ended: the store buffer empties before anything else happens. */
  emptying: boolean
  /** A fence has issued and is not done. */
  fenced: boolean
  /** What went past a fence that let its thread go on: it takes effect after the fence. */
  behind: (number | 'fence')[]
}

interface Kept {
  readonly step: number
  readonly survival: Snapshot
  readonly cores: readonly CoreState[]
}

/** Copies to go on from: at most this many steps apart, further when much is kept. */
const COPY_STEPS = 16_384
const COPY_UNITS = 8
/** Steps between two looks up. */
const LOOK_UP = 1024

export class SurvivalWalk {
  readonly survival: Survival
  private readonly walked: Walked
  private readonly model: Model
  private readonly several: boolean
  private readonly cursor: Cursor
  private cores: CoreState[]
  private readonly kept: Kept[] = []
  /** The walk stands right after this step. */
  private step = -1
  private nextCopy = COPY_STEPS

  constructor(walked: Walked, model: Model) {
    this.walked = walked
    this.model = model
    this.cursor = new Cursor(walked.trace)
    const { hw, power } = walked
    const shape = {
      unit: model.unit,
      guard: (line: number) => {
        const { kind, dimm } = hw.lines.home(line)
        if (kind !== 'nvdimm') return 'nothing' as const
        if (power.power_fail === 'none' || power.adr_fails.has(dimm)) return 'media' as const
        return power.power_fail === 'eadr' ? ('visible' as const) : ('accepted' as const)
      },
    }
    const { several, contested } = this.touched(shape)
    this.several = several
    const subject: Subject = {
      ...shape,
      movnt: model.movnt,
      order: ORDER,
      cores: hw.config.cores,
      writes: hw.history,
      dimm: (line) => hw.lines.home(line).dimm,
      initial: (line) => hw.lines.initial(line),
      shared: (unit) => contested.has(unit),
    }
    this.survival = new Survival(subject)
    this.cores = Array.from({ length: hw.config.cores }, still)
    this.keep()
  }

  /** What may survive right after `step`. Valid until the next call. */
  at(step: number): Survival {
    this.approach(step, () => false)
    return this.survival
  }

  /** Go towards `step`; true when there. `pause` is asked now and then: true stops on the way. */
  approach(step: number, pause: () => boolean): boolean {
    if (step < this.step) {
      const from = this.kept.findLast((kept) => kept.step <= step) as Kept
      this.survival.restore(from.survival)
      this.cores = from.cores.map((core) => ({ ...core, behind: [...core.behind] }))
      this.step = from.step
    }
    while (this.step < step) {
      this.see(++this.step)
      if (this.step >= this.nextCopy) this.keep()
      if (this.step % LOOK_UP === 0 && this.step < step && pause()) return false
    }
    return true
  }

  /** Something has gone past a fence that is not done: the set at this step is not known exactly. */
  get isBehind(): boolean {
    return this.cores.some(({ behind }) => behind.length > 0)
  }

  /** Writes that have issued and wait behind such a fence. */
  get behind(): readonly number[] {
    const { trace, hw } = this.walked
    return this.cores.flatMap(({ behind }) =>
      behind.flatMap((step) => {
        const op = step === 'fence' ? 0 : trace.a.get(step)
        return step !== 'fence' && hw.history.isWrite(op)
          ? Array.from({ length: trace.b.get(step) & 0xff }, (_, i) => op + i)
          : []
      }),
    )
  }

  private keep(): void {
    this.kept.push({
      step: this.step,
      survival: this.survival.snapshot(),
      cores: this.cores.map((core) => ({ ...core, behind: [...core.behind] })),
    })
    this.nextCopy = this.step + Math.max(COPY_STEPS, COPY_UNITS * this.survival.units.size)
  }

  /**
   * Units that several cores ever touch, and those with non-temporal stores. When one core does everything (and then
   * DRAM does not matter either), those that one write changes together.
   */
  private touched(shape: Pick<Subject, 'unit' | 'guard'>): {
    readonly several: boolean
    readonly contested: ReadonlySet<number>
  } {
    const { trace, hw } = this.walked
    const first = new Map<number, number>()
    const shared = new Set<number>()
    const together = new Set<number>()
    const acting = new Set<number>()
    const touch = (unit: number, core: number): void => {
      const before = first.get(unit)
      if (before === undefined) first.set(unit, core)
      else if (before !== core) shared.add(unit)
    }
    for (let step = 0; step < trace.length; step++) {
      if (trace.thread.get(step) === NOBODY) continue
      const core = trace.core.get(step)
      const a = trace.a.get(step)
      const b = trace.b.get(step)
      switch (trace.kindOf(step)) {
        case 'store':
        case 'movnt':
        case 'movdir64b':
        case 'lock':
          for (let op = a; op < a + (b & 0xff); op++) {
            const line = hw.history.line(op)
            const unit = unitOf(shape, line, hw.history.offset(op))
            const units = hw.history.size(op) > 8 ? unitsOf(shape, line) : [unit]
            for (const each of units) {
              touch(each, core)
              if (units.length > 1) together.add(each)
              if (trace.kindOf(step) !== 'store' && trace.kindOf(step) !== 'lock') shared.add(each)
            }
          }
          break
        case 'clwb':
        case 'clflushopt':
        case 'clflush':
          for (const unit of unitsOf(shape, hw.history.line(a))) touch(unit, core)
          break
        case 'load':
          for (let offset = b & 0xff, end = offset + (b >> 8); offset < end; offset++) {
            const line = offset < 64 ? a : hw.lines.peek(hw.lines.spa(a) + 64)
            if (line !== 0) touch(unitOf(shape, line, offset & 63), core)
          }
          break
        default:
          continue
      }
      acting.add(core)
    }
    const several = acting.size > 1
    return { several, contested: several ? shared : together }
  }

  private see(step: number): void {
    const { survival, walked } = this
    const { trace } = walked
    survival.step = step
    if (step === walked.programStart) survival.idle()
    const thread = trace.thread.get(step)
    const kind = trace.kindOf(step)
    if (thread !== NOBODY || kind === 'end' || kind === 'boot') this.settleEnded()
    if (thread !== NOBODY) this.switchTo(trace.core.get(step), thread)
    switch (kind) {
      case 'power-failure':
        this.restart(step)
        break
      case 'end':
        for (let core = 0; core < this.cores.length; core++) survival.drained(core)
        break
      case 'fence-done':
        this.fenceDone(trace.core.get(step))
        break
      case 'thread-end': {
        const core = this.core(trace.core.get(step))
        core.owner = -1
        core.emptying = !walked.directed
        break
      }
      default:
        if (thread !== NOBODY) this.instruction(step)
    }
  }

  private core(index: number): CoreState {
    return this.cores[index] as CoreState
  }

  private settleEnded(): void {
    for (const [index, core] of this.cores.entries()) {
      if (!core.emptying) continue
      core.emptying = false
      this.survival.drained(index)
    }
  }

  /** Another thread runs on the core: the one before has been switched out. */
  private switchTo(index: number, thread: number): void {
    const core = this.core(index)
    if (core.owner >= 0 && core.owner !== thread) this.survival.fence(index)
    core.owner = thread
  }

  private fenceDone(index: number): void {
    const core = this.core(index)
    this.survival.fence(index)
    core.fenced = false
    while (core.behind.length > 0) {
      const next = core.behind.shift()
      if (next === 'fence') {
        core.fenced = true
        return
      }
      if (next !== undefined) this.issue(next, index)
    }
  }

  private instruction(step: number): void {
    const { trace } = this.walked
    const index = trace.core.get(step)
    const core = this.core(index)
    switch (trace.kindOf(step)) {
      case 'sfence':
      case 'mfence':
        if (core.fenced) core.behind.push('fence')
        else core.fenced = true
        return
      case 'load':
        this.load(step, index)
        return
      case 'lock':
        this.lock(step, index)
        return
      default:
        if (core.fenced) core.behind.push(step)
        else this.issue(step, index)
    }
  }

  /** An instruction enters the store buffer. */
  private issue(step: number, core: number): void {
    const { trace, hw } = this.walked
    const { survival } = this
    const op = trace.a.get(step)
    const line = hw.history.line(op)
    switch (trace.kindOf(step)) {
      case 'store':
        for (let i = 0; i < trace.b.get(step); i++)
          if (this.matters(hw.history.line(op + i))) survival.store(core, op + i)
        return
      case 'movnt':
      case 'movdir64b':
        for (let i = 0; i < trace.b.get(step); i++)
          if (this.matters(hw.history.line(op + i))) survival.movnt(core, op + i)
        return
      case 'clwb':
      case 'clflushopt':
        return survival.flushopt(core, line)
      case 'clflush':
        return survival.clflush(core, line)
      case 'hint':
        return survival.hint(core, hw.lines.home(line).dimm)
      default:
        return
    }
  }

  /** DRAM matters for what other cores see there. */
  private matters(line: number): boolean {
    return this.several || this.walked.hw.lines.home(line).kind === 'nvdimm'
  }

  private load(step: number, core: number): void {
    if (!this.several) return
    const { trace, hw } = this.walked
    const line = trace.a.get(step)
    const offset = trace.b.get(step) & 0xff
    const size = trace.b.get(step) >> 8
    const here = Math.min(size, 64 - offset)
    this.survival.load(core, line, offset, here, () => this.bytes(step, core, line).slice(offset, offset + here))
    const next = here < size && (hw.lines.spa(line) + 64) % 4096 !== 0 ? hw.lines.peek(hw.lines.spa(line) + 64) : 0
    if (next !== 0)
      this.survival.load(core, next, 0, size - here, () => this.bytes(step, core, next).slice(0, size - here))
  }

  /** A locked instruction; one whose comparison failed is a load, and a fence on hardware. */
  private lock(step: number, core: number): void {
    const { trace, hw } = this.walked
    const { survival } = this
    const first = trace.a.get(step)
    const count = trace.b.get(step) & 0xff
    const ops = Array.from({ length: count }, (_, i) => first + i).filter((op) => this.matters(hw.history.line(op)))
    const read = (op: number): Uint8Array => {
      const offset = hw.history.offset(op)
      return this.bytes(step - 1, core, hw.history.line(op)).slice(offset, offset + hw.history.size(op))
    }
    if (hw.history.isWrite(first)) return survival.locked(core, ops, read)
    if (this.model.cas === 'sdm') survival.fence(core)
    if (!this.several) return
    for (const op of ops)
      survival.load(core, hw.history.line(op), hw.history.offset(op), hw.history.size(op), () => read(op))
  }

  /** What the core saw of a line right after `step`. */
  private bytes(step: number, core: number, line: number): Uint8Array {
    const { hw } = this.walked
    this.cursor.seek(step)
    const state = new StateAt(hw, this.cursor.words)
    const bytes = hw.history.contents(state.visible(line), hw.lines.initial(line)).slice()
    for (const pending of state.pending(line)) if (pending.core === core) hw.history.applyTo(bytes, 0, pending.op)
    return bytes
  }

  /** What the power failure left is known. */
  private restart(step: number): void {
    const { hw } = this.walked
    this.cursor.seek(step)
    const state = new StateAt(hw, this.cursor.words)
    const left = new Map<number, number[]>()
    for (let line = 1; line <= hw.lines.count; line++)
      for (const op of hw.lines.home(line).kind === 'nvdimm' ? hw.history.chainOps(state.media(line)) : [])
        for (const unit of hw.history.size(op) > 8
          ? unitsOf(this.survival.subject, line)
          : [unitOf(this.survival.subject, line, hw.history.offset(op))]) {
          const ops = left.get(unit) ?? []
          left.set(unit, ops)
          ops.push(op)
        }
    this.survival.restart(left)
    this.cores = this.cores.map(still)
  }
}

const still = (): CoreState => ({ owner: -1, emptying: false, fenced: false, behind: [] })
