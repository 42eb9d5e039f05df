/** The syntax tree: what was written, before names and types mean anything. Error nodes stand where text was wrong. */

import type { NumberLiteral } from './literals.ts'
import type { Place } from './token.ts'

export type UnaryOperator = '+' | '-' | '~' | '!' | '*' | '&'
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>'
export type Comparison = '<' | '>' | '<=' | '>=' | '==' | '!='
export type BinaryOperator = ArithmeticOperator | Comparison | '&&' | '||' | ','

export type Expr = { readonly at: Place; readonly height: number } & (
  | { readonly kind: 'error' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'number'; readonly literal: NumberLiteral }
  | { readonly kind: 'character'; readonly value: bigint }
  | { readonly kind: 'string'; readonly bytes: readonly number[] }
  /** A character, or strings that stand side by side, of which one has a prefix: as they are spelt. */
  | { readonly kind: 'wide'; readonly texts: readonly string[] }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expr }
  | { readonly kind: 'step'; readonly operator: '++' | '--'; readonly prefix: boolean; readonly operand: Expr }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
  | {
      readonly kind: 'assign'
      readonly operator: ArithmeticOperator | undefined
      readonly left: Expr
      readonly right: Expr
    }
  | { readonly kind: 'conditional'; readonly test: Expr; readonly yes: Expr | undefined; readonly no: Expr }
  | { readonly kind: 'call'; readonly callee: Expr; readonly args: readonly Expr[]; readonly close: Place }
  | { readonly kind: 'index'; readonly base: Expr; readonly index: Expr }
  | {
      readonly kind: 'member'
      readonly base: Expr
      readonly arrow: boolean
      readonly name: string
      readonly nameAt: Place
    }
  | { readonly kind: 'cast'; readonly type: TypeName; readonly operand: Expr }
  | { readonly kind: 'compound'; readonly type: TypeName; readonly initialiser: Initialiser }
  | { readonly kind: 'sizeof'; readonly operand: Expr }
  | { readonly kind: 'sizeofType'; readonly type: TypeName }
  | { readonly kind: 'alignof'; readonly type: TypeName }
  | { readonly kind: 'offsetof'; readonly type: TypeName; readonly path: readonly Designator[] }
  /** gcc's `({ … })`. */
  | { readonly kind: 'statements'; readonly block: Block }
  | {
      readonly kind: 'generic'
      readonly control: Expr | TypeName
      /** No type: `default`. */
      readonly choices: readonly { readonly type: TypeName | undefined; readonly value: Expr }[]
    }
)

export type Designator =
  | { readonly kind: 'member'; readonly name: string; readonly at: Place }
  | { readonly kind: 'index'; readonly index: Expr; readonly to?: Expr; readonly at: Place }

export type Initialiser =
  | { readonly kind: 'expression'; readonly value: Expr; readonly at: Place }
  | {
      readonly kind: 'list'
      readonly items: readonly { readonly path: readonly Designator[]; readonly value: Initialiser }[]
      readonly at: Place
    }

/** `_Alignas` and `__attribute__` that matter here. */
export interface Attributes {
  readonly aligned: readonly (Expr | TypeName | 'largest')[]
  readonly packed: boolean
  /** Bytes that members are aligned to at most. */
  readonly limit?: number
}

export interface EnumeratorSyntax {
  readonly name: string
  readonly at: Place
  readonly value: Expr | undefined
}

export type TypeSpecifier =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly at: Place }
  | { readonly kind: 'typedef'; readonly name: string; readonly at: Place }
  /** `__auto_type`: that of the initial value. */
  | { readonly kind: 'auto'; readonly at: Place }
  | { readonly kind: 'typeof'; readonly operand: Expr | TypeName; readonly at: Place }
  | {
      readonly kind: 'record'
      readonly union: boolean
      readonly tag: string | undefined
      readonly members: readonly Declaration[] | undefined
      readonly attributes: Attributes
      readonly at: Place
    }
  | {
      readonly kind: 'enum'
      readonly tag: string | undefined
      readonly enumerators: readonly EnumeratorSyntax[] | undefined
      readonly at: Place
    }
  | { readonly kind: 'none'; readonly at: Place }

