/**
 * cpu/core.ts: one core as one thread sees it: the instructions, each a recorded step.
 *
 * Loads execute in program order and see the core's own buffered stores; stores, flushes and sfence go into the store
 * buffer. A fence is two steps: issued, and done once the store buffer, this core's outstanding flushes and its
 * write-combining buffers are empty. The thread waits in between; with `sfence_retires` only an mfence makes it wait
 * (choices that hardware may make; persistency.md §6, "retired vs done"). A locked instruction waits as a fence does,
 * then reads and writes in one step.
 *
 * What waits for what is the ordering table's to say (`isa`), with these exceptions, which are how a core is built: loads
 * are done when they issue, so nothing younger passes one; neither does it pass lfence, mfence and locked instructions;
 * what has left the store buffer for a flush or write-combining buffer is waited for by fences and locked instructions.
 */

import { assert } from '../../../base/assert.ts'
import type { Spa } from '../../../base/brand.ts'
import { LOCKED, modified, sameBytes } from '../../sim/arithmetic.ts'
import type { AccessSize, Cpu, CpuFeature, Modify, Words } from '../../sim/cpu.ts'
import type { EventKind } from '../../sim/event.ts'
import { Killed } from '../../sim/thread.ts'
import type { Hardware } from '../hardware.ts'
import type { OpKind } from '../history.ts'
import type { Policy } from '../policy.ts'
import { gather } from './forwarding.ts'
import type { InstructionClass } from './isa.ts'
import { cellPieces, type Piece, wordsOf } from './pieces.ts'

/** Instructions that all cores of one machine have issued: the lazy policy's clock. */
export interface InstructionClock {
  count: number
}

export class Core implements Cpu {
  readonly index: number
  lo = 0
  hi = 0
  private readonly hw: Hardware
  private readonly policy: Policy
  private readonly clock: InstructionClock
  /** Operation of the fence in which the thread waits; 0: none. */
  private fence = 0
  /** A locked instruction has issued and waits. */
  private locking = false
  private readonly scratch = new Uint8Array(8)
  private readonly scratchView = new DataView(this.scratch.buffer)

  constructor(index: number, hw: Hardware, policy: Policy, clock: InstructionClock) {
    this.index = index
    this.hw = hw
    this.policy = policy
    this.clock = clock
  }

  load(at: Spa, size: AccessSize, rest?: Spa): boolean {
    if (!this.begin()) return false
    const line = this.lineAt(at)
    if (!this.mayIssue('load', line, at & 63, size)) return false
    this.read(cellPieces(at, size, rest), size)
    this.hw.recorder.instruction('load', line, (at & 63) | (size << 8))
    this.policy.after(this.hw, this.index)
    return true
  }

  loadBytes(at: Spa, into: Uint8Array, offset: number, length: number): boolean {
    if (!this.begin()) return false
    const line = this.lineAt(at)
    if (!this.mayIssue('load', line, at & 63, length)) return false
    this.hw.caches.fill(this.index, line, false)
    gather(this.hw, this.index, at, length, into, offset)
    this.hw.recorder.instruction('load', line, (at & 63) | (length << 8))
    this.policy.after(this.hw, this.index)
    return true
  }

  store(at: Spa, size: AccessSize, lo: number, hi: number, rest?: Spa): boolean {
    return this.write('store', at, size, lo, hi, rest)
  }

  movnti(at: Spa, size: 4 | 8, lo: number, hi: number): boolean {
    return this.write('movnt', at, size, lo, hi)
  }

  movntdq(at: Spa, data: Uint8Array): boolean {
    assert(at % data.length === 0, 'a movntdq to an address that is not aligned has been refused before')
    if (data.length > 16) this.need('avx')
    if (!this.begin()) return false
    const { hw } = this
    const line = this.lineAt(at)
    const pieces = data.length / 8
    this.makeRoom(pieces)
    let first = 0
    for (let i = 0; i < pieces; i++) {
      const [lo, hi] = wordsOf(data, 8 * i, 8)
      const op = hw.history.addOp('movnt', line, (at & 63) + 8 * i, 8, lo, hi, hw.recorder.trace.length)
      if (i === 0) first = op
      hw.storeBuffers[this.index]?.push(op, this.clock.count)
    }
    return this.issued('movnt', first, pieces)
  }

