/**
 * A finished recording, and what can be asked of it. Nothing here changes it.
 *
 * Everything derived once and used often is kept: the lines that stores touched, and a cursor that remembers where it
 * stood, so that asking about neighbouring steps is cheap.
 */

import { Hasher } from '../../base/hash.ts'
import { fileOfSpa } from '../linux/fs/file-of-spa.ts'
import type { Machine } from '../machine.ts'
import { type Anchor, AnchorCounter, relocate, sameAnchor } from '../sim/anchor.ts'
import { Cursor } from '../sim/cursor.ts'
import type { EventKind } from '../sim/event.ts'
import { NOBODY } from '../sim/trace.ts'
import { type CachedRun, cacheLoss } from './cache-loss.ts'
import { type Loss, loss } from './loss.ts'
import { StateAt } from './state-at.ts'

/** Steps whose second operand counts the pieces that an access was cut into. */
const CUT: ReadonlySet<EventKind> = new Set(['store', 'lock'])

export interface Place {
  readonly file?: string
  /** Byte of the file. */
  readonly offset?: number
  /** Block of a file system's metadata. */
  readonly block?: number
}

export class Recording {
  readonly machine: Machine
  readonly text: string
  readonly lines: readonly string[]
  private readonly cursor: Cursor
  private storedLines: readonly number[] | undefined
  private touched: ReadonlySet<number> | undefined
  private lost: Loss['lost'] | undefined

  /** `text`: the whole scenario. */
  constructor(machine: Machine, text: string) {
    this.machine = machine
    this.text = text
    this.lines = text.split('\n')
    this.cursor = new Cursor(machine.trace)
  }

  get steps(): number {
    return this.machine.trace.length
  }

  /** The machine right after `step`. Valid until the next call. */
  at(step: number): StateAt {
    this.cursor.seek(step)
    return new StateAt(this.machine.hw, this.cursor.words)
  }

  /** NVDIMM lines that were ever stored to, in address order. */
  nvdimmLines(): readonly number[] {
    if (this.storedLines === undefined) {
      const { hw } = this.machine
      const seen = new Set<number>()
      for (let op = 1; op < hw.history.ops; op++) if (hw.history.isWrite(op)) seen.add(hw.history.line(op))
      this.storedLines = [...seen]
        .filter((line) => hw.lines.home(line).kind === 'nvdimm')
        .sort((a, b) => hw.lines.spa(a) - hw.lines.spa(b))
    }
    return this.storedLines
  }

  /** Steps that touch a line, in order. */
  stepsOf(line: number): readonly number[] {
    const { machine } = this
    const { history } = machine.hw
    const steps: number[] = []
    for (let step = 0; step < this.steps; step++) {
      if (machine.lineIndexOf(step) === line) steps.push(step)
      else if (CUT.has(machine.trace.kindOf(step)) && (machine.trace.b.get(step) & 0xff) > 1) {
        // It crosses into the next line.
        const last = machine.trace.a.get(step) + (machine.trace.b.get(step) & 0xff) - 1
        if (history.line(last) === line) steps.push(step)
      }
    }
    return steps
  }

  /** Lines of any memory that the program's threads (and what runs under them) touch. */
  programLines(): ReadonlySet<number> {
    if (this.touched === undefined) {
      const { machine } = this
      const touched = new Set<number>()
      for (let step = Math.max(0, machine.programStart); step < this.steps; step++) {
        const line = machine.lineIndexOf(step)
        const thread = this.threadAt(step)?.name
        if (line !== 0 && thread !== 'kernel' && thread !== 'setup' && thread !== undefined) touched.add(line)
      }
      this.touched = touched
    }
    return this.touched
  }

  /** What the power failure took, byte by byte. */
  lostAtFailure(): Loss['lost'] {
    this.lost ??= this.machine.failedAt < 0 ? [] : this.loss(this.machine.failedAt - 1).lost
    return this.lost
  }

