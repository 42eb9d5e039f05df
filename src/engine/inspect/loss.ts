/**
 * What a power failure at one step loses and leaves, in this run.
 *
 * A byte is lost when the newest store to it that was issued is not in what survives, even if the value is equal. This
 * speaks of the run as it is; what the architecture allows is another question (persistency.md §3).
 */

import type { Hardware } from '../hw/hardware.ts'
import { type PowerConfig, survivors } from '../hw/power.ts'
import { StateAt } from './state-at.ts'

type Whereabouts = 'store-buffer' | 'l1' | 'l3' | 'wc' | 'wpq'

export interface LostByte {
  readonly line: number
  /** 0…63 */
  readonly offset: number
  /** The store that is lost. */
  readonly op: number
  readonly where: Whereabouts
  readonly written: number
  /** What is there afterwards. */
  readonly left: number
}

export interface KeptByte {
  readonly line: number
  readonly offset: number
  readonly op: number
  readonly value: number
}

export interface Loss {
  readonly lost: readonly LostByte[]
  readonly kept: readonly KeptByte[]
}

/**
 * `lines`: the NVDIMM lines to look at. `words`: the machine's cells at the step. `kept` lists bytes whose newest store
 * was issued at step `since` or later.
 */
export function loss(
  hw: Hardware,
  words: Int32Array,
  power: PowerConfig,
  lines: Iterable<number>,
  since: number,
): Loss {
  const { history } = hw
  const state = new StateAt(hw, words)
  const surviving = survivors(hw, words, power)
  const lost: LostByte[] = []
  const kept: KeptByte[] = []
  for (const line of lines) {
    const media = state.media(line)
    const survives = surviving.get(line) ?? media
    const left = history.contents(survives, hw.lines.initial(line))
    const seen = new Uint8Array(64)
    const lose = (op: number, where: Whereabouts): void => {
      for (let i = 0; i < history.size(op); i++) {
        const offset = history.offset(op) + i
        if (seen[offset] !== 0) continue
        seen[offset] = 1
        lost.push({ line, offset, op, where, written: history.byte(op, i), left: left[offset] as number })
      }
    }
    for (const { op, where } of [...state.pending(line)].reverse()) lose(op, where)
    const accepted = state.accepted(line)
    const inL3 = state.inCache(hw.caches.l3, line)
    for (let at = state.visible(line); at !== survives && at !== 0; at = history.parent(at)) {
      const where = at <= accepted ? 'wpq' : inL3?.state === 3 && at <= inL3.version ? 'l3' : 'l1'
      lose(history.op(at), where)
    }
    for (let at = survives; at !== 0 && history.step(history.op(at)) >= since; at = history.parent(at)) {
      const op = history.op(at)
      for (let i = 0; i < history.size(op); i++) {
        const offset = history.offset(op) + i
        if (seen[offset] !== 0) continue
        seen[offset] = 1
        kept.push({ line, offset, op, value: history.byte(op, i) })
      }
    }
  }
  const order = (a: { line: number; offset: number }, b: { line: number; offset: number }): number =>
    hw.lines.spa(a.line) - hw.lines.spa(b.line) || a.offset - b.offset
  return { lost: lost.sort(order), kept: kept.sort(order) }
}
