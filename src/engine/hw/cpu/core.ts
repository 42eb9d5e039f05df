/**
 * cpu/core.ts: one core as running code sees it: the instructions, each a recorded step.
 *
 * Loads execute in program order and see the core's own buffered stores; stores, flushes and sfence go into the store
 * buffer. A fence is two steps: issued, and done once the store buffer, this core's outstanding flushes and its
 * write-combining buffers are empty. The thread waits in between (a choice that hardware may make; persistency.md §6,
 * "retired vs done").
 */

import { assert } from '../../../base/assert.ts'
import type { Spa } from '../../../base/brand.ts'
import type { AccessSize, Cpu } from '../../sim/cpu.ts'
import type { Hardware } from '../hardware.ts'
import type { OpKind } from '../history.ts'
import { drainStores, type Policy } from '../policy.ts'

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
  /** Operation of the fence that this core waits in; 0: none. */
  private fence = 0
  private readonly scratch = new Uint8Array(8)
  private readonly scratchView = new DataView(this.scratch.buffer)

  constructor(index: number, hw: Hardware, policy: Policy, clock: InstructionClock) {
    this.index = index
    this.hw = hw
    this.policy = policy
    this.clock = clock
  }

  load(at: Spa, size: AccessSize): boolean {
    if (!this.begin()) return false
    const line = this.touch(at, size)
    this.gather(at, size, this.scratch, 0)
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
    const line = this.touch(at, length)
    this.gather(at, length, into, offset)
    this.hw.recorder.instruction('load', line, (at & 63) | (length << 8))
    this.policy.after(this.hw, this.index)
    return true
  }

  store(at: Spa, size: AccessSize, lo: number, hi: number): boolean {
    return this.write('store', at, size, lo, hi)
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
    this.makeRoom()
    const line = hw.lines.find(at)
    assert(line !== 0, 'a flush hint is at an address that answers')
    const op = hw.history.addOp('hint', line, at & 63, 8, lo, hi, hw.recorder.trace.length)
    hw.storeBuffers[index]?.push(op, this.clock.count)
    hw.recorder.instruction('hint', op, 0)
    this.policy.after(hw, index)
    return true
  }

  /** The thread blocks or ends: nothing of it stays in the store buffer. */
  rest(): void {
    drainStores(this.hw, this.index)
  }

  /** The thread is switched out: it has executed a full barrier (design.md §4). */
  barrier(): void {
    let rounds = 0
    while ((this.hw.storeBuffers[this.index]?.count ?? 0) > 0 || !this.hw.isQuiet(this.index)) {
      assert(rounds++ < 1_000_000, 'a core that nobody feeds becomes quiet')
      this.policy.force(this.hw, this.index)
    }
  }

  /** Power came back: the core waits for nothing. */
  reset(): void {
    this.fence = 0
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

  private write(kind: 'store' | 'movnt', at: Spa, size: number, lo: number, hi: number): boolean {
    if (!this.begin()) return false
    const { hw, index, scratchView, scratch } = this
    scratchView.setInt32(0, lo, true)
    scratchView.setInt32(4, hi, true)
    const step = hw.recorder.trace.length
    let first = 0
    let pieces = 0
    for (let done = 0; done < size; pieces++) {
      const where = at + done
      const length = Math.min(size - done, 8 - (where % 8))
      this.makeRoom()
      const line = hw.lines.find(where)
      const [wordLo, wordHi] = length === size ? [lo, hi] : words(scratch, done, length)
      const op = hw.history.addOp(kind, line, where % 64, length, wordLo, wordHi, step)
      if (first === 0) first = op
      hw.storeBuffers[index]?.push(op, this.clock.count)
      done += length
    }
    hw.recorder.instruction(kind, first, pieces)
    this.policy.after(hw, index)
    return true
  }

  private flush(kind: OpKind & ('clwb' | 'clflushopt' | 'clflush'), at: Spa): boolean {
    if (!this.begin()) return false
    const { hw, index } = this
    this.makeRoom()
    const line = hw.lines.find(at)
    const op = hw.history.addOp(kind, line, 0, 64, 0, 0, hw.recorder.trace.length)
    hw.storeBuffers[index]?.push(op, this.clock.count)
    hw.recorder.instruction(kind, op, 0)
    this.policy.after(hw, index)
    return true
  }

  private complete(kind: 'sfence' | 'mfence'): boolean {
    const { hw, index } = this
    const buffer = hw.storeBuffers[index]
    assert(buffer !== undefined, 'every core has a store buffer')
    if (this.fence === 0) {
      if (!this.begin()) return false
      this.makeRoom()
      this.fence = hw.history.addOp('sfence', 0, 0, 0, 0, 0, hw.recorder.trace.length)
      buffer.push(this.fence, this.clock.count)
      hw.recorder.instruction(kind, this.fence, 0)
    }
    if (hw.recorder.paused) return false
    const waiting = (): boolean => buffer.at(0) !== this.fence || !hw.isQuiet(index)
    if (waiting()) this.policy.force(hw, index)
    if (waiting() || hw.recorder.paused) return false
    hw.drain(index, 0)
    hw.recorder.thread('fence-done', this.fence, 0)
    this.fence = 0
    this.policy.after(hw, index)
    return true
  }

  private makeRoom(): void {
    const buffer = this.hw.storeBuffers[this.index]
    if (buffer?.full) this.hw.drain(this.index, 0)
  }

  /** Bring the lines of an access into L1; returns the first line's number. */
  private touch(at: number, size: number): number {
    const { hw, index } = this
    const first = hw.lines.find(at)
    assert(first !== 0, `something answers at address ${at}`)
    hw.fill(index, first, false)
    if ((at % 64) + size > 64) hw.fill(index, hw.lines.find(at + size - 1), false)
    return first
  }

  /** Visible bytes, under this core's write-combining buffers, under its store buffer. */
  private gather(at: number, size: number, into: Uint8Array, offset: number): void {
    const { hw, index } = this
    const { lines } = hw
    for (let done = 0; done < size; ) {
      const where = at + done
      const line = lines.find(where)
      const inLine = where % 64
      const length = Math.min(size - done, 64 - inLine)
      for (let i = 0; i < length; i++) into[offset + done + i] = lines.visible[line * 64 + inLine + i] as number
      const wc = hw.wc[index]?.find(line) ?? -1
      if (wc >= 0)
        for (const op of hw.chainOps(hw.wc[index]?.chain(wc) ?? 0))
          this.forward(op, inLine, length, into, offset + done)
      const buffer = hw.storeBuffers[index]
      for (let i = 0; buffer !== undefined && i < buffer.count; i++) {
        const op = buffer.at(i)
        if (op !== 0 && hw.history.line(op) === line && hw.history.isWrite(op))
          this.forward(op, inLine, length, into, offset + done)
      }
      done += length
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
