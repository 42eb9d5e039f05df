import { describe, expect, test } from 'vitest'
import { rig, run } from '../../../test/hardware.ts'
import { Cursor } from '../sim/cursor.ts'
import { cutPower, type PowerFail } from './power.ts'

/** Lines alternate between two DIMMs: a and c are on the first, b and d on the second. */
const two = { dimms: 2, controllers: 2 }
const written = () => run(rig('lazy', 0, two), 'st a 1; st b 2; clwb a; clwb b; sfence; st c 3; st d 4; mfence')
const survived = (power_fail: PowerFail, ...failing: number[]): number[] => {
  const r = written()
  cutPower(r.hw, { power_fail, adr_fails: new Set(failing) })
  return run(r, 'ld a; ld b; ld c; ld d').loads
}

describe('a power failure', () => {
  test('leaves what the write-pending queues hold, with ADR', () => {
    expect(survived('adr')).toEqual([1, 2, 0, 0])
  })
  test('leaves what the caches hold too, with eADR', () => {
    expect(survived('eadr')).toEqual([1, 2, 3, 4])
  })
  test('leaves media alone, without ADR', () => {
    expect(survived('none')).toEqual([0, 0, 0, 0])
  })
  test('takes the queue of a DIMM whose ADR fails, and no other', () => {
    expect(survived('adr', 1)).toEqual([1, 0, 0, 0])
    expect(survived('eadr', 0)).toEqual([0, 2, 0, 4])
  })
  test('leaves nothing of a store that is in no cache yet, even with eADR', () => {
    const r = run(rig('lazy'), 'st x 1; nt y 2')
    cutPower(r.hw, { power_fail: 'eadr', adr_fails: new Set() })
    expect(run(r, 'ld x; ld y').loads).toEqual([0, 0])
  })
})

describe('dirty shutdowns', () => {
  const counts = (words: ArrayLike<number>, first: number): (number | undefined)[] => [words[first], words[first + 1]]
  test('are counted by each DIMM that lost its queue, over all failures', () => {
    const r = written()
    for (const failing of [[1], [], [0, 1]]) cutPower(r.hw, { power_fail: 'adr', adr_fails: new Set(failing) })
    expect(counts(r.hw.cells.words, r.hw.dirtyShutdowns)).toEqual([1, 2])
    const cursor = new Cursor(r.trace)
    cursor.seek(r.trace.length - 2)
    expect(counts(cursor.words, r.hw.dirtyShutdowns)).toEqual([0, 1])
  })
  test('are none where no ADR was promised', () => {
    const r = written()
    cutPower(r.hw, { power_fail: 'none', adr_fails: new Set([0]) })
    expect(counts(r.hw.cells.words, r.hw.dirtyShutdowns)).toEqual([0, 0])
  })
})
