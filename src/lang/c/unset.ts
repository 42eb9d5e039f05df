/**
 * Reads of local variables in which nothing has been stored yet: the thread stops there and says so.
 *
 * Most reads are behind a store on every path, and cost nothing. A variable with a read that is not gets a second one,
 * which says whether it holds something; such reads ask it. Only variables in registers: of those whose address is
 * taken, anybody may store into them. Behind a label that `goto` names every read asks.
 */

import { type Context, newLocal } from './context.ts'
import { constant } from './fold.ts'
import type { Place } from './token.ts'
import type { LocalVariable, Node, Step } from './tree.ts'
import { mapNode, mapStep } from './tree-map.ts'
import { intType } from './types.ts'

/** Variables that hold something, a bit each; all of them where nothing arrives. */
type Held = bigint
const NOWHERE: Held = -1n

class Analysis {
  readonly uncertain = new Set<Node>()
  readonly doubted = new Set<LocalVariable>()
  private readonly bits: ReadonlyMap<LocalVariable, bigint>
  private held: Held = 0n
  private readonly breaks: Held[] = []
  /** What holds where the switches around begin. */
  private readonly heads: Held[] = []

  constructor(variables: readonly LocalVariable[]) {
    this.bits = new Map(variables.map((variable, i) => [variable, 1n << BigInt(i)]))
  }

  private variableOf(node: Node): LocalVariable | undefined {
    const variable = node.kind === 'variable' && node.variable.kind === 'local' ? node.variable : undefined
    return variable !== undefined && !variable.inMemory && this.bits.has(variable) ? variable : undefined
  }

  private read(node: Node, variable: LocalVariable): void {
    if ((this.held & (this.bits.get(variable) ?? 0n)) !== 0n) return
    this.uncertain.add(node)
    this.doubted.add(variable)
    // Who comes past the question knows the answer.
    this.store(variable)
  }

  private store(variable: LocalVariable): void {
    this.held |= this.bits.get(variable) ?? 0n
  }

  /** What a branch leaves does not hold behind it unless the other one leaves it, too. */
  private either(one: () => void, other: () => void): void {
    const before = this.held
    one()
    const after = this.held
    this.held = before
    other()
    this.held &= after
  }

  node(node: Node): void {
    const variable = this.variableOf(node)
    if (variable !== undefined) return this.read(node, variable)
    switch (node.kind) {
      case 'assign': {
        const target = this.variableOf(node.target)
        if (target === undefined) this.node(node.target)
        this.node(node.value)
        if (target !== undefined) this.store(target)
        return
      }
      case 'logical':
        this.node(node.left)
        return this.either(
          () => this.node(node.right),
          () => undefined,
        )
      case 'conditional':
        this.node(node.test)
        return this.either(
          () => this.node(node.yes),
          () => this.node(node.no),
        )
      case 'statements':
        for (const step of node.steps) this.step(step)
        if (node.value !== undefined) this.node(node.value)
        return
      default:
        mapNode(node, {
          node: (inner) => {
            this.node(inner)
            return inner
          },
          step: (inner) => inner,
        })
    }
  }

  step(step: Step): void {
    switch (step.kind) {
      case 'if':
        this.node(step.test)
        return this.either(
          () => this.step(step.yes),
          () => step.no && this.step(step.no),
        )
      case 'loop':
        return this.loop(step)
      case 'switch': {
        this.node(step.value)
        const { held } = this
        this.breaks.push(step.otherwise === undefined ? held : NOWHERE)
        this.heads.push(held)
        this.held = NOWHERE
        this.step(step.body)
        this.heads.pop()
        this.held &= this.breaks.pop() ?? NOWHERE
        return
      }
      case 'label': {
        const { name } = step.label
        this.held = name === 'case' || name === 'default' ? this.held & (this.heads.at(-1) ?? 0n) : 0n
        return
      }
      case 'break':
        this.breaks.push((this.breaks.pop() ?? NOWHERE) & this.held)
        this.held = NOWHERE
        return
      case 'initialise':
        for (const { value } of step.items) if (this.variableOf(value) !== step.variable) this.node(value)
        return this.store(step.variable)
      case 'return':
        if (step.value !== undefined) this.node(step.value)
        this.held = NOWHERE
        return
      case 'goto':
      case 'continue':
        this.held = NOWHERE
        return
      case 'unset':
        if (this.held !== NOWHERE) this.held &= ~(this.bits.get(step.variable) ?? 0n)
        return
      case 'block':
        for (const inner of step.steps) this.step(inner)
        return
      case 'expression':
        return this.node(step.value)
    }
  }

