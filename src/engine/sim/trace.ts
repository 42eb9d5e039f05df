/**
 * The recording's columns: one row a step, append-only.
 *
 * A row says what happened (kind, operands), who did it (thread, core), inside which call (frame), for which program
 * line, and how far the journal of cells reaches afterwards. Strings are interned; calls are a table of their own.
 */

import { type Column, int32Column, uint8Column } from '../../base/column.ts'
import type { Hasher } from '../../base/hash.ts'
import type { Cells } from './cells.ts'
import { EVENT_KINDS, type EventKind, eventCode } from './event.ts'

/** In the thread and core columns: hardware by itself. */
export const NOBODY = 255

export type FunctionKind = 'program' | 'library' | 'kernel'

interface TracedFunction {
  readonly name: string
  readonly file: string
  readonly kind: FunctionKind
}

/** Copies of the state to seek from: at most this many steps apart, further when the state is large. */
const CHECKPOINT_STEPS = 8192

export class Trace {
  readonly kind = uint8Column()
  readonly thread = uint8Column()
  readonly core = uint8Column()
  /** Innermost call of the acting thread; 0 is none. */
  readonly frame = int32Column()
  /** Program line that was running, 0 if none. */
  readonly line = int32Column()
  readonly a = int32Column()
  readonly b = int32Column()
  /** Length of the journal after this step. */
  readonly patchEnd = int32Column()
  /** Ticks (instructions that are no step) of the acting thread since its previous step. */
  readonly ticks = int32Column()

  /** Calls, from 1: caller's frame, function, first and last step (-1 while it runs), thread. */
  readonly frameParent = int32Column()
  readonly frameFunction = int32Column()
  readonly frameFrom = int32Column()
  readonly frameTo = int32Column()
  readonly frameThread = uint8Column()
  /** Follows from the callers; recursion may be deep, and many ask. */
  private readonly frameDepth = int32Column()

  readonly functions: TracedFunction[] = []
  /** By name: functions of different files may share one. */
  private readonly functionIds = new Map<string, number[]>()
  readonly texts: string[] = []
  private readonly textIndices = new Map<string, number>()
  readonly cells: Cells
  readonly checkpoints: { readonly step: number; readonly words: Int32Array }[] = []
  private nextCheckpoint = CHECKPOINT_STEPS

  constructor(cells: Cells) {
    this.cells = cells
    for (const column of [this.frameParent, this.frameFunction, this.frameTo, this.frameDepth]) column.push(0)
    this.frameFrom.push(0)
    this.frameThread.push(NOBODY)
  }

  get length(): number {
    return this.kind.length
  }

  kindOf(step: number): EventKind {
    return EVENT_KINDS[this.kind.get(step)] as EventKind
  }

  /** Close a step: everything written to the cells since the previous one is its patch. */
  push(kind: EventKind, thread: number, core: number, frame: number, line: number, a: number, b: number): number {
    const step = this.kind.push(eventCode(kind))
    this.thread.push(thread)
    this.core.push(core)
    this.frame.push(frame)
    this.line.push(line)
    this.a.push(a)
    this.b.push(b)
    this.patchEnd.push(this.cells.close())
    this.ticks.push(0)
    if (step >= this.nextCheckpoint) {
      this.checkpoints.push({ step, words: this.cells.words.slice(0, this.cells.size) })
      this.nextCheckpoint = step + Math.max(CHECKPOINT_STEPS, this.cells.size)
    }
    return step
  }

  intern(text: string): number {
    let index = this.textIndices.get(text)
    if (index === undefined) {
      index = this.texts.push(text) - 1
      this.textIndices.set(text, index)
    }
    return index
  }

  functionId(name: string, file: string, kind: FunctionKind): number {
    const named = this.functionIds.get(name)
    if (named !== undefined)
      for (const id of named) {
        const known = this.functions[id] as (typeof this.functions)[number]
        if (known.file === file && known.kind === kind) return id
      }
    const id = this.functions.push({ name, file, kind }) - 1
    if (named === undefined) this.functionIds.set(name, [id])
    else named.push(id)
    return id
  }

  openFrame(parent: number, fn: number, thread: number): number {
    this.frameDepth.push(this.frameDepth.get(parent) + 1)
    this.frameParent.push(parent)
    this.frameFunction.push(fn)
    this.frameFrom.push(this.length)
    this.frameTo.push(-1)
    return this.frameThread.push(thread)
  }

  closeFrame(frame: number): void {
    this.frameTo.set(frame, this.length)
  }

  /** Nothing that runs at the moment will return. */
  closeFrames(): void {
    for (let frame = 1; frame < this.frameTo.length; frame++) if (this.frameTo.get(frame) < 0) this.closeFrame(frame)
  }

  functionOf(frame: number): TracedFunction {
    return this.functions[this.frameFunction.get(frame)] as TracedFunction
  }

  /** Calls that a frame stands on, itself included; the outermost has depth 1. */
  depth(frame: number): number {
    return this.frameDepth.get(frame)
  }

  private columns(): readonly Column<Int32Array | Uint8Array>[] {
    return [
      this.kind,
      this.thread,
      this.core,
      this.frame,
      this.line,
      this.a,
      this.b,
      this.patchEnd,
      this.ticks,
      this.frameParent,
      this.frameFunction,
      this.frameFrom,
      this.frameTo,
      this.frameThread,
      this.cells.journal,
    ] as readonly Column<Int32Array | Uint8Array>[]
  }

  /** Move a copy of the cells from right after one step to right after another (-1: before the first). */
  patch(words: Int32Array, from: number, to: number): void {
    const first = Math.min(from, to)
    this.cells.patch(words, first < 0 ? 0 : this.patchEnd.get(first), this.ends(first + 1, Math.max(from, to)))
  }

  private *ends(first: number, last: number): Generator<number> {
    for (let step = first; step <= last; step++) yield this.patchEnd.get(step)
  }

  /** Forget the steps from `length` on, and take their patches back. */
  truncate(length: number): void {
    this.patch(this.cells.words, length - 1, this.length - 1)
    this.cells.journal.truncate(length === 0 ? 0 : this.patchEnd.get(length - 1))
    let frames = this.frameFrom.length
    while (frames > 1 && this.frameFrom.get(frames - 1) >= length) frames--
    for (const column of [this.frameParent, this.frameFunction, this.frameFrom, this.frameTo, this.frameDepth])
      column.truncate(frames)
    this.frameThread.truncate(frames)
    for (let frame = 1; frame < frames; frame++) if (this.frameTo.get(frame) > length) this.frameTo.set(frame, -1)
    for (const column of [this.kind, this.thread, this.core]) column.truncate(length)
    for (const column of [this.frame, this.line, this.a, this.b, this.patchEnd, this.ticks]) column.truncate(length)
    while ((this.checkpoints[this.checkpoints.length - 1]?.step ?? -1) >= length) this.checkpoints.pop()
  }

  feed(hasher: Hasher): void {
    for (const column of this.columns()) for (const chunk of column.used()) hasher.words(chunk)
    for (const text of this.texts) hasher.text(text)
    for (const fn of this.functions) hasher.text(`${fn.kind} ${fn.file} ${fn.name}`)
  }

  /** Bytes that the recording holds, checkpoints included. */
  get bytes(): number {
    const columns = this.columns().reduce((sum, column) => sum + column.bytes, 0)
    const texts = this.texts.reduce((sum, text) => sum + 2 * text.length, 0)
    return texts + columns + this.checkpoints.reduce((sum, checkpoint) => sum + checkpoint.words.byteLength, 0)
  }
}
