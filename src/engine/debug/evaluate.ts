/**
 * The value of an expression at a place: variables and memory are looked up, everything else is what the compiler folds
 * constants with. Nothing runs and nothing is written.
 */

import { err, ok, type Result } from '../../base/result.ts'
import { isLvalue, rvalue } from '../../lang/c/conversions.ts'
import { functionAddress } from '../../lang/c/emit-data.ts'
import { arithmetic, compare, constant, convert, floatConstant, truth } from '../../lang/c/fold.ts'
import type { Place } from '../../lang/c/token.ts'
import type { Node } from '../../lang/c/tree.ts'
import { typeName } from '../../lang/c/type-name.ts'
import { type CType, intType, isComplete, isScalar, sizeOf } from '../../lang/c/types.ts'
import type { Expression, Refusal } from './expressions.ts'
import { type CFrame, placeOf, typeIn } from './frames.ts'
import type { CObject } from './values.ts'

/** The frame whose variables are meant, the thread's registers, and its memory. */
interface Scene {
  readonly frame: CFrame | undefined
  readonly words: Int32Array
  read(va: number, length: number): Uint8Array | undefined
  /** Why nothing can be read there. */
  whyNot(va: number): string
}

export function evaluate(expression: Expression, scene: Scene): Result<CObject, Refusal> {
  return attempt(() => new Evaluation(expression, scene).result())
}

/** Is it anything but zero? */
export function holds(expression: Expression, scene: Scene): Result<boolean, Refusal> {
  return attempt(() => new Evaluation(expression, scene).isTrue())
}

class NoValue extends Error {
  readonly at: Place

  constructor(at: Place, message: string) {
    super(message)
    this.at = at
  }
}

function attempt<T>(work: () => T): Result<T, Refusal> {
  try {
    return ok(work())
  } catch (error) {
    if (!(error instanceof NoValue)) throw error
    return err({ message: error.message, column: error.at.column })
  }
}

type At = CObject['at']

const view = new DataView(new ArrayBuffer(8))

class Evaluation {
  private readonly expression: Expression
  private readonly scene: Scene

  constructor(expression: Expression, scene: Scene) {
    this.expression = expression
    this.scene = scene
  }

  result(): CObject {
    const { node, text } = this.expression
    if (node.type.kind === 'void') throw new NoValue(node.at, 'it has no value')
    if ((isLvalue(node) && node.type.kind !== 'function') || node.type.kind === 'record') {
      const { frame, words } = this.scene
      const type = frame === undefined ? node.type : typeIn(node.type, frame, words)
      const object = { ...this.object(node), name: text, type }
      const last = Math.max(0, sizeOf(type) - 1)
      if (!isComplete(node.type)) throw new NoValue(node.at, `'${typeName(node.type)}' is not complete`)
      if (typeof object.at === 'number')
        for (const at of [object.at, object.at + last])
          if (this.scene.read(at, 1) === undefined) throw new NoValue(node.at, this.scene.whyNot(at))
      return object
    }
    const value = this.value(rvalue(node))
    if (value.kind === 'float') {
      view.setFloat64(0, value.value, true)
      return { name: text, type: node.type, at: [view.getInt32(0, true), view.getInt32(4, true)], computed: true }
    }
    const { value: word } = value
    const at = [Number(BigInt.asIntN(32, word)), Number(BigInt.asIntN(32, word >> 32n))] as const
    return { name: text, type: value.type, at, computed: true }
  }

  isTrue(): boolean {
    const { node } = this.expression
    const value = rvalue(node)
    if (!isScalar(value.type)) throw new NoValue(node.at, `'${typeName(value.type)}' is neither true nor false`)
    return truth(this.value(value)) === true
  }

  /** Where the object is that an lvalue names. */
  private object(node: Node): CObject {
    const object = (at: At, bits?: CObject['bits']): CObject => ({ name: '', type: node.type, at, bits })
    switch (node.kind) {
      case 'variable': {
        const { variable } = node
        if (variable.kind === 'global') return object(variable.address)
        const { homes } = this.expression
        const home = homes.get(variable)
        const { frame, words } = this.scene
        if (frame === undefined) break
        if (home !== undefined) return object(placeOf(home, frame, words))
        // What the compiler keeps the size of an array in: a register.
        if (variable.home < 0) break
        return object([words[frame.base + variable.home] ?? 0, words[frame.base + variable.home + 1] ?? 0])
      }
      case 'deref':
        return object(Number(this.integer(node.pointer)))
      case 'member': {
        const { at } = this.object(node.base)
        return object(typeof at === 'number' ? at + node.offset : at, node.bits)
      }
      case 'conditional':
        return this.object(truth(this.value(node.test)) ? node.yes : node.no)
      case 'comma':
        this.value(node.left)
        return this.object(node.right)
      case 'convert':
        return object(this.object(node.operand).at)
    }
    throw new NoValue(node.at, 'it is not in the memory of the program')
  }

