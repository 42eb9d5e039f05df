/** A C thread's virtual memory at a place: private bytes as the thread has them, others as its loads would find them. */

import type { Place, ValuePlace } from '../../protocol/debug.ts'
import { visibleBytes } from '../inspect/bytes.ts'
import type { Recording } from '../inspect/recording.ts'
import type { ThreadPast } from '../userspace/past/thread-past.ts'
import type { Threads } from './threads.ts'

const LINE = 64

export class MemoryAt {
  private readonly recording: Recording
  private readonly threads: Threads
  private readonly thread: number
  private readonly past: ThreadPast
  private readonly place: Place
  private readonly lines = new Map<number, Uint8Array>()

  constructor(recording: Recording, threads: Threads, thread: number, past: ThreadPast, place: Place) {
    this.recording = recording
    this.threads = threads
    this.thread = thread
    this.past = past
    this.place = place
  }

  /** A copy; undefined where nothing is. */
  read(va: number, length: number): Uint8Array | undefined {
    if (!(va >= 0 && va + length < 2 ** 48) || length > 1 << 20) return undefined
    const own = this.privateBytes(va, length)
    if (own !== undefined) return own.slice()
    // What the thread keeps to itself is found by running it again, or not at all.
    if (this.past.origin.memory.direct(va, 1) !== undefined) return undefined
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; ) {
      const spa = this.physical(va + i)
      if (spa === undefined) return undefined
      const piece = Math.min(length - i, LINE - (spa % LINE))
      const start = spa - (spa % LINE)
      bytes.set(this.line(start).subarray(spa - start, spa - start + piece), i)
      i += piece
    }
    return bytes
  }

  /** Why nothing can be read there. */
  whyNot(va: number): string {
    const mapped = this.recording.machine.journal.at(this.place.step, () => this.past.isMapped(va))
    const at = `0x${va.toString(16)}`
    return mapped ? `nothing has touched the page of ${at} yet: it has no memory` : `there is no memory at ${at}`
  }

  where(va: number): ValuePlace {
    const { machine } = this.recording
    const spa = this.physical(va)
    if (spa === undefined) return { kind: 'memory', va }
    const file = this.recording.fileOf(spa, this.place.step)
    const line = machine.hw.lines.peek(spa)
    const home = line === 0 ? undefined : machine.hw.lines.home(line)
    const dpa = home?.kind === 'nvdimm' ? { dimm: home.dimm, dpa: home.dpa + (spa % LINE) } : {}
    return { kind: 'memory', va, spa, ...(file ?? {}), ...dpa }
  }

  private physical(va: number): number | undefined {
    return this.recording.machine.journal.at(this.place.step, () => this.past.physicalOf(va))
  }

  /** Of this thread, or of the one whose stack it is. */
  private privateBytes(va: number, length: number): Uint8Array | undefined {
    const { memory, index } = this.past.origin
    const stack = memory.stackOf(va)
    if (stack < 0 || stack === index) return this.threads.at(this.thread, this.place)?.direct(va, length)
    const owner = this.threads
      .alive(this.place)
      .find(
        (each) => this.threads.past(each)?.origin.memory === memory && this.threads.past(each)?.origin.index === stack,
      )
    return owner === undefined ? undefined : this.threads.at(owner, this.place)?.direct(va, length)
  }

  private line(start: number): Uint8Array {
    const known = this.lines.get(start)
    if (known !== undefined) return known
    const { machine } = this.recording
    const index = machine.hw.lines.peek(start)
    // Nobody has touched it yet: what it was given at first, else zeros.
    const bytes =
      index === 0
        ? (machine.workload.initial(start as never) ?? new Uint8Array(LINE))
        : visibleBytes(this.recording.at(this.place.step), index, machine.threads[this.thread]?.core)
    this.lines.set(start, bytes)
    return bytes
  }
}
