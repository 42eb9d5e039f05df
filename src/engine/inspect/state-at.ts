/**
 * The machine at one step, read from a copy of its cells: where each line is, in which version.
 *
 * Reads the same cells as the hardware, by the same layout; changes nothing.
 */

import type { Cache } from '../hw/cache/cache.ts'
import { MODIFIED, SHARED } from '../hw/cache/cache.ts'
import { listCount, listGet } from '../hw/cell-list.ts'
import type { Hardware } from '../hw/hardware.ts'
import { WPQ_LINE, WPQ_VERSION } from '../hw/imc/wpq.ts'

export interface CachedLine {
  readonly line: number
  readonly version: number
  /** 1 shared, 2 exclusive, 3 modified. */
  readonly state: number
}

export interface QueuedLine {
  readonly line: number
  readonly version: number
}

/** One load of the line's state: everything below in this file is derived from it. */
export class StateAt {
  readonly hw: Hardware
  readonly words: Int32Array

  constructor(hw: Hardware, words: Int32Array) {
    this.hw = hw
    this.words = words
  }

  private word(cell: number): number {
    return this.words[cell] ?? 0
  }

  /** Operations in a core's store buffer, oldest first. */
  storeBuffer(core: number): readonly number[] {
    const buffer = this.hw.storeBuffers[core]
    if (buffer === undefined) return []
    const pointer = this.word(buffer.pointer)
    const ops: number[] = []
    for (let i = 0; i < pointer >>> 16; i++) {
      const op = this.word(buffer.slots + (((pointer & 0xffff) + i) % buffer.ring))
      if (op !== 0) ops.push(op)
    }
    return ops
  }

  /** Outstanding flushes of a core: operations, oldest first. */
  flushes(core: number): readonly number[] {
    const list = this.hw.flushes[core]
    if (list === undefined) return []
    return Array.from({ length: listCount(this.words, list) }, (_, i) => listGet(this.words, list, i, 0))
  }

  /** Open write-combining buffers of a core. `chain`: newest link. */
  wc(core: number): readonly { readonly line: number; readonly chain: number }[] {
    const wc = this.hw.wc[core]
    if (wc === undefined) return []
    const open: { line: number; chain: number }[] = []
    for (let i = 0; i < wc.capacity; i++) {
      const line = this.word(wc.first + 2 * i)
      if (line !== 0) open.push({ line, chain: this.word(wc.first + 2 * i + 1) })
    }
    return open
  }

  cache(cache: Cache): readonly CachedLine[] {
    const lines: CachedLine[] = []
    for (let entry = 0; entry < cache.sets * cache.ways; entry++) {
      const found = this.cacheEntry(cache, entry)
      if (found !== undefined) lines.push(found)
    }
    return lines
  }

  private cacheEntry(cache: Cache, entry: number): CachedLine | undefined {
    const state = this.word(cache.first + 2 * entry + 1)
    if ((state & 3) === 0) return undefined
    return { line: this.word(cache.first + 2 * entry), version: state >>> 2, state: state & 3 }
  }

  /** The copy of `line` in one cache, if it has one. */
  inCache(cache: Cache, line: number): CachedLine | undefined {
    const set = (this.hw.lines.spa(line) / 64) % cache.sets
    for (let way = 0; way < cache.ways; way++) {
      const found = this.cacheEntry(cache, set * cache.ways + way)
      if (found?.line === line) return found
    }
    return undefined
  }

  wpq(controller: number): readonly QueuedLine[] {
    const wpq = this.hw.memory.wpqs[controller]
    if (wpq === undefined) return []
    return Array.from({ length: listCount(this.words, wpq) }, (_, i) => ({
      line: listGet(this.words, wpq, i, WPQ_LINE),
      version: listGet(this.words, wpq, i, WPQ_VERSION),
    }))
  }

  /** Power failures at which a DIMM has lost its part of the queue. */
  dirtyShutdowns(dimm: number): number {
    return this.word(this.hw.dirtyShutdowns + dimm)
  }

  media(line: number): number {
    return this.word(this.hw.memory.mediaCell(line))
  }

  /** The newest version that the line's memory controller has accepted: queued, else on media. */
  accepted(line: number): number {
    const home = this.hw.lines.home(line)
    let version = this.media(line)
    if (home.kind === 'nvdimm')
      for (const entry of this.wpq(home.controller)) if (entry.line === line) version = entry.version
    return version
  }

  /** The version that loads see, buffered stores set aside. */
  visible(line: number): number {
    for (const cache of this.hw.caches.l1) {
      const found = this.inCache(cache, line)
      if (found !== undefined) return found.version
    }
    const found = this.inCache(this.hw.caches.l3, line)
    return found !== undefined && found.state !== SHARED ? found.version : this.accepted(line)
  }

  /** Operations that `newer` has and `older` (an earlier version of the line, or the same) has not; newest first. */
  between(newer: number, older: number): readonly number[] {
    const ops: number[] = []
    for (let at = newer; at !== older && at !== 0; at = this.hw.history.parent(at)) ops.push(this.hw.history.op(at))
    return ops
  }

  /** The dirty version nearest to `core`'s eyes: in an L1, else in L3; 0 when no cache is newer than memory. */
  dirty(line: number): { readonly core: number; readonly version: number } | undefined {
    for (let core = 0; core < this.hw.caches.l1.length; core++) {
      const cache = this.hw.caches.l1[core]
      const found = cache && this.inCache(cache, line)
      if (found?.state === MODIFIED) return { core, version: found.version }
    }
    const found = this.inCache(this.hw.caches.l3, line)
    return found?.state === MODIFIED ? { core: -1, version: found.version } : undefined
  }

  /** Lines that some cache holds newer than memory has them. */
  dirtyLines(): ReadonlySet<number> {
    const lines = new Set<number>()
    for (const cache of [...this.hw.caches.l1, this.hw.caches.l3])
      for (const { line, state } of this.cache(cache)) if (state === MODIFIED) lines.add(line)
    return lines
  }

  /** Is a clwb or clflushopt of this line under way (issued, not complete)? */
  inFlight(line: number): boolean {
    const { history } = this.hw
    for (let core = 0; core < this.hw.config.cores; core++)
      for (const op of [...this.storeBuffer(core), ...this.flushes(core)])
        if (history.line(op) === line && !history.isWrite(op) && history.kind(op) !== 'hint') return true
    return false
  }

  /** Buffered stores to `line` that no other core sees, oldest first, with where they wait. */
  pending(
    line: number,
  ): readonly { readonly op: number; readonly where: 'store-buffer' | 'wc'; readonly core: number }[] {
    const found: { op: number; where: 'store-buffer' | 'wc'; core: number }[] = []
    const { history } = this.hw
    for (let core = 0; core < this.hw.config.cores; core++) {
      for (const buffer of this.wc(core))
        if (buffer.line === line)
          for (const op of this.hw.history.chainOps(buffer.chain)) found.push({ op, where: 'wc', core })
      for (const op of this.storeBuffer(core))
        if (history.line(op) === line && history.isWrite(op)) found.push({ op, where: 'store-buffer', core })
    }
    return found
  }
}
