/** Typed nodes with constants folded as x86-64 computes them; and constant expressions (C11 §6.6). */

import type { ArithmeticOperator, Comparison } from './ast.ts'
import type { Place } from './token.ts'
import type { FunctionSymbol, GlobalVariable, Node } from './tree.ts'
import { boolType, type CType, intType } from './types.ts'

/** `value` as an object of `type` keeps it. */
export function wrapTo(type: CType, value: bigint): bigint {
  if (type.kind !== 'integer') return BigInt.asUintN(64, value)
  const { size, signed } = type.integer
  if (type.integer === boolType.integer) return value === 0n ? 0n : 1n
  return signed ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value)
}

export const constant = (type: CType, value: bigint, at: Place): Node => ({
  kind: 'constant',
  type,
  at,
  value: wrapTo(type, value),
})

export const floatConstant = (type: CType, value: number, at: Place): Node => ({
  kind: 'float',
  type,
  at,
  value: type.kind === 'float' && type.size === 4 ? Math.fround(value) : value,
})

export function convert(node: Node, type: CType): Node {
  if (node.type === type || node.kind === 'error') return node
  if (type.kind === 'error') return { kind: 'error', type, at: node.at }
  if (node.kind === 'constant') {
    if (type.kind === 'float') return floatConstant(type, Number(node.value), node.at)
    if (type.kind !== 'void') return constant(type, node.value, node.at)
  }
  if (node.kind === 'float') {
    if (type.kind === 'float') return floatConstant(type, node.value, node.at)
    if (type.kind === 'integer') {
      if (type.integer === boolType.integer) return constant(type, node.value === 0 ? 0n : 1n, node.at)
      const whole = Math.trunc(node.value)
      if (Math.abs(whole) < 2 ** 63) return constant(type, BigInt(whole), node.at)
    }
  }
  return { kind: 'convert', type, at: node.at, operand: node }
}

function compute(operator: ArithmeticOperator, type: CType, a: bigint, b: bigint): bigint | undefined {
  const bits = type.kind === 'integer' ? BigInt(type.integer.size * 8) : 64n
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0n ? undefined : a / b
    case '%':
      return b === 0n ? undefined : a % b
    case '&':
      return a & b
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '<<':
      return a << (b & (bits - 1n))
    case '>>':
      return a >> (b & (bits - 1n))
  }
}

function computeFloat(operator: ArithmeticOperator, a: number, b: number): number {
  if (operator === '+') return a + b
  if (operator === '-') return a - b
  return operator === '*' ? a * b : a / b
}

/** Both operands already of `type` (a shift's right one of its own). */
export function arithmetic(operator: ArithmeticOperator, type: CType, left: Node, right: Node, at: Place): Node {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const value = compute(operator, type, left.value, right.value)
    if (value !== undefined) return constant(type, value, at)
  }
  if (left.kind === 'float' && right.kind === 'float') {
    return floatConstant(type, computeFloat(operator, left.value, right.value), at)
  }
  return { kind: 'arithmetic', operator, type, left, right, at }
}

function holds<T extends bigint | number>(operator: Comparison, a: T, b: T): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '>':
      return a > b
    case '<=':
      return a <= b
    case '>=':
      return a >= b
    case '==':
      return a === b
    case '!=':
      return a !== b
  }
}

export function compare(operator: Comparison, left: Node, right: Node, at: Place): Node {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return constant(intType, holds(operator, left.value, right.value) ? 1n : 0n, at)
  }
  if (left.kind === 'float' && right.kind === 'float') {
    return constant(intType, holds(operator, left.value, right.value) ? 1n : 0n, at)
  }
  return { kind: 'compare', operator, type: intType, left, right, at }
}

/** Is it zero or not, when that is known? */
export function truth(node: Node): boolean | undefined {
  if (node.kind === 'constant') return node.value !== 0n
  return node.kind === 'float' ? node.value !== 0 : undefined
}

/** A value that is known before the program runs. */
export type StaticValue =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'address'
      readonly of: GlobalVariable | FunctionSymbol | readonly number[]
      readonly offset: bigint
    }

/** The object that an lvalue names, when its address is known. */
function staticAddress(node: Node): StaticValue | undefined {
  switch (node.kind) {
    case 'variable':
      return node.variable.kind === 'global' ? { kind: 'address', of: node.variable, offset: 0n } : undefined
    case 'string':
      return { kind: 'address', of: node.bytes, offset: 0n }
    case 'function':
      return { kind: 'address', of: node.symbol, offset: 0n }
    case 'member':
      return shifted(staticAddress(node.base), BigInt(node.offset))
    case 'deref':
      return staticValue(node.pointer)
    default:
      return undefined
  }
}

function shifted(value: StaticValue | undefined, by: bigint): StaticValue | undefined {
  if (value?.kind === 'address') return { ...value, offset: value.offset + by }
  return value?.kind === 'integer' ? { kind: 'integer', value: value.value + by } : undefined
}

/** The value of an initialiser of a global; undefined when only running can tell. */
export function staticValue(node: Node): StaticValue | undefined {
  switch (node.kind) {
    case 'constant':
      return { kind: 'integer', value: node.value }
    case 'float':
      return { kind: 'float', value: node.value }
    case 'address':
      return staticAddress(node.operand)
    case 'function':
      return { kind: 'address', of: node.symbol, offset: 0n }
    case 'convert': {
      const value = staticValue(node.operand)
      const wide = node.type.kind === 'pointer' || (node.type.kind === 'integer' && node.type.integer.size === 8)
      if (value?.kind === 'address') return wide ? value : undefined
      return value?.kind === 'integer' ? { kind: 'integer', value: wrapTo(node.type, value.value) } : undefined
    }
    case 'arithmetic': {
      const left = staticValue(node.left)
      const right = staticValue(node.right)
      if (left?.kind === 'integer' && right?.kind === 'integer') {
        const value = compute(node.operator, node.type, left.value, right.value)
        return value === undefined ? undefined : { kind: 'integer', value: wrapTo(node.type, value) }
      }
      if (left?.kind === 'address' && right?.kind === 'address') {
        const apart = node.operator === '-' && left.of === right.of
        return apart ? { kind: 'integer', value: left.offset - right.offset } : undefined
      }
      if (right?.kind === 'integer' && node.operator === '+') return shifted(left, right.value)
      if (right?.kind === 'integer' && node.operator === '-') return shifted(left, -right.value)
      if (left?.kind === 'integer' && node.operator === '+') return shifted(right, left.value)
      return undefined
    }
    case 'conditional': {
      const test = staticValue(node.test)
      const holds = test?.kind === 'address' || (test !== undefined && Number(test.value) !== 0)
      return test && staticValue(holds ? node.yes : node.no)
    }
    default:
      return undefined
  }
}
