/** Expressions → typed nodes: names, literals, members, calls; operators are in check-operators.ts. */

import type { Expr } from './ast.ts'
import { assign, binary, cast, conditional, step, unary } from './check-operators.ts'
import { requireComplete } from './check-type.ts'
import { type Context, newLocal, rareOf } from './context.ts'
import { assignable, errorNode, integerOf, promote, rvalue } from './conversions.ts'
import { constant, convert, floatConstant } from './fold.ts'
import { headerOf } from './headers.ts'
import { findMember, memberNames } from './layout.ts'
import type { NumberLiteral } from './literals.ts'
import { didYouMean } from './problems.ts'
import type { Place } from './token.ts'
import type { FunctionSymbol, Node } from './tree.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

export function checkExpression(c: Context, expr: Expr): Node {
  const { at } = expr
  // Each name that nobody knows costs a look at all that are known.
  if (c.problems.full) return errorNode(at)
  switch (expr.kind) {
    case 'error':
      return errorNode(at)
    case 'name':
      return nameNode(c, expr.name, at)
    case 'number':
      return numberNode(c, expr.literal, at)
    case 'character':
      return constant(T.intType, expr.value, at)
    case 'string':
      return { kind: 'string', bytes: expr.bytes, type: T.arrayOf(T.charType, expr.bytes.length + 1), at }
    case 'wide':
      return rareOf(c, at)?.wideNode(c, expr) ?? errorNode(at)
    case 'unary':
      return unary(c, expr.operator, c.expression(expr.operand), at)
    case 'step':
      return step(c, expr.operator, expr.prefix, c.expression(expr.operand), at)
    case 'binary':
      return binary(c, expr.operator, c.expression(expr.left), c.expression(expr.right), at)
    case 'assign':
      return assign(c, expr.operator, c.expression(expr.left), c.expression(expr.right), at)
    case 'conditional':
      if (expr.yes === undefined)
        return rareOf(c, at)?.eitherOr(c, rvalue(c.expression(expr.test)), c.expression(expr.no), at) ?? errorNode(at)
      return conditional(c, c.expression(expr.test), c.expression(expr.yes), c.expression(expr.no), at)
    case 'statements':
      return rareOf(c, at)?.statementsNode(c, expr.block, at) ?? errorNode(at)
    case 'generic':
      return rareOf(c, at)?.chosen(c, expr) ?? errorNode(at)
    case 'call':
      return call(c, expr)
    case 'index': {
      const sum = binary(c, '+', c.expression(expr.base), c.expression(expr.index), at)
      if (sum.kind === 'error') return sum
      if (sum.type.kind === 'pointer') return unary(c, '*', sum, at)
      c.problems.error(at, `only an array or a pointer can be indexed, not '${typeName(sum.type)}'`)
      return errorNode(at)
    }
    case 'member':
      return member(c, expr)
    case 'cast': {
      const type = c.typeName(expr.type)
      return sized(c, cast(c, type, c.expression(expr.operand), at))
    }
    case 'compound':
      return rareOf(c, at)?.literalNode(c, expr) ?? errorNode(at)
    case 'sizeof': {
      const operand = c.expression(expr.operand)
      if (operand.kind !== 'member' || operand.bits === undefined) return sizeNode(c, operand.type, at)
      c.problems.error(at, 'a bit-field has no size')
      return errorNode(at)
    }
    case 'sizeofType':
      return sized(c, sizeNode(c, c.typeName(expr.type), at))
    case 'alignof': {
      const type = c.typeName(expr.type)
      if (!requireComplete(c, type, expr.type.at, 'the operand')) return errorNode(at)
      return constant(T.ulongType, BigInt(T.alignOf(type)), at)
    }
    case 'offsetof':
      return rareOf(c, at)?.offsetNode(c, c.typeName(expr.type), expr.path, at) ?? errorNode(at)
  }
}

/** What comes behind the computation of the array sizes that it depends on. */
const sized = (c: Context, value: Node): Node =>
  c.sizes
    .splice(0)
    .reduceRight<Node>((right, left) => ({ kind: 'comma', left, right, type: right.type, at: right.at }), value)

function sizeNode(c: Context, type: T.CType, at: Place): Node {
  if (type.kind === 'void' || type.kind === 'function') return constant(T.ulongType, 1n, at)
  if (!requireComplete(c, type, at, "the operand of 'sizeof'")) return errorNode(at)
  if (type.kind === 'array' && typeof type.extent === 'object')
    return { kind: 'variable', variable: type.extent, type: T.ulongType, at }
  return constant(T.ulongType, BigInt(T.sizeOf(type)), at)
}

/** gcc knows the library's functions under a second name, too. */
const libraryName = (c: Context, name: string): string =>
  name.startsWith('__builtin_') && c.scopes.name(name) === undefined ? name.slice(10) : name

