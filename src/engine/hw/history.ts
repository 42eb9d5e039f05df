/**
 * What was written, and in which order it became visible: H[u] of persistency.md.
 *
 * An *operation* is what an instruction put into the store buffer: up to eight bytes inside one aligned cell, or a flush
 * of a line, or a fence; a movdir64b is one operation of 64 bytes. A locked instruction makes its operation when it takes
 * effect: `locked` when it wrote, `locked-load` when its comparison failed. A *version* is the contents of one line after one more operation; its parent is the contents
 * before. Caches, write-combining buffers, queues and media hold version numbers, so moving a line moves a number.
 * Both tables only grow; version 0 is what the line held at first.
 */

import { int32Column } from '../../base/column.ts'
import type { Hasher } from '../../base/hash.ts'

const WRITES = ['store', 'movnt', 'movdir64b', 'locked'] as const
const OTHERS = ['clwb', 'clflushopt', 'clflush', 'sfence', 'mfence', 'hint', 'locked-load'] as const
const OP_KINDS = [...WRITES, ...OTHERS] as const
export type OpKind = (typeof OP_KINDS)[number]

/** Contents are rebuilt from the nearest kept copy; one is kept at least every this many versions. */
const KEEP_EVERY = 32

export class History {
  /** Per operation: line, offset | size << 8 | kind << 16, data words, the step that issued it. Operation 0 is none. */
  private readonly opLine = int32Column()
  private readonly opMeta = int32Column()
  private readonly opLo = int32Column()
  private readonly opHi = int32Column()
  private readonly opStep = int32Column()
  /** All 64 bytes of each movdir64b. */
  private readonly wide = new Map<number, Uint8Array>()
  private readonly versionParent = int32Column()
  private readonly versionOp = int32Column()
  private readonly versionStep = int32Column()
  private readonly kept = new Map<number, Uint8Array>()
  private readonly masks = new Map<number, number>()

  constructor() {
    this.addOp('store', 0, 0, 0, 0, 0, -1)
    this.addVersion(0, 0, -1)
  }

  addOp(kind: OpKind, line: number, offset: number, size: number, lo: number, hi: number, step: number): number {
    this.opLine.push(line)
    this.opMeta.push(offset | (size << 8) | (OP_KINDS.indexOf(kind) << 16))
    this.opLo.push(lo)
    this.opHi.push(hi)
    return this.opStep.push(step)
  }

  /** A movdir64b; `data` is copied. */
  addWideOp(line: number, data: Uint8Array, step: number): number {
    const op = this.addOp('movdir64b', line, 0, 64, 0, 0, step)
    this.wide.set(op, data.slice())
    return op
  }

  /** `step`: the step that makes it. */
  addVersion(parent: number, op: number, step: number): number {
    this.versionParent.push(parent)
    this.versionStep.push(step)
    return this.versionOp.push(op)
  }

  get ops(): number {
    return this.opStep.length
  }
  kind(op: number): OpKind {
    return OP_KINDS[this.opMeta.get(op) >> 16] as OpKind
  }
  line(op: number): number {
    return this.opLine.get(op)
  }
  offset(op: number): number {
    return this.opMeta.get(op) & 0xff
  }
  size(op: number): number {
    return (this.opMeta.get(op) >> 8) & 0xff
  }
  step(op: number): number {
    return this.opStep.get(op)
  }
  parent(version: number): number {
    return this.versionParent.get(version)
  }
  op(version: number): number {
    return this.versionOp.get(version)
  }
  /** The step that made a version. */
  madeAt(version: number): number {
    return this.versionStep.get(version)
  }
  isWrite(op: number): boolean {
    return this.opMeta.get(op) >> 16 < WRITES.length
  }
  isFence(op: number): boolean {
    const kind = this.kind(op)
    return kind === 'sfence' || kind === 'mfence'
  }
  /** Words (of eight bytes) of its line that a write writes to, as bits. */
  words(op: number): number {
    return this.size(op) > 8 ? 0xff : 1 << (this.offset(op) >> 3)
  }

  /** Byte `i` of the data of a store. */
  byte(op: number, i: number): number {
    const wide = this.size(op) > 8 ? this.wide.get(op) : undefined
    if (wide !== undefined) return wide[i] as number
    return ((i < 4 ? this.opLo.get(op) >>> (8 * i) : this.opHi.get(op) >>> (8 * (i - 4))) & 0xff) >>> 0
  }

  /** Write the operation's bytes where they belong in 64 bytes that start at `at` of `bytes`. */
  applyTo(bytes: Uint8Array, at: number, op: number): void {
    const size = this.size(op)
    if (size > 8) return bytes.set(this.wide.get(op) ?? [], at)
    const first = at + this.offset(op)
    const lo = this.opLo.get(op)
    const hi = this.opHi.get(op)
    for (let i = 0; i < size; i++) bytes[first + i] = (i < 4 ? lo >>> (8 * i) : hi >>> (8 * (i - 4))) & 0xff
  }

  /** The 64 bytes of a version, given what the line held at first. Not to be written to. */
  contents(version: number, initial: Uint8Array): Uint8Array {
    const pending: number[] = []
    let at = version
    while (at !== 0 && !this.kept.has(at)) {
      pending.push(at)
      at = this.parent(at)
    }
    if (pending.length === 0) return this.kept.get(at) ?? initial
    const bytes = Uint8Array.from(this.kept.get(at) ?? initial)
    for (let i = pending.length - 1, n = 0; i >= 0; i--, n++) {
      const v = pending[i] as number
      this.applyTo(bytes, 0, this.op(v))
      if (n % KEEP_EVERY === KEEP_EVERY - 1) this.kept.set(v, bytes.slice())
    }
    return bytes
  }

  /** Words (of eight bytes) that a version's history has written to, as bits. */
  writtenWords(version: number): number {
    let mask = 0
    let at = version
    for (; at !== 0 && mask !== 0xff; at = this.parent(at)) {
      const known = this.masks.get(at)
      if (known !== undefined) {
        mask |= known
        break
      }
      mask |= this.words(this.op(at))
    }
    if (version !== 0) this.masks.set(version, mask)
    return mask
  }

  /** Operations of a version and of those it stands on, oldest first: what a write-combining buffer holds. */
  chainOps(version: number): number[] {
    const ops: number[] = []
    for (let at = version; at !== 0; at = this.parent(at)) ops.push(this.op(at))
    return ops.reverse()
  }

  /** Forget what was issued or became visible after `step`. */
  truncate(step: number): void {
    let ops = this.opStep.length
    while (this.opStep.get(ops - 1) > step) ops--
    let versions = this.versionOp.length
    while (this.versionStep.get(versions - 1) > step) versions--
    for (const column of [this.opLine, this.opMeta, this.opLo, this.opHi, this.opStep]) column.truncate(ops)
    for (const column of [this.versionParent, this.versionOp, this.versionStep]) column.truncate(versions)
    for (const op of [...this.wide.keys()]) if (op >= ops) this.wide.delete(op)
    for (const kept of [this.kept, this.masks]) for (const at of [...kept.keys()]) if (at >= versions) kept.delete(at)
  }

  feed(hasher: Hasher): void {
    for (const column of this.columns()) for (const chunk of column.used()) hasher.words(chunk)
    for (const data of this.wide.values()) hasher.words(data)
  }

  get bytes(): number {
    return this.columns().reduce((sum, column) => sum + column.bytes, 0)
  }

  private columns() {
    const ops = [this.opLine, this.opMeta, this.opLo, this.opHi, this.opStep]
    return [...ops, this.versionParent, this.versionOp, this.versionStep]
  }
}