  movdir64b(at: Spa, data: Uint8Array): boolean {
    assert(at % 64 === 0 && data.length === 64, 'movdir64b writes one line')
    this.need('movdir64b')
    if (!this.begin()) return false
    const { hw } = this
    const line = this.lineAt(at)
    this.makeRoom(1)
    const op = hw.history.addWideOp(line, data, hw.recorder.trace.length)
    hw.storeBuffers[this.index]?.push(op, this.clock.count)
    return this.issued('movdir64b', op, 1)
  }

  locked(at: Spa, size: AccessSize, modify: Modify, lo: number, hi: number, rest?: Spa): boolean {
    return this.atomic(at, size, rest, modify, (old) => modified(modify, old, [lo, hi]))
  }

  compareAndSwap(at: Spa, size: AccessSize, expected: Words, wanted: Words, rest?: Spa): boolean {
    return this.atomic(at, size, rest, 'cmpxchg', (old) => (sameBytes(size, old, expected) ? wanted : undefined))
  }

  need(feature: CpuFeature): void {
    if (!this.hw.config.cpu[feature]) throw new Killed(132, `SIGILL: this processor has no ${feature}`)
  }

  clwb(at: Spa): boolean {
    this.need('clwb')
    return this.flush('clwb', at)
  }
  clflushopt(at: Spa): boolean {
    this.need('clflushopt')
    return this.flush('clflushopt', at)
  }
  clflush(at: Spa): boolean {
    return this.flush('clflush', at)
  }

  sfence(): boolean {
    return this.complete('sfence')
  }
  mfence(): boolean {
    return this.complete('mfence')
  }

  /** Loads are in program order already; what it waits for in the store buffer is nothing (persistency.md §4). */
  lfence(): boolean {
    if (!this.begin() || !this.mayIssue('lfence', 0, 0, 0)) return false
    return this.issued('lfence', 0, 0)
  }

  /** An uncached store waits for the store buffer and the write-combining buffers (a choice, persistency.md §4). */
  writeq(at: Spa, lo: number, hi: number): boolean {
    const { hw, index } = this
    if (!this.begin()) return false
    const line = this.lineAt(at)
    this.makeRoom(1)
    const op = hw.history.addOp('hint', line, at & 63, 8, lo, hi, hw.recorder.trace.length)
    hw.storeBuffers[index]?.push(op, this.clock.count)
    return this.issued('hint', op, 0)
  }

  private begin(): boolean {
    const { hw } = this
    if (hw.recorder.paused) return false
    this.policy.before(hw, this.clock.count)
    // What the policy moved may be what an intervention waits for.
    if (hw.recorder.paused) return false
    this.clock.count++
    return true
  }

  private write(kind: 'store' | 'movnt', at: Spa, size: number, lo: number, hi: number, rest?: Spa): boolean {
    if (!this.begin()) return false
    const { hw, index, scratchView, scratch } = this
    scratchView.setInt32(0, lo, true)
    scratchView.setInt32(4, hi, true)
    const pieces = cellPieces(at, size, rest)
    for (const piece of pieces) this.lineAt(piece.at)
    this.makeRoom(pieces.length)
    const step = hw.recorder.trace.length
    let first = 0
    for (const { at: where, from, length } of pieces) {
      const [wordLo, wordHi] = length === size ? [lo, hi] : wordsOf(scratch, from, length)
      const op = hw.history.addOp(kind, hw.lines.find(where), where % 64, length, wordLo, wordHi, step)
      if (first === 0) first = op
      hw.storeBuffers[index]?.push(op, this.clock.count)
    }
    return this.issued(kind, first, pieces.length)
  }

  private flush(kind: OpKind & ('clwb' | 'clflushopt' | 'clflush'), at: Spa): boolean {
    if (!this.begin()) return false
    const { hw, index } = this
    const line = this.lineAt(at)
    this.makeRoom(1)
    const op = hw.history.addOp(kind, line, 0, 64, 0, 0, hw.recorder.trace.length)
    hw.storeBuffers[index]?.push(op, this.clock.count)
    return this.issued(kind, op, 0)
  }

  private complete(kind: 'sfence' | 'mfence'): boolean {
    const { hw, index } = this
    if (this.fence === 0) {
      if (!this.begin()) return false
      this.makeRoom(1)
      const op = hw.history.addOp(kind, 0, 0, 0, 0, 0, hw.recorder.trace.length)
      hw.storeBuffers[index]?.push(op, this.clock.count)
      if (hw.config.sfence_retires === true && kind === 'sfence') return this.issued(kind, op, 0)
      this.fence = op
      hw.recorder.instruction(kind, op, 0)
    }
    if (hw.recorder.paused) return false
    if (!hw.retire(index, this.fence)) this.policy.force(hw, index)
    if (hw.recorder.paused || !hw.retire(index, this.fence)) return false
    hw.recorder.thread('fence-done', this.fence, 0)
    this.fence = 0
    this.policy.after(hw, index)
    return true
  }

