/** printf's conversions of doubles, as glibc prints them: exact digits, to the nearest, ties to even. */

import { type Directive, pad, signOf } from './format.ts'

/** One double, by its 64 bits, converted as glibc does: to the nearest, ties to even. */
export function formatDouble(d: Directive, bits: bigint, width: number, precision: number | undefined): string {
  const negative = (bits >> 63n) & 1n
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const kind = d.conversion.toLowerCase()
  const finite = exponent !== 0x7ff
  let sign = signOf(negative === 1n, d.flags)
  let digits: string
  if (!finite) digits = fraction === 0n ? 'inf' : 'nan'
  else if (kind === 'a') {
    sign += '0x'
    digits = hexadecimal(d, exponent, fraction, precision)
  } else {
    const m = exponent === 0 ? fraction : fraction | (1n << 52n)
    const e = Math.max(exponent, 1) - 1075
    if (kind === 'f') digits = fixed(d, m, e, precision ?? 6)
    else if (kind === 'e') digits = scientific(d, m, e, precision ?? 6).text
    else digits = general(d, m, e, precision ?? 6)
  }
  const text = pad(d, sign, digits, width, finite)
  return d.conversion === kind ? text : text.toUpperCase()
}

/** m · 2^e · 10^places as an integer, to the nearest, ties to even. */
function scaled(m: bigint, e: number, places: number): bigint {
  const power = 10n ** BigInt(Math.abs(places))
  const above = (e > 0 ? m << BigInt(e) : m) * (places > 0 ? power : 1n)
  const below = (e < 0 ? 1n << BigInt(-e) : 1n) * (places < 0 ? power : 1n)
  const q = above / below
  const twice = (above % below) * 2n
  return twice > below || (twice === below && (q & 1n) === 1n) ? q + 1n : q
}

/** A point in front of the last `places` digits; none without places, unless `#` asks for it. */
const point = (d: Directive, digits: string, places: number): string =>
  digits.slice(0, digits.length - places) +
  (places > 0 || d.flags.includes('#') ? '.' : '') +
  digits.slice(digits.length - places)

const fixed = (d: Directive, m: bigint, e: number, places: number): string =>
  point(
    d,
    scaled(m, e, places)
      .toString()
      .padStart(places + 1, '0'),
    places,
  )

function scientific(d: Directive, m: bigint, e: number, places: number): { text: string; exponent: number } {
  // A guess from the number of bits, which is at most one too small or too large.
  let exponent = m === 0n ? 0 : Math.floor((m.toString(2).length - 1 + e) * Math.LOG10E * Math.LN2)
  let digits = ''
  for (;;) {
    digits = scaled(m, e, places - exponent).toString()
    if (m === 0n || digits.length === places + 1) break
    exponent += digits.length > places + 1 ? 1 : -1
  }
  const shown = String(Math.abs(exponent)).padStart(2, '0')
  const text = `${point(d, digits.padStart(places + 1, '0'), places)}e${exponent < 0 ? '-' : '+'}${shown}`
  return { text, exponent }
}

function general(d: Directive, m: bigint, e: number, asked: number): string {
  const precision = asked === 0 ? 1 : asked
  const { text, exponent } = scientific(d, m, e, precision - 1)
  const whole = exponent < -4 || exponent >= precision ? text : fixed(d, m, e, precision - 1 - exponent)
  if (d.flags.includes('#') || !whole.includes('.')) return whole
  const [mantissa = '', power] = whole.split('e')
  return mantissa.replace(/\.?0+$/, '') + (power === undefined ? '' : `e${power}`)
}

/** %a, without its 0x. */
function hexadecimal(d: Directive, exponent: number, fraction: bigint, precision: number | undefined): string {
  const power = exponent === 0 && fraction === 0n ? 0 : Math.max(exponent, 1) - 1023
  let digits = fraction.toString(16).padStart(13, '0').replace(/0+$/, '')
  let lead = exponent === 0 ? 0n : 1n
  if (precision !== undefined && precision < digits.length) {
    const rounded = scaled((lead << 52n) | fraction, 4 * precision - 52, 0)
    lead = rounded >> BigInt(4 * precision)
    digits =
      precision === 0 ? '' : (rounded & ((1n << BigInt(4 * precision)) - 1n)).toString(16).padStart(precision, '0')
  } else digits = digits.padEnd(precision ?? 0, '0')
  return `${point(d, `${lead}${digits}`, digits.length)}p${power < 0 ? '-' : '+'}${Math.abs(power)}`
}
