/** Spellings of constants → values (C11 §6.4.4, §6.4.5). Wide ones: `wide-literals.ts`. */

import { err, ok, type Result } from '../../base/result.ts'

export type NumberLiteral =
  | {
      readonly kind: 'integer'
      readonly value: bigint
      readonly unsigned: boolean
      /** Number of `l` in the suffix. */
      readonly long: 0 | 1 | 2
      /** Decimal constants never become unsigned by themselves. */
      readonly decimal: boolean
    }
  | { readonly kind: 'float'; readonly value: number; readonly single: boolean }

export function readNumber(text: string): Result<NumberLiteral, string> {
  if (text.length > 400) return err('this number is too long')
  const integer = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)([uUlL]*)$/.exec(text)
  if (integer !== null) {
    const digits = integer[1] ?? ''
    const suffix = integer[2] ?? ''
    if (!/^(u?(l|L|ll|LL)?|(l|L|ll|LL)u)$/.test(suffix.replaceAll('U', 'u'))) {
      return err(`'${suffix}' is no suffix of an integer`)
    }
    const octal = /^0[0-7]+$/.test(digits)
    const value = BigInt(octal ? `0o${digits.slice(1)}` : digits)
    if (value > 0xffff_ffff_ffff_ffffn) return err('this number does not fit 64 bits')
    const ls = suffix.replace(/[uU]/g, '').length
    const long = ls === 0 ? 0 : ls === 1 ? 1 : 2
    return ok({ kind: 'integer', value, unsigned: /[uU]/.test(suffix), long, decimal: /^[1-9]/.test(digits) })
  }
  const float = /^([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?([fFlL]?)$/.exec(text)
  if (float !== null) {
    if (/[lL]/.test(float[3] ?? '')) return err('long double is not supported')
    const single = /[fF]/.test(float[3] ?? '')
    const value = Number(text.replace(/[fF]$/, ''))
    return ok({ kind: 'float', value: single ? Math.fround(value) : value, single })
  }
  const hex = /^0[xX](?=\.?[0-9a-fA-F])([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)([fF]?)$/.exec(text)
  if (hex !== null) {
    const [, whole = '', fraction = '', exponent = '', suffix] = hex
    const power = Number(exponent) - 4 * fraction.length
    const half = Math.trunc(power / 2)
    const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** half * 2 ** (power - half)
    return ok({ kind: 'float', value: suffix ? Math.fround(value) : value, single: suffix !== '' })
  }
  if (/^0[0-9]*[89]/.test(text)) return err(`'${text}' starts with 0, so it is octal, where 8 and 9 do not exist`)
  return err(`'${text}' is no number`)
}

export const simpleEscapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
}

const encoder = new TextEncoder()

/** The bytes between the quotes, escapes resolved, the rest in UTF-8. */
function bytesOf(inner: string): Result<number[], string> {
  const bytes: number[] = []
  for (let i = 0; i < inner.length; ) {
    const char = String.fromCodePoint(inner.codePointAt(i) ?? 0)
    i += char.length
    if (char !== '\\') {
      const code = char.charCodeAt(0)
      if (code < 128) bytes.push(code)
      else bytes.push(...encoder.encode(char))
      continue
    }
    const rest = inner.slice(i, i + 16)
    const numeric = /^(?:x([0-9a-fA-F]+)|([0-7]{1,3}))/.exec(rest)
    if (numeric !== null) {
      const value = numeric[1] === undefined ? Number.parseInt(numeric[2] ?? '', 8) : Number.parseInt(numeric[1], 16)
      if (value > 255) return err(`escape '\\${numeric[0]}' does not fit a byte`)
      bytes.push(value)
      i += numeric[0].length
      continue
    }
    const point = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest)
    const code = Number.parseInt(point?.[1] ?? point?.[2] ?? '-1', 16)
    if (point !== null && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff)) {
      bytes.push(...encoder.encode(String.fromCodePoint(code)))
      i += point[0].length
      continue
    }
    const known = simpleEscapes[rest[0] ?? '']
    if (known === undefined) return err(`unknown escape '\\${rest[0] ?? ''}'`)
    bytes.push(known)
    i++
  }
  return ok(bytes)
}

/** A character constant has type int; several characters pack as gcc packs them. */
export function readCharacter(text: string): Result<bigint, string> {
  const read = bytesOf(text.slice(1, -1))
  if (!read.ok) return read
  const [first] = read.value
  if (first === undefined) return err('a character constant needs a character')
  if (read.value.length > 4) return err('this character constant has more than 4 bytes')
  if (read.value.length === 1) return ok(BigInt.asIntN(8, BigInt(first)))
  return ok(
    BigInt.asIntN(
      32,
      read.value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n),
    ),
  )
}

/** The bytes of a string literal, without the closing zero. */
export const readString = (text: string): Result<number[], string> => bytesOf(text.slice(1, -1))
