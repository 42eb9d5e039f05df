import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { execute, type Rig, rig, run, take } from '../../../../test/hardware.ts'
import { runs } from '../../../../test/runs.ts'
import { modified, sameBytes } from '../../sim/arithmetic.ts'
import { Killed } from '../../sim/thread.ts'
import { cutPower } from '../power.ts'

/** What is in memory after a power failure here, by the instructions that look. */
function left(r: Rig, look: string): number[] {
  cutPower(r.hw, { power_fail: 'adr', adr_fails: new Set() })
  r.loads.length = 0
  return run(r, look).loads
}

const kinds = (r: Rig): string[] => Array.from({ length: r.trace.length }, (_, step) => r.trace.kindOf(step))

describe('a locked instruction', () => {
  test('returns the old contents and leaves the new ones', () => {
    expect(run(rig('lazy'), 'st x 5; xchg x 7; faa x 3; cas x 10 1; cas x 10 2; ld x').loads).toEqual([5, 7, 10, 1, 1])
  })
  test('of four bytes leaves the other four alone', () => {
    expect(run(rig('lazy'), 'st4 x 1; st4 x+4 9; faa4 x 4294967295; ld4 x; ld4 x+4').loads).toEqual([1, 0, 9])
  })
  test('is one step, seen by every core at once', () => {
    const r = run(rig('lazy'), 'xchg x 7; P1: ld x')
    expect(kinds(r)).toEqual(['lock', 'load'])
    expect(r.loads).toEqual([0, 7])
  })
  test('waits for the store buffer, as a fence does', () => {
    expect(run(rig('lazy'), 'st y 1; xchg x 7; P1: ld y').loads).toEqual([0, 1])
  })
  test('completes the flushes and write-combining buffers before it', () => {
    expect(left(run(rig('lazy'), 'st y 1; clwb y; nt z 2; faa x 7'), 'ld y; ld z; ld x')).toEqual([1, 2, 0])
  })
  test('that fails to swap is a fence all the same, by the manual', () => {
    expect(left(run(rig('lazy'), 'st y 1; clwb y; cas x 5 6'), 'ld y')).toEqual([1])
  })
  test('that fails to swap is a plain load, by the papers', () => {
    const r = run(rig('lazy', 0, { cas: 'paper' }), 'st y 1; clwb y; cas x 5 6')
    expect(kinds(r)).toEqual(['store', 'clwb', 'load'])
    expect(left(r, 'ld y')).toEqual([0])
  })
  test('that swaps is a fence by the papers too', () => {
    const r = rig('lazy', 0, { cas: 'paper' })
    expect(left(run(r, 'st y 1; clwb y; cas x 0 6'), 'ld y')).toEqual([1])
  })
  test('that crosses eight bytes or a line writes all its pieces in one step', () => {
    for (const place of ['x+5', 'x.7+4']) {
      const r = run(rig('lazy'), `P1: ld ${place}; xchg ${place} 123456789; P1: ld ${place}`)
      expect(r.loads).toEqual([0, 0, 123456789])
      expect(kinds(r).filter((kind) => kind === 'lock')).toHaveLength(1)
    }
  })
  test('that crosses a line works where a cache has room for one line only', () => {
    const one = { sets: 1, ways: 1 }
    for (const caches of [
      { l1: one, l3: { sets: 8, ways: 4 } },
      { l1: one, l3: one },
    ]) {
      const r = run(rig('lazy', 0, { caches, wpq: 1 }), 'st a 1; faa a.7+4 123456789; clwb a; clwb b; sfence')
      expect(run(r, 'ld a.7+4; P1: ld a.7+4; ld a').loads).toEqual([0, 123456789, 123456789, 1])
      expect(left(r, 'ld a.7+4; ld a')).toEqual([123456789, 1])
    }
  })
  test('computes as 64-bit arithmetic does', () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const words = (value: bigint): [number, number] => [
      Number(BigInt.asIntN(32, value)),
      Number(BigInt.asIntN(32, value >> 32n)),
    ]
    const meaning = {
      xchg: (_: bigint, b: bigint) => b,
      add: (a: bigint, b: bigint) => a + b,
      sub: (a: bigint, b: bigint) => a - b,
      and: (a: bigint, b: bigint) => a & b,
      or: (a: bigint, b: bigint) => a | b,
      xor: (a: bigint, b: bigint) => a ^ b,
    }
    fc.assert(
      fc.property(word, word, fc.constantFrom(...(Object.keys(meaning) as (keyof typeof meaning)[])), (a, b, name) => {
        expect(modified(name, words(a), words(b))).toEqual(words(meaning[name](a, b)))
        for (const size of [1, 2, 4, 8] as const)
          expect(sameBytes(size, words(a), words(b))).toBe(BigInt.asUintN(8 * size, a) === BigInt.asUintN(8 * size, b))
        expect(sameBytes(8, words(a), words(a))).toBe(true)
      }),
      { numRuns: runs(300) },
    )
  })
})

