/** How the parser's rules call rules of other files. */

import type { Block, Declaration, Expr, Initialiser, Statement, StaticAssertion, TypeName } from './ast.ts'
import type { Token } from './token.ts'

export interface Grammar {
  expression(): Expr
  assignment(): Expr
  conditional(): Expr
  typeName(): TypeName
  initialiser(): Initialiser
  statement(): Statement
  block(): Block
  localDeclaration(): Declaration
  staticAssertion(): StaticAssertion
  startsType(token: Token): boolean
}
