/** Records as bytes. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { decode, encode, type Layout } from './layout.ts'

const fields = { kind: [0, 1], length: [2, 2], words: [4, 4, 2], far: [12, 8], name: [20, 1, 4] } as const
const little: Layout<typeof fields> = { size: 24, order: 'little', fields }
const big: Layout<typeof fields> = { ...little, order: 'big' }

test('a field stands where the table says, in the order of bytes that it says', () => {
  expect([...encode(little, { length: 0x1234, words: [1, 0x01020304] }).subarray(0, 12)]).toEqual([
    0, 0, 0x34, 0x12, 1, 0, 0, 0, 4, 3, 2, 1,
  ])
  expect([...encode(big, { length: 0x1234, words: [1, 2] }).subarray(0, 12)]).toEqual([
    0, 0, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2,
  ])
})

test('what is not named stays, and what the bytes are too short for is left out', () => {
  const bytes = encode(little, { kind: 7, far: 9 }, new Uint8Array(12).fill(0xaa))
  expect([...bytes]).toEqual([7, ...Array(11).fill(0xaa)])
  expect(decode(little, bytes)).toMatchObject({ kind: 7, length: 0xaaaa, far: 0 })
})

test('what was encoded is decoded', () => {
  const values = fc.record({
    kind: fc.nat(255),
    length: fc.nat(65535),
    words: fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff)),
    far: fc.maxSafeNat(),
    name: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  })
  fc.assert(
    fc.property(values, fc.constantFrom(little, big), (each, layout) => {
      expect(decode(layout, encode(layout, each))).toEqual(each)
    }),
    { numRuns: runs(200) },
  )
})
