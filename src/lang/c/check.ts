/** Syntax tree → symbols with typed bodies; joins the check-… files through `Context`. */

import type { Initialiser, TopLevel } from './ast.ts'
import { checkAssertion, checkDeclaration, checkFunction } from './check-declaration.ts'
import { checkExpression, constantInteger } from './check-expression.ts'
import { checkBody } from './check-statement.ts'
import { typeOfName } from './check-type.ts'
import { type Context, rareOf, Scopes } from './context.ts'
import { assignable } from './conversions.ts'
import { headerOf } from './headers.ts'
import type { Known } from './preprocessor.ts'
import { didYouMean, type Problems } from './problems.ts'
import type { Place } from './token.ts'
import type { FunctionSymbol, GlobalVariable } from './tree.ts'
import { typeName } from './type-name.ts'
import { type CType, errorType, isComplete, isScalar } from './types.ts'

export interface Unit {
  readonly globals: readonly GlobalVariable[]
  /** In the order of their definitions. */
  readonly defined: readonly FunctionSymbol[]
  /** Declared, used and carried out by the host. */
  readonly natives: readonly FunctionSymbol[]
}

/** What a check begins with. */
export function newContext(problems: Problems, { headers, rare }: Known): Context {
  const c: Context = {
    problems,
    headers,
    rare,
    scopes: new Scopes(),
    globals: [],
    functions: [],
    current: undefined,
    sizes: [],
    prototype: 0,
    expression: (expr) => checkExpression(c, expr),
    block: undefined,
    typeName: (name) => typeOfName(c, name),
    integer: (expr, what) => constantInteger(c, expr, what),
    initialise: (type, initialiser, at) => initialValue(c, type, initialiser, at),
    declaration: (declaration) => checkDeclaration(c, declaration),
  }
  return c
}

/** What nearly every program has: a single value. */
function initialValue(c: Context, type: CType, initialiser: Initialiser, at: Place): ReturnType<Context['initialise']> {
  if (!isScalar(type) || initialiser.kind !== 'expression')
    return rareOf(c, at)?.initialValue(c, type, initialiser, at) ?? { type: errorType, items: [] }
  const value = assignable(c, c.expression(initialiser.value), type, 'the initial value')
  return { type, items: value.kind === 'error' ? [] : [{ type, offset: 0, bits: undefined, value }] }
}

export function check(program: readonly TopLevel[], problems: Problems, c: Context): Unit {
  const defined: FunctionSymbol[] = []
  for (const item of program) {
    if (problems.full) break
    if (item.kind === 'declaration') c.declaration(item)
    else if (item.kind === 'assertion') checkAssertion(c, item)
    else {
      checkFunction(c, item, () => {
        const { symbol } = c.current ?? {}
        if (symbol !== undefined && !defined.includes(symbol)) defined.push(symbol)
        return checkBody(c, item.body, symbol?.type.returns ?? { kind: 'error', qualifiers: 0, depth: 0 })
      })
    }
  }
  for (const { name, type, at, defined: isDefined, initialiser } of c.globals) {
    if (!isDefined) problems.error(at, `'${name}' is declared, but never defined`)
    else if (!isComplete(type) && type.kind !== 'error') {
      const open = type.kind === 'array' && initialiser === undefined ? ' (an array without length)' : ''
      problems.error(at, `'${name}' has the incomplete type '${typeName(type)}'${open}`)
    }
  }
  // By name: their numbers do not depend on what else the headers declare.
  const natives = c.functions
    .filter((f) => f.definition === undefined && f.used !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, used } of natives) {
    if (used === undefined || headerOf(name, c.headers) !== undefined) continue
    const hint = didYouMean(
      name,
      defined.map((f) => f.name),
    )
    problems.error(used, `function '${name}' is declared, but never defined`, hint)
  }
  return { globals: c.globals, defined, natives }
}