export type StorageClass = 'typedef' | 'extern' | 'static' | 'auto' | 'register'

export interface Specifiers {
  readonly type: TypeSpecifier
  readonly qualifiers: number
  readonly storage: StorageClass | undefined
  readonly attributes: Attributes
  readonly at: Place
}

export interface Parameter {
  readonly specifiers: Specifiers
  readonly declarator: Declarator
}

/** Nearest to the name first: `*a[3]` is array, then pointer. */
export type Derivation =
  | { readonly kind: 'pointer'; readonly qualifiers: number }
  | { readonly kind: 'array'; readonly length: Expr | undefined; readonly at: Place }
  | {
      readonly kind: 'function'
      readonly parameters: readonly Parameter[]
      readonly variadic: boolean
      /** The parameters' types stand behind the parentheses. */
      readonly untyped?: true
      readonly at: Place
    }

export interface Declarator {
  readonly name: string | undefined
  readonly at: Place
  readonly derivations: readonly Derivation[]
}

export interface TypeName {
  readonly kind: 'type'
  readonly specifiers: Specifiers
  readonly declarator: Declarator
  readonly at: Place
}

export interface InitDeclarator {
  readonly declarator: Declarator
  readonly attributes: Attributes
  readonly initialiser: Initialiser | undefined
  /** Bit-field width (members only). */
  readonly width: Expr | undefined
}

export interface Declaration {
  readonly kind: 'declaration'
  readonly specifiers: Specifiers
  readonly declarators: readonly InitDeclarator[]
  readonly at: Place
}

export interface FunctionDefinition {
  readonly kind: 'function'
  readonly specifiers: Specifiers
  readonly declarator: Declarator
  readonly body: Block
  readonly at: Place
}

export interface StaticAssertion {
  readonly kind: 'assertion'
  readonly condition: Expr
  readonly message: string | undefined
  readonly at: Place
}

export type TopLevel = Declaration | FunctionDefinition | StaticAssertion

export interface Block {
  readonly kind: 'block'
  readonly statements: readonly Statement[]
  readonly at: Place
  /** The closing brace. */
  readonly end: Place
}

/** What `%0` or `%[name]` in an `asm` statement stands for. */
export interface AsmOperand {
  readonly name: string | undefined
  readonly constraint: string
  readonly value: Expr
}

export type Statement =
  | Block
  | Declaration
  | StaticAssertion
  | { readonly kind: 'empty'; readonly at: Place }
  /** `template`: a string. */
  | {
      readonly kind: 'asm'
      readonly template: Expr
      readonly operands: readonly AsmOperand[]
      readonly at: Place
    }
  | { readonly kind: 'expression'; readonly value: Expr; readonly at: Place }
  | {
      readonly kind: 'if'
      readonly test: Expr
      readonly yes: Statement
      readonly no: Statement | undefined
      readonly at: Place
    }
  | { readonly kind: 'while'; readonly test: Expr; readonly body: Statement; readonly at: Place }
  | { readonly kind: 'do'; readonly body: Statement; readonly test: Expr; readonly at: Place }
  | {
      readonly kind: 'for'
      readonly start: Statement | undefined
      readonly test: Expr | undefined
      readonly next: Expr | undefined
      readonly body: Statement
      readonly at: Place
    }
  | { readonly kind: 'switch'; readonly value: Expr; readonly body: Statement; readonly at: Place }
  | {
      readonly kind: 'case'
      readonly value: Expr
      readonly to: Expr | undefined
      readonly body: Statement
      readonly at: Place
    }
  | { readonly kind: 'default'; readonly body: Statement; readonly at: Place }
  | { readonly kind: 'label'; readonly name: string; readonly body: Statement; readonly at: Place }
  | { readonly kind: 'goto'; readonly name: string; readonly nameAt: Place; readonly at: Place }
  | { readonly kind: 'break' | 'continue'; readonly at: Place }
  | { readonly kind: 'return'; readonly value: Expr | undefined; readonly at: Place }
