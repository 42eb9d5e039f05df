/**
 * The machine on the screen is a refinement of the abstract one (persistency.md §§2–3, 7): whatever a power failure
 * leaves at any step is an element of H[u], the history of the line from its guaranteed lower bound on.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { execute, type Rig, rig } from '../../../test/hardware.ts'
import { machine, program } from '../../../test/hardware-programs.ts'
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
      case 'lock':
        abstract.fence(core)
        for (let op = a; op < a + (b & 0xff) && hw.history.isWrite(op); op++) {
          const seen = abstract.of(hw.history.line(op))
          const made = seen[seen.length - 1]
          let version = state.visible(hw.history.line(op))
          while (hw.history.op(version) !== op) version = hw.history.parent(version)
          expect(hw.history.parent(version)).toBe(made)
          seen.push(version)
        }
        break
      default:
        break
    }
    for (const [line, seen] of abstract.history) {
      const left = (power_fail: 'none' | 'adr' | 'eadr', ...failing: number[]): number =>
        survivors(hw, cursor.words, { power_fail, adr_fails: new Set(failing) }).get(line) ?? state.media(line)
      expect(seen.slice(abstract.floor.get(line) ?? 0), `step ${step}, ADR`).toContain(left('adr'))
      expect(seen[seen.length - 1], `step ${step}, eADR`).toBe(left('eadr'))
      expect(seen, `step ${step}, no ADR`).toContain(left('none'))
      expect(left('adr', hw.lines.home(line).dimm), `step ${step}, this DIMM's ADR fails`).toBe(left('none'))
    }
  }
}

test.each(['lazy', 'eager', 'random', 'person'] as const)(
  'what survives a power failure is always among what the model allows: %s',
  (policy) => {
    fc.assert(
      fc.property(program(50), machine, fc.nat(), (code, config, seed) => {
        const r = rig(policy, seed, config)
        for (const [core, text] of code) execute(r, core, text)
        check(r)
      }),
      { numRuns: runs(80) },
    )
  },
)
