/** Implicit conversions (C11 §6.3): values of lvalues, promotions, usual arithmetic conversions, assignment. */

import type { Context } from './context.ts'
import { convert } from './fold.ts'
import type { Place } from './token.ts'
import type { Node } from './tree.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

export const errorNode = (at: Place): Node => ({ kind: 'error', type: T.errorType, at })

export const isLvalue = (node: Node): boolean =>
  node.kind === 'variable' ||
  node.kind === 'string' ||
  node.kind === 'deref' ||
  node.kind === 'compound' ||
  (node.kind === 'member' && (isLvalue(node.base) || node.base.type.kind === 'record'))

/** From here on the variable behind an lvalue needs a place in memory. */
function needsMemory(node: Node): void {
  if (node.kind === 'variable' && node.variable.kind === 'local') node.variable.inMemory = true
  else if (node.kind === 'member') needsMemory(node.base)
}

export function addressOf(node: Node, at: Place, to: T.CType = node.type): Node {
  if (node.kind === 'deref') return convert(node.pointer, T.pointerTo(to))
  needsMemory(node)
  return { kind: 'address', operand: node, type: T.pointerTo(to), at }
}

/** What an expression is worth: arrays and functions become pointers, qualifiers fall away. */
export function rvalue(node: Node): Node {
  const { type } = node
  if (type.kind === 'array') return addressOf(node, node.at, type.of)
  if (type.kind === 'function') return addressOf(node, node.at)
  if (type.qualifiers !== 0 && !isLvalue(node)) return convert(node, T.unqualified(type))
  return node
}

/** The value of an integer constant expression; a wrong one is told and undefined. */
export function integerOf(c: Context, node: Node, what: string): bigint | undefined {
  if (node.kind === 'constant' && node.type.kind === 'integer') return node.value
  if (node.kind !== 'error') c.problems.error(node.at, `${what} must be a constant integer`)
  return undefined
}

/** Integer promotion. */
export function promote(node: Node): Node {
  const { type } = node
  if (type.kind !== 'integer') return node
  if (node.kind === 'member' && node.bits !== undefined && type.integer.rank <= T.intType.integer.rank) {
    return convert(node, node.bits.width < 32 || type.integer.signed ? T.intType : T.uintType)
  }
  if (type.integer.rank < T.intType.integer.rank) return convert(node, T.intType)
  return type.qualifiers === 0 && type.enumeration === undefined ? node : convert(node, plainInteger(type))
}

const integers = [T.intType, T.uintType, T.longType, T.ulongType, T.llongType, T.ullongType]

/** The same integer type without qualifiers and enumeration. */
const plainInteger = (type: T.IntegerType): T.IntegerType =>
  integers.find((i) => i.integer === type.integer) ?? { ...type, qualifiers: 0, enumeration: undefined }

/** The type that two promoted arithmetic types meet in. */
export function commonType(a: T.CType, b: T.CType): T.CType {
  if (a.kind === 'float' || b.kind === 'float') {
    const size = Math.max(a.kind === 'float' ? a.size : 4, b.kind === 'float' ? b.size : 4)
    return size === 8 ? T.doubleType : T.floatType
  }
  if (a.kind !== 'integer' || b.kind !== 'integer') return T.errorType
  const [low, high] = a.integer.rank <= b.integer.rank ? [a, b] : [b, a]
  if (low.integer.signed === high.integer.signed || !high.integer.signed) return plainInteger(high)
  if (low.integer.rank === high.integer.rank) return plainInteger(low)
  if (high.integer.size > low.integer.size) return plainInteger(high)
  return integers.find((i) => i.integer.rank === high.integer.rank && !i.integer.signed) ?? T.errorType
}

export function arithmeticOperands(left: Node, right: Node): { left: Node; right: Node; type: T.CType } {
  const l = promote(left)
  const r = promote(right)
  const type = commonType(l.type, r.type)
  return { left: convert(l, type), right: convert(r, type), type }
}

/** `0`, `(void *)0`. */
export const isNull = (node: Node): boolean =>
  node.kind === 'constant' &&
  node.value === 0n &&
  (node.type.kind === 'integer' || (node.type.kind === 'pointer' && node.type.to.kind === 'void'))

/** May a pointer to one be used as a pointer to the other without a cast? Signedness is forgiven. */
export function pointersAgree(a: T.CType, b: T.CType): boolean {
  if (a.kind === 'void' || b.kind === 'void' || T.compatible(a, b)) return true
  if (a.kind === 'integer' && b.kind === 'integer') return a.integer.size === b.integer.size
  if (a.kind === 'array' && b.kind === 'array') return pointersAgree(a.of, b.of)
  return a.kind === 'pointer' && b.kind === 'pointer' && pointersAgree(a.to, b.to)
}

/** `node` as a value of `type`, as if by assignment; `what` begins the complaint: "argument 2 of 'f'". */
export function assignable(c: Context, node: Node, type: T.CType, what: string): Node {
  const from = rvalue(node)
  const to = T.unqualified(type)
  if (from.type.kind === 'error' || to.kind === 'error') return errorNode(node.at)
  if (T.isArithmetic(from.type) && T.isArithmetic(to)) return convert(from, to)
  const wanted = `'${typeName(to)}'`
  const given = `'${typeName(T.unqualified(from.type))}'`
  const complain = (message: string, hint?: string): Node => {
    c.problems.error(node.at, message, hint)
    return errorNode(node.at)
  }
  if (to.kind === 'record') {
    if (from.type.kind === 'record' && from.type.record === to.record) return from
    return complain(`${what} must be ${wanted}, not ${given}`)
  }
  if (to.kind === 'pointer') {
    if (isNull(from)) return convert(from, to)
    if (from.type.kind === 'pointer') {
      if (pointersAgree(to.to, from.type.to)) return convert(from, to)
      return complain(
        `${what} must be ${wanted}, not ${given}: the pointers are of different types`,
        'a cast says that it is meant',
      )
    }
    if (from.type.kind === 'integer') {
      return complain(`${what} must be the pointer ${wanted}, not the integer ${given}`, 'a cast says that it is meant')
    }
  }
  if (to.kind === 'integer' && from.type.kind === 'pointer') {
    if (to.integer === T.boolType.integer) return convert(from, to)
    return complain(`${what} must be the integer ${wanted}, not the pointer ${given}`, 'a cast says that it is meant')
  }
  return complain(`${what} must be ${wanted}, not ${given}`)
}