function nameNode(c: Context, spelt: string, at: Place): Node {
  const name = libraryName(c, spelt)
  const symbol = c.scopes.name(name)
  switch (symbol?.kind) {
    case 'local':
    case 'global':
      if (symbol.type.kind === 'error') return errorNode(at)
      return { kind: 'variable', variable: symbol, type: symbol.type, at }
    case 'function':
      symbol.used ??= at
      return { kind: 'function', symbol, type: symbol.type, at }
    case 'enumerator':
      return constant(symbol.type, symbol.value, at)
    case 'typedef':
      c.problems.error(at, `'${name}' is a type, a value is expected here`)
      return errorNode(at)
  }
  if (name === '__func__' || name === '__FUNCTION__' || name === '__PRETTY_FUNCTION__') {
    const bytes = [...new TextEncoder().encode(c.current?.symbol.name ?? '')]
    return { kind: 'string', bytes, type: T.arrayOf(T.qualified(T.charType, T.CONST), bytes.length + 1), at }
  }
  if (name === '__va_area') {
    c.problems.error(at, "'va_start' is for functions with '...' only")
    return errorNode(at)
  }
  const header = headerOf(name, c.headers) ?? constants[name]
  const hint = header === undefined ? didYouMean(name, c.scopes.names()) : `#include <${header}>`
  c.problems.error(at, `'${name}' is not declared`, hint)
  // Told once a scope.
  c.scopes.declare(name, newLocal(c, '', T.errorType, 1, true))
  return errorNode(at)
}

/** Macros that people use without the header. */
const constants: Readonly<Record<string, string>> = {
  NULL: 'stddef.h',
  errno: 'errno.h',
  O_RDWR: 'fcntl.h',
  O_CREAT: 'fcntl.h',
  PROT_READ: 'sys/mman.h',
  PROT_WRITE: 'sys/mman.h',
  MAP_SHARED: 'sys/mman.h',
  MAP_FAILED: 'sys/mman.h',
  MAP_SYNC: 'sys/mman.h',
  true: 'stdbool.h',
  false: 'stdbool.h',
}

function numberNode(c: Context, literal: NumberLiteral, at: Place): Node {
  if (literal.kind === 'float') return floatConstant(literal.single ? T.floatType : T.doubleType, literal.value, at)
  const { value, unsigned, long, decimal } = literal
  const candidates = [T.intType, T.uintType, T.longType, T.ulongType, T.llongType, T.ullongType].filter(
    ({ integer }) => integer.rank >= T.intType.integer.rank + long && (!unsigned || !integer.signed),
  )
  for (const type of candidates) {
    if (decimal && !unsigned && !type.integer.signed) continue
    if (value < 1n << BigInt(type.integer.size * 8 - (type.integer.signed ? 1 : 0))) return constant(type, value, at)
  }
  if (decimal && !unsigned)
    c.problems.error(at, `${value} does not fit a signed 64-bit integer`, 'a suffix u makes it unsigned')
  return errorNode(at)
}

function member(c: Context, expr: Expr & { kind: 'member' }): Node {
  const { at, name, nameAt, arrow } = expr
  const base = c.expression(expr.base)
  if (base.kind === 'error') return base
  const pointer = arrow ? rvalue(base) : base
  const type = !arrow ? pointer.type : pointer.type.kind === 'pointer' ? pointer.type.to : undefined
  if (type?.kind === 'error') return errorNode(at)
  if (type?.kind !== 'record') {
    const other = !arrow && rvalue(base).type
    const hint = other && other.kind === 'pointer' && other.to.kind === 'record' ? "use '->' on a pointer" : undefined
    const dot = arrow && base.type.kind === 'record' ? "use '.' on a struct" : undefined
    const wanted = arrow ? 'a pointer to a struct or union' : 'a struct or union'
    c.problems.error(expr.base.at, `'${arrow ? '->' : '.'}' needs ${wanted}, not '${typeName(base.type)}'`, hint ?? dot)
    return errorNode(at)
  }
  if (type.record.members === undefined) {
    c.problems.error(at, `'${typeName(type)}' is not defined, so it has no members`)
    return errorNode(at)
  }
  const found = findMember(type.record, name)
  if (found === undefined) {
    const hint = didYouMean(name, memberNames(type.record))
    c.problems.error(nameAt, `'${typeName(T.unqualified(type))}' has no member '${name}'`, hint)
    return errorNode(at)
  }
  const object: Node = arrow ? { kind: 'deref', pointer, type, at } : base
  const memberType = T.qualified(found.type, type.qualifiers)
  return { kind: 'member', base: object, offset: found.offset, bits: found.bits, type: memberType, at }
}

