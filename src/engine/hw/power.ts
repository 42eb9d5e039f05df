/**
 * power.ts: what happens when the power goes: whatever is inside the persistence domain reaches media, the rest is gone.
 *
 * `none`: media alone. `adr`: the write-pending queues too. `eadr`: the caches too, so everything globally visible
 * survives; store buffers and write-combining buffers do not (litmus PX-E03, PX-E04). A DIMM whose ADR fails keeps its
 * media and loses its part of the queues, and counts a dirty shutdown.
 */

import { MODIFIED } from './cache/cache.ts'
import { listCount, listGet } from './cell-list.ts'
import type { Hardware } from './hardware.ts'
import { WPQ_LINE, WPQ_VERSION } from './imc/wpq.ts'

export type PowerFail = 'none' | 'adr' | 'eadr'

export interface PowerConfig {
  readonly power_fail: PowerFail
  /** DIMMs whose queued lines are lost. */
  readonly adr_fails: ReadonlySet<number>
}

/** Is a power failure one that this DIMM counts: it lost a queue that the platform promised to save? */
export const isDirtyShutdown = (config: PowerConfig, dimm: number): boolean =>
  config.power_fail !== 'none' && config.adr_fails.has(dimm)

/** Cells of the machine at some step. */
type Words = Int32Array

/**
 * Version of every line on media after a power failure at the state in `words`; lines not in the map keep what media
 * holds. A pure function of the state: the screen asks it at any step.
 */
export function survivors(hw: Hardware, words: Words, config: PowerConfig): Map<number, number> {
  const left = new Map<number, number>()
  if (config.power_fail === 'none') return left
  for (const wpq of hw.memory.wpqs) {
    for (let i = 0; i < listCount(words, wpq); i++) {
      const line = listGet(words, wpq, i, WPQ_LINE)
      if (!config.adr_fails.has(hw.lines.home(line).dimm)) left.set(line, listGet(words, wpq, i, WPQ_VERSION))
    }
  }
  if (config.power_fail === 'adr') return left
  // L3 first: where an L1 holds the line MODIFIED, its version is the newer one.
  for (const cache of [hw.caches.l3, ...hw.caches.l1])
    for (let entry = 0; entry < cache.sets * cache.ways; entry++) {
      const cell = cache.first + 2 * entry
      const state = words[cell + 1] as number
      if ((state & 3) !== MODIFIED) continue
      const line = words[cell] as number
      if (hw.lines.home(line).kind === 'nvdimm' && !config.adr_fails.has(hw.lines.home(line).dimm))
        left.set(line, state >>> 2)
    }
  return left
}

/** Cut the power, now: one step. Afterwards every line reads as media holds it. */
export function cutPower(hw: Hardware, config: PowerConfig): void {
  const { cells, lines } = hw
  for (const [line, version] of survivors(hw, cells.words, config)) cells.set(hw.memory.mediaCell(line), version)
  hw.clearVolatile()
  for (const dimm of config.adr_fails)
    if (isDirtyShutdown(config, dimm)) cells.set(hw.dirtyShutdowns + dimm, cells.get(hw.dirtyShutdowns + dimm) + 1)
  for (let line = 1; line <= lines.count; line++) {
    const lost = lines.home(line).kind === 'dram'
    if (lost) cells.set(hw.memory.mediaCell(line), 0)
    const version = hw.memory.media(line)
    lines.head[line] = version
    lines.visible.set(hw.history.contents(version, lines.initial(line)), line * 64)
  }
  hw.recorder.hardware('power-failure', 0, 0, 0)
}
