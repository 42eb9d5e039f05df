/**
 * What hardware may do by itself at a moment, as values: `enabled(hardware)` lists it, `apply` takes one.
 *
 * A policy picks among them, or a person does, or an exploration tries them all.
 */

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
  }
  for (const line of hw.caches.dirty)
    all.push({ kind: 'write-back', core: Math.max(0, hw.caches.owner(line)), entry: 0, line })
  for (let controller = 0; controller < hw.memory.wpqs.length; controller++) {
    const wpq = hw.memory.wpqs[controller]
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
      return hw.caches.writeBack(t.line)
    case 'wpq-drain':
      return hw.memory.drain(t.core, t.entry)
  }
}
