/**
 * What hardware may do by itself at a moment, as values: `enabled(hardware)` lists it, `apply` takes one.
 *
 * A policy picks among them, or a person does, or an exploration tries them all.
 *
 * | kind | what moves |
 * | --- | --- |
 * | `drain` | an entry of a store buffer takes effect: a store reaches L1, a movnt a write-combining buffer, a flush begins |
 * | `flush` | an outstanding clwb, clflushopt or flush-hint store does its work |
 * | `wc-drain` | a write-combining buffer goes to its memory controller, whole or one eight-byte cell of it |
 * | `evict` | a modified line leaves L1 for L3 |
 * | `write-back` | a dirty line leaves all caches for its memory controller |
 * | `wpq-drain` | an entry of a write-pending queue reaches media |
 *
 * Left out: clean lines that leave a cache (nothing can tell), except when room is needed.
 */

import type { Hardware } from './hardware.ts'
import { WPQ_LINE } from './imc/wpq.ts'

export type TransitionKind = 'drain' | 'flush' | 'wc-drain' | 'evict' | 'write-back' | 'wpq-drain'

export interface Transition {
  readonly kind: TransitionKind
  /** Core, or memory controller for `wpq-drain`. */
  readonly core: number
  /** Position in the store buffer, flush list or queue; buffer number for `wc-drain`; unused for `evict`, `write-back`. */
  readonly entry: number
  /** 0 for a fence. */
  readonly line: number
  /** `wc-drain` of one eight-byte cell of the line, 0…7; absent: all of it. A buffer's whole drain comes before its cells. */
  readonly cell?: number
}

/** `dirty`: lines that some cache holds newer than memory; another list when the cells are those of an earlier step. */
export function enabled(hw: Hardware, dirty: Iterable<number> = hw.caches.dirty): Transition[] {
  const all: Transition[] = []
  for (let core = 0; core < hw.config.cores; core++) {
    const buffer = hw.storeBuffers[core]
    for (let i = 0; i < (buffer?.count ?? 0); i++)
      if (buffer?.mayLeave(i) && mayDrain(hw, core, i))
        all.push({ kind: 'drain', core, entry: i, line: hw.history.line(buffer.at(i)) })
    const flushes = hw.flushes[core]
    for (let i = 0; i < (flushes?.count ?? 0); i++)
      all.push({ kind: 'flush', core, entry: i, line: hw.history.line(flushes?.get(i, 0) ?? 0) })
    const wc = hw.wc[core]
    for (let i = 0; i < (wc?.capacity ?? 0); i++) {
      const line = wc?.line(i) ?? 0
      if (line === 0) continue
      all.push({ kind: 'wc-drain', core, entry: i, line })
      for (const cell of hw.combining.cellsOf(core, i)) all.push({ kind: 'wc-drain', core, entry: i, line, cell })
    }
  }
  for (const line of dirty) {
    const owner = hw.caches.owner(line)
    if (owner >= 0) all.push({ kind: 'evict', core: owner, entry: 0, line })
    all.push({ kind: 'write-back', core: Math.max(0, owner), entry: 0, line })
  }
  for (let controller = 0; controller < hw.memory.wpqs.length; controller++) {
    const wpq = hw.memory.wpqs[controller]
    for (let i = 0; i < (wpq?.count ?? 0); i++)
      if (wpq?.mayLeave(i)) all.push({ kind: 'wpq-drain', core: controller, entry: i, line: wpq.get(i, WPQ_LINE) })
  }
  return all
}

/** A fence leaves when what it waits for has arrived; one in which its thread waits, when the thread goes on. */
const mayDrain = (hw: Hardware, core: number, entry: number): boolean =>
  !hw.history.isFence(hw.storeBuffers[core]?.at(entry) ?? 0) || (!hw.isAwaited(core, entry) && hw.isQuiet(core))

/** A transition named so that it can be found again in another recording: `line` is an SPA. */
export interface Wanted {
  readonly kind: TransitionKind
  readonly core: number
  readonly line: number
  /** Of a `wc-drain`: that cell alone. */
  readonly cell?: number
  /** Which of several alike, oldest first. */
  readonly nth?: number
}

/** Those of `all` that `wanted` may mean, oldest first. Where a line is dirty or queued decides itself who moves it. */
export const alike = (hw: Hardware, all: readonly Transition[], wanted: Wanted): readonly Transition[] =>
  all.filter(
    (t) =>
      t.kind === wanted.kind &&
      hw.lines.spa(t.line) === wanted.line &&
      t.cell === wanted.cell &&
      (t.kind === 'write-back' || t.kind === 'wpq-drain' || t.core === wanted.core),
  )

export function apply(hw: Hardware, t: Transition): void {
  switch (t.kind) {
    case 'drain':
      return hw.drain(t.core, t.entry)
    case 'flush':
      return hw.completeFlush(t.core, t.entry)
    case 'wc-drain':
      return hw.combining.drain(t.core, t.entry, t.cell)
    case 'evict':
      return hw.caches.evict(t.core, t.line)
    case 'write-back':
      return hw.caches.writeBack(t.line)
    case 'wpq-drain':
      return hw.memory.drain(t.core, t.entry)
  }
}
