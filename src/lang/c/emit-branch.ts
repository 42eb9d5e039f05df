/** Conditions → jumps. */

import type { Comparison } from './ast.ts'
import type { Target } from './code.ts'
import { discard, emitCompare, readingOf, truthOf } from './emit-expression.ts'
import type { Frame } from './frame.ts'
import { Op } from './opcode.ts'
import { rightFirst } from './order.ts'
import type { Node } from './tree.ts'

const opposite: Readonly<Record<Comparison, Comparison>> = {
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
}
const immediates = {
  '32': [Op.jumpLti32, Op.jumpGei32],
  u32: [Op.jumpLtiu32, Op.jumpGeiu32],
  '64': [Op.jumpLti64, Op.jumpGei64],
  u64: [Op.jumpLtiu64, Op.jumpGeiu64],
} as const
const ordered = {
  '32': [Op.jumpLt32, Op.jumpGe32],
  u32: [Op.jumpLtu32, Op.jumpGeu32],
  '64': [Op.jumpLt64, Op.jumpGe64],
  u64: [Op.jumpLtu64, Op.jumpGeu64],
} as const

/** Jumps to `target` when the truth of `test` is `when`, else goes on. */
export function branch(f: Frame, test: Node, target: Target, when: boolean): void {
  const mark = f.mark()
  jump(f, test, target, when)
  f.release(mark)
}

function jump(f: Frame, test: Node, target: Target, when: boolean): void {
  switch (test.kind) {
    case 'constant':
      if ((test.value !== 0n) === when) f.code.jump(Op.jump, target)
      return
    case 'not':
      return branch(f, test.operand, target, !when)
    case 'comma':
      discard(f, test.left)
      return branch(f, test.right, target, when)
    case 'logical': {
      // a && b is true when both are: a false a decides. a || b the other way round.
      const decides = test.operator === '||'
      if (decides === when) {
        branch(f, test.left, target, when)
        return branch(f, test.right, target, when)
      }
      const past = f.code.target()
      branch(f, test.left, past, decides)
      branch(f, test.right, target, when)
      return f.code.place(past)
    }
    case 'compare':
      if (test.left.type.kind !== 'float') return compareJump(f, test, target, when)
      break
  }
  const register = test.kind === 'compare' ? f.temp() : truthOf(f, test)
  if (test.kind === 'compare') emitCompare(f, test.operator, test.left, test.right, register)
  f.at(test)
  f.code.jump(when ? Op.jumpNonzero : Op.jumpZero, target, register)
}

function compareJump(f: Frame, test: Node & { kind: 'compare' }, target: Target, when: boolean): void {
  const operator = when ? test.operator : opposite[test.operator]
  const { left, right } = test
  const early = rightFirst(left, right) ? f.value(right) : undefined
  const l = f.value(left)
  if (right.kind === 'constant' && constantJump(f, test, operator, l, right.value, target)) return
  const r = early ?? f.value(right)
  const [less, notLess] = ordered[readingOf(left.type)]
  f.at(test)
  switch (operator) {
    case '==':
      return f.code.jump(Op.jumpEq, target, l, r)
    case '!=':
      return f.code.jump(Op.jumpNe, target, l, r)
    case '<':
      return f.code.jump(less, target, l, r)
    case '>=':
      return f.code.jump(notLess, target, l, r)
    case '>':
      return f.code.jump(less, target, r, l)
    case '<=':
      return f.code.jump(notLess, target, r, l)
  }
}

/** The jump when one instruction can do it. */
function constantJump(
  f: Frame,
  test: Node & { kind: 'compare' },
  operator: Comparison,
  register: number,
  constant: bigint,
  target: Target,
): boolean {
  const reading = readingOf(test.left.type)
  const signed = !reading.startsWith('u')
  const bits = reading.endsWith('32') ? 32 : 64
  f.at(test)
  if (operator === '==' || operator === '!=') {
    const value = BigInt.asIntN(64, constant)
    if (value === 0n) f.code.jump(operator === '==' ? Op.jumpZero : Op.jumpNonzero, target, register)
    else if (value !== BigInt.asIntN(32, value)) return false
    else f.code.jump(operator === '==' ? Op.jumpEqi : Op.jumpNei, target, register, Number(value))
    return true
  }
  // x > n is x >= n + 1, unless there is no such number.
  const more = operator === '>' || operator === '<=' ? 1n : 0n
  const value = signed ? BigInt.asIntN(bits, constant) : BigInt.asUintN(bits, constant)
  const last = signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n
  if (more === 1n && value === last) return false
  const word = BigInt.asIntN(bits, value + more)
  if (word !== BigInt.asIntN(32, word)) return false
  const [less, notLess] = immediates[reading]
  f.code.jump(operator === '<' || operator === '<=' ? less : notLess, target, register, Number(word))
  return true
}
