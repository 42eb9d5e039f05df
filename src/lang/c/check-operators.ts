/** Operators on typed operands (C11 §6.5.3 – §6.5.17). */

import type { ArithmeticOperator, BinaryOperator, Comparison, UnaryOperator } from './ast.ts'
import { type Context, rareOf } from './context.ts'
import {
  addressOf,
  arithmeticOperands,
  assignable,
  commonType,
  errorNode,
  isLvalue,
  isNull,
  pointersAgree,
  promote,
  rvalue,
} from './conversions.ts'
import { arithmetic, compare, constant, convert, floatConstant, truth } from './fold.ts'
import type { Place } from './token.ts'
import type { Node } from './tree.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

const shown = (node: Node): string => `'${typeName(T.unqualified(node.type))}'`

function refuse(c: Context, operator: string, at: Place, ...operands: readonly Node[]): Node {
  if (operands.every((o) => o.type.kind !== 'error')) {
    c.problems.error(at, `'${operator}' cannot work on ${operands.map(shown).join(' and ')}`)
  }
  return errorNode(at)
}

/** A value that can be compared with zero. */
export function condition(c: Context, node: Node): Node {
  const value = rvalue(node)
  if (T.isScalar(value.type) || value.type.kind === 'error') return value
  c.problems.error(node.at, `a condition must be a number or a pointer, not ${shown(value)}`)
  return errorNode(node.at)
}

export function unary(c: Context, operator: UnaryOperator, operand: Node, at: Place): Node {
  if (operand.kind === 'error') return errorNode(at)
  if (operator === '&') {
    if (operand.type.kind === 'function') return addressOf(operand, at)
    if (operand.kind === 'member' && operand.bits !== undefined) {
      c.problems.error(at, 'a bit-field has no address')
      return errorNode(at)
    }
    if (isLvalue(operand)) return addressOf(operand, at)
    c.problems.error(at, 'only an object in memory has an address')
    return errorNode(at)
  }
  const value = rvalue(operand)
  const { type } = value
  if (operator === '*') {
    if (type.kind !== 'pointer') return refuse(c, '*', at, value)
    if (type.to.kind === 'function') return { kind: 'deref', pointer: value, type: type.to, at }
    if (type.to.kind === 'void' || !T.isComplete(type.to)) {
      c.problems.error(at, `${shown(value)} points to the incomplete type '${typeName(type.to)}'`)
      return errorNode(at)
    }
    return { kind: 'deref', pointer: value, type: type.to, at }
  }
  if (operator === '!') {
    if (!T.isScalar(type)) return refuse(c, '!', at, value)
    const known = truth(value)
    if (known !== undefined) return constant(T.intType, known ? 0n : 1n, at)
    return { kind: 'not', operand: value, type: T.intType, at }
  }
  if (!T.isArithmetic(type) || (operator === '~' && type.kind !== 'integer')) return refuse(c, operator, at, value)
  const promoted = { ...promote(value), at }
  const to = promoted.type
  if (operator === '+') return convert(promoted, T.unqualified(to))
  if (operator === '~') return arithmetic('^', to, promoted, constant(to, -1n, at), at)
  if (to.kind === 'float') return arithmetic('*', T.unqualified(to), promoted, floatConstant(to, -1, at), at)
  return arithmetic('-', to, constant(to, 0n, at), promoted, at)
}

export function binary(c: Context, operator: BinaryOperator, l: Node, r: Node, at: Place): Node {
  const left = rvalue(l)
  const right = rvalue(r)
  if (left.kind === 'error' || right.kind === 'error') return errorNode(at)
  switch (operator) {
    case ',':
      return { kind: 'comma', left, right, type: T.unqualified(right.type), at }
    case '&&':
    case '||':
      return logical(operator, condition(c, left), condition(c, right), at)
    case '==':
    case '!=':
    case '<':
    case '>':
    case '<=':
    case '>=':
      return comparison(c, operator, left, right, at)
    default:
      return computation(c, operator, left, right, at)
  }
}

function logical(operator: '&&' | '||', left: Node, right: Node, at: Place): Node {
  if (left.kind === 'error' || right.kind === 'error') return errorNode(at)
  const known = truth(left)
  const other = truth(right)
  if (known === (operator === '||')) return constant(T.intType, known ? 1n : 0n, at)
  if (known !== undefined && other !== undefined) return constant(T.intType, other ? 1n : 0n, at)
  return { kind: 'logical', operator, left, right, type: T.intType, at }
}