  /** First step of the life that `step` belongs to: of its boot, or the power failure before it. */
  lifeStart(step: number): number {
    let from = 0
    for (const life of this.machine.lives) if (life.from <= step) from = life.from
    const { failedAt } = this.machine
    return failedAt >= 0 && failedAt <= step ? Math.max(from, failedAt) : from
  }

  /** What a power failure right after `step` loses and leaves. `since`: kept bytes stored at that step or later. */
  loss(step: number, since = this.machine.programStart): Loss {
    const { words } = this.at(step)
    return loss(this.machine.hw, words, this.machine.power, this.nvdimmLines(), Math.max(since, this.lifeStart(step)))
  }

  /** Program line that the store at `step` belongs to, 0 if none. */
  sourceLine(step: number): number {
    return this.machine.trace.line.get(step)
  }

  source(line: number): string {
    return this.lines[line - 1]?.trim() ?? ''
  }

  /** The path and offset under which programs know an address at `step`. */
  fileOf(spa: number, step: number): { readonly file: string; readonly offset: number } | undefined {
    const { machine } = this
    const named = machine.workload.fileOf(spa)
    if (named !== undefined) return named
    const life = machine.lives.findLast((life) => life.from <= step) ?? machine.lives[0]
    if (life === undefined) return undefined
    return machine.journal.at(step, () => fileOfSpa(life.kernel, spa as never))
  }

  /** What an address at `step` belongs to: a file, or, with its block, the metadata of a mounted file system. */
  placeOf(spa: number, step: number): Place {
    const { machine } = this
    const kernel = (machine.lives.findLast((life) => life.from <= step) ?? machine.lives[0])?.kernel
    const vfs = kernel?.options.vfs
    if (kernel === undefined || vfs === undefined) return this.fileOf(spa, step) ?? {}
    const mounted = machine.journal.at(step, () => {
      const block = vfs.blockOf(kernel, spa)
      return block === undefined ? undefined : (vfs.fileOf(kernel, spa) ?? { block })
    })
    return mounted ?? this.fileOf(spa, step) ?? {}
  }

  /** What of the page cache a power failure right after `step` loses. */
  cached(step: number): readonly CachedRun[] {
    return cacheLoss(this.machine, step)
  }

  private counter(): AnchorCounter {
    const { machine } = this
    return new AnchorCounter(
      machine.trace,
      (thread) => machine.threads[thread]?.name ?? '',
      (step) => machine.lineOf(step),
    )
  }

  anchorOf(step: number): Anchor {
    const counter = this.counter()
    for (let at = 0; at < step; at++) counter.see(at)
    const anchor = counter.see(step)
    if (anchor.kind !== 'code' || !anchor.at.startsWith('line:')) return anchor
    return { ...anchor, text: this.source(Number(anchor.at.slice(5))) }
  }

  stepOf(anchor: Anchor): number | null {
    const wanted = relocate(anchor, this.lines)
    if (wanted === undefined) return null
    const counter = this.counter()
    for (let step = 0; step < this.steps; step++) if (sameAnchor(wanted, counter.see(step))) return step
    return null
  }

  /** Text of every step of one kind, up to `step`. */
  texts(
    kind: 'log' | 'output' | 'sysfs' | 'bio',
    step: number,
  ): readonly { readonly step: number; readonly text: string }[] {
    const { trace } = this.machine
    const found: { step: number; text: string }[] = []
    for (let at = 0; at <= Math.min(step, this.steps - 1); at++)
      if (trace.kindOf(at) === kind) found.push({ step: at, text: trace.texts[trace.a.get(at)] ?? '' })
    return found
  }

  /** Who acts at `step`: the thread, or undefined when it is hardware. */
  threadAt(step: number): { readonly id: number; readonly name: string; readonly core: number } | undefined {
    const id = this.machine.trace.thread.get(step)
    return id === NOBODY ? undefined : this.machine.threads[id]
  }

  /** The same for the same scenario and interventions, wherever it is recorded. */
  hash(): string {
    const hasher = new Hasher()
    this.machine.trace.feed(hasher)
    this.machine.hw.history.feed(hasher)
    for (const entry of this.machine.journal.entries()) hasher.text(entry)
    return hasher.digest()
  }
}
