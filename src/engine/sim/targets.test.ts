import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { type StepVerb, target } from './targets.ts'

const text = readFileSync(new URL('../../scenarios/flag-before-record.pmem', import.meta.url), 'utf8')
const { trace, programStart, end } = recorded(text).machine

const go = (from: number, verb: StepVerb, direction: 'forward' | 'back' = 'forward', breakpoints: number[] = []) =>
  target(trace, { from, verb, direction, breakpoints })

/** Steps of the program at which `kind` happens. */
const find = (kind: string, nth = 0): number => {
  const steps = Array.from({ length: end - programStart }, (_, i) => programStart + i)
  return steps.filter((step) => trace.kindOf(step) === kind)[nth] ?? -1
}
const functionAt = (step: number | null): string =>
  step === null || trace.frame.get(step) === 0 ? '' : trace.functionOf(trace.frame.get(step)).name
const lineAt = (step: number | null): number => (step === null ? 0 : trace.line.get(step))

/** The first store of main itself: after the page fault. */
const store = find('store')
const callOf = (name: string): number => {
  for (let step = programStart; step <= end; step++)
    if (trace.kindOf(step) === 'call' && functionAt(step) === name) return step
  return -1
}

describe('stepping', () => {
  test('over a line that calls leads behind the call, and back in front of it', () => {
    const after = go(store, 'over') ?? -1
    expect([functionAt(after), lineAt(after), trace.kindOf(after)]).toEqual(['main', 31, 'store'])
    expect(go(after, 'over', 'back')).toBe(store)
  })

  test('over, once inside a call, goes on inside it', () => {
    const first = go(callOf('strcpy'), 'over')
    expect([functionAt(first), trace.kindOf(first ?? 0)]).toEqual(['strcpy', 'store'])
  })

  test('into a call leads to its first event, out of it behind its return', () => {
    const inside = go(callOf('strcpy'), 'into')
    expect(functionAt(inside)).toBe('strcpy')
    const out = go(inside ?? 0, 'out')
    expect([functionAt(out), trace.kindOf(out ?? 0)]).toEqual(['main', 'store'])
  })

  test('skips what hardware does by itself, and stops when a fence is done, not when it issues', () => {
    const clwb = find('clwb')
    expect(trace.kindOf(go(clwb, 'over') ?? 0)).toBe('fence-done')
    expect(go(go(clwb, 'over') ?? 0, 'over', 'back')).toBe(clwb)
  })

  test('by one event goes through everything, both ways', () => {
    for (let step = programStart; step < end; step++) {
      expect(go(step, 'micro')).toBe(step + 1)
      expect(go(step + 1, 'micro', 'back')).toBe(step)
    }
  })

  test('into is undone by into the other way, from every step of a thread', () => {
    for (let step: number | null = programStart; step !== null && step < end; ) {
      const next = go(step, 'into')
      if (next === null || next === end) break
      expect(go(next, 'into', 'back')).toBe(step)
      step = next
    }
  })

  test('continue stops where a breakpoint line begins, forwards and backwards', () => {
    const at = go(programStart, 'continue', 'forward', [31])
    expect([lineAt(at), trace.kindOf(at ?? 0)]).toEqual([31, 'store'])
    expect(go(end, 'continue', 'back', [31])).toBe(at)
    expect(go(at ?? 0, 'continue', 'forward', [31])).toBe(trace.length - 1)
  })

  test('goes on through a power failure: the reboot, then recover()', () => {
    const failed = recorded(text, { crashAt: 'end' }).machine
    const places: string[] = []
    for (let step: number | null = failed.failedAt; step !== null && places.length < 12; ) {
      const next: number | null = target(failed.trace, {
        from: step,
        verb: 'over',
        direction: 'forward',
        breakpoints: [],
      })
      if (next !== null)
        places.push(`${failed.trace.kindOf(next)} ${failed.threads[failed.trace.thread.get(next)]?.name ?? ''}`)
      step = next
    }
    expect(places).toContain('boot ')
    expect(places).toContain('thread-start kernel')
    expect(places).toContain('thread-start recover')
    expect(places.filter((place) => place.endsWith('recover')).length).toBeGreaterThan(2)
  })

  test('ends at the ends', () => {
    expect(go(trace.length - 1, 'over')).toBeNull()
    expect(go(trace.length - 1, 'continue')).toBeNull()
    expect(go(0, 'micro', 'back')).toBeNull()
  })
})
