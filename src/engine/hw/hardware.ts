/**
 * The hardware's state and the transitions that change it, each one recorded step.
 *
 * Where a line's newest contents are: store buffers and write-combining buffers of the cores (not visible yet), an L1
 * (MODIFIED), the shared L3, a write-pending queue, media. Loads see `Lines.visible`; every place holds version numbers.
 * A method that must make room first records that as steps of its own, before it changes anything itself.
 */

import { assert } from '../../base/assert.ts'
import type { Cells } from '../sim/cells.ts'
import type { Recorder } from '../sim/recorder.ts'
import { CacheHierarchy } from './cache/coherence.ts'
import { CellList } from './cell-list.ts'
import { StoreBuffer } from './cpu/store-buffer.ts'
import { WcBuffers } from './cpu/wc-buffer.ts'
import { History } from './history.ts'
import { MemoryControllers } from './imc/memory-controller.ts'
import { type AddressMap, Lines } from './lines.ts'

export interface HardwareConfig {
  readonly cores: number
  readonly controllers: number
  readonly cpu: { readonly clwb: boolean; readonly clflushopt: boolean }
  readonly caches: {
    readonly l1: { readonly sets: number; readonly ways: number }
    readonly l3: { readonly sets: number; readonly ways: number }
  }
  readonly store_buffer: number
  readonly wc_buffers: number
  readonly wpq: number
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
  readonly caches: CacheHierarchy
  readonly memory: MemoryControllers

  constructor(config: HardwareConfig, map: AddressMap, cells: Cells, recorder: Recorder) {
    this.config = config
    this.cells = cells
    this.recorder = recorder
    const each = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make)
    this.storeBuffers = each(config.cores, () => new StoreBuffer(cells, this.history, config.store_buffer))
    this.flushes = each(config.cores, () => new CellList(cells, FLUSH_BUFFERS, 1))
    this.wc = each(config.cores, () => new WcBuffers(cells, config.wc_buffers))
    this.memory = new MemoryControllers(config, cells, recorder, () => this.lines)
    this.lines = new Lines(map, () => this.memory.addLine())
    this.caches = new CacheHierarchy(config, cells, recorder, this.lines, this.memory)
  }

  /** The entry at position `i` of a store buffer takes effect. The caller has checked that it may leave. */
  drain(core: number, i: number): void {
    const { history } = this
    const buffer = this.storeBuffers[core] as StoreBuffer
    const op = buffer.at(i)
    const line = history.line(op)
    switch (history.kind(op)) {
      case 'store': {
        this.drainWcOf(core, line)
        const entry = this.caches.fill(core, line, true)
        buffer.remove(i)
        const version = this.append(line, op)
        this.caches.modify(core, entry, line, version)
        this.recorder.hardware('drain', core, op, version)
        return
      }
      case 'movnt':
        this.fillWc(core, i, op, line)
        return
      case 'clwb':
      case 'clflushopt':
      case 'hint': {
        // An uncached store waits for every write-combining buffer, a flush for that of its line.
        if (history.kind(op) === 'hint') this.drainAllWc(core)
        else this.drainWcOf(core, line)
        const flushes = this.flushes[core] as CellList
        if (flushes.full) this.completeFlush(core, 0)
        buffer.remove(i)
        flushes.push(op)
        this.recorder.hardware('flush-start', core, op, 0)
        return
      }
      case 'clflush': {
        this.drainWcOf(core, line)
        const version = this.caches.dirtyVersion(line)
        if (version !== 0) this.memory.makeRoom(line)
        buffer.remove(i)
        this.caches.clean(line, true)
        if (version !== 0) this.memory.accept(line, version)
        this.recorder.hardware('flush', core, line, version)
        return
      }
      case 'sfence':
        assert(false, 'a fence leaves by being retired')
    }
  }

  /** One more operation is visible: the line's contents have a new version. */
  private append(line: number, op: number): number {
    const { lines, history } = this
    const version = history.addVersion(lines.head[line] as number, op, this.recorder.trace.length)
    lines.head[line] = version
    history.applyTo(lines.visible, line * 64, op)
    return version
  }

  /** A movnt leaves the store buffer for a write-combining buffer; a cached copy of its line is written back first. */
  private fillWc(core: number, i: number, op: number, line: number): void {
    const wc = this.wc[core] as WcBuffers
    if (this.caches.holds(line)) this.caches.writeBack(line)
    let buffer = wc.find(line)
    if (buffer < 0) {
      if (wc.find(0) < 0)
        this.drainWc(
          core,
          wc.oldest((chain) => this.chainRoot(chain)),
        )
      buffer = wc.find(0)
    }
    ;(this.storeBuffers[core] as StoreBuffer).remove(i)
    const chain = this.history.addVersion(wc.line(buffer) === 0 ? 0 : wc.chain(buffer), op, this.recorder.trace.length)
    wc.set(buffer, line, chain)
    this.recorder.hardware('wc-fill', core, op, chain)
  }

  private chainRoot(chain: number): number {
    let at = chain
    while (this.history.parent(at) !== 0) at = this.history.parent(at)
    return at
  }

  /** Operations that a write-combining buffer holds, oldest first. */
  chainOps(chain: number): number[] {
    const ops: number[] = []
    for (let at = chain; at !== 0; at = this.history.parent(at)) ops.push(this.history.op(at))
    return ops.reverse()
  }

  /** A write-combining buffer goes to the memory controller; its bytes become visible and carry the rest of the line. */
  drainWc(core: number, buffer: number): void {
    const wc = this.wc[core] as WcBuffers
    const line = wc.line(buffer)
    // Another core may have cached the line since; its copy is merged on the way.
    if (this.caches.holds(line)) this.caches.writeBack(line)
    this.memory.makeRoom(line)
    let version = 0
    for (const op of this.chainOps(wc.chain(buffer))) version = this.append(line, op)
    wc.set(buffer, 0, 0)
    this.memory.accept(line, version)
    this.recorder.hardware('wc-drain', core, line, version)
  }

  drainAllWc(core: number): void {
    const wc = this.wc[core] as WcBuffers
    while (wc.used > 0 && !this.recorder.due)
      this.drainWc(
        core,
        wc.oldest((chain) => this.chainRoot(chain)),
      )
  }

  private drainWcOf(core: number, line: number): void {
    const buffer = (this.wc[core] as WcBuffers).find(line)
    if (buffer >= 0 && line !== 0) this.drainWc(core, buffer)
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
    this.caches.clean(line, this.history.kind(op) === 'clflushopt')
    if (version !== 0) this.memory.accept(line, version)
    this.recorder.hardware('flush', core, line, version)
  }

  /** Nothing of this core is on its way any more: what a fence waits for. */
  private isQuiet(core: number): boolean {
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

  /**
   * A core whose thread is switched out has executed a full barrier (design.md §4); one whose thread has ended keeps
   * nothing in its store buffer. `flushes`: outstanding flushes and write-combining buffers too. False when something
   * is due right after a step: call again.
   */
  empty(core: number, flushes: boolean): boolean {
    const buffer = this.storeBuffers[core] as StoreBuffer
    const list = this.flushes[core] as CellList
    while (!this.recorder.due) {
      const fence = buffer.count > 0 && this.history.kind(buffer.at(0)) === 'sfence'
      if (buffer.count > 0 && !fence) this.drain(core, 0)
      else if (!fence && !flushes) return true
      else if (list.count > 0) this.completeFlush(core, 0)
      else if ((this.wc[core] as WcBuffers).used > 0) this.drainAllWc(core)
      else if (fence) buffer.remove(0)
      else return true
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
