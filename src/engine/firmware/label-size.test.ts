import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { labelAreaSize } from './label-size.ts'

const MOST = 2 ** 24

function index(labelsize: number, labeloff: number, nslot: number, length = 4096): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(new TextEncoder().encode('NAMESPACE_INDEX\0'), 256)
  const data = new DataView(bytes.buffer)
  data.setUint8(256 + 19, labelsize)
  data.setBigUint64(256 + 48, BigInt(labeloff), true)
  data.setUint32(256 + 56, nslot, true)
  return bytes
}

test('an area that was cut is as large as its index says', () => {
  expect(labelAreaSize(index(0, 512, 1020), MOST)).toBe(128 * 1024)
  expect(labelAreaSize(index(1, 512, 510), MOST)).toBe(128 * 1024)
})

test('one without index, or with one that is no measure, is as large as its file', () => {
  expect(labelAreaSize(new Uint8Array(4096), MOST)).toBe(4096)
  expect(labelAreaSize(index(0, 512, 1020, 200_000), MOST)).toBe(200_000)
  expect(labelAreaSize(index(0, 512, 0xffff_ffff), MOST)).toBe(4096)
})

test('no bytes make it larger than allowed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 255 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(), (size, off, slots) => {
      const bytes = index(size, 0, slots)
      new DataView(bytes.buffer).setBigUint64(256 + 48, off, true)
      expect(labelAreaSize(bytes, MOST)).toBeLessThanOrEqual(MOST)
    }),
    { numRuns: runs(200) },
  )
})
