/**
 * cpu/write-combining.ts: how write-combining buffers fill and drain.
 *
 * A buffer drains whole, or one eight-byte cell of its line at a time, in any order; one that holds all 64 bytes (a
 * movdir64b always does) goes as one. Draining makes the bytes visible and hands the line to its memory controller, with
 * what a cache held dirty of it merged (persistency.md §§5, 7). A fence empties all buffers of its core.
 */

import type { Cells } from '../../sim/cells.ts'
import type { Recorder } from '../../sim/recorder.ts'
import type { CacheHierarchy } from '../cache/coherence.ts'
import type { History } from '../history.ts'
import type { MemoryControllers } from '../imc/memory-controller.ts'
import type { Lines } from '../lines.ts'
import { byteMasks, WcBuffers } from './wc-buffer.ts'

interface Surroundings {
  readonly cells: Cells
  readonly recorder: Recorder
  readonly history: History
  readonly lines: Lines
  readonly caches: CacheHierarchy
  readonly memory: MemoryControllers
}

export class WriteCombining {
  readonly cores: readonly WcBuffers[]
  private readonly hw: Surroundings

  constructor(cores: number, buffers: number, hw: Surroundings) {
    this.hw = hw
    this.cores = Array.from({ length: cores }, () => new WcBuffers(hw.cells, buffers))
  }

  private of(core: number): WcBuffers {
    return this.cores[core] as WcBuffers
  }

  /**
   * `op` leaves the store buffer, by `leave`, for a write-combining buffer; a cached copy of its line is written back
   * first. A movdir64b is never combined with what came before it.
   */
  fill(core: number, op: number, leave: () => void): void {
    const { history, caches, recorder } = this.hw
    const wc = this.of(core)
    const line = history.line(op)
    if (caches.holds(line)) caches.writeBack(line)
    if (history.kind(op) === 'movdir64b') this.drainLine(core, line)
    if (wc.find(line) < 0 && wc.find(0) < 0) this.drain(core, wc.oldest(history))
    const open = wc.find(line)
    const buffer = open < 0 ? wc.find(0) : open
    leave()
    const chain = history.addVersion(open < 0 ? 0 : wc.chain(buffer), op, recorder.trace.length)
    wc.set(buffer, line, chain)
    recorder.hardware('wc-fill', core, op, chain)
  }

  /** Cells of a buffer that may drain alone; none when it is full, or has nothing in any other. */
  cellsOf(core: number, buffer: number): readonly number[] {
    const masks = byteMasks(this.hw.history, this.of(core).chain(buffer))
    if (masks.every((mask) => mask === 0xff)) return []
    const cells = masks.flatMap((mask, cell) => (mask === 0 ? [] : [cell]))
    return cells.length > 1 ? cells : []
  }

  /** `cell`: 0…7, that cell alone; undefined: all of it. */
  drain(core: number, buffer: number, cell?: number): void {
    const { history, lines, caches, memory, recorder } = this.hw
    const wc = this.of(core)
    const line = wc.line(buffer)
    // Another core may have cached the line since; its copy is merged on the way.
    if (caches.holds(line)) caches.writeBack(line)
    memory.makeRoom(line)
    const step = recorder.trace.length
    let version = 0
    let rest = 0
    for (const op of history.chainOps(wc.chain(buffer)))
      if (cell === undefined || history.offset(op) >> 3 === cell) version = lines.append(history, op, step)
      else rest = history.addVersion(rest, op, step)
    wc.set(buffer, rest === 0 ? 0 : line, rest)
    memory.accept(line, version)
    recorder.hardware('wc-drain', core, line, version)
  }

  /** The buffer that has waited longest; false when all are empty. */
  drainOldest(core: number): boolean {
    const oldest = this.of(core).oldest(this.hw.history)
    if (oldest >= 0) this.drain(core, oldest)
    return oldest >= 0
  }

  drainLine(core: number, line: number): void {
    const buffer = line === 0 ? -1 : this.of(core).find(line)
    if (buffer >= 0) this.drain(core, buffer)
  }
}
