/**
 * The machine on the screen is a refinement of the abstract one (persistency.md §§2–3, 7): whatever a power failure
 * leaves at any step is an element of H[u], the history of the line from its guaranteed lower bound on.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { execute, type Rig, rig } from '../../../test/hardware.ts'
import { runs } from '../../../test/runs.ts'
import { StateAt } from '../inspect/state-at.ts'
import { Cursor } from '../sim/cursor.ts'
import { survivors } from './power.ts'

/** The abstract state, driven by what the concrete machine did. */
class Abstract {
  /** Versions of each line in the order in which they became visible. */
  readonly history = new Map<number, number[]>()
  /** Index of the oldest version that may still be what memory holds. */
  readonly floor = new Map<number, number>()
  /** What each core's clwb and clflushopt promised: line → index that must be reached at its next fence. */
  readonly marks: Map<number, number>[] = [new Map(), new Map()]

  of(line: number): number[] {
    const known = this.history.get(line)
    if (known !== undefined) return known
    const fresh = [0]
    this.history.set(line, fresh)
    return fresh
  }
  last(line: number): number {
    return this.of(line).length - 1
  }
  raise(line: number, index: number): void {
    this.floor.set(line, Math.max(this.floor.get(line) ?? 0, index))
  }
  fence(core: number): void {
    for (const [line, index] of this.marks[core] ?? []) this.raise(line, index)
    this.marks[core]?.clear()
  }
}

function check(r: Rig): void {
  const { trace, hw } = r
  const abstract = new Abstract()
  const cursor = new Cursor(trace)
  for (let step = 0; step < trace.length; step++) {
    const a = trace.a.get(step)
    const b = trace.b.get(step)
    const core = trace.core.get(step)
    cursor.seek(step - 1)
    const outstanding = new StateAt(hw, cursor.words).flushes(core).length
    cursor.seek(step)
    const state = new StateAt(hw, cursor.words)
    switch (trace.kindOf(step)) {
      case 'drain':
        abstract.of(hw.history.line(a)).push(b)
        break
      case 'wc-drain': {
        const seen = abstract.of(a)
        const fresh: number[] = []
        for (let at = b; at !== seen[seen.length - 1]; at = hw.history.parent(at)) fresh.push(at)
        seen.push(...fresh.reverse())
        abstract.raise(a, abstract.last(a))
        break
      }
      case 'flush-start':
        abstract.marks[core]?.set(hw.history.line(a), abstract.last(hw.history.line(a)))
        break
      case 'flush':
        // One that was not outstanding is a clflush: synchronous. The others promise nothing before their fence.
        if (state.flushes(core).length === outstanding) abstract.raise(a, abstract.last(a))
        break
      case 'fence-done':
        abstract.fence(core)
        break
      default:
        break
    }
    for (const [line, seen] of abstract.history) {
      const left = (power_fail: 'none' | 'adr' | 'eadr'): number =>
        survivors(hw, cursor.words, { power_fail, adr_fails: new Set() }).get(line) ?? state.media(line)
      expect(seen.slice(abstract.floor.get(line) ?? 0), `step ${step}, ADR`).toContain(left('adr'))
      expect(seen[seen.length - 1], `step ${step}, eADR`).toBe(left('eadr'))
      expect(seen, `step ${step}, no ADR`).toContain(left('none'))
    }
  }
}

const place = fc.constantFrom('a', 'a.1', 'b', 'e', 'i', 'i.7')
const instruction = fc.oneof(
  fc.tuple(fc.constantFrom('st', 'nt'), place, fc.integer({ min: 1, max: 99 })).map((t) => t.join(' ')),
  fc.tuple(fc.constantFrom('ld', 'clwb', 'clflushopt', 'clflush'), place).map((t) => t.join(' ')),
  fc.constantFrom('sfence', 'mfence'),
)
const program = fc.array(fc.tuple(fc.constantFrom(0, 1), instruction), { maxLength: 50 })

test.each(['lazy', 'eager', 'random'] as const)(
  'what survives a power failure is always among what the model allows: %s',
  (policy) => {
    fc.assert(
      fc.property(program, fc.nat(), (code, seed) => {
        const r = rig(policy, seed)
        for (const [core, text] of code) execute(r, core, text)
        check(r)
      }),
      { numRuns: runs(80) },
    )
  },
)