  /** Of a scalar. */
  private value(node: Node): Node & { kind: 'constant' | 'float' } {
    const { at, type } = node
    switch (node.kind) {
      case 'constant':
      case 'float':
        return node
      case 'variable':
      case 'deref':
      case 'member':
        return this.load(this.object(node), at)
      case 'address':
        return known(constant(type, this.address(node.operand), at))
      case 'arithmetic': {
        const left = this.value(node.left)
        const right = this.value(node.right)
        const divides = (node.operator === '/' || node.operator === '%') && right.kind === 'constant'
        if (divides && right.value === 0n) throw new NoValue(at, 'division by zero')
        return known(arithmetic(node.operator, type, left, right, at))
      }
      case 'compare':
        return known(compare(node.operator, this.value(node.left), this.value(node.right), at))
      case 'logical': {
        const decides = truth(this.value(node.left)) === (node.operator === '||')
        const yes = decides ? node.operator === '||' : truth(this.value(node.right)) === true
        return known(constant(intType, yes ? 1n : 0n, at))
      }
      case 'not':
        return known(constant(intType, truth(this.value(node.operand)) ? 0n : 1n, at))
      case 'conditional':
        return this.value(truth(this.value(node.test)) ? node.yes : node.no)
      case 'comma':
        if (node.left.type.kind !== 'void' && isScalar(node.left.type)) this.value(node.left)
        return this.value(node.right)
      case 'convert':
        return this.converted(this.value(node.operand), type)
    }
    throw new NoValue(at, 'an expression only looks')
  }

  private converted(value: Node & { kind: 'constant' | 'float' }, type: CType): Node & { kind: 'constant' | 'float' } {
    const to = convert(value, type)
    if (to.kind === 'constant' || to.kind === 'float') return to
    // x86's answer for a number that no integer of 64 bits is, but for the upper half of the unsigned ones.
    const whole = value.kind === 'float' ? Math.trunc(value.value) : Number.NaN
    const wide = type.kind === 'integer' && !type.integer.signed && type.integer.size === 8
    const word = wide && whole > 0 && whole < 2 ** 64 ? BigInt(whole) : 1n << 63n
    return known(constant(type, word, value.at))
  }

  private integer(node: Node): bigint {
    const value = this.value(node)
    return value.kind === 'constant' ? BigInt.asUintN(64, value.value) : 0n
  }

  private address(node: Node): bigint {
    if (node.kind === 'function') {
      const { symbol } = node
      if (symbol.index < 0) throw new NoValue(node.at, `the program does not use ${symbol.name}(): it has no address`)
      return BigInt(functionAddress(symbol))
    }
    const { at } = this.object(node)
    if (typeof at === 'number') return BigInt(at)
    const name = node.kind === 'variable' ? `'${node.variable.name}'` : 'this'
    throw new NoValue(node.at, `${name} is in a register: it has no address`)
  }

  private load({ type, at, bits }: CObject, place: Place): Node & { kind: 'constant' | 'float' } {
    if (typeof at !== 'number') {
      view.setInt32(0, at[0], true)
      view.setInt32(4, at[1], true)
      if (type.kind === 'float') return known(floatConstant(type, view.getFloat64(0, true), place))
      return known(constant(type, view.getBigUint64(0, true), place))
    }
    const bytes = this.scene.read(at, sizeOf(type))
    if (bytes === undefined) throw new NoValue(place, this.scene.whyNot(at))
    view.setBigUint64(0, 0n, true)
    for (const [i, byte] of bytes.entries()) view.setUint8(i, byte)
    if (type.kind === 'float') {
      const value = type.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
      return known(floatConstant(type, value, place))
    }
    const word = view.getBigUint64(0, true)
    if (bits === undefined) return known(constant(type, word, place))
    const signed = type.kind === 'integer' && type.integer.signed
    const field = word >> BigInt(bits.at)
    return known(constant(type, signed ? BigInt.asIntN(bits.width, field) : BigInt.asUintN(bits.width, field), place))
  }
}

/** Of operands that are constants everything is. */
function known(node: Node): Node & { kind: 'constant' | 'float' } {
  if (node.kind === 'constant' || node.kind === 'float') return node
  throw new NoValue(node.at, 'it cannot be computed')
}
