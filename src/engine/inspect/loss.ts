/**
 * What a power failure at one step loses and leaves, in this run.
 *
 * A byte is lost when the newest store to it that was issued is not in what survives, even if the value is equal. Newest
 * goes by the order of issue, not by where a store has come: of two movnt to one byte the older may still be in a
 * write-combining buffer when the younger one is durable. This speaks of the run as it is; what the architecture allows
 * is another question (persistency.md §3).
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
    const newest = new Newest(hw)
    for (const { op, where } of state.pending(line)) newest.see(op, where)
    const accepted = state.accepted(line)
    const inL3 = state.inCache(hw.caches.l3, line)
    for (let at = state.visible(line); at !== survives && at !== 0; at = history.parent(at))
      newest.see(history.op(at), at <= accepted ? 'wpq' : inL3?.state === 3 && at <= inL3.version ? 'l3' : 'l1')
    // A store that took effect before any of these issued, and before `since`, neither is kept nor outdoes one of them.
    const from = Math.min(since, newest.oldestStep)
    for (let at = survives; at !== 0 && history.madeAt(at) >= from; at = history.parent(at))
      newest.see(history.op(at), 'survives')
    for (const [offset, { op, where }] of newest.bytes) {
      const value = left[offset] as number
      if (where !== 'survives') {
        const written = history.byte(op, offset - history.offset(op))
        lost.push({ line, offset, op, where, written, left: value })
      } else if (history.step(op) >= since) kept.push({ line, offset, op, value })
    }
  }
  const order = (a: { line: number; offset: number }, b: { line: number; offset: number }): number =>
    hw.lines.spa(a.line) - hw.lines.spa(b.line) || a.offset - b.offset
  return { lost: lost.sort(order), kept: kept.sort(order) }
}

/** The newest store to each byte of a line. */
class Newest {
  readonly bytes = new Map<number, { readonly op: number; readonly where: Whereabouts | 'survives' }>()
  /** When the oldest store that was seen issued. */
  oldestStep = Number.POSITIVE_INFINITY
  private readonly history: Hardware['history']

  constructor({ history }: Hardware) {
    this.history = history
  }

  see(op: number, where: Whereabouts | 'survives'): void {
    const { history } = this
    this.oldestStep = Math.min(this.oldestStep, history.step(op))
    const first = history.offset(op)
    for (let offset = first; offset < first + history.size(op); offset++)
      if (op > (this.bytes.get(offset)?.op ?? 0)) this.bytes.set(offset, { op, where })
  }
}