  /** Let the oldest entries go until `entries` more fit. Before anything else: it may record steps. */
  private makeRoom(entries: number): void {
    const buffer = this.hw.storeBuffers[this.index]
    while (buffer !== undefined && buffer.count > 0 && buffer.capacity - buffer.count < entries)
      this.hw.advance(this.index)
  }

  /** The line that holds `at`; the program dies where nothing answers. */
  private lineAt(at: number): number {
    const line = this.hw.lines.find(at)
    if (line === 0) throw new Killed(135, `SIGBUS: no memory answers at physical address 0x${at.toString(16)}`)
    return line
  }

  /** What the core's own load of `pieces` sees, zero-extended, in `lo` and `hi`. */
  private read(pieces: readonly Piece[], size: AccessSize): void {
    const { hw, index, scratch, scratchView: view } = this
    for (const { at, length, from } of pieces) {
      hw.caches.fill(index, this.lineAt(at), false)
      gather(hw, index, at, length, scratch, from)
    }
    this.hi = 0
    if (size === 1) this.lo = view.getUint8(0)
    else if (size === 2) this.lo = view.getUint16(0, true)
    else this.lo = view.getInt32(0, true)
    if (size === 8) this.hi = view.getInt32(4, true)
  }

  /**
   * A locked instruction: waits for everything older, then reads and writes at once, whatever it crosses (a split lock).
   * `update` gives what to write; undefined when the comparison failed, which by the model is a full fence all the same,
   * or a plain load.
   */
  private atomic(
    at: Spa,
    size: AccessSize,
    rest: Spa | undefined,
    name: (typeof LOCKED)[number],
    update: (old: Words) => Words | undefined,
  ): boolean {
    const { hw, index } = this
    if (hw.recorder.paused || (!this.locking && !this.begin())) return false
    this.locking = true
    const pieces = cellPieces(at, size, rest)
    const lines = pieces.map((piece) => this.lineAt(piece.at))
    if (name === 'cmpxchg' && hw.config.cas === 'paper') {
      this.read(pieces, size)
      if (update([this.lo, this.hi]) === undefined) {
        this.locking = false
        return this.issued('load', lines[0] as number, (at & 63) | (size << 8))
      }
    }
    if (!pieces.every((piece, i) => this.mayIssue('locked', lines[i] as number, piece.at & 63, piece.length)))
      return false
    for (const line of lines) hw.caches.fill(index, line, true)
    this.read(pieces, size)
    for (const line of lines) if (!hw.caches.holds(line)) hw.memory.makeRoom(line)
    const wanted = update([this.lo, this.hi])
    const first = this.carryOut(pieces, size, wanted)
    this.locking = false
    return this.issued('lock', first, pieces.length | (LOCKED.indexOf(name) << 8))
  }

  private carryOut(pieces: readonly Piece[], size: AccessSize, wanted: Words | undefined): number {
    const { hw, index, scratch, scratchView } = this
    const [lo, hi] = wanted ?? [this.lo, this.hi]
    scratchView.setInt32(0, lo, true)
    scratchView.setInt32(4, hi, true)
    const step = hw.recorder.trace.length
    let first = 0
    for (const { at, from, length } of pieces) {
      const line = hw.lines.find(at)
      const [wordLo, wordHi] = length === size ? [lo, hi] : wordsOf(scratch, from, length)
      const kind = wanted === undefined ? 'locked-load' : 'locked'
      const op = hw.history.addOp(kind, line, at % 64, length, wordLo, wordHi, step)
      if (first === 0) first = op
      if (wanted !== undefined) hw.caches.modifyAnywhere(index, line, hw.lines.append(hw.history, op, step))
    }
    return first
  }

  /** May an instruction that takes effect at once do so? If not, what holds it back is brought on its way. */
  private mayIssue(kind: InstructionClass, line: number, offset: number, size: number): boolean {
    const { hw, index } = this
    if (hw.mayIssue(index, kind, line, offset, size)) return true
    this.policy.force(hw, index)
    return !hw.recorder.paused && hw.mayIssue(index, kind, line, offset, size)
  }

  private issued(kind: EventKind, a: number, b: number): boolean {
    this.hw.recorder.instruction(kind, a, b)
    this.policy.after(this.hw, this.index)
    return true
  }
}
