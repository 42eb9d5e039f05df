/**
 * The typed tree: what a program means, every conversion written out. Made by the check-… files, read by emit-….
 *
 * A node of array type is always an lvalue; where C would turn it into a pointer there is an `address` node.
 */

import type { ArithmeticOperator, Comparison } from './ast.ts'
import type { Place } from './token.ts'
import type { CType, FunctionType, Member } from './types.ts'

export interface LocalVariable {
  readonly kind: 'local'
  readonly name: string
  readonly type: CType
  /** Bytes. */
  readonly align: number
  /** It needs an address: taken by `&`, an array, a record, or volatile. */
  inMemory: boolean
  /** In memory at an address that a register has, not in the frame. */
  indirect?: LocalVariable | true
  /** Set by the emitter: register (of the address, if indirect), or byte offset in the frame. */
  home: number
}

export interface GlobalVariable {
  readonly kind: 'global'
  readonly name: string
  type: CType
  align: number
  readonly at: Place
  defined: boolean
  initialiser: readonly InitItem[] | undefined
  /** Set by the emitter: virtual address. */
  address: number
}

export interface FunctionSymbol {
  readonly kind: 'function'
  readonly name: string
  type: FunctionType
  at: Place
  definition: FunctionBody | undefined
  used: Place | undefined
  /** Set by the emitter: index into `Program.functions` or, without a definition, into `Program.natives`. */
  index: number
}

interface FunctionBody {
  readonly parameters: readonly LocalVariable[]
  locals: readonly LocalVariable[]
  body: Step
  /** What is done before every return. */
  atReturn: readonly Step[]
  /** Line of the closing brace. */
  readonly end: Place
}

/** One piece of an object that an initialiser writes. */
export interface InitItem {
  /** Bytes from the object's start. */
  readonly offset: number
  readonly type: CType
  readonly bits: Member['bits']
  /** A `string` node for a character array, else already of `type`. */
  readonly value: Node
}

export type Node = { readonly type: CType; readonly at: Place } & (
  | { readonly kind: 'error' }
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'variable'; readonly variable: LocalVariable | GlobalVariable }
  | { readonly kind: 'string'; readonly bytes: readonly number[] }
  | { readonly kind: 'function'; readonly symbol: FunctionSymbol }
  | { readonly kind: 'deref'; readonly pointer: Node }
  | { readonly kind: 'member'; readonly base: Node; readonly offset: number; readonly bits: Member['bits'] }
  | { readonly kind: 'compound'; readonly variable: LocalVariable; readonly items: readonly InitItem[] }
  | { readonly kind: 'address'; readonly operand: Node }
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Node
      /** Of the node's type too, but a shift's has its own. */
      readonly right: Node
    }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Node; readonly right: Node }
  | { readonly kind: 'logical'; readonly operator: '&&' | '||'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly operand: Node }
  | { readonly kind: 'conditional'; readonly test: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'comma'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'statements'; readonly steps: readonly Step[]; readonly value: Node | undefined }
  | { readonly kind: 'convert'; readonly operand: Node }
  | { readonly kind: 'assign'; readonly target: Node; readonly value: Node }
  | {
      /** `target = (type)((compute)target operator operand)`, the target evaluated once. */
      readonly kind: 'update'
      readonly target: Node
      readonly operator: ArithmeticOperator
      readonly operand: Node
      readonly compute: CType
      /** The value is the target's old one: `x++`. */
      readonly postfix: boolean
    }
  | {
      readonly kind: 'call'
      readonly callee: FunctionSymbol | Node
      readonly signature: FunctionType
      readonly args: readonly Node[]
      /** Where a returned record is kept. */
      readonly temporary: LocalVariable | undefined
    }
)

/** A place to jump to. */
export interface Label {
  readonly name: string
}

export interface SwitchCase {
  readonly low: bigint
  readonly high: bigint
  readonly label: Label
}

/** A typed statement. */
export type Step =
  | {
      readonly kind: 'block'
      readonly steps: readonly Step[]
      /** Those that only it knows. */
      readonly variables?: readonly (LocalVariable | GlobalVariable)[]
      readonly at: Place
    }
  | { readonly kind: 'expression'; readonly value: Node; readonly at: Place }
  | {
      readonly kind: 'initialise'
      readonly variable: LocalVariable
      readonly items: readonly InitItem[]
      readonly at: Place
    }
  /** A declaration without initial value is reached. */
  | { readonly kind: 'unset'; readonly variable: LocalVariable; readonly at: Place }
  | { readonly kind: 'if'; readonly test: Node; readonly yes: Step; readonly no: Step | undefined; readonly at: Place }
  | {
      readonly kind: 'loop'
      readonly start: Step | undefined
      readonly test: Node | undefined
      readonly next: Node | undefined
      readonly body: Step
      /** do … while: the body comes before the first test. */
      readonly bodyFirst: boolean
      readonly at: Place
    }
  | {
      readonly kind: 'switch'
      readonly value: Node
      readonly cases: readonly SwitchCase[]
      readonly otherwise: Label | undefined
      readonly body: Step
      readonly at: Place
    }
  | { readonly kind: 'label'; readonly label: Label; readonly at: Place }
  | { readonly kind: 'goto'; readonly label: Label; readonly at: Place }
  | { readonly kind: 'break' | 'continue'; readonly at: Place }
  | { readonly kind: 'return'; readonly value: Node | undefined; readonly at: Place }