/** Conversions that printf of the small library knows. */
const SIMPLE = /%[-+ #0\d.*]*((hh?|ll?|[jzt])?[diouxX]|[csp%])/g

/** A format that is known, with no other conversion. */
function isSimple(format: Node | undefined): boolean {
  if (format?.kind === 'convert' || format?.kind === 'address') return isSimple(format.operand)
  return (
    format?.kind === 'string' &&
    !String.fromCharCode(...format.bytes)
      .replace(SIMPLE, '')
      .includes('%')
  )
}

const isKnown = (node: Node): boolean => node.kind === 'constant' || node.kind === 'float' || node.kind === 'string'

function call(c: Context, expr: Expr & { kind: 'call' }): Node {
  const { at } = expr
  const known = expr.callee.kind === 'name' && expr.callee.name === '__builtin_constant_p'
  const args = expr.args.map((arg) => c.expression(arg))
  const computed = expr.callee.kind === 'name' ? c.rare?.builtin(c, expr.callee.name, args, at) : undefined
  if (computed !== undefined) return computed
  const callee = known ? undefined : calledFunction(c, expr.callee)
  if (known) return constant(T.intType, args.every(isKnown) ? 1n : 0n, at)
  if (callee === undefined) return errorNode(at)
  const { signature, name } = callee
  const wanted = signature.parameters.length
  if (args.length < wanted || (args.length > wanted && !signature.variadic)) {
    const least = signature.variadic ? 'at least ' : ''
    const place = args.length < wanted ? expr.close : (args[wanted]?.at ?? at)
    const few = args.length < wanted ? 'few' : 'many'
    const hint = `it is declared as '${typeName(signature)}'`
    const count = `${least}${wanted} argument${wanted === 1 ? '' : 's'}`
    c.problems.error(place, `too ${few} arguments: ${name} takes ${count}, ${args.length} given`, hint)
    return errorNode(at)
  }
  const converted = args.flatMap((arg, i): Node | readonly Node[] => {
    const parameter = signature.parameters[i]
    if (parameter !== undefined) return assignable(c, arg, parameter, `argument ${i + 1} of ${name}`)
    const value = promote(rvalue(arg))
    if (value.type.kind === 'float') return convert(value, T.doubleType)
    if (value.type.kind === 'record' && T.alignOf(value.type) <= 8)
      return rareOf(c, arg.at)?.words(c, value) ?? errorNode(arg.at)
    if (!T.isScalar(value.type) && value.kind !== 'error') {
      c.problems.error(arg.at, `a '${typeName(value.type)}' cannot be one of the '...' arguments of ${name}`)
    }
    return value
  })
  const [what, value] = converted
  // printf; no other function of the small library takes '...' behind a single parameter.
  if (c.rare === undefined && signature.variadic && wanted === 1 && !isSimple(what)) rareOf(c, at)
  const folded = name === "'__bits'" ? c.rare?.foldedBits(what, value, at) : undefined
  if (folded !== undefined) return folded
  const { returns } = signature
  if (returns.kind !== 'void' && !requireComplete(c, returns, at, `the result of ${name}`)) return errorNode(at)
  const temporary = returns.kind === 'record' ? newLocal(c, '', returns, T.alignOf(returns), true) : undefined
  return { kind: 'call', callee: callee.callee, signature, args: converted, temporary, type: returns, at }
}

function calledFunction(
  c: Context,
  expr: Expr,
): { callee: FunctionSymbol | Node; signature: T.FunctionType; name: string } | undefined {
  const called = expr.kind === 'name' ? libraryName(c, expr.name) : ''
  if (expr.kind === 'name' && c.scopes.name(called) === undefined) {
    const header = headerOf(called, c.headers)
    const functions = [...c.scopes.names()].filter((n) => c.scopes.name(n)?.kind === 'function')
    const hint = header === undefined ? didYouMean(called, functions) : `#include <${header}>`
    c.problems.error(expr.at, `function '${header === undefined ? expr.name : called}' is not declared`, hint)
    return undefined
  }
  const node = c.expression(expr)
  if (node.kind === 'error') return undefined
  if (node.kind === 'function')
    return { callee: node.symbol, signature: node.symbol.type, name: `'${node.symbol.name}'` }
  const value = node.kind === 'deref' && node.type.kind === 'function' ? node.pointer : rvalue(node)
  if (value.type.kind === 'pointer' && value.type.to.kind === 'function') {
    return { callee: value, signature: value.type.to, name: 'this function' }
  }
  if (value.type.kind !== 'error')
    c.problems.error(expr.at, `'${typeName(value.type)}' is no function and cannot be called`)
  return undefined
}

/** `c.integer`: the value of an integer constant expression. */
export function constantInteger(c: Context, expr: Expr, what: string): bigint | undefined {
  return integerOf(c, rvalue(c.expression(expr)), what)
}
