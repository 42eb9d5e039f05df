/**
 * cache/coherence.ts: who may hold which line, and how: MESI between the L1 caches, below them one shared inclusive L3.
 *
 * There is one visible contents a line (`Lines.head`); an L1 that is MODIFIED has it, an L3 that is MODIFIED is newer
 * than memory. A method that must make room first records that as steps of its own, before it changes anything itself.
 */

import type { Cells } from '../../sim/cells.ts'
import type { Recorder } from '../../sim/recorder.ts'
import type { MemoryControllers } from '../imc/memory-controller.ts'
import type { Lines } from '../lines.ts'
import { Cache, EXCLUSIVE, MODIFIED, SHARED } from './cache.ts'

interface Geometry {
  readonly sets: number
  readonly ways: number
}

export class CacheHierarchy {
  readonly l1: readonly Cache[]
  readonly l3: Cache
  /** Lines that some cache holds newer than memory has them, in the order in which they became so. */
  readonly dirty = new Set<number>()
  private readonly lines: Lines
  private readonly memory: MemoryControllers
  private readonly recorder: Recorder

  constructor(
    config: { readonly cores: number; readonly caches: { readonly l1: Geometry; readonly l3: Geometry } },
    cells: Cells,
    recorder: Recorder,
    lines: Lines,
    memory: MemoryControllers,
  ) {
    this.l1 = Array.from({ length: config.cores }, () => new Cache(cells, config.caches.l1))
    this.l3 = new Cache(cells, config.caches.l3)
    this.recorder = recorder
    this.lines = lines
    this.memory = memory
  }

  /** What decides the set of a line: its address divided by 64. */
  private number(line: number): number {
    return this.lines.spa(line) / 64
  }

  /** Is the line in the caches at all? L3 is inclusive. */
  holds(line: number): boolean {
    return this.l3.find(line, this.number(line)) >= 0
  }

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
    const below = this.fillL3(line, number)
    const place = l1.place(number)
    const victim = l1.line(place)
    if (victim !== 0) this.evict(core, victim)
    let shared = false
    for (let other = 0; other < this.l1.length; other++) {
      if (other === core) continue
      const cache = this.l1[other] as Cache
      const entry = cache.find(line, number)
      if (entry < 0) continue
      if (cache.state(entry) === MODIFIED) this.l3.set(below, line, cache.version(entry), MODIFIED)
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

  /** The core that has `entry` alone writes to it. */
  modify(core: number, entry: number, line: number, version: number): void {
    this.l1[core]?.set(entry, line, version, MODIFIED)
    this.dirty.add(line)
  }

  /**
   * A locked instruction of `core` writes `version` of a line it has brought in, at once. Of two lines that compete for
   * one way the first is no longer in L1, then it is written where it is: L3, or memory.
   */
  modifyAnywhere(core: number, line: number, version: number): void {
    const number = this.number(line)
    const entry = this.l1[core]?.find(line, number) ?? -1
    if (entry >= 0) return this.modify(core, entry, line, version)
    const below = this.l3.find(line, number)
    if (below < 0) return this.memory.accept(line, version)
    this.l3.set(below, line, version, MODIFIED)
    this.dirty.add(line)
  }

  /** The version of `line` that is in some cache and not yet with the memory controller; 0 when caches are clean. */
  dirtyVersion(line: number): number {
    return this.dirty.has(line) ? (this.lines.head[line] as number) : 0
  }

  /** The core whose L1 has the line MODIFIED, -1 if none has. */
  owner(line: number): number {
    const number = this.number(line)
    return this.l1.findIndex((cache) => {
      const entry = cache.find(line, number)
      return entry >= 0 && cache.state(entry) === MODIFIED
    })
  }

  /** After a write-back: cached copies are as memory is, or gone. */
  clean(line: number, drop: boolean): void {
    const number = this.number(line)
    this.dirty.delete(line)
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

  /** The line leaves all caches; if it was dirty, its memory controller takes it. */
  writeBack(line: number): void {
    const version = this.dirtyVersion(line)
    if (version !== 0) this.memory.makeRoom(line)
    this.clean(line, true)
    if (version !== 0) this.memory.accept(line, version)
    this.recorder.hardware('write-back', 0, line, version)
  }

  clear(): void {
    for (const cache of [...this.l1, this.l3]) cache.clear()
    this.dirty.clear()
  }

  private fillL3(line: number, number: number): number {
    const found = this.l3.find(line, number)
    if (found >= 0) {
      this.l3.touch(found)
      return found
    }
    const place = this.l3.place(number)
    const victim = this.l3.line(place)
    if (victim !== 0) this.writeBack(victim)
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

  /** L1 → L3. */
  evict(core: number, line: number): void {
    const l1 = this.l1[core] as Cache
    const number = this.number(line)
    const entry = l1.find(line, number)
    const version = l1.version(entry)
    if (l1.state(entry) === MODIFIED) this.l3.set(this.l3.find(line, number), line, version, MODIFIED)
    l1.invalidate(entry)
    this.recorder.hardware('evict', core, line, version)
  }
}
