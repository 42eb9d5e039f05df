/**
 * Code that stops a thread where it reads of a local variable what nothing was stored in.
 *
 * A variable with a read that may be such (unset.ts) gets a second one, which says whether it holds something: of a
 * variable in a register a number, of one in memory a byte for each of its bytes, 1 where something was stored, and a
 * number that says that all of it counts as stored. Stores keep them, uncertain reads ask them. An array that has been
 * filled counts as stored, so that loops over it pay little.
 */

import { type Context, newLocal } from './context.ts'
import { arithmetic, constant as constantOf, convert } from './fold.ts'
import type { Place } from './token.ts'
import type { LocalVariable, Node, Step } from './tree.ts'
import { mapNode, mapStep } from './tree-map.ts'
import * as T from './types.ts'
import { Unset } from './unset.ts'
import { nameOf, offsetOf, type Path, pathOf, withOffsets } from './unset-path.ts'

/** What says whether a variable holds something; `bytes` for one in memory. */
interface Second {
  readonly whole: LocalVariable
  readonly parts: Parts | undefined
}

interface Parts {
  readonly bytes: LocalVariable
  /** How many of them are still 0, at most. */
  readonly left: LocalVariable
}

const unsigned = { 1: T.ucharType, 2: T.ushortType, 4: T.uintType, 8: T.ulongType } as const
/** As many bytes, each 1. */
const stored = { 1: 0x01n, 2: 0x0101n, 4: 0x01010101n, 8: 0x0101010101010101n } as const
type Size = keyof typeof stored

const sizeOf = (type: T.CType): Size => T.sizeOf(type) as Size
const constant = (value: bigint, at: Place): Node => constantOf(T.intType, value, at)
const then = (left: Node, right: Node): Node => ({ kind: 'comma', left, right, type: right.type, at: right.at })
const use = (variable: LocalVariable, at: Place): Node => ({ kind: 'variable', variable, type: variable.type, at })
const assign = (target: Node, value: Node): Node => ({
  kind: 'assign',
  target,
  value,
  type: target.type,
  at: target.at,
})
const step = (value: Node): Step => ({ kind: 'expression', value, at: value.at })
const compare = (operator: '==' | '<=', left: Node, right: Node): Node => ({
  kind: 'compare',
  operator,
  left,
  right,
  type: T.intType,
  at: left.at,
})
const logical = (operator: '||' | '&&', left: Node, right: Node): Node => ({
  kind: 'logical',
  operator,
  left,
  right,
  type: T.intType,
  at: left.at,
})

class Questions {
  private readonly c: Context
  private readonly uncertain: ReadonlySet<Node>
  private readonly seconds: ReadonlyMap<LocalVariable, Second>

  constructor(c: Context, { uncertain, doubted }: Unset) {
    this.c = c
    this.uncertain = uncertain
    this.seconds = new Map(
      [...doubted].map((each): [LocalVariable, Second] => {
        const count = each.inMemory ? T.sizeOf(each.type) : 0
        const whole = newLocal(c, '', T.intType, 4, false)
        if (count === 0) return [each, { whole, parts: undefined }]
        const bytes = newLocal(c, '', T.arrayOf(T.ucharType, count), 8, true)
        return [each, { whole, parts: { bytes, left: newLocal(c, '', T.intType, 4, false) } }]
      }),
    )
  }

  private setWhole({ whole }: Second, value: bigint, at: Place): Node {
    return assign(use(whole, at), constant(value, at))
  }

  /** As before its first store. */
  private forget(second: Second, at: Place): readonly Step[] {
    const known = step(this.setWhole(second, 0n, at))
    if (second.parts === undefined) return [known]
    const { bytes, left } = second.parts
    const all = constant(BigInt(T.sizeOf(bytes.type)), at)
    return [known, { kind: 'initialise', variable: bytes, items: [], at }, step(assign(use(left, at), all))]
  }

  /** The call that ends the thread. */
  private told(name: string, at: Place): Node {
    const symbol = this.c.scopes.fileLevelName('__unset')
    if (symbol?.kind !== 'function') return constant(0n, at)
    symbol.used ??= at
    const { type: signature } = symbol
    const type = signature.parameters[0] ?? T.intType
    const text: Node = { kind: 'string', bytes: [...new TextEncoder().encode(name)], type, at }
    const args: Node[] = [{ kind: 'address', operand: text, type, at }]
    return { kind: 'call', callee: symbol, signature, args, temporary: undefined, type: T.intType, at }
  }

  /**
   * A part of a variable in memory, its computed offsets evaluated once, before it: `first`. `marks` are the bytes that
   * say whether it holds something; `inside`: is the offset within the variable?
   */
  private part(node: Node, path: Path, bytes: LocalVariable) {
    const { at } = node
    const first: Node[] = []
    const moving: Path['moving'][number][] = []
    const lvalue = withOffsets(node, (by) => {
      const kept = use(newLocal(this.c, '', T.unqualified(by.type), 8, false), at)
      first.push(assign(kept, this.node(by)))
      moving.push({ by: kept, down: path.moving[moving.length]?.down === true })
      return kept
    })
    const offset = offsetOf({ ...path, moving }, at)
    const size = sizeOf(node.type)
    const type = unsigned[size]
    const start: Node = { kind: 'address', operand: use(bytes, at), type: T.pointerTo(type), at }
    const pointer: Node =
      path.moving.length === 0 && path.offset === 0
        ? start
        : { kind: 'arithmetic', operator: '+', left: start, right: offset, type: start.type, at }
    const marks: Node = { kind: 'deref', pointer, type, at }
    const last = constantOf(T.ulongType, BigInt(T.sizeOf(path.variable.type) - size), at)
    const inside = compare('<=', convert(offset, T.ulongType), last)
    const known = path.moving.length === 0
    const isInside = known && path.offset >= 0 && path.offset + size <= T.sizeOf(path.variable.type)
    return { lvalue, first, marks, inside: isInside ? undefined : inside, full: constantOf(type, stored[size], at) }
  }

