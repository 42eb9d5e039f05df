/** Syntax tree → symbols with typed bodies; joins the check-… files through `Context`. */

import type { TopLevel } from './ast.ts'
import { isBuiltin } from './builtins.ts'
import { checkAssertion, checkDeclaration, checkFunction } from './check-declaration.ts'
import { checkExpression, constantInteger } from './check-expression.ts'
import { checkInitialiser } from './check-initialiser.ts'
import { checkBody } from './check-statement.ts'
import { typeOfName } from './check-type.ts'
import { type Context, type Rare, Scopes } from './context.ts'
import { type Headers, headerOf } from './headers.ts'
import { didYouMean, type Problems } from './problems.ts'
import type { FunctionSymbol, GlobalVariable } from './tree.ts'
import { typeName } from './type-name.ts'
import { isComplete } from './types.ts'

export interface Unit {
  readonly globals: readonly GlobalVariable[]
  /** In the order of their definitions. */
  readonly defined: readonly FunctionSymbol[]
  /** Declared, used and carried out by the host. */
  readonly natives: readonly FunctionSymbol[]
}

export function check(
  program: readonly TopLevel[],
  problems: Problems,
  headers: Headers,
  rare: Rare | undefined,
): Unit {
  const c: Context = {
    problems,
    headers,
    rare,
    scopes: new Scopes(),
    globals: [],
    functions: [],
    current: undefined,
    expression: (expr) => checkExpression(c, expr),
    block: undefined,
    typeName: (name) => typeOfName(c, name),
    integer: (expr, what) => constantInteger(c, expr, what),
    initialise: (type, initialiser, at) => checkInitialiser(c, type, initialiser, at),
    declaration: (declaration) => checkDeclaration(c, declaration),
  }
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
  const natives = c.functions.filter((f) => f.definition === undefined && f.used !== undefined)
  for (const { name, used } of natives) {
    if (used === undefined || headerOf(name, headers) !== undefined || isBuiltin(name)) continue
    const hint = didYouMean(
      name,
      defined.map((f) => f.name),
    )
    problems.error(used, `function '${name}' is declared, but never defined`, hint)
  }
  return { globals: c.globals, defined, natives }
}
