/** Typed statements → instructions. */

import type { Target } from './code.ts'
import { branch } from './emit-branch.ts'
import { discard, readingOf } from './emit-expression.ts'
import { copy, initialise, locate } from './emit-memory.ts'
import type { Frame } from './frame.ts'
import { Op } from './opcode.ts'
import type { Label, Step } from './tree.ts'
import { sizeOf } from './types.ts'

/** Where jumps of the function at hand go. */
export interface Jumps {
  readonly labels: Map<Label, Target>
  /** Innermost last. */
  readonly breaks: Target[]
  readonly continues: Target[]
}

function labelTarget(f: Frame, jumps: Jumps, label: Label): Target {
  const known = jumps.labels.get(label)
  if (known !== undefined) return known
  const target = f.code.target()
  jumps.labels.set(label, target)
  return target
}

export function emitStep(f: Frame, jumps: Jumps, step: Step): void {
  const mark = f.mark()
  f.at(step)
  switch (step.kind) {
    case 'block': {
      const from = f.code.length
      for (const inner of step.steps) emitStep(f, jumps, inner)
      if (step.variables?.length) f.scopes.push({ variables: step.variables, from, to: f.code.length })
      break
    }
    case 'expression':
      discard(f, step.value)
      break
    case 'unset':
      break
    case 'initialise':
      initialise(f, step.variable, step.items)
      break
    case 'if':
      emitIf(f, jumps, step)
      break
    case 'loop':
      emitLoop(f, jumps, step)
      break
    case 'switch':
      emitSwitch(f, jumps, step)
      break
    case 'label':
      f.code.place(labelTarget(f, jumps, step.label))
      break
    case 'goto':
      f.code.jump(Op.jump, labelTarget(f, jumps, step.label))
      break
    case 'break':
    case 'continue': {
      const target = (step.kind === 'break' ? jumps.breaks : jumps.continues).at(-1)
      if (target !== undefined) f.code.jump(Op.jump, target)
      break
    }
    case 'return':
      emitReturn(f, step)
  }
  f.release(mark)
}

function emitIf(f: Frame, jumps: Jumps, step: Step & { kind: 'if' }): void {
  const otherwise = f.code.target()
  branch(f, step.test, otherwise, false)
  emitStep(f, jumps, step.yes)
  if (step.no === undefined) return f.code.place(otherwise)
  const end = f.code.target()
  f.code.jump(Op.jump, end)
  f.code.place(otherwise)
  emitStep(f, jumps, step.no)
  f.code.place(end)
}

/** The test stands behind the body, so that a turn costs one jump. */
function emitLoop(f: Frame, jumps: Jumps, step: Step & { kind: 'loop' }): void {
  const body = f.code.target()
  const next = f.code.target()
  const test = f.code.target()
  const end = f.code.target()
  if (step.start !== undefined) emitStep(f, jumps, step.start)
  if (!step.bodyFirst && step.test !== undefined) {
    f.at(step)
    f.code.jump(Op.jump, test)
  }
  f.code.place(body)
  jumps.breaks.push(end)
  jumps.continues.push(next)
  emitStep(f, jumps, step.body)
  jumps.breaks.pop()
  jumps.continues.pop()
  f.code.place(next)
  if (step.next !== undefined) discard(f, step.next)
  f.code.place(test)
  f.at(step)
  if (step.test === undefined) f.code.jump(Op.jump, body)
  else branch(f, step.test, body, true)
  f.code.place(end)
}

function emitSwitch(f: Frame, jumps: Jumps, step: Step & { kind: 'switch' }): void {
  const value = f.value(step.value)
  const scratch = f.temp()
  const end = f.code.target()
  const reading = readingOf(step.value.type)
  for (const { low, high, label } of step.cases) {
    const target = labelTarget(f, jumps, label)
    const first = BigInt.asIntN(64, low)
    if (low === high && first === BigInt.asIntN(32, first)) {
      f.code.jump(Op.jumpEqi, target, value, Number(first))
      continue
    }
    f.constant(low, scratch)
    if (low === high) {
      f.code.jump(Op.jumpEq, target, value, scratch)
      continue
    }
    const signed = !reading.startsWith('u')
    const past = f.code.target()
    f.code.jump(signed ? Op.jumpLt64 : Op.jumpLtu64, past, value, scratch)
    f.constant(high, scratch)
    f.code.jump(signed ? Op.jumpGe64 : Op.jumpGeu64, target, scratch, value)
    f.code.place(past)
  }
  f.code.jump(Op.jump, step.otherwise === undefined ? end : labelTarget(f, jumps, step.otherwise))
  jumps.breaks.push(end)
  emitStep(f, jumps, step.body)
  jumps.breaks.pop()
  f.code.place(end)
}

function emitReturn(f: Frame, { value, at }: Step & { kind: 'return' }): void {
  const last = (): void => {
    for (const step of f.atReturn) f.step(step)
  }
  if (value === undefined) {
    last()
    return f.code.push(Op.returnVoid)
  }
  if (value.type.kind === 'record' && f.result !== undefined) {
    const from = locate(f, value)
    f.code.line = at.line
    copy(f, from, { kind: 'memory', base: f.result, offset: 0 }, sizeOf(value.type))
    last()
    return f.code.push(Op.returnVoid)
  }
  const register = f.value(value)
  f.code.line = at.line
  last()
  if (value.type.kind === 'void') f.code.push(Op.returnVoid)
  else f.code.push(Op.return, register)
}