describe('a store that is cut into eight-byte cells', () => {
  test('is torn by a power failure between its pieces', () => {
    const r = run(rig('person'), 'st x+4 4294967295')
    run(r, 'st x+4 0; sfence; clwb x; sfence; st x+6 4294967295')
    take(r, 'drain')
    take(r, 'write-back')
    expect(left(r, 'ld2 x+6; ld2 x.1')).toEqual([65535, 0])
  })
  test('of 16, 32 or 64 bytes past the caches is one step and may be torn at any of them', () => {
    const r = run(rig('person'), 'ntdq64 x 7')
    expect(kinds(r)).toEqual(['movnt'])
    for (let cell = 0; cell < 8; cell++) take(r, 'drain')
    const torn = run(rig('person'), 'ntdq64 x 7')
    for (const _ of [0, 1, 2]) take(torn, 'drain')
    take(torn, 'wc-drain', { cell: 1 })
    expect(left(torn, 'ld x; ld x.1; ld x.2; ld x.3')).toEqual([0, 7, 0, 0])
  })
  test('fits a store buffer of one entry, once that is empty', () => {
    const r = rig('lazy', 0, { store_buffer: 1 })
    expect(run(r, 'st y 1; ntdq64 x 7; st x.3+4 0; ld x.2; ld x.7; ld4 x.3; ld y').loads).toEqual([7, 7, 7, 1])
  })
})

describe('movdir64b', () => {
  test('is seen by its own core at once and by others when it drains', () => {
    expect(run(rig('person'), 'movdir x 9; ld x.5; P1: ld x.5').loads).toEqual([9, 0])
  })
  test('reaches media whole or not at all', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 30 }), (seed, instructions) => {
        const r = run(rig('random', seed), 'st x.2 1; nt x.3 2; movdir x 9')
        for (let i = 0; i < instructions; i++) run(r, 'ld a')
        const words = left(r, [0, 1, 2, 3, 4, 5, 6, 7].map((word) => `ld x.${word}`).join(';'))
        if (words[0] === 9) expect(words).toEqual([9, 9, 9, 9, 9, 9, 9, 9])
        else expect(words.filter((word) => word === 9)).toEqual([])
      }),
      { numRuns: runs(100) },
    )
  })
  test('survives once a fence has drained it', () => {
    expect(left(run(rig('lazy'), 'st x 1; movdir x 9; sfence'), 'ld x; ld x.7')).toEqual([9, 9])
  })
  test('keeps the order of writes to its line', () => {
    expect(run(rig('lazy'), 'nt x.1 1; movdir x 9; nt x.2 3; st x.3 4; mfence; ld x.1; ld x.2; ld x.3').loads).toEqual([
      9, 3, 4,
    ])
  })
})

describe('a processor', () => {
  const lacking = { clwb: false, clflushopt: false, movdir64b: false, avx: false, clwb_evicts: false }
  test.each([
    ['clwb x', 'clwb'],
    ['clflushopt x', 'clflushopt'],
    ['movdir x 1', 'movdir64b'],
    ['ntdq32 x 1', 'avx'],
  ])('without it kills a thread that executes %s', (text, name) => {
    const r = rig('lazy', 0, { cpu: lacking })
    let killed: unknown
    try {
      execute(r, 0, text)
    } catch (error) {
      killed = error
    }
    expect(killed).toBeInstanceOf(Killed)
    expect(killed).toMatchObject({ status: 132, reason: `SIGILL: this processor has no ${name}` })
    expect(r.trace.length).toBe(0)
  })
  test('without clwb and the like still has clflush and movntdq of 16 bytes', () => {
    const r = rig('lazy', 0, { cpu: lacking })
    expect(left(run(r, 'st x 1; clflush x; ntdq16 y 2; sfence'), 'ld x; ld y.1')).toEqual([1, 2])
  })
  test('keeps the line that clwb wrote back, unless its clwb evicts', () => {
    for (const clwb_evicts of [false, true]) {
      const r = rig('lazy', 0, { cpu: { ...lacking, clwb: true, clwb_evicts } })
      run(r, 'st x 1; clwb x; sfence')
      const line = r.hw.history.line(r.trace.a.get(0))
      expect(r.hw.caches.holds(line)).toBe(!clwb_evicts)
    }
  })
})

describe('an sfence that retires', () => {
  test('lets later loads pass older stores, and still orders later stores', () => {
    const r = run(rig('person', 0, { sfence_retires: true }), 'st x 1; sfence; ld y; st y 2; P1: ld x')
    expect(r.loads).toEqual([0, 0])
    take(r, 'drain')
    expect(() => take(r, 'drain', { line: r.hw.lines.count })).toThrow('nothing to drain')
    take(r, 'drain')
    expect(r.trace.kindOf(r.trace.length - 1)).toBe('fence-done')
    take(r, 'drain')
    expect(run(r, 'P1: ld y').loads.at(-1)).toBe(2)
  })
  test('is done when its flushes have arrived, not before', () => {
    const r = run(rig('person', 0, { sfence_retires: true }), 'st x 1; clwb x; sfence')
    take(r, 'drain')
    take(r, 'drain')
    expect(() => take(r, 'drain')).toThrow('nothing to drain')
    take(r, 'flush')
    take(r, 'drain')
    expect(left(r, 'ld x')).toEqual([1])
  })
  test('does not let an mfence retire', () => {
    const r = run(rig('person', 0, { sfence_retires: true }), 'st x 1; mfence; P1: ld x')
    expect(r.loads).toEqual([1])
  })
})
