/**
 * sscanf, with all conversions of C11 but those of wide characters and long double; `%m…` allocates. Left out: scanf
 * and fscanf, since the only input that there is is at its end.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { bytesOf, load, type Process, readText, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { memory } from './malloc.ts'
import { integerIn, LONGEST, realIn } from './numbers.ts'
import { type Arguments, passed } from './stdio.ts'
import { address, fromDouble } from './words.ts'

const STDIO = 'libc: stdio.h'
const EOF = -1
const SPACE = /^[ \t\n\v\f\r]+/
const DIRECTIVE = /^%(\*?)(\d*)(m?)(hh?|ll?|[jztL])?(\[\^?\]?[^\]]*\]|[diouxXpneEfFgGaAcs%])/

/** Bytes of an integer, by its length modifier. */
const SIZES: Readonly<Record<string, 1 | 2 | 4 | 8>> = { hh: 1, h: 2, '': 4 }
const BASES: Readonly<Record<string, number>> = { d: 10, u: 10, o: 8, x: 16, X: 16, p: 16, i: 0 }

interface Directive {
  readonly skip: boolean
  /** Characters that it takes at most. */
  readonly width: number
  readonly allocates: boolean
  readonly length: string
  /** One letter, or a set in brackets. */
  readonly conversion: string
  readonly source: string
}

function directiveAt(format: string): Directive {
  const found = DIRECTIVE.exec(format)
  if (found === null) throw new Killed(134, `sscanf: '${format.slice(0, 4)}' is no conversion`)
  const [source, skip, width = '', allocates, length = '', conversion = ''] = found
  if (length === 'L') throw new Killed(134, 'sscanf: this library has no long double')
  if (length === 'l' && /^[cs[]/.test(conversion)) throw new Killed(134, 'sscanf: wide characters are not read here')
  const most = width === '' || Number(width) === 0 ? (conversion === 'c' ? 1 : LONGEST) : Number(width)
  return { skip: skip !== '', width: most, allocates: allocates !== '', length, conversion, source }
}

/** Is a character in a set like `a-z]` or `^,`? */
function inSet(set: string): (c: string) => boolean {
  const inside = set.slice(1, -1)
  const except = inside.startsWith('^')
  const members = new Set<number>()
  const text = except ? inside.slice(1) : inside
  for (let i = 0; i < text.length; i++) {
    const from = text.charCodeAt(i)
    const range = text[i + 1] === '-' && i + 2 < text.length
    const to = range ? text.charCodeAt(i + 2) : from
    for (let c = from; c <= to; c++) members.add(c)
    if (range) i += 2
  }
  return (c) => members.has(c.charCodeAt(0)) !== except
}

/** What a conversion takes of the input, and what it stores: a number, or text. Undefined: it does not match. */
function taken(directive: Directive, input: string): { length: number; value: bigint | string } | undefined {
  const { conversion, width } = directive
  const part = input.slice(0, width)
  if (conversion === 'c') return part.length < width ? undefined : { length: width, value: part }
  if (conversion === 's' || conversion.startsWith('[')) {
    const fits = conversion === 's' ? (c: string) => !SPACE.test(c) : inSet(conversion)
    let length = 0
    while (length < part.length && fits(part.charAt(length))) length++
    return length === 0 ? undefined : { length, value: part.slice(0, length) }
  }
  const base = BASES[conversion]
  if (base !== undefined) {
    const { value, length } = integerIn(part, base)
    return length === 0 ? undefined : { length, value: 'di'.includes(conversion) ? clamped(value) : value }
  }
  const { value, length } = realIn(part)
  if (length === 0) return undefined
  return { length, value: directive.length === 'l' ? fromDouble(value) : floatBits(value) }
}

/** As strtol answers what no long holds. */
function clamped(value: bigint): bigint {
  const most = 0x7fff_ffff_ffff_ffffn
  return value > most ? most : value < -most - 1n ? -most - 1n : value
}

function floatBits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return BigInt(view.getUint32(0))
}

const sizeOf = ({ conversion, length }: Directive): 1 | 2 | 4 | 8 => {
  if (conversion === 'p') return 8
  return conversion in BASES || conversion === 'n' ? (SIZES[length] ?? 8) : length === 'l' ? 8 : 4
}

/** Stores what was taken where the next argument points to. */
function* put(
  p: Process,
  directive: Directive,
  pointer: bigint,
  value: bigint | string,
): Generator<Request, boolean, unknown> {
  if (typeof value !== 'string') {
    const size = sizeOf(directive)
    yield* store(p, address(pointer), size, BigInt.asUintN(8 * size, value))
    return true
  }
  const bytes = bytesOf(directive.conversion === 'c' ? value : `${value}\0`)
  let to = address(pointer)
  if (directive.allocates) {
    const at = (yield* (memory['malloc'] as LibraryFunction)(p, BigInt(bytes.length))) as bigint
    if (at === 0n) return false
    yield* store(p, to, 8, at)
    to = address(at)
  }
  for (const [i, byte] of bytes.entries()) yield* store(p, to + i, 1, BigInt(byte))
  return true
}

function* scan(p: Process, from: bigint, formatAt: bigint, next: Arguments): Generator<Request, number, unknown> {
  const input = yield* readText(p, from, LONGEST)
  let format = yield* readText(p, formatAt)
  let at = 0
  let used = 0
  let assigned = 0
  const skipSpace = (): void => {
    at += SPACE.exec(input.slice(at))?.[0].length ?? 0
  }
  while (format !== '') {
    const space = SPACE.exec(format)
    if (space !== null) {
      skipSpace()
      format = format.slice(space[0].length)
      continue
    }
    if (!format.startsWith('%')) {
      if (at >= input.length) return assigned === 0 ? EOF : assigned
      if (input[at] !== format[0]) return assigned
      at++
      format = format.slice(1)
      continue
    }
    const directive = directiveAt(format)
    const { conversion, source } = directive
    format = format.slice(source.length)
    if (conversion === 'n') {
      if (!directive.skip) yield* put(p, directive, yield* next(used++), BigInt(at))
      continue
    }
    if (conversion !== 'c' && !conversion.startsWith('[')) skipSpace()
    if (at >= input.length) return assigned === 0 ? EOF : assigned
    if (conversion === '%') {
      if (input[at] !== '%') return assigned
      at++
      continue
    }
    const found = taken(directive, input.slice(at))
    if (found === undefined) return assigned
    at += found.length
    if (directive.skip) continue
    if (!(yield* put(p, directive, yield* next(used++), found.value))) return assigned
    assigned++
  }
  return assigned
}

const sscanf = kfunc(STDIO, function* sscanf(p: Process, from: bigint, format: bigint, ...args: bigint[]) {
  return yield* scan(p, from, format, passed(args))
})

const vsscanf = kfunc(STDIO, function* vsscanf(p: Process, from: bigint, format: bigint, list: bigint) {
  const at = yield* load(p, address(list) + 8, 8)
  return yield* scan(p, from, format, (index) => load(p, address(at) + 8 * index, 8))
})

export const scanning: Readonly<Record<string, LibraryFunction>> = { sscanf, vsscanf }
