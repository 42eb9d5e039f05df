/** What this run loses, where the order of issue is not the order of arrival. */

import { expect, test } from 'vitest'
import { rig, run } from '../../../test/hardware.ts'
import { loss } from './loss.ts'

/** Values of the lowest byte of `x` that are lost and kept. */
function ofLowestByte(code: string) {
  const { hw } = run(rig('lazy'), code)
  const lines = Array.from({ length: hw.lines.count }, (_, i) => i + 1)
  const { lost, kept } = loss(hw, hw.cells.words, { power_fail: 'adr', adr_fails: new Set() }, lines, 0)
  return {
    lost: lost.filter(({ offset }) => offset === 0).map(({ written }) => written),
    kept: kept.filter(({ offset }) => offset === 0).map(({ value }) => value),
  }
}

test('a byte is not lost while an older movnt to it waits, once the newest has arrived', () => {
  expect(ofLowestByte('nt x 1; P1: nt x 2; P1: sfence')).toEqual({ lost: [], kept: [2] })
})

test('a byte is lost while its newest movnt waits, though an older one has arrived', () => {
  expect(ofLowestByte('nt x 1; P1: nt x 2; sfence')).toEqual({ lost: [2], kept: [] })
})
