/** Checksums against the check values of their catalogue: what "123456789" comes to. */

import { expect, test } from 'vitest'
import { crc16 } from './crc16.ts'
import { crc32_le, crc32c_le } from './crc32.ts'

const nine = new TextEncoder().encode('123456789')
const inverted = (crc: number): number => (crc ^ 0xffff_ffff) >>> 0

test('the checksums have their check values', () => {
  expect(inverted(crc32_le(0xffff_ffff, nine))).toBe(0xcbf43926)
  expect(inverted(crc32c_le(0xffff_ffff, nine))).toBe(0xe3069283)
  expect(crc16(0, nine)).toBe(0xbb3d)
})

test('a checksum goes on where another ended', () => {
  const [front, back] = [nine.subarray(0, 4), nine.subarray(4)]
  expect(crc32c_le(crc32c_le(7, front), back)).toBe(crc32c_le(7, nine))
  expect(crc16(crc16(7, front), back)).toBe(crc16(7, nine))
})
