/** `L"…"`, `u"…"`, `U"…"` and such characters (C11 §6.4.4.4, §6.4.5): one element a code point, in UTF-16 for `u`. */

import type { Expr } from './ast.ts'
import type { Context } from './context.ts'
import { errorNode } from './conversions.ts'
import { constant } from './fold.ts'
import { simpleEscapes } from './literals.ts'
import type { Node } from './tree.ts'
import { arrayOf, intType, uintType, ushortType } from './types.ts'

const ESCAPE = /^\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^xuU]))/

/** Elements of the text between the quotes; a word where it is wrong. */
function elementsOf(inner: string, size: 2 | 4): readonly number[] | string {
  const elements: number[] = []
  const put = (point: number): void => {
    if (size === 4 || point < 0x1_0000) elements.push(point)
    else elements.push(...[...String.fromCodePoint(point)].flatMap((c) => [c.charCodeAt(0), c.charCodeAt(1)]))
  }
  for (let i = 0; i < inner.length; ) {
    if (inner[i] !== '\\') {
      const point = inner.codePointAt(i) ?? 0
      put(point)
      i += point > 0xffff ? 2 : 1
      continue
    }
    const [all = '', hex, octal, short, long, letter = ''] = ESCAPE.exec(inner.slice(i, i + 24)) ?? []
    i += all.length
    const number = hex === undefined ? Number.parseInt(octal ?? '-1', 8) : Number.parseInt(hex, 16)
    const point = Number.parseInt(short ?? long ?? '-1', 16)
    if (number >= 0) {
      if (number >= 2 ** (8 * size)) return `escape '${all}' does not fit ${size} bytes`
      elements.push(number)
    } else if (point >= 0) {
      if (point > 0x10_ffff || (point >= 0xd800 && point < 0xe000)) return `'${all}' is no character`
      put(point)
    } else {
      const known = simpleEscapes[letter]
      if (known === undefined) return `unknown escape '\\${letter}'`
      elements.push(known)
    }
  }
  return elements
}

export function wideNode(c: Context, { texts, at }: Expr & { kind: 'wide' }): Node {
  const prefix = texts.map((text) => /^[LuU]/.exec(text)?.[0]).find((found) => found !== undefined)
  const type = prefix === 'L' ? intType : prefix === 'U' ? uintType : ushortType
  const size = prefix === 'u' ? 2 : 4
  const elements: number[] = []
  for (const text of texts) {
    const read = elementsOf(text.replace(/^[LuU]/, '').slice(1, -1), size)
    if (typeof read === 'string') {
      c.problems.error(at, read)
      return errorNode(at)
    }
    for (const element of read) elements.push(element)
  }
  if (texts[0]?.endsWith("'")) {
    if (elements.length === 1) return constant(type, BigInt(elements[0] ?? 0), at)
    c.problems.error(at, 'this constant must be a single character')
    return errorNode(at)
  }
  const bytes = elements.flatMap((element) => Array.from({ length: size }, (_, i) => (element >>> (8 * i)) & 255))
  // All but the last byte of the closing zero, as a plain string is without its own.
  return {
    kind: 'string',
    bytes: [...bytes, ...new Array<number>(size - 1).fill(0)],
    type: arrayOf(type, elements.length + 1),
    at,
  }
}
