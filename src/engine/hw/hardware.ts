/**
 * The hardware's state and the transitions that change it, each one recorded step.
 *
 * Where a line's newest contents are: store buffers and write-combining buffers of the cores (not visible yet), an L1
 * (MODIFIED), the shared L3, a write-pending queue, media. Loads see `Lines.visible`; every place holds version numbers.
 * A method that must make room first records that as steps of its own, before it changes anything itself.
 */

import type { Cells } from '../sim/cells.ts'
import type { Recorder } from '../sim/recorder.ts'
import { Cache, EXCLUSIVE, MODIFIED, SHARED } from './cache/cache.ts'
import { CellList } from './cell-list.ts'
import { StoreBuffer } from './cpu/store-buffer.ts'
import { WcBuffers } from './cpu/wc-buffer.ts'
import { History } from './history.ts'
import { WPQ_LINE, WPQ_VERSION, Wpq } from './imc/wpq.ts'
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
  readonly l1: readonly Cache[]
  readonly l3: Cache
  readonly wpqs: readonly Wpq[]
  /** Cell of each line that holds the version on media (DRAM lines: in memory). */
  private readonly mediaCells: number[] = [0]

  constructor(config: HardwareConfig, map: AddressMap, cells: Cells, recorder: Recorder) {
    this.config = config
    this.cells = cells
    this.recorder = recorder
    const each = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make)
    this.storeBuffers = each(config.cores, () => new StoreBuffer(cells, this.history, config.store_buffer))
    this.flushes = each(config.cores, () => new CellList(cells, FLUSH_BUFFERS, 1))
    this.wc = each(config.cores, () => new WcBuffers(cells, config.wc_buffers))
    this.l1 = each(config.cores, () => new Cache(cells, config.caches.l1))
    this.l3 = new Cache(cells, config.caches.l3)
    this.wpqs = each(config.controllers, () => new Wpq(cells, config.wpq, 2))
    this.lines = new Lines(map, () => this.mediaCells.push(cells.allocate(1)))
  }

  /** Line number of the cache index: its address divided by 64. */
  private number(line: number): number {
    return this.lines.spa(line) / 64
  }

  mediaCell(line: number): number {
    return this.mediaCells[line] as number
  }

  media(line: number): number {
    return this.cells.get(this.mediaCell(line))
  }

  // Caches and coherence

  /** Bring `line` into core's L1, alone if `forWrite`. Returns its entry there. */
  fill(core: number, line: number, forWrite: boolean): number {
    const number = this.number(line)
    const l1 = this.l1[core] as Cache
    const here = l1.find(line, number)
    if (here >= 0) {
      if (forWrite && l1.state(here) === SHARED) this.dropOthers(core, line, number)
      l1.touch(here)
      return here
    }
    const entry3 = this.fillL3(line, number)
    const place = l1.place(number)
    const victim = l1.line(place)
    if (victim !== 0) this.evictL1(core, place, victim)
    let shared = false
    for (let other = 0; other < this.l1.length; other++) {
      if (other === core) continue
      const cache = this.l1[other] as Cache
      const entry = cache.find(line, number)
      if (entry < 0) continue
      if (cache.state(entry) === MODIFIED) this.l3.set(entry3, line, cache.version(entry), MODIFIED)
      if (forWrite) cache.invalidate(entry)
      else {
        cache.set(entry, line, cache.version(entry), SHARED)
        shared = true
      }
    }
    l1.set(place, line, this.lines.head[line] as number, shared ? SHARED : EXCLUSIVE)
    l1.touch(place)
    return place
  }

  private fillL3(line: number, number: number): number {
    const found = this.l3.find(line, number)
    if (found >= 0) {
      this.l3.touch(found)
      return found
    }
    const place = this.l3.place(number)
    const victim = this.l3.line(place)
    if (victim !== 0) this.evictL3(victim)
    this.l3.set(place, line, this.lines.head[line] as number, SHARED)
    this.l3.touch(place)
    return place
  }

  private dropOthers(core: number, line: number, number: number): void {
    for (let other = 0; other < this.l1.length; other++) {
      if (other === core) continue
      const cache = this.l1[other] as Cache
      const entry = cache.find(line, number)
      if (entry >= 0) cache.invalidate(entry)
    }
  }

  /** L1 → L3: a replaced line, or one that the hardware chose to let go. */
  evictL1(core: number, entry: number, line: number): void {
    const l1 = this.l1[core] as Cache
    const version = l1.version(entry)
    if (l1.state(entry) === MODIFIED) this.l3.set(this.l3.find(line, this.number(line)), line, version, MODIFIED)
    l1.invalidate(entry)
    this.recorder.hardware('evict', core, line, version)
  }

  /** L3 → memory; L3 is inclusive, so no L1 keeps the line either. */
  evictL3(line: number): void {
    const version = this.dirtyVersion(line)
    if (version !== 0) this.makeRoom(line)
    this.clean(line, true)
    if (version !== 0) this.accept(line, version)
    this.recorder.hardware('write-back', 0, line, version)
  }

  /** The version of `line` that is in some cache and not yet with the memory controller; 0 when caches are clean. */
  dirtyVersion(line: number): number {
    const number = this.number(line)
    for (const cache of this.l1) {
      const entry = cache.find(line, number)
      if (entry >= 0 && cache.state(entry) === MODIFIED) return cache.version(entry)
    }
    const entry = this.l3.find(line, number)
    return entry >= 0 && this.l3.state(entry) === MODIFIED ? this.l3.version(entry) : 0
  }

  /** After a write-back: cached copies are as memory is, or gone. */
  private clean(line: number, drop: boolean): void {
    const number = this.number(line)
    for (const cache of this.l1) {
      const entry = cache.find(line, number)
      if (entry < 0) continue
      if (drop) cache.invalidate(entry)
      else if (cache.state(entry) === MODIFIED) cache.set(entry, line, cache.version(entry), EXCLUSIVE)
    }
    const entry = this.l3.find(line, number)
    if (entry < 0) return
    if (drop) this.l3.invalidate(entry)
    else this.l3.set(entry, line, this.lines.head[line] as number, SHARED)
  }

  // Memory controllers and media

  /** Wait until the line's memory controller can take one more entry. */
  private makeRoom(line: number): void {
    const home = this.lines.home(line)
    if (home.kind !== 'nvdimm') return
    const wpq = this.wpqs[home.controller] as Wpq
    if (wpq.full) this.drainWpq(home.controller, 0)
  }

  /** The memory controller takes the line: from here on ADR saves it. DRAM needs no queue to tell apart. */
  private accept(line: number, version: number): void {
    const home = this.lines.home(line)
    if (home.kind === 'nvdimm') (this.wpqs[home.controller] as Wpq).push(line, version)
    else this.cells.set(this.mediaCell(line), version)
  }

  /** WPQ → media. */
  drainWpq(controller: number, entry: number): void {
    const wpq = this.wpqs[controller] as Wpq
    const line = wpq.get(entry, WPQ_LINE)
    const version = wpq.get(entry, WPQ_VERSION)
    wpq.remove(entry)
    this.cells.set(this.mediaCell(line), version)
    this.recorder.hardware('wpq-drain', controller, line, version)
  }

  /** Everything that the queues hold for one DIMM goes to its media: what a flush-hint store asks for. */
  private drainDimm(dimm: number): void {
    for (let controller = 0; controller < this.wpqs.length; controller++) {
      const wpq = this.wpqs[controller] as Wpq
      for (let entry = 0; entry < wpq.count; )
        if (this.lines.home(wpq.get(entry, WPQ_LINE)).dimm === dimm) this.drainWpq(controller, entry)
        else entry++
    }
  }

  // Store buffers, write-combining buffers, flushes

  /** The entry at position `i` of a store buffer takes effect. The caller has checked that it may leave. */
  drain(core: number, i: number): void {
    const { history } = this
    const buffer = this.storeBuffers[core] as StoreBuffer
    const op = buffer.at(i)
    const line = history.line(op)
    switch (history.kind(op)) {
      case 'store': {
        this.drainWcOf(core, line)
        const entry = this.fill(core, line, true)
        buffer.remove(i)
        const version = this.append(line, op)
        ;(this.l1[core] as Cache).set(entry, line, version, MODIFIED)
        this.recorder.hardware('drain', core, op, version)
        return
      }
      case 'movnt':
        this.fillWc(core, i, op, line)
        return
      case 'clwb':
      case 'clflushopt':
      case 'hint': {
        this.drainWcOf(core, line)
        const flushes = this.flushes[core] as CellList
        if (flushes.full) this.completeFlush(core, 0)
        buffer.remove(i)
        flushes.push(op)
        this.recorder.hardware('flush-start', core, op, 0)
        return
      }
      case 'clflush': {
        this.drainWcOf(core, line)
        const version = this.dirtyVersion(line)
        if (version !== 0) this.makeRoom(line)
        buffer.remove(i)
        this.clean(line, true)
        if (version !== 0) this.accept(line, version)
        this.recorder.hardware('flush', core, line, version)
        return
      }
      case 'sfence':
        buffer.remove(i)
        return
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
    if (this.l3.find(line, this.number(line)) >= 0) this.evictL3(line)
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
    if (this.l3.find(line, this.number(line)) >= 0) this.evictL3(line)
    this.makeRoom(line)
    let version = 0
    for (const op of this.chainOps(wc.chain(buffer))) version = this.append(line, op)
    wc.set(buffer, 0, 0)
    this.accept(line, version)
    this.recorder.hardware('wc-drain', core, line, version)
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
      this.drainDimm(this.lines.home(line).dimm)
      flushes.remove(entry)
      this.recorder.hardware('flush', core, line, 0)
      return
    }
    const version = this.dirtyVersion(line)
    if (version !== 0) this.makeRoom(line)
    flushes.remove(entry)
    this.clean(line, this.history.kind(op) === 'clflushopt')
    if (version !== 0) this.accept(line, version)
    this.recorder.hardware('flush', core, line, version)
  }

  /** Nothing of this core is on its way any more: what a fence waits for. */
  isQuiet(core: number): boolean {
    return (this.flushes[core] as CellList).count === 0 && (this.wc[core] as WcBuffers).used === 0
  }

  /** Everything in the caches and buffers is gone; what the caller put on media stays. */
  clearVolatile(): void {
    for (const buffer of this.storeBuffers) buffer.clear()
    for (const list of this.flushes) list.clear()
    for (const wc of this.wc) wc.clear()
    for (const cache of [...this.l1, this.l3]) cache.clear()
    for (const wpq of this.wpqs) wpq.clear()
  }
}
