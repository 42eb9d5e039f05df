/**
 * Exponentials, logarithms, powers: worked out with integers and rounded once, so that every browser gives the same
 * bits. glibc's are within one unit in the last place of the true result and nearly always the nearest double, as
 * these are: where the two differ, they differ in the last bit. Left out: trigonometric and hyperbolic functions.
 */

/** Numbers are fixed-point: integers that stand for n / 2^BITS. */
const BITS = 256
const ONE = 1n << BigInt(BITS)

const times = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(BITS)
const shifted = (n: bigint, by: number): bigint => (by >= 0 ? n << BigInt(by) : n >> BigInt(-by))
const lengthOf = (n: bigint): number => n.toString(2).length

/** A positive finite double as m · 2^e. */
function parts(x: number): { m: bigint; e: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  return { m: exponent === 0 ? fraction : fraction | (1n << 52n), e: Math.max(exponent, 1) - 1075 }
}

function fixedOf(x: number): bigint {
  const { m, e } = parts(x)
  return x < 0 ? -shifted(m, e + BITS) : shifted(m, e + BITS)
}

/** n · 2^e (n > 0) as the nearest double, ties to even. */
function nearest(n: bigint, e: number): number {
  const cut = Math.max(lengthOf(n) - 53, -1074 - e)
  let m = n
  let exponent = e
  if (cut > 0) {
    const half = 1n << BigInt(cut - 1)
    const rest = n & (2n * half - 1n)
    m = n >> BigInt(cut)
    if (rest > half || (rest === half && (m & 1n) === 1n)) m++
    exponent += cut
  }
  if (lengthOf(m) + exponent > 1024) return Number.POSITIVE_INFINITY
  // Exact in two steps; one power alone may be out of range.
  const first = Math.max(-500, Math.min(500, exponent))
  return Number(m) * 2 ** first * 2 ** (exponent - first)
}

/** artanh(1/n), for integers n. */
function artanhOfInverse(n: bigint): bigint {
  let sum = 0n
  let power = ONE / n
  for (let i = 1n; power > 0n; i += 2n, power /= n * n) sum += power / i
  return sum
}

const LN2 = 2n * artanhOfInverse(3n)
const LN10 = 3n * LN2 + 2n * artanhOfInverse(9n)

/** ln(m · 2^e), m > 0. */
function ln(m: bigint, e: number): bigint {
  const length = lengthOf(m)
  // z in [1, 2); ln z = 2 artanh((z - 1) / (z + 1)).
  const z = shifted(m, BITS - length + 1)
  const t = ((z - ONE) << BigInt(BITS)) / (z + ONE)
  const square = times(t, t)
  let sum = 0n
  let power = t
  for (let i = 1n; power !== 0n; i += 2n, power = times(power, square)) sum += power / i
  return 2n * sum + BigInt(e + length - 1) * LN2
}

/** e^x rounded. */
function expOf(x: bigint): number {
  let k = x / LN2
  if (x < 0n) k--
  if (k > 1100n) return Number.POSITIVE_INFINITY
  if (k < -1200n) return 0
  const rest = x - k * LN2
  let sum = 0n
  let term = ONE
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = times(term, rest) / i
  }
  return nearest(sum, Number(k) - BITS)
}

const signed = (n: bigint, e = -BITS): number => (n === 0n ? 0 : n < 0n ? -nearest(-n, e) : nearest(n, e))

const exp =
  (base: bigint) =>
  (x: number): number => {
    if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x
    if (x === 0 || x === Number.NEGATIVE_INFINITY) return x === 0 ? 1 : 0
    return expOf(times(fixedOf(Math.max(-5000, Math.min(5000, x))), base))
  }

const log =
  (base: bigint) =>
  (x: number): number => {
    if (Number.isNaN(x) || x < 0) return Number.NaN
    if (x === 0) return Number.NEGATIVE_INFINITY
    if (x === Number.POSITIVE_INFINITY) return x
    const { m, e } = parts(x)
    return signed((ln(m, e) << BigInt(BITS)) / base)
  }

/** Largest exponent that is worked out exactly. */
const MOST_FACTORS = 4096

function powerOf(x: number, y: number): number {
  const { m, e } = parts(x)
  if (Number.isInteger(y) && Math.abs(y) <= MOST_FACTORS) {
    const n = m ** BigInt(Math.abs(y))
    if (y >= 0) return nearest(n, e * y)
    const places = lengthOf(n) + 128
    // The lowest bit stands for everything that was cut off.
    const q = (1n << BigInt(places)) / n
    return nearest(q * n === 1n << BigInt(places) ? 2n * q : 2n * q + 1n, e * y - places - 1)
  }
  if (y === 0.5) return Math.sqrt(x)
  if (Math.abs(y) > 2 ** 70) return x === 1 ? 1 : x > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0
  return expOf(times(ln(m, e), fixedOf(y)))
}

function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const odd = Number.isInteger(y) && Math.abs(y % 2) === 1
  const negative = x < 0 || Object.is(x, -0)
  if (!Number.isFinite(y)) {
    if (Math.abs(x) === 1) return 1
    return Math.abs(x) > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0
  }
  if (x === 0 || !Number.isFinite(x)) {
    const size = (x === 0) === y < 0 ? Number.POSITIVE_INFINITY : 0
    return negative && odd ? -size : size
  }
  if (negative && !Number.isInteger(y)) return Number.NaN
  const size = powerOf(Math.abs(x), y)
  return negative && odd ? -size : size
}

function cbrt(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x
  const { m, e } = parts(Math.abs(x))
  // A multiple of three below the exponent, and enough bits for the root.
  const by = 300 + ((((e - 300) % 3) + 3) % 3)
  const n = shifted(m, by)
  let root = 1n << BigInt(Math.ceil(lengthOf(n) / 3))
  for (;;) {
    const next = (2n * root + n / (root * root)) / 3n
    if (next >= root) break
    root = next
  }
  const size = nearest(2n * root + (root * root * root === n ? 0n : 1n), (e - by) / 3 - 1)
  return x < 0 ? -size : size
}

function hypot(x: number, y: number): number {
  if (Math.abs(x) === Number.POSITIVE_INFINITY || Math.abs(y) === Number.POSITIVE_INFINITY)
    return Number.POSITIVE_INFINITY
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const [a, b] = [parts(Math.abs(x)), parts(Math.abs(y))]
  const e = Math.min(a.e, b.e) - 64
  const n = shifted(a.m, a.e - e) ** 2n + shifted(b.m, b.e - e) ** 2n
  if (n === 0n) return 0
  let root = 1n << BigInt(Math.ceil(lengthOf(n) / 2))
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) break
    root = next
  }
  return nearest(2n * root + (root * root === n ? 0n : 1n), e - 1)
}

export const real = {
  one: { exp: exp(ONE), exp2: exp(LN2), log: log(ONE), log2: log(LN2), log10: log(LN10), cbrt },
  two: { pow, hypot },
}
