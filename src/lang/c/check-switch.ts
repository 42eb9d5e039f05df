/** `switch` and what its body's labels say (C11 §6.8.4.2). The page fetches this when a program has one. */

import type { Expr, Statement } from './ast.ts'
import type { Context, Modified } from './context.ts'
import { promote, rvalue } from './conversions.ts'
import { convert, wrapTo } from './fold.ts'
import type { Place } from './token.ts'
import type { Label, Step, SwitchCase } from './tree.ts'
import { typeName } from './type-name.ts'
import { type CType, errorType } from './types.ts'

export interface OpenSwitch {
  readonly type: CType
  readonly cases: SwitchCase[]
  otherwise: Label | undefined
  /** Declarations of variable size that are in scope around it. */
  readonly modified: Modified | undefined
}

const ENTERS = 'this jump enters the scope of a type of variable size'

export const entersScope = (c: Context, at: Place): void => c.problems.error(at, ENTERS)

/** `inside`: what the switch's body is. */
export function switchStep(c: Context, expr: Expr, inside: (open: OpenSwitch) => Step, at: Place): Step {
  const node = rvalue(c.expression(expr))
  if (node.type.kind !== 'integer' && node.type.kind !== 'error') {
    c.problems.error(expr.at, `a switch needs an integer, not '${typeName(node.type)}'`)
  }
  const value = promote(node)
  const type = value.type.kind === 'integer' ? value.type : errorType
  const open: OpenSwitch = { type, cases: [], otherwise: undefined, modified: c.current?.modified }
  const body = inside(open)
  const { cases, otherwise } = open
  return { kind: 'switch', value: convert(value, type), cases, otherwise, body, at }
}

export function caseStep(
  c: Context,
  open: OpenSwitch | undefined,
  { value, to }: Statement & { kind: 'case' },
  at: Place,
): Step {
  const label: Label = { name: 'case' }
  const low = c.integer(value, "the value of 'case'")
  const high = to === undefined ? low : c.integer(to, "the value of 'case'")
  if (open === undefined) c.problems.error(at, "'case' outside a switch")
  else if (c.current?.modified !== open.modified) c.problems.error(at, ENTERS)
  else if (low !== undefined && high !== undefined) {
    const a = open.type.kind === 'error' ? low : wrapTo(open.type, low)
    const b = open.type.kind === 'error' ? high : wrapTo(open.type, high)
    const same = open.cases.length < 2000 && open.cases.some((k) => a <= k.high && k.low <= b)
    if (same) c.problems.error(value.at, `two cases for the value ${low}`)
    if (a > b) c.problems.error(value.at, `the range from ${a} to ${b} is empty`)
    open.cases.push({ low: a, high: b, label })
  }
  return { kind: 'label', label, at }
}

export function defaultStep(c: Context, open: OpenSwitch | undefined, at: Place): Step {
  const label: Label = { name: 'default' }
  if (open === undefined) c.problems.error(at, "'default' outside a switch")
  else if (c.current?.modified !== open.modified) c.problems.error(at, ENTERS)
  else if (open.otherwise !== undefined) c.problems.error(at, "two 'default' in one switch")
  else open.otherwise = label
  return { kind: 'label', label, at }
}
