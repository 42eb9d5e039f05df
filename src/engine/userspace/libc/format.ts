/**
 * printf's directives, C11 §7.21.6.1, and its conversions of integers, characters, strings and pointers; doubles are in
 * `format-real.ts`. Text is a string with one character a byte. Left out: long double, grouping by locale.
 */

export interface Directive {
  /** Which argument it converts, from 1; undefined for the next. */
  readonly position: number | undefined
  readonly flags: string
  /** `*`: the next argument; `*2$`: the second. */
  readonly width: number | string | undefined
  readonly precision: number | string | undefined
  readonly length: string
  readonly conversion: string
}

/** A format taken apart: literal text and directives, in order. What is no directive stays text. */
export function parseFormat(format: string): readonly (string | Directive)[] {
  const parts: (string | Directive)[] = []
  const pattern =
    /%(?:(\d+)\$)?([-+ #0'I]*)(\*(?:\d+\$)?|\d+)?(?:\.(\*(?:\d+\$)?|-?\d*))?(hh|h|ll|l|q|j|z|t|L)?([diouxXcspeEfFgGaAnmCS%])/g
  let last = 0
  for (const match of format.matchAll(pattern)) {
    if (match.index > last) parts.push(format.slice(last, match.index))
    const [all, position, flags = '', width, precision, length = '', conversion = ''] = match
    const number = (text: string | undefined): number | string | undefined =>
      text === undefined || text.startsWith('*') ? text : Number(text)
    if (conversion === '%') parts.push('%')
    else {
      const at = position === undefined ? undefined : Number(position)
      parts.push({ position: at, flags, width: number(width), precision: number(precision), length, conversion })
    }
    last = match.index + all.length
  }
  if (last < format.length) parts.push(format.slice(last))
  return parts
}

/** Bits of what a length modifier stands for; 64 for those that are not named. */
export const BITS: Readonly<Record<string, number>> = { hh: 8, h: 16, '': 32 }

export const signOf = (negative: boolean, flags: string): string =>
  negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''

/** One integer argument (64 bits as passed), converted. `width` and `precision` are resolved. */
export function formatInteger(d: Directive, value: bigint, width: number, precision: number | undefined): string {
  const bits = BITS[d.length] ?? 64
  const signed = d.conversion === 'd' || d.conversion === 'i'
  const n = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  const base = d.conversion === 'o' ? 8 : d.conversion === 'x' || d.conversion === 'X' ? 16 : 10
  let digits = (n < 0n ? -n : n).toString(base)
  if (precision === 0 && n === 0n) digits = ''
  if (d.conversion === 'X') digits = digits.toUpperCase()
  digits = digits.padStart(precision ?? 1, '0')
  let sign = signed ? signOf(n < 0n, d.flags) : ''
  if (d.flags.includes('#') && n !== 0n && base === 16) sign = `0${d.conversion}`
  if (d.flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`
  return pad(d, sign, digits, width, precision === undefined)
}

/** A pointer: as `%#lx` would print it, and null by a name of its own. */
export const formatPointer = (d: Directive, value: bigint, width: number, precision: number | undefined): string =>
  value === 0n
    ? formatText(d, '(nil)', width)
    : formatInteger({ ...d, flags: `${d.flags}#`, length: 'l', conversion: 'x' }, value, width, precision)

/** Text of %s and %c, padded. */
export const formatText = (d: Directive, text: string, width: number): string =>
  d.flags.includes('-') ? text.padEnd(width) : text.padStart(width)

export function pad(d: Directive, sign: string, digits: string, width: number, zeros: boolean): string {
  if (d.flags.includes('-')) return (sign + digits).padEnd(width)
  if (zeros && d.flags.includes('0')) return sign + digits.padStart(width - sign.length, '0')
  return (sign + digits).padStart(width)
}
