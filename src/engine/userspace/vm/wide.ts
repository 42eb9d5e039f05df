/**
 * 64-bit arithmetic on pairs of 32-bit words, written into a register: what x86-64 does in one instruction.
 *
 * `w` holds the registers; a value at index `i` is `w[i]` (low) and `w[i + 1]` (high).
 */

const TWO32 = 0x1_0000_0000

/** w[to] ← w[a] * w[b], the low 64 bits. */
export function multiply(w: Int32Array, to: number, a: number, b: number): void {
  const al = w[a]!
  const bl = w[b]!
  const cross = (Math.imul(al, w[b + 1]!) + Math.imul(w[a + 1]!, bl)) | 0
  const a0 = al & 0xffff
  const a1 = al >>> 16
  const b0 = bl & 0xffff
  const b1 = bl >>> 16
  const low = Math.imul(a0, b0)
  const middle = (Math.imul(a1, b0) >>> 0) + (low >>> 16)
  const upper = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff)
  w[to] = Math.imul(al, bl)
  w[to + 1] = (Math.imul(a1, b1) + (middle >>> 16) + (upper >>> 16) + cross) | 0
}

/** Unsigned quotient and remainder of 64-bit values, as words: [quotient low, high, remainder low, high]. */
const result = new Int32Array(4)

function setResult(quotient: number, remainder: number): void {
  result[0] = quotient | 0
  result[1] = Math.floor(quotient / TWO32) | 0
  result[2] = remainder | 0
  result[3] = Math.floor(remainder / TWO32) | 0
}

function divideWords(al: number, ah: number, bl: number, bh: number): void {
  // Below 2^53 both are exact doubles, and so is the difference that a quotient divides.
  if (ah >>> 0 < 0x20_0000 && bh >>> 0 < 0x20_0000) {
    const a = (ah >>> 0) * TWO32 + (al >>> 0)
    const b = (bh >>> 0) * TWO32 + (bl >>> 0)
    const remainder = a % b
    setResult((a - remainder) / b, remainder)
    return
  }
  // Long division, a bit a turn.
  let ql = 0
  let qh = 0
  let rl = 0
  let rh = 0
  for (let bit = 63; bit >= 0; bit--) {
    const carry = rh >>> 31
    rh = (rh << 1) | (rl >>> 31)
    rl = (rl << 1) | ((bit >= 32 ? ah >>> (bit - 32) : al >>> bit) & 1)
    const fits = carry === 1 || rh >>> 0 > bh >>> 0 || (rh === (bh | 0) && rl >>> 0 >= bl >>> 0)
    if (!fits) continue
    const borrow = rl >>> 0 < bl >>> 0 ? 1 : 0
    rl = (rl - bl) | 0
    rh = (rh - bh - borrow) | 0
    if (bit >= 32) qh |= 1 << (bit - 32)
    else ql |= 1 << bit
  }
  result[0] = ql
  result[1] = qh
  result[2] = rl
  result[3] = rh
}

/** w[to] ← w[a] / w[b] or, with `remainder`, w[a] % w[b]; the divisor is not zero. */
export function divideUnsigned(w: Int32Array, to: number, a: number, b: number, remainder: boolean): void {
  divideWords(w[a]!, w[a + 1]!, w[b]!, w[b + 1]!)
  w[to] = result[remainder ? 2 : 0]!
  w[to + 1] = result[remainder ? 3 : 1]!
}

const negatedHigh = (lo: number, hi: number): number => (~hi + (lo === 0 ? 1 : 0)) | 0

/** Signed, rounding towards zero; the smallest number divided by -1 is itself. */
export function divideSigned(w: Int32Array, to: number, a: number, b: number, remainder: boolean): void {
  const al = w[a]!
  const ah = w[a + 1]!
  const bl = w[b]!
  const bh = w[b + 1]!
  const negativeA = ah < 0
  const negativeB = bh < 0
  divideWords(
    negativeA ? -al | 0 : al,
    negativeA ? negatedHigh(al, ah) : ah,
    negativeB ? -bl | 0 : bl,
    negativeB ? negatedHigh(bl, bh) : bh,
  )
  const lo = result[remainder ? 2 : 0]!
  const hi = result[remainder ? 3 : 1]!
  const negative = remainder ? negativeA : negativeA !== negativeB
  w[to] = negative ? -lo | 0 : lo
  w[to + 1] = negative ? negatedHigh(lo, hi) : hi
}

export function shiftLeft(w: Int32Array, to: number, a: number, by: number): void {
  const lo = w[a]!
  const hi = w[a + 1]!
  const n = by & 63
  if (n === 0) {
    w[to] = lo
    w[to + 1] = hi
  } else if (n < 32) {
    w[to] = lo << n
    w[to + 1] = (hi << n) | (lo >>> (32 - n))
  } else {
    w[to] = 0
    w[to + 1] = lo << (n - 32)
  }
}

export function shiftRight(w: Int32Array, to: number, a: number, by: number, signed: boolean): void {
  const lo = w[a]!
  const hi = w[a + 1]!
  const n = by & 63
  const fill = signed ? hi >> 31 : 0
  if (n === 0) {
    w[to] = lo
    w[to + 1] = hi
  } else if (n < 32) {
    w[to] = (lo >>> n) | (hi << (32 - n))
    w[to + 1] = signed ? hi >> n : hi >>> n
  } else {
    w[to] = signed ? hi >> (n - 32) : hi >>> (n - 32)
    w[to + 1] = fill
  }
}

/** w[to] ← the 64-bit integer that the double truncates to. */
export function doubleToInteger(w: Int32Array, to: number, value: number, signed: boolean): void {
  const whole = Math.trunc(value)
  const fits = signed ? whole >= -(2 ** 63) && whole < 2 ** 63 : whole > -(2 ** 63) && whole < 2 ** 64
  const high = fits ? Math.floor(whole / TWO32) : 0x8000_0000
  w[to] = fits ? (whole - high * TWO32) | 0 : 0
  w[to + 1] = high | 0
}