  /** What a read is preceded by, and the lvalue that is read then. */
  private asked(node: Node, path: Path | undefined): { readonly before: Node | undefined; readonly lvalue: Node } {
    const { at } = node
    if (path === undefined) {
      const variable = registerOf(node)
      const second = variable && this.seconds.get(variable)
      if (variable === undefined || second === undefined) return { before: undefined, lvalue: node }
      return { before: logical('||', use(second.whole, at), this.told(variable.name, at)), lvalue: node }
    }
    const second = this.seconds.get(path.variable)
    if (second?.parts === undefined) return { before: undefined, lvalue: node }
    const { lvalue, first, marks, inside, full } = this.part(node, path, second.parts.bytes)
    const holds = compare('==', marks, full)
    const told = logical('||', holds, this.told(nameOf(path), at))
    const question = logical('||', use(second.whole, at), inside === undefined ? told : logical('&&', inside, told))
    return { before: [...first, question].reduce(then), lvalue }
  }

  private assignment(node: Node & { kind: 'assign' }): Node {
    const { target, at } = node
    const path = pathOf(target)
    const variable = path?.variable ?? registerOf(target)
    const second = variable && this.seconds.get(variable)
    if (second === undefined) return mapNode(node, this)
    const value = this.node(node.value)
    if (path === undefined || second.parts === undefined)
      return then({ ...node, value }, then(this.setWhole(second, 1n, at), { ...target, type: node.type }))
    if (!T.isScalar(target.type)) {
      const copied: Node = { ...node, target: withOffsets(target, (by) => this.node(by)), value }
      return then(this.setWhole(second, 1n, at), copied)
    }
    const { bytes, left } = second.parts
    const { lvalue, first, marks, inside, full } = this.part(target, path, bytes)
    const fewer = arithmetic('-', T.intType, use(left, at), constant(BigInt(sizeOf(target.type)), at), at)
    const filled = compare('==', assign(use(left, at), fewer), constant(0n, at))
    const isFirst = compare('==', marks, constantOf(marks.type, 0n, at))
    const counted = logical('&&', isFirst, assign(use(second.whole, at), filled))
    const marked = then(counted, assign(marks, full))
    const kept = use(newLocal(this.c, '', T.unqualified(node.type), 8, false), at)
    const all = [
      ...first,
      assign(kept, { ...node, target: lvalue, value }),
      logical('||', use(second.whole, at), inside === undefined ? marked : logical('&&', inside, marked)),
      kept,
    ]
    return all.reduce(then)
  }

  node(node: Node): Node {
    if (node.kind === 'assign') return this.assignment(node)
    if (node.kind === 'update' && this.uncertain.has(node.target)) {
      const { before, lvalue } = this.asked(node.target, pathOf(node.target))
      const updated: Node = { ...node, target: lvalue, operand: this.node(node.operand) }
      return before === undefined ? updated : then(before, updated)
    }
    const path = pathOf(node)
    if (this.uncertain.has(node)) {
      const { before, lvalue } = this.asked(node, path)
      return before === undefined ? lvalue : then(before, lvalue)
    }
    if (path !== undefined) return withOffsets(node, (by) => this.node(by))
    const named = node.kind === 'address' ? pathOf(node.operand) : undefined
    const second = named && this.seconds.get(named.variable)
    if (node.kind !== 'address' || second === undefined) return mapNode(node, this)
    // From here on anybody may store into it.
    const operand = withOffsets(node.operand, (by) => this.node(by))
    return then(this.setWhole(second, 1n, node.at), { ...node, operand })
  }

  step(one: Step): Step {
    if (one.kind === 'unset') {
      const second = this.seconds.get(one.variable)
      return second === undefined ? one : { kind: 'block', steps: this.forget(second, one.at), at: one.at }
    }
    const mapped = mapStep(one, this)
    const second = one.kind === 'initialise' ? this.seconds.get(one.variable) : undefined
    if (second === undefined) return mapped
    return { kind: 'block', steps: [mapped, step(this.setWhole(second, 1n, one.at))], at: one.at }
  }

  /** A jump may go past the declarations. */
  begin(at: Place): readonly Step[] {
    return [...this.seconds.values()].flatMap((second) => this.forget(second, at))
  }
}

function registerOf(node: Node): LocalVariable | undefined {
  return node.kind === 'variable' && node.variable.kind === 'local' && !node.variable.inMemory
    ? node.variable
    : undefined
}

/** The function's body with the questions in it. */
export function withQuestions(c: Context, body: Step, variables: readonly LocalVariable[], at: Place): Step {
  const unset = new Unset(variables.filter(({ indirect }) => indirect === undefined))
  unset.step(body)
  if (unset.doubted.size === 0) return body
  const questions = new Questions(c, unset)
  return { kind: 'block', steps: [...questions.begin(at), questions.step(body)], at }
}
