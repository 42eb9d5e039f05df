/** Tokens → syntax tree: joins the rules, which call each other through `Grammar`. */

import type { TopLevel } from './ast.ts'
import { Cursor } from './cursor.ts'
import type { Grammar } from './grammar.ts'
import {
  parseDeclaration,
  parseInitialiser,
  parseStaticAssertion,
  parseTypeName,
  startsType,
} from './parse-declaration.ts'
import { parseAssignment, parseConditional, parseExpression } from './parse-expression.ts'
import { parseBlock, parseStatement } from './parse-statement.ts'
import type { Problems } from './problems.ts'
import type { Token } from './token.ts'

export function parse(tokens: readonly Token[], problems: Problems): readonly TopLevel[] {
  const c = new Cursor(tokens, problems)
  const g: Grammar = {
    expression: () => parseExpression(c, g),
    assignment: () => parseAssignment(c, g),
    conditional: () => parseConditional(c, g),
    typeName: () => parseTypeName(c, g),
    initialiser: () => parseInitialiser(c, g),
    statement: () => parseStatement(c, g),
    block: () => parseBlock(c, g),
    localDeclaration: () => {
      const declaration = parseDeclaration(c, g, false)
      return declaration.kind === 'declaration' ? declaration : { ...declaration, kind: 'declaration', declarators: [] }
    },
    staticAssertion: () => parseStaticAssertion(c, g),
    startsType: (token) => startsType(c, token),
  }
  const program: TopLevel[] = []
  while (c.token.kind !== 'end' && !problems.full) {
    if (c.accept(';')) continue
    const before = c.position
    if (c.is('}')) c.fail("this '}' closes nothing")
    else program.push(c.is('_Static_assert') ? g.staticAssertion() : parseDeclaration(c, g, true))
    if (!c.panicking) continue
    c.recover(true)
    if (c.position === before) c.advance()
  }
  return program
}
