/**
 * cpu/core.ts: one core as one thread sees it: the instructions, each a recorded step.
 *
 * Loads execute in program order and see the core's own buffered stores; stores, flushes and sfence go into the store
 * buffer. A fence is two steps: issued, and done once the store buffer, this core's outstanding flushes and its
 * write-combining buffers are empty. The thread waits in between (a choice that hardware may make; persistency.md §6,
 * "retired vs done").
 */

import type { Spa } from '../../../base/brand.ts'
import type { AccessSize, Cpu } from '../../sim/cpu.ts'
import { Killed } from '../../sim/thread.ts'
import type { Hardware } from '../hardware.ts'
import type { OpKind } from '../history.ts'
import type { Policy } from '../policy.ts'

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
    for (const piece of cellPieces(at, size, rest)) {
      this.hw.caches.fill(this.index, this.lineAt(piece.at), false)
      this.gather(piece.at, piece.length, this.scratch, piece.from)
    }
    const view = this.scratchView
    this.hi = 0
    if (size === 1) this.lo = view.getUint8(0)
    else if (size === 2) this.lo = view.getUint16(0, true)
    else this.lo = view.getInt32(0, true)
    if (size === 8) this.hi = view.getInt32(4, true)
    this.hw.recorder.instruction('load', line, (at & 63) | (size << 8))
    this.policy.after(this.hw, this.index)
    return true
  }

  loadBytes(at: Spa, into: Uint8Array, offset: number, length: number): boolean {
    if (!this.begin()) return false
    const line = this.lineAt(at)
    this.hw.caches.fill(this.index, line, false)
    this.gather(at, length, into, offset)
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

  clwb(at: Spa): boolean {
    return this.flush('clwb', at)
  }
  clflushopt(at: Spa): boolean {
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

  /** Loads are in program order already, and stores and flushes do not wait for it (persistency.md §4). */
  lfence(): boolean {
    if (!this.begin()) return false
    this.hw.recorder.instruction('lfence', 0, 0)
    this.policy.after(this.hw, this.index)
    return true
  }

  /** An uncached store waits for the store buffer and the write-combining buffers (a choice, persistency.md §4). */
  writeq(at: Spa, lo: number, hi: number): boolean {
    const { hw, index } = this
    if (!this.begin()) return false
    const line = this.lineAt(at)
    this.makeRoom(1)
    const op = hw.history.addOp('hint', line, at & 63, 8, lo, hi, hw.recorder.trace.length)
    hw.storeBuffers[index]?.push(op, this.clock.count)
    hw.recorder.instruction('hint', op, 0)
    this.policy.after(hw, index)
    return true
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
      const [wordLo, wordHi] = length === size ? [lo, hi] : words(scratch, from, length)
      const op = hw.history.addOp(kind, hw.lines.find(where), where % 64, length, wordLo, wordHi, step)
      if (first === 0) first = op
      hw.storeBuffers[index]?.push(op, this.clock.count)
    }
    hw.recorder.instruction(kind, first, pieces.length)
    this.policy.after(hw, index)
    return true
  }

  private flush(kind: OpKind & ('clwb' | 'clflushopt' | 'clflush'), at: Spa): boolean {
    if (!this.begin()) return false
    const { hw, index } = this
    const line = this.lineAt(at)
    this.makeRoom(1)
    const op = hw.history.addOp(kind, line, 0, 64, 0, 0, hw.recorder.trace.length)
    hw.storeBuffers[index]?.push(op, this.clock.count)
    hw.recorder.instruction(kind, op, 0)
    this.policy.after(hw, index)
    return true
  }

  private complete(kind: 'sfence' | 'mfence'): boolean {
    const { hw, index } = this
    if (this.fence === 0) {
      if (!this.begin()) return false
      this.makeRoom(1)
      this.fence = hw.history.addOp('sfence', 0, 0, 0, 0, 0, hw.recorder.trace.length)
      hw.storeBuffers[index]?.push(this.fence, this.clock.count)
      hw.recorder.instruction(kind, this.fence, 0)
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
      this.hw.drain(this.index, 0)
  }

  /** The line that holds `at`; the program dies where nothing answers. */
  private lineAt(at: number): number {
    const line = this.hw.lines.find(at)
    if (line === 0) throw new Killed(135, `SIGBUS: no memory answers at physical address 0x${at.toString(16)}`)
    return line
  }

  /** Visible bytes of one line, under this core's write-combining buffers, under its store buffer. */
  private gather(at: number, length: number, into: Uint8Array, offset: number): void {
    const { hw, index } = this
    const line = hw.lines.find(at)
    const inLine = at % 64
    const first = line * 64 + inLine
    for (let i = 0; i < length; i++) into[offset + i] = hw.lines.visible[first + i] as number
    const wc = hw.wc[index]?.find(line) ?? -1
    if (wc >= 0)
      for (const op of hw.chainOps(hw.wc[index]?.chain(wc) ?? 0)) this.forward(op, inLine, length, into, offset)
    const buffer = hw.storeBuffers[index]
    for (let i = 0; buffer !== undefined && i < buffer.count; i++) {
      const op = buffer.at(i)
      if (op !== 0 && hw.history.line(op) === line && hw.history.isWrite(op))
        this.forward(op, inLine, length, into, offset)
    }
  }

  /** Lay a buffered store's bytes over those of a load that begins at byte `inLine` of the line. */
  private forward(op: number, inLine: number, length: number, into: Uint8Array, offset: number): void {
    const { history } = this.hw
    const first = history.offset(op)
    const from = Math.max(first, inLine)
    const to = Math.min(first + history.size(op), inLine + length)
    for (let b = from; b < to; b++) into[offset + b - inLine] = history.byte(op, b - first)
  }
}

interface Piece {
  readonly at: number
  /** First byte of the datum that lies here. */
  readonly from: number
  readonly length: number
}

/** An access cut at aligned eight-byte cells, in ascending order; `rest` is where it goes on after a page's end. */
function cellPieces(at: number, size: number, rest: number | undefined): readonly Piece[] {
  const inCell = 8 - (at % 8)
  if (size <= inCell) return [{ at, from: 0, length: size }]
  return [
    { at, from: 0, length: inCell },
    { at: rest ?? at + inCell, from: inCell, length: size - inCell },
  ]
}

function words(bytes: Uint8Array, from: number, length: number): [number, number] {
  let lo = 0
  let hi = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[from + i] as number
    if (i < 4) lo |= byte << (8 * i)
    else hi |= byte << (8 * (i - 4))
  }
  return [lo, hi]
}
