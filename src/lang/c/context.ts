/** What the checking of one translation unit knows: scopes, the function at hand, and hooks between its files. */

import type { Block, Declaration, Expr, Initialiser, TypeName } from './ast.ts'
import type { rare } from './check-rare.ts'
import type { Headers } from './headers.ts'
import type { Problems } from './problems.ts'
import type { Place } from './token.ts'
import type { FunctionSymbol, GlobalVariable, InitItem, LocalVariable, Node, Step } from './tree.ts'
import type { CType, IntegerType, RecordInfo } from './types.ts'

export type Symbol =
  | LocalVariable
  | GlobalVariable
  | FunctionSymbol
  | { readonly kind: 'typedef'; readonly type: CType }
  | { readonly kind: 'enumerator'; readonly value: bigint; readonly type: IntegerType }

export type Tag =
  | { readonly kind: 'record'; readonly record: RecordInfo }
  | { readonly kind: 'enum'; readonly type: IntegerType }

interface Scope {
  readonly names: Map<string, Symbol>
  readonly tags: Map<string, Tag>
}

export class Scopes {
  private readonly stack: Scope[] = [{ names: new Map(), tags: new Map() }]

  push(): void {
    this.stack.push({ names: new Map(), tags: new Map() })
  }

  /** The variables that were declared in the scope that ends. */
  pop(): readonly (LocalVariable | GlobalVariable)[] {
    const names = [...(this.stack.pop()?.names.values() ?? [])]
    return names.flatMap((each) => (each.kind === 'local' || each.kind === 'global' ? [each] : []))
  }

  /** At file level. */
  get outermost(): boolean {
    return this.stack.length === 1
  }

  name(name: string): Symbol | undefined {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const found = this.stack[i]?.names.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  nameHere(name: string): Symbol | undefined {
    return this.stack.at(-1)?.names.get(name)
  }

  fileLevelName(name: string): Symbol | undefined {
    return this.stack[0]?.names.get(name)
  }

  declare(name: string, symbol: Symbol): void {
    this.stack.at(-1)?.names.set(name, symbol)
  }

  declareAtFileLevel(name: string, symbol: Symbol): void {
    this.stack[0]?.names.set(name, symbol)
  }

  names(): Iterable<string> {
    return new Set(this.stack.flatMap((scope) => [...scope.names.keys()]))
  }

  tag(name: string): Tag | undefined {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const found = this.stack[i]?.tags.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  tagHere(name: string): Tag | undefined {
    return this.stack.at(-1)?.tags.get(name)
  }

  declareTag(name: string, tag: Tag): void {
    this.stack.at(-1)?.tags.set(name, tag)
  }
}

export interface Modified {
  readonly before: Modified | undefined
  readonly depth: number
}

interface CurrentFunction {
  readonly symbol: FunctionSymbol
  readonly locals: LocalVariable[]
  /** Memory of arrays of variable length, and that of `alloca`. */
  readonly chains: LocalVariable[]
  own: LocalVariable | undefined
  /** Declared without initial value. */
  readonly unset: LocalVariable[]
  /** Declarations in scope whose types have variable lengths, the last first: no jump may pass them. */
  modified: Modified | undefined
}

export interface Context {
  readonly problems: Problems
  /** Those that the program may include. */
  readonly headers: Headers
  /** Checks of what few programs use; where they are absent, such a program is refused. */
  readonly rare: Rare | undefined
  readonly scopes: Scopes
  readonly globals: GlobalVariable[]
  readonly functions: FunctionSymbol[]
  /** The function being checked. */
  current: CurrentFunction | undefined
  /** Computations of array sizes that the declaration or expression at hand begins with. */
  readonly sizes: Node[]
  /** Prototypes being checked, where nothing is computed. */
  prototype: number
  expression(expr: Expr): Node
  /** The statements of a block inside the function being checked. */
  block: ((block: Block) => readonly Step[]) | undefined
  typeName(name: TypeName): CType
  /** Integer constant expression; a wrong one is told and undefined. `what` names it: "the array's length". */
  integer(expr: Expr, what: string): bigint | undefined
  /** What an initialiser writes into an object of `type`, and that type with an open array length filled in. */
  initialise(type: CType, initialiser: Initialiser, at: Place): { type: CType; items: readonly InitItem[] }
  /** A declaration inside a function. */
  declaration(declaration: Declaration): readonly Step[]
}

/** What it takes to check what few programs use. */
export type Rare = typeof rare

/** Complains where it is absent. */
export function rareOf(
  c: { readonly problems: Problems; readonly rare: Rare | undefined },
  at: Place,
): Rare | undefined {
  if (c.rare === undefined) c.problems.error(at, 'this needs the whole of the compiler')
  return c.rare
}

/** A variable that the compiler adds, or the program names. */
export function newLocal(c: Context, name: string, type: CType, align: number, inMemory: boolean): LocalVariable {
  const variable: LocalVariable = { kind: 'local', name, type, align, inMemory, home: -1 }
  c.current?.locals.push(variable)
  return variable
}
