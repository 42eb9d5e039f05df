/**
 * gcc's `asm` statements, as far as programs on persistent memory use them: fences, flushes, non-temporal stores, and
 * nothing at all. Loaded when a program has one.
 *
 * An instruction is what its bytes are: prefix 0x66 before `clflush` is clflushopt, before `xsaveopt` clwb, which is how
 * older assemblers are told. AT&T syntax. Left out: every other instruction, `asm goto`, `asm` outside of functions.
 */

import type { AsmOperand, Statement } from './ast.ts'
import { type Context, newLocal } from './context.ts'
import { addressOf, rvalue } from './conversions.ts'
import { constant, convert } from './fold.ts'
import type { Place } from './token.ts'
import type { Node, Step } from './tree.ts'
import * as T from './types.ts'

type Asm = Statement & { readonly kind: 'asm' }

const PREFIXES: ReadonlySet<string> = new Set(['lock', 'rep', 'data16', 'ds', '.byte 0x66', '.byte 0x3e'])
const OTHERS: Readonly<Record<string, string>> = {
  cmpxchg: '__atomic_compare_exchange_n() is the same instruction',
  xchg: '__atomic_exchange_n() is the same instruction',
  xadd: '__atomic_fetch_add() is the same instruction',
}
const HINT =
  'it knows sfence, mfence, lfence, clflush, clflushopt, clwb, movnti, pause; more are functions of <immintrin.h>'

/** Its instructions, each with its prefixes, blanks made one. */
function instructions(template: string): readonly string[] {
  const found: string[] = []
  let prefix = ''
  for (const part of template.split(/[;\n]/)) {
    const text = part.trim().replace(/\s+/g, ' ').replace(/ ?, ?/g, ', ').toLowerCase()
    if (text === '') continue
    if (PREFIXES.has(text)) prefix += `${text} `
    else {
      found.push(prefix + text)
      prefix = ''
    }
  }
  return prefix === '' ? found : [...found, prefix.trim()]
}

/** Called as a native function. */
function called(c: Context, name: string, args: readonly Node[], at: Place): Step {
  const symbol = c.scopes.fileLevelName(name)
  if (symbol?.kind !== 'function') return { kind: 'block', steps: [], at }
  symbol.used ??= at
  const { type: signature } = symbol
  const call: Node = {
    kind: 'call',
    callee: symbol,
    signature,
    args: args.map((arg, i) => convert(arg, signature.parameters?.[i] ?? arg.type)),
    temporary: undefined,
    type: signature.returns,
    at,
  }
  return { kind: 'expression', value: call, at }
}

const FENCE = /^([sml]fence)$/
const FLUSH = /^(?:(\.byte 0x66|data16|\.byte 0x3e|ds) )?(clflush|clflushopt|clwb|xsaveopt) (.+)$/
const STREAM = /^movnti([lq]?) (%\S+), (.+)$/
const BARRIER = /^lock (?:add|or)[lqb] \$(?:0|0x0), -?(?:0x)?\d*\(%%[re]?sp\)$/
const NOTHING = /^(nop|pause|rep nop|rep; nop)$/

export function assembly(c: Context, { template, operands, at }: Asm): readonly Step[] {
  const text =
    template.kind === 'string' ? String.fromCharCode(...template.bytes.filter((byte) => byte !== 0)) : undefined
  if (text === undefined) {
    c.problems.error(template.at, "'asm' needs its instructions as a string")
    return []
  }
  const values = operands.map((operand) => c.expression(operand.value))
  const steps: Step[] = []
  for (const instruction of instructions(text)) {
    const step = translated(c, instruction, operands, values, at)
    if (step === undefined) {
      const name = instruction.replace(/^(lock|rep) /, '').split(/[ blqw]*( |$)/)[0] ?? ''
      c.problems.error(at, `'asm' with '${instruction}' is not supported`, OTHERS[name] ?? HINT)
      return []
    }
    steps.push(...step)
  }
  return steps
}

/** undefined: it is none of those that are known. */
function translated(
  c: Context,
  instruction: string,
  operands: readonly AsmOperand[],
  values: readonly Node[],
  at: Place,
): readonly Step[] | undefined {
  const find = (text: string): number => {
    const [, index, name] = /^%[a-z]?(?:(\d)|\[(\w+)\])$/.exec(text) ?? []
    return name === undefined ? Number(index ?? -1) : operands.findIndex((operand) => operand.name === name)
  }
  /** Where it is: `(%0)` is a pointer in a register, `%0` the memory itself. */
  const address = (text: string): Node | undefined => {
    const inRegister = /^0?\((.*)\)$/.exec(text)?.[1]
    const index = find(inRegister ?? text)
    const value = values[index]
    if (value === undefined) return undefined
    if (inRegister !== undefined) return rvalue(value)
    return /m/.test(operands[index]?.constraint ?? '') ? addressOf(value, at) : undefined
  }
  if (NOTHING.test(instruction)) return []
  const fence = FENCE.exec(instruction)?.[1]
  if (fence !== undefined) return [called(c, `__asm_${fence}`, [], at)]
  const [, prefix = '', flush, line = ''] = FLUSH.exec(instruction) ?? []
  if (flush !== undefined) {
    const data = prefix === '.byte 0x66' || prefix === 'data16'
    const name = flush === 'xsaveopt' ? (data ? 'clwb' : '') : flush === 'clflush' && data ? 'clflushopt' : flush
    const pointer = address(line)
    return pointer === undefined || name === '' ? undefined : [called(c, `__asm_${name}`, [pointer], at)]
  }
  const [, suffix = '', source = '', target = ''] = STREAM.exec(instruction) ?? []
  if (source !== '') {
    const pointer = address(target)
    const value = values[find(source)]
    if (pointer === undefined || value === undefined) return undefined
    const wide = suffix === '' ? T.sizeOf(T.unqualified(rvalue(value).type)) === 8 : suffix === 'q'
    return [called(c, wide ? '__asm_movnti64' : '__asm_movnti32', [pointer, rvalue(value)], at)]
  }
  if (!BARRIER.test(instruction)) return undefined
  // A locked addition of nothing to the stack: the cheapest full barrier.
  const word: Node = { kind: 'variable', variable: newLocal(c, '', T.longType, 8, true), type: T.longType, at }
  const number = (value: number): Node => constant(T.ulongType, BigInt(value), at)
  return [called(c, '__lock_rmw', [addressOf(word, at), number(8), number(1), number(0)], at)]
}
