/**
 * printf's conversions, C11 §7.21.6.1: flags, width, precision, length, for integers, characters, strings, pointers and
 * doubles. Left out: %n, %ls, %lc, %a, long double.
 */

export interface Directive {
  readonly flags: string
  readonly width: number | '*' | undefined
  readonly precision: number | '*' | undefined
  readonly length: string
  readonly conversion: string
}

/** A format taken apart: literal text and directives, in order. */
export function parseFormat(format: string): readonly (string | Directive)[] {
  const parts: (string | Directive)[] = []
  const pattern = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(hh|h|ll|l|j|z|t|L)?([diouxXcspeEfFgG%])/g
  let last = 0
  for (const match of format.matchAll(pattern)) {
    if (match.index > last) parts.push(format.slice(last, match.index))
    const [all, flags = '', width, precision, length = '', conversion = ''] = match
    if (conversion === '%') parts.push('%')
    else
      parts.push({
        flags,
        width: width === undefined ? undefined : width === '*' ? '*' : Number(width),
        precision: precision === undefined ? undefined : precision === '*' ? '*' : Number(precision),
        length,
        conversion,
      })
    last = match.index + all.length
  }
  if (last < format.length) parts.push(format.slice(last))
  return parts
}

const BITS: Readonly<Record<string, number>> = { hh: 8, h: 16, '': 32, l: 64, ll: 64, j: 64, z: 64, t: 64 }

/** One integer argument (64 bits as passed), converted. `width` and `precision` are resolved. */
export function formatInteger(d: Directive, value: bigint, width: number, precision: number | undefined): string {
  const bits = BITS[d.length] ?? 32
  const signed = d.conversion === 'd' || d.conversion === 'i'
  const n = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  const base = d.conversion === 'o' ? 8 : d.conversion === 'x' || d.conversion === 'X' ? 16 : 10
  let digits = (n < 0n ? -n : n).toString(base)
  if (precision === 0 && n === 0n) digits = ''
  if (d.conversion === 'X') digits = digits.toUpperCase()
  digits = digits.padStart(precision ?? 1, '0')
  let sign = n < 0n ? '-' : signed && d.flags.includes('+') ? '+' : signed && d.flags.includes(' ') ? ' ' : ''
  if (d.flags.includes('#') && n !== 0n && base === 16) sign = d.conversion === 'X' ? '0X' : '0x'
  if (d.flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`
  return pad(d, sign, digits, width, precision === undefined)
}

/** One double, converted. */
export function formatDouble(d: Directive, value: number, width: number, precision = 6): string {
  const negative = value < 0 || Object.is(value, -0)
  const magnitude = Math.abs(value)
  const sign = negative ? '-' : d.flags.includes('+') ? '+' : d.flags.includes(' ') ? ' ' : ''
  const kind = d.conversion.toLowerCase()
  let digits: string
  if (!Number.isFinite(value)) digits = Number.isNaN(value) ? 'nan' : 'inf'
  else if (kind === 'f') digits = magnitude.toFixed(Math.min(precision, 100))
  else if (kind === 'e') digits = exponent(magnitude.toExponential(Math.min(precision, 100)))
  else digits = general(d, magnitude, precision === 0 ? 1 : precision)
  if (d.conversion !== kind) digits = digits.toUpperCase()
  return pad(d, sign, digits, width, Number.isFinite(value))
}

/** C writes at least two digits of exponent. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

function general(d: Directive, magnitude: number, precision: number): string {
  const power = magnitude === 0 ? 0 : Number(magnitude.toExponential(precision - 1).split('e')[1])
  const text =
    power < -4 || power >= precision
      ? exponent(magnitude.toExponential(precision - 1))
      : magnitude.toFixed(Math.min(100, precision - 1 - power))
  if (d.flags.includes('#') || !text.includes('.')) return text
  const [mantissa = '', tail] = text.split('e')
  const trimmed = mantissa.replace(/0+$/, '').replace(/\.$/, '')
  return tail === undefined ? trimmed : `${trimmed}e${tail}`
}

/** Text of %s and %c, padded. */
export const formatText = (d: Directive, text: string, width: number): string =>
  d.flags.includes('-') ? text.padEnd(width) : text.padStart(width)

function pad(d: Directive, sign: string, digits: string, width: number, zeros: boolean): string {
  if (d.flags.includes('-')) return (sign + digits).padEnd(width)
  if (zeros && d.flags.includes('0')) return sign + digits.padStart(width - sign.length, '0')
  return (sign + digits).padStart(width)
}