function comparison(c: Context, operator: Comparison, left: Node, right: Node, at: Place): Node {
  const a = left.type
  const b = right.type
  if (T.isArithmetic(a) && T.isArithmetic(b)) {
    const operands = arithmeticOperands(left, right)
    return compare(operator, operands.left, operands.right, at)
  }
  if (a.kind === 'pointer' && b.kind === 'pointer') {
    if (pointersAgree(a.to, b.to)) return compare(operator, left, convert(right, T.unqualified(a)), at)
    c.problems.error(
      at,
      `${shown(left)} and ${shown(right)} are pointers of different types`,
      'a cast says that it is meant',
    )
    return errorNode(at)
  }
  if (a.kind === 'pointer' && isNull(right)) return compare(operator, left, convert(right, T.unqualified(a)), at)
  if (b.kind === 'pointer' && isNull(left)) return compare(operator, convert(left, T.unqualified(b)), right, at)
  return refuse(c, operator, at, left, right)
}

/** The bytes that a pointer moves by 1; undefined (told) when it cannot move. gcc moves `void *` by a byte. */
function stride(c: Context, { to }: T.PointerType, at: Place): Node | undefined {
  if (to.kind === 'array' && typeof to.extent === 'object')
    return convert({ kind: 'variable', variable: to.extent, type: T.ulongType, at }, T.longType)
  if (to.kind === 'void' || to.kind === 'function') return constant(T.longType, 1n, at)
  if (T.isComplete(to)) return constant(T.longType, BigInt(T.sizeOf(to)), at)
  c.problems.error(at, `arithmetic on a pointer to the incomplete type '${typeName(to)}'`)
  return undefined
}

const isOne = (node: Node): boolean => node.kind === 'constant' && node.value === 1n

const scaled = (index: Node, size: Node): Node => {
  const long = convert(promote(index), T.longType)
  return isOne(size) ? long : arithmetic('*', T.longType, long, size, index.at)
}

function computation(c: Context, operator: ArithmeticOperator, left: Node, right: Node, at: Place): Node {
  const a = left.type
  const b = right.type
  if (operator === '+' && a.kind === 'integer' && b.kind === 'pointer') return computation(c, '+', right, left, at)
  if (a.kind === 'pointer' && b.kind === 'integer' && (operator === '+' || operator === '-')) {
    const size = stride(c, a, at)
    return size === undefined ? errorNode(at) : arithmetic(operator, T.unqualified(a), left, scaled(right, size), at)
  }
  if (a.kind === 'pointer' && b.kind === 'pointer' && operator === '-') {
    const size = stride(c, a, at)
    if (size === undefined) return errorNode(at)
    if (!pointersAgree(a.to, b.to) || (size.kind === 'constant' && size.value === 0n))
      return refuse(c, '-', at, left, right)
    const bytes = arithmetic('-', T.longType, convert(left, T.longType), convert(right, T.longType), at)
    return isOne(size) ? bytes : arithmetic('/', T.longType, bytes, size, at)
  }
  const integers = a.kind === 'integer' && b.kind === 'integer'
  if (operator === '<<' || operator === '>>') {
    if (!integers) return refuse(c, operator, at, left, right)
    const promoted = promote(left)
    return arithmetic(operator, promoted.type, promoted, promote(right), at)
  }
  const wants = operator === '%' || operator === '&' || operator === '|' || operator === '^'
  if (wants ? !integers : !(T.isArithmetic(a) && T.isArithmetic(b))) return refuse(c, operator, at, left, right)
  const operands = arithmeticOperands(left, right)
  if ((operator === '/' || operator === '%') && operands.right.kind === 'constant' && operands.right.value === 0n) {
    c.problems.error(at, 'division by zero')
    return errorNode(at)
  }
  return arithmetic(operator, operands.type, operands.left, operands.right, at)
}

/** Complain unless `target` can be assigned to. */
function modifiable(c: Context, target: Node, at: Place): boolean {
  if (target.kind === 'error' || target.type.kind === 'error') return false
  const name = target.kind === 'variable' ? `'${target.variable.name}'` : 'this'
  if (!isLvalue(target) || target.kind === 'string' || target.type.kind === 'function') {
    c.problems.error(at, 'only a variable or an object in memory can be assigned to')
  } else if (target.type.kind === 'array') c.problems.error(at, 'an array cannot be assigned to as a whole')
  else if (isConst(target)) c.problems.error(at, `${name} is const and cannot be changed`)
  else return true
  return false
}

const isConst = (node: Node): boolean =>
  (node.type.qualifiers & T.CONST) !== 0 || (node.kind === 'member' && isConst(node.base))

export function assign(c: Context, operator: ArithmeticOperator | undefined, target: Node, r: Node, at: Place): Node {
  if (!modifiable(c, target, target.at)) return errorNode(at)
  const type = T.unqualified(target.type)
  if (operator === undefined) {
    const value = assignable(c, r, type, 'the assigned value')
    if ((target.type.qualifiers & T.ATOMIC) !== 0)
      return rareOf(c, at)?.locked(c, '__lock_rmw_new', 0, target, value, at) ?? errorNode(at)
    return value.kind === 'error' ? value : { kind: 'assign', target, value, type, at }
  }
  const right = rvalue(r)
  if (right.kind === 'error') return right
  return update(c, operator, target, right, false, at)
}

