/**
 * Checks of what the smallest programs do without: conditions of the preprocessor, initialisers in braces, compound
 * literals, wide strings, statement expressions, `offsetof`, atomic objects, `_Generic`, `x ?: y`, records among variable arguments,
 * the builtins that compute. The page fetches them when a program asks for one (`Context.rare`).
 */

import type { ArithmeticOperator, Block, Designator, Expr } from './ast.ts'
import { bits } from './bits.ts'
import { staticObject } from './check-declaration.ts'
import { bitWidth, enumSpecifier } from './check-enum.ts'
import { checkInitialiser } from './check-initialiser.ts'
import { conditional } from './check-operators.ts'
import { caseStep, defaultStep, entersScope, switchStep } from './check-switch.ts'
import { requireComplete } from './check-type.ts'
import { conditionHolds } from './condition.ts'
import { type Context, newLocal } from './context.ts'
import { addressOf, errorNode, rvalue } from './conversions.ts'
import { dynamic } from './dynamic.ts'
import { arithmetic, constant, convert } from './fold.ts'
import { assembly } from './inline-asm.ts'
import { findMember, memberNames } from './layout.ts'
import { pack, renumber, withLimit } from './pack.ts'
import { didYouMean } from './problems.ts'
import type { Place } from './token.ts'
import type { Node, Step } from './tree.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'
import { withQuestions } from './unset-questions.ts'
import { wideNode } from './wide-literals.ts'

/** `x ?: y`: x is evaluated once. */
function eitherOr(c: Context, test: Node, no: Node, at: Place): Node {
  if (c.current === undefined || !T.isScalar(test.type)) return conditional(c, test, test, no, at)
  const type = T.unqualified(test.type)
  const variable = newLocal(c, '', type, T.alignOf(type), false)
  const kept: Node = { kind: 'variable', variable, type, at }
  const left: Node = { kind: 'assign', target: kept, value: convert(test, type), type, at }
  const right = conditional(c, kept, kept, no, at)
  return right.kind === 'error' ? right : { kind: 'comma', left, right, type: right.type, at }
}

/** Of one type, qualifiers below the first level included. */
const same = (a: T.CType, b: T.CType): boolean =>
  T.compatible(a, b) && (a.kind === 'integer' || typeName(T.unqualified(a)) === typeName(T.unqualified(b)))

/** The choice of `_Generic`; the others are not looked at. */
function chosen(c: Context, { control, choices, at }: Expr & { kind: 'generic' }): Node {
  const type = control.kind === 'type' ? c.typeName(control) : T.unqualified(rvalue(c.expression(control)).type)
  if (type.kind === 'error') return errorNode(at)
  const match = choices.find((o) => o.type !== undefined && same(c.typeName(o.type), type))
  const taken = match ?? choices.find((o) => o.type === undefined)
  if (taken !== undefined) return c.expression(taken.value)
  c.problems.error(at, `'_Generic' has no choice for '${typeName(type)}'`)
  return errorNode(at)
}

/** A record among the '...' arguments: copied, then passed as the words that it consists of. */
function words(c: Context, value: Node): readonly Node[] {
  const { at } = value
  const count = Math.ceil(T.sizeOf(value.type) / 8)
  const type = T.arrayOf(T.ulongType, count)
  const copy: Node = { kind: 'variable', variable: newLocal(c, '', type, 8, true), type, at }
  const pointerTo = (to: T.CType): Node => convert({ ...addressOf(copy, at, T.ulongType) }, T.pointerTo(to))
  const target: Node = {
    kind: 'deref',
    pointer: pointerTo(T.unqualified(value.type)),
    type: T.unqualified(value.type),
    at,
  }
  const copied: Node = { kind: 'assign', target, value, type: target.type, at }
  return Array.from({ length: count }, (_, i): Node => {
    const offset = constant(T.longType, BigInt(8 * i), at)
    const pointer = arithmetic('+', T.pointerTo(T.ulongType), pointerTo(T.ulongType), offset, at)
    const word: Node = { kind: 'deref', pointer, type: T.ulongType, at }
    // The last argument is evaluated first.
    return i === count - 1 ? { kind: 'comma', left: copied, right: word, type: T.ulongType, at } : word
  })
}

/** A locked instruction on an atomic object: a call of a builtin (builtins.ts). */
function locked(c: Context, native: string, modify: number, target: Node, operand: Node, at: Place): Node {
  const symbol = c.scopes.fileLevelName(native)
  if (symbol?.kind !== 'function' || operand.kind === 'error') return errorNode(at)
  symbol.used ??= at
  const number = (value: number): Node => constant(T.ulongType, BigInt(value), at)
  const args = [addressOf(target, at), number(T.sizeOf(target.type)), number(modify), convert(operand, T.ulongType)]
  const { type: signature } = symbol
  const call: Node = { kind: 'call', callee: symbol, signature, args, temporary: undefined, type: T.ulongType, at }
  return convert(call, T.unqualified(target.type))
}