  private loop({ start, test, next, body, bodyFirst }: Step & { kind: 'loop' }): void {
    if (start !== undefined) this.step(start)
    this.breaks.push(NOWHERE)
    if (!bodyFirst && test !== undefined) this.node(test)
    const before = this.held
    this.step(body)
    // `continue` comes here with less than what the body's end has.
    this.held = bodyFirst ? before & this.held : this.held
    if (next !== undefined) {
      this.held = before
      this.node(next)
    }
    if (bodyFirst && test !== undefined) this.node(test)
    const endless = test === undefined || (test.kind === 'constant' && test.value !== 0n)
    const left = endless ? NOWHERE : bodyFirst ? this.held : before
    this.held = left & (this.breaks.pop() ?? NOWHERE)
  }
}

/** The function's body with the questions in it. */
export function withQuestions(c: Context, body: Step, variables: readonly LocalVariable[], at: Place): Step {
  const analysis = new Analysis(variables)
  analysis.step(body)
  if (analysis.doubted.size === 0) return body
  const seconds = new Map([...analysis.doubted].map((each) => [each, newLocal(c, '', intType, 4, false)]))
  const second = (variable: LocalVariable, place: Place): Node => {
    return { kind: 'variable', variable: seconds.get(variable) ?? variable, type: intType, at: place }
  }
  const set = (variable: LocalVariable, value: bigint, place: Place): Node => {
    const target = second(variable, place)
    return { kind: 'assign', target, value: constant(intType, value, place), type: intType, at: place }
  }
  const ask = (variable: LocalVariable, place: Place): Node => {
    const symbol = c.scopes.fileLevelName('__unset')
    const left = second(variable, place)
    if (symbol?.kind !== 'function') return left
    symbol.used ??= at
    const bytes = [...new TextEncoder().encode(variable.name)]
    const { type: signature } = symbol
    const name: Node = { kind: 'string', bytes, type: signature.parameters[0] ?? intType, at: place }
    const args: Node[] = [{ kind: 'address', operand: name, type: name.type, at: place }]
    const right: Node = {
      kind: 'call',
      callee: symbol,
      signature,
      args,
      temporary: undefined,
      type: intType,
      at: place,
    }
    return { kind: 'logical', operator: '||', left, right, type: intType, at: place }
  }
  const both = (left: Node, right: Node): Node => ({ kind: 'comma', left, right, type: right.type, at: right.at })
  const mapping = {
    node: (node: Node): Node => {
      if (node.kind === 'variable' && node.variable.kind === 'local' && analysis.uncertain.has(node))
        return both(ask(node.variable, node.at), node)
      if (node.kind === 'update' && analysis.uncertain.has(node.target) && node.target.kind === 'variable') {
        const asked = mapping.node(node.target)
        const plain = mapNode({ ...node, target: { ...node.target } }, mapping)
        return asked.kind === 'comma' ? both(asked.left, plain) : plain
      }
      if (node.kind !== 'assign' || node.target.kind !== 'variable') return mapNode(node, mapping)
      const { variable } = node.target
      if (variable.kind !== 'local' || !seconds.has(variable)) return mapNode(node, mapping)
      const stored: Node = { ...node, value: mapping.node(node.value) }
      return both(stored, both(set(variable, 1n, node.at), { ...node.target, type: node.type }))
    },
    step: (step: Step): Step => {
      if (step.kind === 'unset' && seconds.has(step.variable))
        return { kind: 'expression', value: set(step.variable, 0n, step.at), at: step.at }
      const mapped = mapStep(step, mapping)
      if (step.kind !== 'initialise' || !seconds.has(step.variable)) return mapped
      const after: Step = { kind: 'expression', value: set(step.variable, 1n, step.at), at: step.at }
      return { kind: 'block', steps: [mapped, after], at: step.at }
    },
  }
  const first = [...analysis.doubted].map((each): Step => ({ kind: 'expression', value: set(each, 0n, at), at }))
  return { kind: 'block', steps: [...first, mapping.step(body)], at }
}
