/** Text to numbers: strtol, strtod and their kin, as glibc reads them in the C locale. Left out: strtold, `nan(…)`. */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { type Process, readText, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { address, EINVAL, ERANGE, fail, fromDouble, int } from './words.ts'

const STDLIB = 'libc: stdlib.h'
const MOST = 0x7fff_ffff_ffff_ffffn

/** Longest text that is looked at. */
export const LONGEST = 65_536

/** The integer at the beginning of a text, and how many characters it takes: 0 for none. */
export function integerIn(text: string, base: number): { value: bigint; length: number } {
  const [lead = ''] = /^[ \t\n\v\f\r]*[-+]?/.exec(text) ?? []
  let rest = text.slice(lead.length)
  let skipped = 0
  let radix = base
  if ((base === 0 || base === 16) && /^0[xX][0-9a-fA-F]/.test(rest)) {
    radix = 16
    skipped = 2
    rest = rest.slice(2)
  } else if (base === 0) radix = rest.startsWith('0') ? 8 : 10
  let value = 0n
  let digits = 0
  for (const c of rest) {
    const digit = /[0-9a-zA-Z]/.test(c) ? Number.parseInt(c, 36) : 36
    if (digit >= radix) break
    value = value * BigInt(radix) + BigInt(digit)
    digits++
  }
  const length = digits === 0 ? 0 : lead.length + skipped + digits
  return { value: lead.endsWith('-') ? -value : value, length }
}

function* integer(
  p: Process,
  at: bigint,
  end: bigint,
  base: number,
  unsigned: boolean,
): Generator<Request, bigint, unknown> {
  if (base < 0 || base === 1 || base > 36) {
    yield* fail(p, EINVAL)
    return 0n
  }
  const { value, length } = integerIn(yield* readText(p, at, LONGEST), base)
  if (end !== 0n) yield* store(p, address(end), 8, at + BigInt(length))
  const [low, high] = unsigned ? [-2n * MOST - 1n, 2n * MOST + 1n] : [-MOST - 1n, MOST]
  if (value >= low && value <= high) return value
  yield* fail(p, ERANGE)
  return unsigned || value > 0n ? high : low
}

const strto = (name: string, unsigned: boolean): LibraryFunction =>
  kfunc(`${STDLIB}#${name}`, function* (p: Process, at: bigint, end: bigint, base: bigint) {
    return yield* integer(p, at, end, int(base), unsigned)
  })

const ato = (name: string): LibraryFunction =>
  kfunc(`${STDLIB}#${name}`, function* (p: Process, at: bigint) {
    return yield* integer(p, at, 0n, 10, false)
  })

const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/
const HEXADECIMAL = /^0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP]([-+]?\d+))?/

/** A hexadecimal number, rounded once: to nearest, ties to even. */
function hexadecimal(digits: string, power: number): number {
  const [whole = '', fraction = ''] = digits.split('.')
  let bits = BigInt(`0x${whole}${fraction}`)
  let exponent = power - 4 * fraction.length
  // Keep two bits more than the result has, and whether anything was cut off.
  const room = Math.min(bits.toString(2).length, Math.max(0, bits.toString(2).length + exponent + 1074))
  const cut = Math.max(bits.toString(2).length - Math.min(53, room), 0)
  if (cut > 0) {
    const half = 1n << BigInt(cut - 1)
    const rest = bits & (2n * half - 1n)
    bits >>= BigInt(cut)
    if (rest > half || (rest === half && (bits & 1n) === 1n)) bits++
    exponent += cut
  }
  const first = Math.max(-1000, Math.min(1000, exponent))
  return Number(bits) * 2 ** first * 2 ** Math.max(-1074, Math.min(1023, exponent - first))
}

/** The number at the beginning of a text, and how many characters it takes. */
export function realIn(text: string): { value: number; length: number; exact: boolean } {
  const [lead = ''] = /^[ \t\n\v\f\r]*[-+]?/.exec(text) ?? []
  const rest = text.slice(lead.length)
  const sign = lead.endsWith('-') ? -1 : 1
  const named = /^(infinity|inf|nan(?:\(\w*\))?)/i.exec(rest)
  if (named !== null) {
    const value = /^i/i.test(rest) ? sign * Number.POSITIVE_INFINITY : Number.NaN
    return { value, length: lead.length + named[0].length, exact: true }
  }
  const hex = HEXADECIMAL.exec(rest)
  const decimal = DECIMAL.exec(rest)
  const found = hex ?? decimal
  if (found === null) return { value: 0, length: 0, exact: true }
  const value = hex === null ? Number(found[0]) : hexadecimal(hex[1] ?? '', Number(hex[2] ?? 0))
  const zero = !/[1-9a-f]/i.test(hex === null ? (found[0].split(/e/i)[0] ?? '') : (hex[1] ?? ''))
  const exact = Number.isFinite(value) && (zero || Math.abs(value) >= 2.2250738585072014e-308)
  return { value: sign * value, length: lead.length + found[0].length, exact }
}

function* real(p: Process, at: bigint, end: bigint, single: boolean): Generator<Request, bigint, unknown> {
  const { value, length, exact } = realIn(yield* readText(p, at, LONGEST))
  if (end !== 0n) yield* store(p, address(end), 8, at + BigInt(length))
  const result = single ? Math.fround(value) : value
  const tiny = value !== 0 && Math.abs(result) < 2 ** -126 && result !== value
  const lost = single && (tiny || Number.isFinite(value) !== Number.isFinite(result))
  if (!exact || lost) yield* fail(p, ERANGE)
  return fromDouble(result)
}

const strtod = kfunc(STDLIB, function* strtod(p: Process, at: bigint, end: bigint) {
  return yield* real(p, at, end, false)
})

const strtof = kfunc(STDLIB, function* strtof(p: Process, at: bigint, end: bigint) {
  return yield* real(p, at, end, true)
})

const atof = kfunc(STDLIB, function* atof(p: Process, at: bigint) {
  return yield* real(p, at, 0n, false)
})

const SIGNED = ['strtol', 'strtoll', 'strtoimax']
const UNSIGNED = ['strtoul', 'strtoull', 'strtoumax']

export const numbers: Readonly<Record<string, LibraryFunction>> = {
  ...Object.fromEntries(SIGNED.map((name) => [name, strto(name, false)])),
  ...Object.fromEntries(UNSIGNED.map((name) => [name, strto(name, true)])),
  ...Object.fromEntries(['atoi', 'atol', 'atoll'].map((name) => [name, ato(name)])),
  strtod,
  strtof,
  atof,
}
