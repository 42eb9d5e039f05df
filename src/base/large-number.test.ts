import { expect, test } from 'vitest'
import { largeNumber } from './large-number.ts'

test('a number that a person can read is written out in threes', () => {
  expect(['1', '999', '1000', '1048576'].map(largeNumber)).toEqual(['1', '999', '1,000', '1,048,576'])
})

test('a larger one is a power of two where it is one, else its first digits', () => {
  expect(largeNumber((2n ** 200n).toString())).toBe('2^200')
  expect(largeNumber((3n * 10n ** 40n).toString())).toBe('about 3.00 × 10^40')
})
