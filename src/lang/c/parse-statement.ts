/** Statements (C11 §6.8); each recovers from an error by itself. */

import type { AsmOperand, Block, Statement } from './ast.ts'
import { type Cursor, keywords } from './cursor.ts'
import type { Grammar } from './grammar.ts'
import type { Place } from './token.ts'

export function parseBlock(c: Cursor, g: Grammar): Block {
  const { at } = c.token
  c.expect('{', 'to open the block')
  const statements: Statement[] = []
  c.pushScope()
  while (!c.is('}') && c.token.kind !== 'end') {
    if (c.problems.full) break
    const before = c.position
    statements.push(g.statement())
    if (c.panicking) {
      c.recover(false)
      if (c.position === before) c.advance()
    }
  }
  c.popScope()
  const end = c.token.at
  if (c.token.kind === 'end') c.fail("this '{' is never closed", at)
  else c.expect('}', 'to close the block')
  return { kind: 'block', statements, at, end }
}

export function parseStatement(c: Cursor, g: Grammar): Statement {
  const { at } = c.token
  return c.nested<Statement>(
    () => statement(c, g, at),
    () => ({ kind: 'empty', at }),
  )
}

function parenthesised(c: Cursor, g: Grammar, word: string): ReturnType<Grammar['expression']> {
  c.expect('(', `after '${word}'`)
  const value = g.expression()
  c.expect(')', `after the condition of '${word}'`)
  return value
}

function statement(c: Cursor, g: Grammar, at: Place): Statement {
  const { token } = c
  if (c.is('{')) return g.block()
  if (c.accept(';')) return { kind: 'empty', at }
  if (token.kind === 'identifier') {
    if (!keywords.has(token.text) && c.peek().text === ':' && c.peek().kind === 'punctuator') {
      c.advance()
      c.advance()
      return { kind: 'label', name: token.text, body: labelled(c, g), at }
    }
    switch (token.text) {
      case 'if': {
        c.advance()
        const test = parenthesised(c, g, 'if')
        const yes = g.statement()
        const no = c.accept('else') ? g.statement() : undefined
        return { kind: 'if', test, yes, no, at }
      }
      case 'while': {
        c.advance()
        const test = parenthesised(c, g, 'while')
        return { kind: 'while', test, body: g.statement(), at }
      }
      case 'do': {
        c.advance()
        const body = g.statement()
        c.expect('while', "after the body of 'do'")
        const test = parenthesised(c, g, 'while')
        c.expect(';', "after 'do … while'")
        return { kind: 'do', body, test, at }
      }
      case 'for':
        return parseFor(c, g, at)
      case 'switch': {
        c.advance()
        const value = parenthesised(c, g, 'switch')
        return { kind: 'switch', value, body: g.statement(), at }
      }
      case 'case': {
        c.advance()
        const value = g.conditional()
        const to = c.accept('...') ? g.conditional() : undefined
        c.expect(':', "after the value of 'case'")
        return { kind: 'case', value, to, body: labelled(c, g), at }
      }
      case 'default':
        c.advance()
        c.expect(':', "after 'default'")
        return { kind: 'default', body: labelled(c, g), at }
      case 'goto': {
        c.advance()
        const name = c.token
        if (c.atName) c.advance()
        else c.fail(`expected a label, found ${c.found}`)
        c.expect(';', "after 'goto'")
        return { kind: 'goto', name: name.text, nameAt: name.at, at }
      }
      case 'break':
      case 'continue':
        c.advance()
        c.expect(';', `after '${token.text}'`)
        return { kind: token.text, at }
      case 'return': {
        c.advance()
        const value = c.is(';') ? undefined : g.expression()
        c.expect(';', "after 'return'")
        return { kind: 'return', value, at }
      }
      case 'else':
        c.fail("'else' without 'if'")
        return { kind: 'empty', at }
      case 'asm':
      case '__asm__':
      case '__asm':
        c.advance()
        return parseAsm(c, g, at)
      case '_Static_assert':
        return g.staticAssertion()
    }
    if (g.startsType(token) || looksLikeDeclaration(c)) return g.localDeclaration()
  }
  const value = g.expression()
  c.expect(';', 'after the expression')
  return { kind: 'expression', value, at }
}

/** `asm volatile ("template" : outputs : inputs : clobbered);` */
function parseAsm(c: Cursor, g: Grammar, at: Place): Statement {
  while (c.accept('volatile') || c.accept('__volatile__') || c.accept('__volatile') || c.accept('inline'));
  c.expect('(', "after 'asm'")
  const template = g.conditional()
  const operands: AsmOperand[] = []
  for (let section = 0; !c.panicking && !c.is(')'); ) {
    if (c.accept(':')) section++
    else if (section > 2) {
      g.conditional()
      c.accept(',')
    } else {
      const name = c.accept('[') ? c.advance().text : undefined
      if (name !== undefined) c.expect(']', "after the operand's name")
      const constraint = c.token.kind === 'string' ? c.advance().text : ''
      c.expect('(', 'before the operand')
      const value = g.expression()
      c.expect(')', 'after the operand')
      c.accept(',')
      operands.push({ name, constraint, value })
    }
  }
  c.expect(')', "after 'asm ('")
  c.expect(';', "after 'asm (…)'")
  return { kind: 'asm', template, operands, at }
}

/** `foo bar` and `foo *bar =`: a declaration whose type is not known. */
function looksLikeDeclaration(c: Cursor): boolean {
  if (!c.atName) return false
  const next = c.peek()
  return next.kind === 'identifier' && !keywords.has(next.text) && !next.first
}

/** What a label stands before. */
function labelled(c: Cursor, g: Grammar): Statement {
  const { at } = c.token
  if (c.is('}')) return { kind: 'empty', at }
  return g.statement()
}

function parseFor(c: Cursor, g: Grammar, at: Place): Statement {
  c.advance()
  c.expect('(', "after 'for'")
  c.pushScope()
  let start: Statement | undefined
  if (g.startsType(c.token)) start = g.localDeclaration()
  else {
    const from = c.token.at
    if (!c.is(';')) start = { kind: 'expression', value: g.expression(), at: from }
    c.expect(';', "after the first part of 'for'")
  }
  const test = c.is(';') ? undefined : g.expression()
  c.expect(';', "after the condition of 'for'")
  const next = c.is(')') ? undefined : g.expression()
  c.expect(')', "after the parts of 'for'")
  const body = g.statement()
  c.popScope()
  return { kind: 'for', start, test, next, body, at }
}
