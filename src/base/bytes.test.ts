import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { address, addressOf } from './bytes.ts'

test('an address is read as it is written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (n) => {
      for (const text of [address(n), `0x${n.toString(16)}`, String(n)]) expect(addressOf(text)).toBe(n)
    }),
    { numRuns: runs(300) },
  )
})

test.each([
  ['4K', 4096],
  [' 64M ', 2 ** 26],
  ['1g', 2 ** 30],
  ['2MiB', 2 ** 21],
  ['0x10K', 2 ** 14],
  ['1_000', 1000],
] as const)('%s is %i', (text, n) => expect(addressOf(text)).toBe(n))

test.each(['', '-1', '0.5', '1e3', '4 K', '0x', '0x_1', '1__0', '12ab', '9007199254740993', '99999999G', 'B'])(
  '"%s" is no address',
  (text) => expect(addressOf(text)).toBeUndefined(),
)
