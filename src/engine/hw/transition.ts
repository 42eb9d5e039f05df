/**
 * What hardware may do by itself at a moment, as values: `enabled(hardware)` lists it, `apply` takes one.
 *
 * A policy picks among them, or a person does, or an exploration tries them all.
 */

import { MODIFIED } from './cache/cache.ts'
import type { Hardware } from './hardware.ts'
import { WPQ_LINE } from './imc/wpq.ts'

export type TransitionKind = 'drain' | 'flush' | 'wc-drain' | 'write-back' | 'wpq-drain'

export interface Transition {
  readonly kind: TransitionKind
  /** Core, or memory controller for `wpq-drain`. */
  readonly core: number
  /** Position in the store buffer, flush list or queue; buffer number for `wc-drain`; unused for `write-back`. */
  readonly entry: number
  readonly line: number
}

export function enabled(hw: Hardware): Transition[] {
  const all: Transition[] = []
  for (let core = 0; core < hw.config.cores; core++) {
    const buffer = hw.storeBuffers[core]
    for (let i = 0; i < (buffer?.count ?? 0); i++)
      if (buffer?.mayLeave(i) && hw.history.kind(buffer.at(i)) !== 'sfence')
        all.push({ kind: 'drain', core, entry: i, line: hw.history.line(buffer.at(i)) })
    const flushes = hw.flushes[core]
    for (let i = 0; i < (flushes?.count ?? 0); i++)
      all.push({ kind: 'flush', core, entry: i, line: hw.history.line(flushes?.get(i, 0) ?? 0) })
    const wc = hw.wc[core]
    for (let i = 0; i < (wc?.capacity ?? 0); i++) {
      const line = wc?.line(i) ?? 0
      if (line !== 0) all.push({ kind: 'wc-drain', core, entry: i, line })
    }
    const l1 = hw.l1[core]
    for (let i = 0; l1 !== undefined && i < l1.sets * l1.ways; i++)
      if (l1.state(i) === MODIFIED) all.push({ kind: 'write-back', core, entry: i, line: l1.line(i) })
  }
  for (let i = 0; i < hw.l3.sets * hw.l3.ways; i++) {
    const line = hw.l3.state(i) === MODIFIED ? hw.l3.line(i) : 0
    if (line !== 0 && !all.some((t) => t.kind === 'write-back' && t.line === line))
      all.push({ kind: 'write-back', core: 0, entry: i, line })
  }
  for (let controller = 0; controller < hw.wpqs.length; controller++) {
    const wpq = hw.wpqs[controller]
    for (let i = 0; i < (wpq?.count ?? 0); i++)
      if (wpq?.mayLeave(i)) all.push({ kind: 'wpq-drain', core: controller, entry: i, line: wpq.get(i, WPQ_LINE) })
  }
  return all
}

export function apply(hw: Hardware, t: Transition): void {
  switch (t.kind) {
    case 'drain':
      return hw.drain(t.core, t.entry)
    case 'flush':
      return hw.completeFlush(t.core, t.entry)
    case 'wc-drain':
      return hw.drainWc(t.core, t.entry)
    case 'write-back':
      return hw.evictL3(t.line)
    case 'wpq-drain':
      return hw.drainWpq(t.core, t.entry)
  }
}
