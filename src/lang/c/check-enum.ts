/** Enumerations, and the widths of bit-fields. The page fetches this when a program has one. */

import type { Declarator, Expr, TypeSpecifier } from './ast.ts'
import type { Context } from './context.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

export function enumSpecifier(c: Context, s: TypeSpecifier & { kind: 'enum' }): T.CType {
  if (s.enumerators === undefined) {
    const known = c.scopes.tag(s.tag ?? '')
    if (known?.kind === 'enum') return known.type
    c.problems.error(s.at, `there is no enum '${s.tag}'`)
    return T.errorType
  }
  if (s.tag !== undefined && c.scopes.tagHere(s.tag) !== undefined)
    c.problems.error(s.at, `'${s.tag}' is defined twice`)
  let next = 0n
  let negative = false
  let wide = false
  const names = new Map<bigint, string>()
  for (const { name, at, value } of s.enumerators) {
    if (value !== undefined) next = c.integer(value, "the enumerator's value") ?? next
    negative ||= next < 0n
    const int = next >= -0x8000_0000n && next <= 0x7fff_ffffn
    wide ||= next < -0x8000_0000n || next > 0xffff_ffffn
    if (c.scopes.nameHere(name) !== undefined) c.problems.error(at, `'${name}' is declared twice`)
    const type = int ? T.intType : next > 0x7fff_ffff_ffff_ffffn ? T.ulongType : wide ? T.longType : T.uintType
    c.scopes.declare(name, { kind: 'enumerator', value: next, type })
    if (!names.has(next)) names.set(next, name)
    next++
  }
  const underlying = wide ? (negative ? T.longType : T.ulongType) : negative ? T.intType : T.uintType
  const type = T.enumType(underlying, s.tag === undefined ? 'enum (unnamed)' : `enum ${s.tag}`, names)
  if (s.tag !== undefined) c.scopes.declareTag(s.tag, { kind: 'enum', type })
  return type
}

export function bitWidth(c: Context, type: T.CType, expr: Expr, declarator: Declarator): number | undefined {
  const value = c.integer(expr, "the bit-field's width")
  if (type.kind === 'error' || value === undefined) return undefined
  if (type.kind !== 'integer') {
    c.problems.error(declarator.at, `a bit-field cannot have type '${typeName(type)}'`)
    return undefined
  }
  const most = type.integer === T.boolType.integer ? 1 : type.integer.size * 8
  if (value < 0n || value > BigInt(most))
    c.problems.error(expr.at, `a '${typeName(type)}' has ${most} bits, not ${value}`)
  else if (value === 0n && declarator.name !== undefined)
    c.problems.error(expr.at, 'only a nameless bit-field is 0 wide')
  else return Number(value)
  return undefined
}