/** What no locked instruction does on an atomic object: computed, then written if nobody has changed it meanwhile. */
function exchanged(
  c: Context,
  target: Node,
  operator: ArithmeticOperator,
  operand: Node,
  compute: T.CType,
  postfix: boolean,
  at: Place,
): Node {
  const symbol = c.scopes.fileLevelName('__lock_cas_ok')
  const type = T.unqualified(target.type)
  if (symbol?.kind !== 'function' || c.current === undefined) return errorNode(at)
  symbol.used ??= at
  const keep = (kind: T.CType): Node => {
    return { kind: 'variable', variable: newLocal(c, '', kind, T.alignOf(kind), false), type: kind, at }
  }
  const [pointer, right, old, wanted] = [T.pointerTo(type), operand.type, type, type].map(keep) as [
    Node,
    Node,
    Node,
    Node,
  ]
  const set = (to: Node, value: Node): Step => {
    return { kind: 'expression', value: { kind: 'assign', target: to, value, type: to.type, at }, at }
  }
  const result = arithmetic(operator, compute, convert(old, compute), right, at)
  const size = constant(T.ulongType, BigInt(T.sizeOf(type)), at)
  const args = [pointer, size, convert(old, T.ulongType), convert(wanted, T.ulongType)]
  const { type: signature } = symbol
  const swapped: Node = { kind: 'call', callee: symbol, signature, args, temporary: undefined, type: T.boolType, at }
  const tried = [set(old, { kind: 'deref', pointer, type, at }), set(wanted, convert(result, type))]
  const loop: Step = {
    kind: 'loop',
    start: undefined,
    test: { kind: 'not', operand: swapped, type: T.intType, at },
    next: undefined,
    body: { kind: 'block', steps: tried, at },
    bodyFirst: true,
    at,
  }
  const steps = [set(pointer, convert(addressOf(target, at), pointer.type)), set(right, operand), loop]
  return { kind: 'statements', steps, value: postfix ? old : wanted, type, at }
}

/** A builtin of bits.ts whose operands are constants; undefined: they are not. */
function foldedBits(what: Node | undefined, value: Node | undefined, at: Place): Node | undefined {
  if (what?.kind !== 'constant' || value?.kind !== 'constant') return undefined
  const word = (by: bigint): number => Number(BigInt.asIntN(32, value.value >> by))
  const [lo, hi] = bits(Number(what.value), word(0n), word(32n))
  return constant(T.ulongType, (BigInt(hi) << 32n) | BigInt(lo >>> 0), at)
}

/** gcc's `({ … })`. */
function statementsNode(c: Context, block: Block, at: Place): Node {
  if (c.block === undefined) {
    c.problems.error(at, "statement expressions '({ … })' stand in functions only")
    return errorNode(at)
  }
  const steps = c.block(block)
  const last = steps.at(-1)
  if (last?.kind !== 'expression') return { kind: 'statements', steps, value: undefined, type: T.voidType, at }
  const value = rvalue(last.value)
  return { kind: 'statements', steps: steps.slice(0, -1), value, type: T.unqualified(value.type), at }
}

/** `offsetof`. */
function offsetNode(c: Context, start: T.CType, path: readonly Designator[], at: Place): Node {
  let type = start
  let offset = 0n
  for (const step of path) {
    if (type.kind === 'error') return errorNode(at)
    if (step.kind === 'index') {
      const index = c.integer(step.index, 'the index')
      if (type.kind !== 'array' || index === undefined) {
        if (type.kind !== 'array') c.problems.error(step.at, `'${typeName(type)}' is no array`)
        return errorNode(at)
      }
      offset += index * BigInt(T.sizeOf(type.of))
      type = type.of
      continue
    }
    const found = type.kind === 'record' ? findMember(type.record, step.name) : undefined
    if (found === undefined || found.bits !== undefined) {
      const hint = type.kind === 'record' ? didYouMean(step.name, memberNames(type.record)) : undefined
      const what = found === undefined ? `has no member '${step.name}'` : `: bit-field '${step.name}' has no offset`
      c.problems.error(step.at, `'${typeName(type)}' ${what}`, hint)
      return errorNode(at)
    }
    offset += BigInt(found.offset)
    type = found.type
  }
  return constant(T.ulongType, offset, at)
}

/** `(type){ … }`: an object without a name. */
function literalNode(c: Context, { at, ...expr }: Expr & { kind: 'compound' }): Node {
  const { type, items } = c.initialise(c.typeName(expr.type), expr.initialiser, at)
  if (!requireComplete(c, type, at, 'this compound literal')) return errorNode(at)
  if (c.current === undefined) return { kind: 'variable', variable: staticObject(c, type, items, at), type, at }
  const variable = newLocal(c, '', type, T.alignOf(type), true)
  return { kind: 'compound', variable, items, type, at }
}

export const rare = {
  caseStep,
  defaultStep,
  entersScope,
  switchStep,
  ...dynamic,
  assembly,
  bitWidth,
  chosen,
  conditionHolds,
  eitherOr,
  enumSpecifier,
  exchanged,
  foldedBits,
  initialValue: checkInitialiser,
  literalNode,
  locked,
  offsetNode,
  pack,
  renumber,
  statementsNode,
  wideNode,
  withLimit,
  withQuestions,
  words,
}
