/**
 * The hardware's state and the transitions that change it, each one recorded step.
 *
 * Where a line's newest contents are: store buffers and write-combining buffers of the cores (not visible yet), an L1
 * (MODIFIED), the shared L3, a write-pending queue, media. Loads see `Lines.visible`; every place holds version numbers.
 * A method that must make room first records that as steps of its own, before it changes anything itself.
 */

import type { Cells } from '../sim/cells.ts'
import type { Recorder } from '../sim/recorder.ts'
import { CacheHierarchy } from './cache/coherence.ts'
import { CellList } from './cell-list.ts'
import { type InstructionClass, ORDER, type OrderTable } from './cpu/isa.ts'
import { StoreBuffer } from './cpu/store-buffer.ts'
import type { WcBuffers } from './cpu/wc-buffer.ts'
import { WriteCombining } from './cpu/write-combining.ts'
import { History } from './history.ts'
import { MemoryControllers } from './imc/memory-controller.ts'
import { type AddressMap, Lines } from './lines.ts'

export interface HardwareConfig {
  readonly cores: number
  readonly controllers: number
  /** DIMMs that keep a count of dirty shutdowns. */
  readonly dimms: number
  readonly cpu: {
    readonly clwb: boolean
    readonly clflushopt: boolean
    readonly movdir64b: boolean
    readonly avx: boolean
    /** clwb drops the line, as clflushopt does: some parts do. */
    readonly clwb_evicts: boolean
  }
  readonly caches: {
    readonly l1: { readonly sets: number; readonly ways: number }
    readonly l3: { readonly sets: number; readonly ways: number }
  }
  readonly store_buffer: number
  readonly wc_buffers: number
  readonly wpq: number
  /** A compare-and-swap that fails is a full barrier all the same (`sdm`), or a plain load (`paper`). */
  readonly cas: 'sdm' | 'paper'
  /**
   * An sfence lets its thread go on at once and waits in the store buffer, like a store; otherwise the thread waits with
   * it. Hardware may do either (persistency.md §6, "retired vs done"); only loads can pass it.
   */
  readonly sfence_retires?: boolean
  /** Which instruction waits for which; tests change cells. */
  readonly order?: OrderTable
}

/** clwb and clflushopt that one core may have outstanding (line-fill buffers of current parts; not architecture). */
const FLUSH_BUFFERS = 16

export class Hardware {
  readonly config: HardwareConfig
  readonly cells: Cells
  readonly recorder: Recorder
  readonly history = new History()
  readonly lines: Lines
  readonly storeBuffers: readonly StoreBuffer[]
  /** Outstanding clwb, clflushopt and flush-hint stores of each core: operations, oldest first. */
  readonly flushes: readonly CellList[]
  readonly wc: readonly WcBuffers[]
  readonly combining: WriteCombining
  readonly caches: CacheHierarchy
  readonly memory: MemoryControllers
  /** First of one cell a DIMM: power failures at which it lost its queue. Outlives them. */
  readonly dirtyShutdowns: number

