import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf, execute, type Rig, rig, run, take } from '../../../test/hardware.ts'
import { machine, program } from '../../../test/hardware-programs.ts'
import { runs } from '../../../test/runs.ts'
import { StateAt } from '../inspect/state-at.ts'
import { Cursor } from '../sim/cursor.ts'
import { byteMasks } from './cpu/wc-buffer.ts'
import { cutPower } from './power.ts'
import { apply, enabled, type Transition } from './transition.ts'

/** What hardware may do now: "drain", "wc-drain", "wc-drain of cell 3". */
const may = (r: Rig): string[] =>
  enabled(r.hw).map(({ kind, cell }) => (cell === undefined ? kind : `${kind} of cell ${cell}`))

describe('what hardware may do by itself', () => {
  test('is nothing when nothing is on its way', () => {
    expect(may(run(rig('person'), 'ld x'))).toEqual([])
  })
  test('is to let a store out, then to move its line down, in any place that it can go to', () => {
    const r = run(rig('person'), 'st x 1')
    expect(may(r)).toEqual(['drain'])
    expect(may(take(r, 'drain'))).toEqual(['evict', 'write-back'])
    expect(may(take(r, 'evict'))).toEqual(['write-back'])
    expect(may(take(r, 'write-back'))).toEqual(['wpq-drain'])
    expect(may(take(r, 'wpq-drain'))).toEqual([])
  })
  test('is to complete flushes in any order', () => {
    const r = run(rig('person'), 'st x 1; st y 2; clwb x; clflushopt y')
    for (let i = 0; i < 4; i++) take(r, 'drain')
    expect(may(r).filter((kind) => kind === 'flush')).toHaveLength(2)
    take(r, 'flush', { line: r.hw.lines.find(addressOf('y')) })
    expect(r.hw.caches.holds(r.hw.lines.find(addressOf('y')))).toBe(false)
  })
  test('is not to do a fence, in which its thread waits', () => {
    const r = run(rig('person'), 'st x 1')
    r.recorder.watch = (_, kind) => kind === 'sfence'
    expect(() => execute(r, 0, 'sfence')).toThrow('never completes')
    expect(may(r)).toEqual(['drain'])
    expect(may(take(r, 'drain'))).toEqual(['evict', 'write-back'])
  })
})

describe('a write-combining buffer', () => {
  test('drains whole, or one of its cells at a time in any order', () => {
    const r = run(rig('person'), 'nt x 1; nt4 x.2+4 3; nt x.5 6')
    for (let i = 0; i < 3; i++) take(r, 'drain')
    expect(may(r)).toEqual(['wc-drain', 'wc-drain of cell 0', 'wc-drain of cell 2', 'wc-drain of cell 5'])
    take(r, 'wc-drain', { cell: 2 })
    expect(run(r, 'P1: ld x; P1: ld4 x.2+4; P1: ld x.5; ld x; ld x.5').loads).toEqual([0, 3, 0, 1, 6])
    expect(may(r).filter((choice) => choice.startsWith('wc'))).toEqual([
      'wc-drain',
      'wc-drain of cell 0',
      'wc-drain of cell 5',
    ])
    cutPower(r.hw, { power_fail: 'adr', adr_fails: new Set() })
    expect(run(r, 'ld x; ld4 x.2+4; ld x.5').loads.slice(5)).toEqual([0, 3, 0])
  })
  test('shows which bytes it holds', () => {
    const r = run(rig('person'), 'nt x 1; nt4 x.2+4 3')
    for (let i = 0; i < 2; i++) take(r, 'drain')
    const [open] = new StateAt(r.hw, r.hw.cells.words).wc(0)
    expect(byteMasks(r.hw.history, open?.chain ?? 0)).toEqual([0xff, 0, 0xf0, 0, 0, 0, 0, 0])
  })
  test('that is full goes as one', () => {
    for (const text of ['ntdq64 x 7', 'movdir x 7']) {
      const r = run(rig('person'), text)
      while (may(r).includes('drain')) take(r, 'drain')
      expect(may(r)).toEqual(['wc-drain'])
    }
  })
  test('keeps the order of stores to one cell, whatever drains first', () => {
    const r = run(rig('person'), 'nt x 1; nt x.1 5; nt4 x 2')
    for (let i = 0; i < 3; i++) take(r, 'drain')
    take(r, 'wc-drain', { cell: 0 })
    expect(run(r, 'P1: ld x; P1: ld x.1').loads).toEqual([2, 0])
  })
})

describe('laws of transitions, on random programs', () => {
  test('each that is enabled is one step or more, and going back before it gives the state before it', () => {
    fc.assert(
      fc.property(
        program(30),
        machine,
        fc.nat(),
        fc.array(fc.nat(), { maxLength: 20 }),
        (code, config, seed, picks) => {
          const r = rig('random', seed, config)
          for (const [core, text] of code) execute(r, core, text)
          const cursor = new Cursor(r.trace)
          const words = (): number[] => [...r.hw.cells.words.slice(0, r.hw.cells.size)]
          for (const pick of picks) {
            const choices = enabled(r.hw)
            if (choices.length === 0) return
            const before = { step: r.trace.length - 1, words: words() }
            apply(r.hw, choices[pick % choices.length] as Transition)
            expect(r.trace.length).toBeGreaterThan(before.step + 1)
            cursor.seek(r.trace.length - 1)
            expect([...cursor.words.slice(0, r.hw.cells.size)]).toEqual(words())
            cursor.seek(before.step)
            expect([...cursor.words.slice(0, before.words.length)]).toEqual(before.words)
          }
        },
      ),
      { numRuns: runs(100) },
    )
  })
  test('taking them as long as there are any brings everything to media, in any order', () => {
    fc.assert(
      fc.property(program(30), machine, fc.nat(), fc.nat(), (code, config, seed, order) => {
        const r = rig('random', seed, config)
        for (const [core, text] of code) execute(r, core, text)
        for (let i = 0; ; i++) {
          const choices = enabled(r.hw)
          if (choices.length === 0) break
          apply(r.hw, choices[(order + i * 7) % choices.length] as Transition)
        }
        for (let line = 1; line <= r.hw.lines.count; line++) expect(r.hw.memory.media(line)).toBe(r.hw.lines.head[line])
      }),
      { numRuns: runs(100) },
    )
  })
})
