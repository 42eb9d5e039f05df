/** Checked unit → Program. */

import type { Unit } from './check.ts'
import { Code } from './code.ts'
import { branch } from './emit-branch.ts'
import { Data } from './emit-data.ts'
import { emitInto, emitValue } from './emit-expression.ts'
import { copy, store } from './emit-memory.ts'
import { emitStep } from './emit-statement.ts'
import { Frame } from './frame.ts'
import { MAX_CODE } from './limits.ts'
import { Op } from './opcode.ts'
import type { Problems } from './problems.ts'
import { type CFunction, type LocalInfo, type Program, STACK_SIZE } from './program.ts'
import type { FunctionSymbol, LocalVariable } from './tree.ts'
import { sizeOf } from './types.ts'

/** What a function's variables are called, and where. */
export type Variables = (o: {
  readonly frame: Frame
  readonly locals: readonly LocalVariable[]
  /** Parameters, and the registers in which they have arrived. */
  readonly arrived: readonly { readonly variable: LocalVariable; readonly register: number }[]
  /** Instructions: the first, the first of the body, the one behind the last. */
  readonly entry: number
  readonly begin: number
  readonly end: number
}) => readonly LocalInfo[]

function emitFunction(
  symbol: FunctionSymbol,
  code: Code,
  data: Data,
  problems: Problems,
  variables: Variables | undefined,
): CFunction | undefined {
  const { definition, name, type, at } = symbol
  if (definition === undefined) return undefined
  const { parameters, locals, body, atReturn, end } = definition
  const frame = new Frame(code, data, (f, node, target) => emitInto(branch, f, node, target), emitValue)
  const entry = code.length
  code.line = at.line
  if (type.returns.kind === 'record') frame.result = frame.temp()
  const arrived = parameters.map((variable) => ({ variable, register: frame.temp() }))
  for (const { variable, register } of arrived) {
    if (!variable.inMemory) {
      variable.home = register
      continue
    }
    // Records arrive as an address of the caller's and are copied.
    frame.house(variable)
    const to = frame.where(variable)
    if (variable.type.kind === 'record')
      copy(frame, { kind: 'memory', base: register, offset: 0 }, to, sizeOf(variable.type))
    else store(frame, to, variable.type, undefined, register)
  }
  for (const variable of locals) if (!parameters.includes(variable)) frame.house(variable)
  if (frame.frameSize > STACK_SIZE - 0x10000) {
    problems.error(at, `the local variables of '${name}' do not fit the stack of ${STACK_SIZE >> 20} MiB`)
    return undefined
  }
  const jumps = { labels: new Map(), breaks: [], continues: [] }
  frame.step = (step) => emitStep(frame, jumps, step)
  const begin = code.length
  frame.atReturn = atReturn
  frame.step(body)
  code.line = end.line
  for (const step of atReturn) frame.step(step)
  if (type.returns.kind === 'void' || type.returns.kind === 'record') code.push(Op.returnVoid)
  else {
    const zero = frame.temp()
    code.push(Op.li, zero, 0)
    code.push(Op.return, zero)
  }
  return {
    name,
    line: at.line,
    entry,
    registers: Math.max(1, frame.registers),
    frameSize: frame.frameSize,
    parameters: parameters.length - (type.variadic ? 1 : 0) + (frame.result === undefined ? 0 : 1),
    variadic: type.variadic,
    returnsValue: type.returns.kind !== 'void',
    locals: variables?.({ frame, locals, arrived, entry, begin, end: code.length }) ?? [],
  }
}

/** `variables`: for who wants to know them; they are told in `CFunction.locals`. */
export function emit(unit: Unit, problems: Problems, variables?: Variables): Program {
  const code = new Code()
  const data = new Data(problems)
  for (const [i, symbol] of unit.defined.entries()) symbol.index = i
  for (const [i, symbol] of unit.natives.entries()) symbol.index = i
  for (const variable of unit.globals) data.add(variable)
  const functions: CFunction[] = []
  for (const symbol of unit.defined) {
    const fn = emitFunction(symbol, code, data, problems, variables)
    if (fn !== undefined) functions.push(fn)
    if (!code.overflow) continue
    problems.error(symbol.at, `the program has more than ${MAX_CODE} instructions`)
    break
  }
  // Whatever runs past the last function is caught.
  code.push(Op.trap)
  return {
    code: Int32Array.from(code.words),
    lines: Int32Array.from(code.lines),
    functions,
    natives: unit.natives.map((f) => f.name),
    ...data.finish(),
  }
}