  constructor(config: HardwareConfig, map: AddressMap, cells: Cells, recorder: Recorder) {
    this.config = config
    this.cells = cells
    this.recorder = recorder
    const each = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make)
    const order = config.order ?? ORDER
    this.storeBuffers = each(config.cores, () => new StoreBuffer(cells, this.history, config.store_buffer, order))
    this.flushes = each(config.cores, () => new CellList(cells, FLUSH_BUFFERS, 1))
    this.dirtyShutdowns = cells.allocate(config.dimms)
    this.memory = new MemoryControllers(config, cells, recorder, () => this.lines)
    this.lines = new Lines(map, () => this.memory.addLine())
    this.caches = new CacheHierarchy(config, cells, recorder, this.lines, this.memory)
    this.combining = new WriteCombining(config.cores, config.wc_buffers, this)
    this.wc = this.combining.cores
  }

  /** The entry at position `i` of a store buffer takes effect. The caller has checked that it may leave. */
  drain(core: number, i: number): void {
    const { history } = this
    const buffer = this.storeBuffers[core] as StoreBuffer
    const op = buffer.at(i)
    const line = history.line(op)
    switch (history.kind(op)) {
      case 'store': {
        this.combining.drainLine(core, line)
        const entry = this.caches.fill(core, line, true)
        buffer.remove(i)
        const version = this.lines.append(history, op, this.recorder.trace.length)
        this.caches.modify(core, entry, line, version)
        this.recorder.hardware('drain', core, op, version)
        return
      }
      case 'movnt':
      case 'movdir64b':
        this.combining.fill(core, op, () => buffer.remove(i))
        return
      case 'clwb':
      case 'clflushopt':
      case 'hint': {
        // An uncached store waits for every write-combining buffer, a flush for that of its line.
        if (history.kind(op) === 'hint') while (!this.recorder.due && this.combining.drainOldest(core));
        else this.combining.drainLine(core, line)
        const flushes = this.flushes[core] as CellList
        if (flushes.full) this.completeFlush(core, 0)
        buffer.remove(i)
        flushes.push(op)
        this.recorder.hardware('flush-start', core, op, 0)
        return
      }
      case 'clflush': {
        this.combining.drainLine(core, line)
        const version = this.caches.dirtyVersion(line)
        if (version !== 0) this.memory.makeRoom(line)
        buffer.remove(i)
        this.caches.clean(line, true)
        if (version !== 0) this.memory.accept(line, version)
        this.recorder.hardware('flush', core, line, version)
        return
      }
      default:
        // A fence: everything before it has arrived.
        buffer.remove(i)
        this.recorder.hardware('fence-done', core, op, 0)
    }
  }

  /** An outstanding clwb or clflushopt does its work: the line, as it is now, is handed to its memory controller. */
  completeFlush(core: number, entry: number): void {
    const flushes = this.flushes[core] as CellList
    const op = flushes.get(entry, 0)
    const line = this.history.line(op)
    if (this.history.kind(op) === 'hint') {
      this.memory.drainDimm(this.lines.home(line).dimm)
      flushes.remove(entry)
      this.recorder.hardware('flush', core, line, 0)
      return
    }
    const version = this.caches.dirtyVersion(line)
    if (version !== 0) this.memory.makeRoom(line)
    flushes.remove(entry)
    this.caches.clean(line, this.history.kind(op) === 'clflushopt' || this.config.cpu.clwb_evicts)
    if (version !== 0) this.memory.accept(line, version)
    this.recorder.hardware('flush', core, line, version)
  }

  /**
   * May an instruction that takes effect when it issues do so now? The table says what it must wait for in the store
   * buffer. What has left that and not arrived (outstanding flushes, write-combining buffers) is waited for by fences and
   * locked instructions: that is what their `always` means for flushes and movnt.
   */
  mayIssue(core: number, kind: InstructionClass, line: number, offset: number, size: number): boolean {
    if ((this.storeBuffers[core] as StoreBuffer).holdsBack(kind, line, offset, size)) return false
    return kind !== 'locked' || this.isQuiet(core)
  }

  /** Nothing of this core is between its store buffer and the memory controllers: what a fence waits for. */
  isQuiet(core: number): boolean {
    return (this.flushes[core] as CellList).count === 0 && (this.wc[core] as WcBuffers).used === 0
  }

  /** Let the fence go if everything before it has arrived. True when it is gone, now or earlier. */
  retire(core: number, fence: number): boolean {
    const buffer = this.storeBuffers[core] as StoreBuffer
    if (buffer.count > 0 && buffer.at(0) === fence) {
      if (!this.isQuiet(core)) return false
      buffer.remove(0)
      return true
    }
    for (let i = 1; i < buffer.count; i++) if (buffer.at(i) === fence) return false
    return true
  }

  /** Is the entry at position `i` a fence in which its thread waits? It leaves when the thread goes on. */
  isAwaited(core: number, i: number): boolean {
    const kind = this.history.kind((this.storeBuffers[core] as StoreBuffer).at(i))
    return kind === 'mfence' || (kind === 'sfence' && this.config.sfence_retires !== true)
  }

  /**
   * The oldest thing that this core has on its way goes one step on: store buffer, then what a fence there waits for.
   * False when there is nothing, or only a fence in which its thread waits.
   */
  advance(core: number): boolean {
    const buffer = this.storeBuffers[core] as StoreBuffer
    const waiting = buffer.count > 0
    if (waiting && !this.history.isFence(buffer.at(0))) this.drain(core, 0)
    else if ((this.flushes[core] as CellList).count > 0) this.completeFlush(core, 0)
    else if (this.combining.drainOldest(core)) return true
    else if (waiting && !this.isAwaited(core, 0)) this.drain(core, 0)
    else return false
    return true
  }

  /**
   * A core whose thread is switched out has executed a full barrier (design.md §4); one whose thread has ended keeps
   * nothing in its store buffer. `flushes`: outstanding flushes and write-combining buffers too. False when something
   * is due right after a step: call again.
   */
  empty(core: number, flushes: boolean): boolean {
    const buffer = this.storeBuffers[core] as StoreBuffer
    while (!this.recorder.due) {
      if (buffer.count === 0 && !flushes) return true
      if (this.advance(core)) continue
      if (buffer.count === 0) return true
      // Nobody waits in this fence any more.
      buffer.remove(0)
    }
    return false
  }

  /** Everything in the caches and buffers is gone; what the caller put on media stays. */
  clearVolatile(): void {
    for (const buffer of this.storeBuffers) buffer.clear()
    for (const list of this.flushes) list.clear()
    for (const wc of this.wc) wc.clear()
    this.caches.clear()
    for (const wpq of this.memory.wpqs) wpq.clear()
  }
}
