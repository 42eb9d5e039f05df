/**
 * Reads of local variables in which nothing has been stored yet: which may be such?
 *
 * Most reads are behind a store on every path. Of a variable in memory each byte counts, while only lvalues that name
 * it reach it; once its address is anybody's, or a record is stored into it as a whole, all of it counts as stored.
 * Behind a label that `goto` names every read may be one.
 */

import type { LocalVariable, Node, Step } from './tree.ts'
import { mapNode } from './tree-map.ts'
import { isScalar, sizeOf } from './types.ts'
import { type Path, pathOf, withOffsets } from './unset-path.ts'

/** Variables, and bytes of variables, that hold something, a bit each; all of them where nothing arrives. */
type Held = bigint
const NOWHERE: Held = -1n
/** Of larger variables only running tells which bytes hold something. */
const MOST_BYTES = 256

const ones = (count: number): bigint => (1n << BigInt(count)) - 1n

export class Unset {
  /** Reads that may be such. */
  readonly uncertain = new Set<Node>()
  /** Their variables. */
  readonly doubted = new Set<LocalVariable>()
  /** The first bit of each: of all of it; its bytes follow, if it is in memory. */
  private readonly bits = new Map<LocalVariable, number>()
  private held: Held = 0n
  private readonly breaks: Held[] = []
  /** What holds where the switches around begin. */
  private readonly heads: Held[] = []

  constructor(variables: readonly LocalVariable[]) {
    let next = 0
    for (const each of variables) {
      this.bits.set(each, next)
      next += 1 + bytesOf(each)
    }
  }

  /** A variable in a register. */
  private variableOf(node: Node): LocalVariable | undefined {
    const variable = node.kind === 'variable' && node.variable.kind === 'local' ? node.variable : undefined
    return variable !== undefined && !variable.inMemory && this.bits.has(variable) ? variable : undefined
  }

  private pathOf(node: Node): Path | undefined {
    const path = pathOf(node)
    return path !== undefined && this.bits.has(path.variable) ? path : undefined
  }

  /** Bits of the bytes that a path names, if they are counted and known. */
  private bytes({ variable, offset, moving }: Path, size: number): Held {
    const count = bytesOf(variable)
    if (moving.length > 0 || offset < 0 || offset + size > count) return 0n
    return ones(size) << BigInt((this.bits.get(variable) ?? 0) + 1 + offset)
  }

  private whole(variable: LocalVariable): Held {
    const bit = this.bits.get(variable)
    return bit === undefined ? 0n : 1n << BigInt(bit)
  }

  private doubt(node: Node, variable: LocalVariable): void {
    this.uncertain.add(node)
    this.doubted.add(variable)
  }

  private read(node: Node, variable: LocalVariable): void {
    if ((this.held & this.whole(variable)) !== 0n) return
    this.doubt(node, variable)
    // Who comes past the question knows the answer.
    this.store(variable)
  }

  private store(variable: LocalVariable): void {
    this.held |= this.whole(variable)
  }

  private offsets(node: Node): void {
    withOffsets(node, (by) => {
      this.node(by)
      return by
    })
  }

  private readPart(node: Node, path: Path): void {
    this.offsets(node)
    // A copy of a record takes what is not stored with it.
    if (!isScalar(node.type)) return
    const bytes = this.bytes(path, sizeOf(node.type))
    const certain = bytes !== 0n && (this.held & bytes) === bytes
    if (certain || (this.held & this.whole(path.variable)) !== 0n) return
    this.doubt(node, path.variable)
    this.held |= bytes
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
    const path = this.pathOf(node)
    if (path !== undefined) return this.readPart(node, path)
    switch (node.kind) {
      case 'address': {
        const named = this.pathOf(node.operand)
        if (named === undefined) return this.node(node.operand)
        this.offsets(node.operand)
        return this.store(named.variable)
      }
      case 'assign':
        return this.assign(node)
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

  private assign({ target, value }: Node & { kind: 'assign' }): void {
    const variable = this.variableOf(target)
    const path = this.pathOf(target)
    if (path !== undefined) this.offsets(target)
    else if (variable === undefined) this.node(target)
    this.node(value)
    if (variable !== undefined) this.store(variable)
    else if (path !== undefined && isScalar(target.type)) this.held |= this.bytes(path, sizeOf(target.type))
    else if (path !== undefined) this.store(path.variable)
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
        if (this.held !== NOWHERE) this.held &= ~(this.whole(step.variable) * ones(1 + bytesOf(step.variable)))
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

/** Bytes that count one by one. */
function bytesOf({ inMemory, type }: LocalVariable): number {
  const size = inMemory ? sizeOf(type) : 0
  return size > MOST_BYTES ? 0 : size
}