/** `x++` and its three relatives. */
export function step(c: Context, operator: '++' | '--', prefix: boolean, target: Node, at: Place): Node {
  if (!modifiable(c, target, at)) return errorNode(at)
  return update(c, operator === '++' ? '+' : '-', target, constant(T.intType, 1n, at), !prefix, at)
}

function update(
  c: Context,
  operator: ArithmeticOperator,
  target: Node,
  right: Node,
  postfix: boolean,
  at: Place,
): Node {
  const type = T.unqualified(target.type)
  const done = (compute: T.CType, operand: Node): Node => {
    if ((target.type.qualifiers & T.ATOMIC) === 0)
      return { kind: 'update', target, operator, operand, compute, postfix, type, at }
    const rare = rareOf(c, at)
    if (rare === undefined) return errorNode(at)
    const modify = ' +-&|^'.indexOf(operator)
    if (modify > 0 && compute.kind === 'integer')
      return rare.locked(c, postfix ? '__lock_rmw' : '__lock_rmw_new', modify, target, operand, at)
    return rare.exchanged(c, target, operator, operand, compute, postfix, at)
  }
  if (type.kind === 'pointer') {
    if (right.type.kind !== 'integer' || (operator !== '+' && operator !== '-'))
      return refuse(c, `${operator}=`, at, target, right)
    const size = stride(c, type, at)
    return size === undefined ? errorNode(at) : done(T.ulongType, scaled(right, size))
  }
  const integers = type.kind === 'integer' && right.type.kind === 'integer'
  const any = operator === '+' || operator === '-' || operator === '*' || operator === '/'
  if (!(integers || (any && T.isArithmetic(type) && T.isArithmetic(right.type)))) {
    return refuse(c, `${operator}=`, at, target, right)
  }
  const own = promote(target).type
  if (operator === '<<' || operator === '>>') return done(own, promote(right))
  const compute = commonType(own, promote(right).type)
  const operand = convert(promote(right), compute)
  if ((operator === '/' || operator === '%') && operand.kind === 'constant' && operand.value === 0n) {
    c.problems.error(at, 'division by zero')
    return errorNode(at)
  }
  return done(compute, operand)
}

export function conditional(c: Context, t: Node, y: Node, n: Node, at: Place): Node {
  const test = condition(c, t)
  const yes = rvalue(y)
  const no = rvalue(n)
  if (test.kind === 'error' || yes.kind === 'error' || no.kind === 'error') return errorNode(at)
  const type = conditionalType(yes, no)
  if (type === undefined) {
    c.problems.error(
      at,
      `the two choices of '?:' have the types ${shown(yes)} and ${shown(no)}, which do not fit together`,
    )
    return errorNode(at)
  }
  const left = type.kind === 'void' ? yes : convert(yes, type)
  const right = type.kind === 'void' ? no : convert(no, type)
  const known = truth(test)
  const chosen = known ? left : right
  if (known !== undefined && chosen.kind === 'constant') return chosen
  return { kind: 'conditional', test, yes: left, no: right, type, at }
}

function conditionalType(yes: Node, no: Node): T.CType | undefined {
  const a = T.unqualified(yes.type)
  const b = T.unqualified(no.type)
  if (T.isArithmetic(a) && T.isArithmetic(b)) return commonType(promote(yes).type, promote(no).type)
  if (a.kind === 'void' || b.kind === 'void') return a.kind === b.kind ? T.voidType : undefined
  if (a.kind === 'record' && b.kind === 'record') return a.record === b.record ? a : undefined
  if (a.kind === 'pointer' && isNull(no)) return a
  if (b.kind === 'pointer' && isNull(yes)) return b
  if (a.kind === 'pointer' && b.kind === 'pointer' && pointersAgree(a.to, b.to))
    return T.pointerTo(T.qualified(b.to.kind === 'void' ? b.to : a.to, a.to.qualifiers | b.to.qualifiers))
  return undefined
}

export function cast(c: Context, type: T.CType, operand: Node, at: Place): Node {
  if (type.kind === 'error' || operand.kind === 'error') return errorNode(at)
  const value = rvalue(operand)
  const to = T.unqualified(type)
  if (to.kind === 'void') return { kind: 'convert', operand: value, type: to, at }
  const from = value.type
  const mixes = (to.kind === 'pointer' && from.kind === 'float') || (to.kind === 'float' && from.kind === 'pointer')
  if (!T.isScalar(to) || !T.isScalar(from) || mixes) {
    c.problems.error(at, `${shown(value)} cannot be cast to '${typeName(to)}'`)
    return errorNode(at)
  }
  const converted = convert({ ...value, at }, to)
  return converted.kind === 'variable' || converted.kind === 'deref' || converted.kind === 'member'
    ? { kind: 'convert', operand: converted, type: to, at }
    : converted
}
