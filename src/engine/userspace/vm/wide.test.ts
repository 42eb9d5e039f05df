import fc from 'fast-check'
import { expect, test } from 'vitest'
import { divideSigned, divideUnsigned, doubleToInteger, multiply, shiftLeft, shiftRight } from './wide.ts'

const word = fc.bigInt(0n, (1n << 64n) - 1n)
/** Small numbers and powers of two meet the borders between the fast paths. */
const value = fc.oneof(
  word,
  fc.bigInt(0n, 300n),
  fc.nat(63).map((n) => 1n << BigInt(n)),
  fc.nat(63).map((n) => (1n << 64n) - (1n << BigInt(n))),
)

const registers = (a: bigint, b: bigint): Int32Array =>
  Int32Array.from([a, b, 0n].flatMap((v) => [Number(BigInt.asIntN(32, v)), Number(BigInt.asIntN(32, v >> 32n))]))
const read = (w: Int32Array, at: number): bigint =>
  BigInt.asUintN(64, (BigInt(w[at + 1]!) << 32n) | BigInt(w[at]! >>> 0))
const unsigned = (v: bigint): bigint => BigInt.asUintN(64, v)
const signed = (v: bigint): bigint => BigInt.asIntN(64, v)

test('products are those of the integers, modulo 2^64', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const w = registers(a, b)
      multiply(w, 4, 0, 2)
      expect(read(w, 4)).toBe(unsigned(a * b))
      multiply(w, 0, 0, 2)
      expect(read(w, 0)).toBe(unsigned(a * b))
    }),
  )
})

test('quotients and remainders are those of the integers, signed and unsigned', () => {
  fc.assert(
    fc.property(value, value, fc.boolean(), (a, b, remainder) => {
      fc.pre(b !== 0n)
      const w = registers(a, b)
      divideUnsigned(w, 4, 0, 2, remainder)
      expect(read(w, 4)).toBe(remainder ? a % b : a / b)
      divideSigned(w, 4, 0, 2, remainder)
      expect(read(w, 4)).toBe(unsigned(remainder ? signed(a) % signed(b) : signed(a) / signed(b)))
    }),
    { numRuns: 1000 },
  )
})

test('shifts use the low six bits of the count', () => {
  fc.assert(
    fc.property(value, fc.nat(200), (a, by) => {
      const n = BigInt(by & 63)
      const w = registers(a, 0n)
      shiftLeft(w, 4, 0, by)
      expect(read(w, 4)).toBe(unsigned(a << n))
      shiftRight(w, 4, 0, by, false)
      expect(read(w, 4)).toBe(a >> n)
      shiftRight(w, 4, 0, by, true)
      expect(read(w, 4)).toBe(unsigned(signed(a) >> n))
    }),
  )
})

test('a double that fits becomes the integer it truncates to, any other the indefinite integer', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -(2 ** 62), max: 2 ** 62 }), (d) => {
      const w = registers(0n, 0n)
      doubleToInteger(w, 4, d, true)
      expect(signed(read(w, 4))).toBe(BigInt(Math.trunc(d)))
    }),
  )
  const w = registers(0n, 0n)
  for (const d of [Number.NaN, 1e30, -1e30]) {
    doubleToInteger(w, 4, d, true)
    expect(read(w, 4)).toBe(1n << 63n)
  }
})
