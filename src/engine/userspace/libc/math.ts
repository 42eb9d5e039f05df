/**
 * math.h: the functions whose results IEEE 754 defines, bit for bit. A float's function is the double's, rounded, which
 * for these is the same. Left out: floating-point exceptions, other rounding modes, errno.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { type Process, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { real } from './real-functions.ts'
import { address, fromDouble, int, toDouble } from './words.ts'

const MATH = 'libc: math.h'

/** To the nearest integer, ties to even. */
function even(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0)
  return withSign(up ? below + 1 : below, x)
}

/** To the nearest integer, ties away from zero. */
const away = (x: number): number =>
  withSign(Math.trunc(x) + (Math.abs(x - Math.trunc(x)) >= 0.5 ? 1 : 0) * Math.sign(x), x)

const negative = (x: number): boolean => x < 0 || Object.is(x, -0)
/** `x` with the sign of `y`. */
const withSign = (x: number, y: number): number => (negative(x) === negative(y) ? x : -x)

const exponentOf = (x: number): number => Math.floor((Number(fromDouble(Math.abs(x)) >> 52n) || 0) - 1023)

/** Mantissa in [0.5, 1) and exponent. */
function split(x: number): readonly [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0]
  const small = Math.abs(x) < 2.2250738585072014e-308
  const exponent = exponentOf(small ? x * 2 ** 54 : x) + 1
  return [(small ? x * 2 ** 54 : x) / 2 ** (exponent - 1) / 2, small ? exponent - 54 : exponent]
}

/** x · 2^n, rounded once. */
function scaled(x: number, n: number): number {
  const [mantissa, exponent] = split(x)
  const whole = exponent + Math.max(-5000, Math.min(5000, n))
  if (whole > 1024) return mantissa * Number.POSITIVE_INFINITY || mantissa
  if (whole > -1021) return mantissa * 2 * 2 ** (whole - 1)
  return whole < -1080 ? withSign(0, x) : mantissa * 2 ** 53 * 2 ** (whole + 1021 - 53) * 2 ** -1021
}

function remainder(x: number, y: number): number {
  const [a, b] = [Math.abs(x) % (2 * Math.abs(y)), Math.abs(y)]
  if (!Number.isFinite(y)) return Number.isNaN(y) || !Number.isFinite(x) ? Number.NaN : x
  const rest = Number.isFinite(2 * b) ? a : Math.abs(x)
  const less = 2 * rest > b ? (rest - b > 0 && 2 * (rest - b) >= b ? rest - b - b : rest - b) : rest
  return negative(x) ? -less : less
}

function nextafter(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  if (x === y) return y
  if (x === 0) return y > 0 ? 5e-324 : -5e-324
  return toDouble(fromDouble(x) + (x < y === x > 0 ? 1n : -1n))
}

const one: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt,
  fabs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: away,
  rint: even,
  nearbyint: even,
  logb: (x) => (x === 0 ? Number.NEGATIVE_INFINITY : Number.isFinite(x) ? split(x)[1] - 1 : Math.abs(x)),
  ...real.one,
}

const two: Readonly<Record<string, (x: number, y: number) => number>> = {
  fmod: (x, y) => x % y,
  remainder,
  fmax: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) || x > y ? x : y),
  fmin: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) || x < y ? x : y),
  fdim: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : x > y ? x - y : 0),
  copysign: withSign,
  ...real.two,
}

const pure = (name: string, result: (...words: bigint[]) => bigint | number): LibraryFunction =>
  kfunc(`${MATH}#${name}`, function* (_p: Process, ...words: bigint[]) {
    yield* []
    return result(...words)
  })

const doubles = (name: string, fn: (...x: number[]) => number): [string, LibraryFunction][] => [
  [name, pure(name, (...words) => fromDouble(fn(...words.map(toDouble))))],
  [`${name}f`, pure(`${name}f`, (...words) => fromDouble(Math.fround(fn(...words.map(toDouble)))))],
]

const integers = (name: string, fn: (x: number) => number): [string, LibraryFunction] => [
  name,
  pure(name, (x = 0n) => {
    const value = fn(toDouble(x))
    return Math.abs(value) < 2 ** 63 ? BigInt(value) : -(2n ** 63n)
  }),
]

/** NaN, infinite, zero, subnormal, normal: 0 … 4. */
const classOf = (x: number): number =>
  Number.isNaN(x) ? 0 : !Number.isFinite(x) ? 1 : x === 0 ? 2 : Math.abs(x) < 2.2250738585072014e-308 ? 3 : 4

/** Functions that also store a result. */
const storing = (name: string, size: 4 | 8, fn: (x: number) => readonly [number, bigint]): LibraryFunction =>
  kfunc(`${MATH}#${name}`, function* (p: Process, x: bigint, to: bigint) {
    const [result, stored] = fn(toDouble(x))
    yield* store(p, address(to), size, BigInt.asUintN(8 * size, stored))
    return fromDouble(result)
  })

const whole = (x: number): readonly [number, number] => {
  const integer = Math.trunc(x)
  return [withSign(Number.isFinite(x) ? x - integer : Number.isNaN(x) ? x : 0, x), integer]
}

function singleBits(x: number): bigint {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x)
  return BigInt(view.getUint32(0))
}

const frexp = (x: number): readonly [number, bigint] => [split(x)[0], BigInt(split(x)[1])]
const scale = pure('ldexp', (x = 0n, n = 0n) => fromDouble(scaled(toDouble(x), int(n))))

export const math: Readonly<Record<string, LibraryFunction>> = {
  ...Object.fromEntries(Object.entries(one).flatMap(([name, fn]) => doubles(name, fn as (...x: number[]) => number))),
  ...Object.fromEntries(Object.entries(two).flatMap(([name, fn]) => doubles(name, fn as (...x: number[]) => number))),
  ...Object.fromEntries([
    ...['lround', 'llround', 'lroundf'].map((name) => integers(name, away)),
    ...['lrint', 'llrint', 'lrintf'].map((name) => integers(name, even)),
    integers('ilogb', (x) =>
      x === 0 || Number.isNaN(x) ? -(2 ** 31) : Number.isFinite(x) ? split(x)[1] - 1 : 2 ** 31 - 1,
    ),
  ]),
  nextafter: pure('nextafter', (x = 0n, y = 0n) => fromDouble(nextafter(toDouble(x), toDouble(y)))),
  ldexp: scale,
  scalbn: scale,
  ldexpf: pure('ldexpf', (x = 0n, n = 0n) => fromDouble(Math.fround(scaled(toDouble(x), int(n))))),
  frexp: storing('frexp', 4, frexp),
  frexpf: storing('frexpf', 4, frexp),
  modf: storing('modf', 8, (x) => [whole(x)[0], fromDouble(whole(x)[1])]),
  modff: storing('modff', 4, (x) => [whole(x)[0], singleBits(whole(x)[1])]),
  __nan: pure('__nan', () => 0x7ff8_0000_0000_0000n),
  __fpclassify: pure('__fpclassify', (x = 0n) => classOf(toDouble(x))),
  __isinf: pure('__isinf', (x = 0n) => (classOf(toDouble(x)) === 1 ? (toDouble(x) > 0 ? 1 : -1) : 0)),
  __signbit: pure('__signbit', (x = 0n) => Number(BigInt.asUintN(64, x) >> 63n)),
}
