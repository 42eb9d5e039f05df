/** Conditions → jumps. */

import type { Comparison } from './ast.ts'
import type { Target } from './code.ts'
import { discard, emitCompare, readingOf, truthOf } from './emit-expression.ts'
import type { Frame } from './frame.ts'
import { Op } from './opcode.ts'
import type { Node } from './tree.ts'

const opposite: Readonly<Record<Comparison, Comparison>> = {
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
}
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
  const l = f.value(left)
  if (right.kind === 'constant' && (operator === '==' || operator === '!=')) {
    const value = BigInt.asIntN(64, right.value)
    f.at(test)
    if (value === 0n) return f.code.jump(operator === '==' ? Op.jumpZero : Op.jumpNonzero, target, l)
    if (operator === '==' && value === BigInt.asIntN(32, value)) {
      return f.code.jump(Op.jumpEqi, target, l, Number(value))
    }
  }
  const r = f.value(right)
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
