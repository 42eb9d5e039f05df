/** Expressions (C11 §6.5) by precedence climbing. Left out: gcc's `&&label`. */

import type { ArithmeticOperator, BinaryOperator, Designator, Expr, TypeName, UnaryOperator } from './ast.ts'
import { type Cursor, keywords, span } from './cursor.ts'
import type { Grammar } from './grammar.ts'
import { MAX_TREE } from './limits.ts'
import { readCharacter, readNumber, readString } from './literals.ts'
import { precedence } from './precedence.ts'
import type { Place, Token } from './token.ts'

const assignments: ReadonlySet<string> = new Set(['=', '*=', '/=', '%=', '+=', '-=', '<<=', '>>=', '&=', '^=', '|='])
const unaries: ReadonlySet<string> = new Set(['+', '-', '~', '!', '*', '&'])

const errorAt = (at: Place): Expr => ({ kind: 'error', at, height: 0 })

/** One more than the highest child; too high a tree becomes an error node, so that no later pass recurses too far. */
function grown(c: Cursor, expr: Expr, ...children: readonly Expr[]): Expr {
  let height = 0
  for (const child of children) height = Math.max(height, child.height + 1)
  if (height <= MAX_TREE) return { ...expr, height }
  c.fail(`this expression has more than ${MAX_TREE} operators in a row`, expr.at)
  return errorAt(expr.at)
}

export function parseExpression(c: Cursor, g: Grammar): Expr {
  let left = g.assignment()
  while (c.is(',')) {
    c.advance()
    const right = g.assignment()
    left = grown(c, { kind: 'binary', operator: ',', left, right, at: left.at, height: 0 }, left, right)
  }
  return left
}

export function parseAssignment(c: Cursor, g: Grammar): Expr {
  return c.nested(
    () => {
      const left = parseConditional(c, g)
      const { text, kind } = c.token
      if (kind !== 'punctuator' || !assignments.has(text)) return left
      c.advance()
      const right = g.assignment()
      const operator = text === '=' ? undefined : (text.slice(0, -1) as ArithmeticOperator)
      return grown(c, { kind: 'assign', operator, left, right, at: left.at, height: 0 }, left, right)
    },
    () => errorAt(c.token.at),
  )
}

export function parseConditional(c: Cursor, g: Grammar): Expr {
  const test = parseBinary(c, g, 1)
  if (!c.is('?')) return test
  c.advance()
  const yes = c.is(':') ? undefined : g.expression()
  c.expect(':', "between the two choices of '?'")
  const no = c.nested(
    () => parseConditional(c, g),
    () => errorAt(c.token.at),
  )
  return grown(c, { kind: 'conditional', test, yes, no, at: test.at, height: 0 }, test, yes ?? test, no)
}

function parseBinary(c: Cursor, g: Grammar, least: number): Expr {
  let left = parseCast(c, g)
  for (;;) {
    const level = precedence(c.token)
    if (level < least) return left
    const operator = c.advance().text as BinaryOperator
    const right = parseBinary(c, g, level + 1)
    const at = span(left.at, right.at)
    left = grown(c, { kind: 'binary', operator, left, right, at, height: 0 }, left, right)
  }
}

function parseCast(c: Cursor, g: Grammar): Expr {
  if (!c.is('(') || !g.startsType(c.peek())) return parseUnary(c, g)
  const at = c.advance().at
  const type = g.typeName()
  c.expect(')', 'after the type')
  if (c.is('{')) {
    const initialiser = g.initialiser()
    return parsePostfix(c, g, { kind: 'compound', type, initialiser, at, height: 0 })
  }
  return c.nested(
    () => {
      const operand = parseCast(c, g)
      return grown(c, { kind: 'cast', type, operand, at: span(at, operand.at), height: 0 }, operand)
    },
    () => errorAt(at),
  )
}

function parseUnary(c: Cursor, g: Grammar): Expr {
  const { text, kind, at } = c.token
  const deeper = (parse: () => Expr): Expr => c.nested(parse, () => errorAt(at))
  if (kind === 'punctuator') {
    if (text === '++' || text === '--') {
      c.advance()
      return deeper(() => {
        const operand = parseUnary(c, g)
        return grown(c, { kind: 'step', operator: text, prefix: true, operand, at, height: 0 }, operand)
      })
    }
    if (text === '&&') {
      c.fail("'&&' needs a left operand (addresses of labels are not supported)")
      return errorAt(at)
    }
    if (unaries.has(text)) {
      c.advance()
      return deeper(() => {
        const operand = parseCast(c, g)
        const operator = text as UnaryOperator
        return grown(c, { kind: 'unary', operator, operand, at: span(at, operand.at), height: 0 }, operand)
      })
    }
  }
  if (kind === 'identifier') {
    if (text === 'sizeof') return parseSizeof(c, g)
    if (text === '_Alignof' || text === '__alignof__') {
      c.advance()
      c.expect('(', `after '${text}'`)
      const type = g.typeName()
      c.expect(')', 'after the type')
      return { kind: 'alignof', type, at, height: 0 }
    }
    if (text === '__builtin_offsetof') return parseOffsetof(c, g)
    if (text === '__builtin_types_compatible_p') return parseCompatible(c, g)
    if (text === '__extension__') {
      c.advance()
      return deeper(() => parseCast(c, g))
    }
  }
  return parsePostfix(c, g, parsePrimary(c, g))
}

function parseSizeof(c: Cursor, g: Grammar): Expr {
  const at = c.advance().at
  if (c.is('(') && g.startsType(c.peek())) {
    const open = c.advance().at
    const type = g.typeName()
    c.expect(')', 'after the type')
    if (!c.is('{')) return { kind: 'sizeofType', type, at, height: 0 }
    const initialiser = g.initialiser()
    const operand = parsePostfix(c, g, { kind: 'compound', type, initialiser, at: open, height: 0 })
    return grown(c, { kind: 'sizeof', operand, at, height: 0 }, operand)
  }
  return c.nested(
    () => {
      const operand = parseUnary(c, g)
      return grown(c, { kind: 'sizeof', operand, at, height: 0 }, operand)
    },
    () => errorAt(at),
  )
}

function parseOffsetof(c: Cursor, g: Grammar): Expr {
  const at = c.advance().at
  c.expect('(', "after 'offsetof'")
  const type = g.typeName()
  c.expect(',', 'between the type and the member')
  const path: Designator[] = []
  do {
    if (c.accept('[')) {
      path.push({ kind: 'index', index: g.expression(), at: c.previous })
      c.expect(']', 'after the index')
      continue
    }
    if (!c.atName) c.fail(`expected a member's name, found ${c.found}`)
    path.push({ kind: 'member', name: c.token.text, at: c.token.at })
    c.advance()
  } while (c.accept('.') || c.is('['))
  c.expect(')', 'after the member')
  return { kind: 'offsetof', type, path, at, height: 0 }
}

function parseGeneric(c: Cursor, g: Grammar): Expr {
  const { at } = c.advance()
  c.expect('(', "after '_Generic'")
  const control = g.assignment()
  const choices: { type: TypeName | undefined; value: Expr }[] = []
  while (c.accept(',')) {
    const type = c.accept('default') ? undefined : g.typeName()
    c.expect(':', 'after the type of a choice')
    choices.push({ type, value: g.assignment() })
  }
  c.expect(')', "after the choices of '_Generic'")
  return grown(c, { kind: 'generic', control, choices, at, height: 0 }, control, ...choices.map((o) => o.value))
}

/** `_Generic` on a type: 1 for the other, 0 by default. */
function parseCompatible(c: Cursor, g: Grammar): Expr {
  const { at } = c.advance()
  const truth = (value: bigint): Expr => ({ kind: 'character', value, at, height: 0 })
  c.expect('(', "after '__builtin_types_compatible_p'")
  const control = g.typeName()
  c.expect(',', 'between the types')
  const type = g.typeName()
  c.expect(')', 'after the types')
  const choices = [
    { type, value: truth(1n) },
    { type: undefined, value: truth(0n) },
  ]
  return { kind: 'generic', control, choices, at, height: 0 }
}

function parsePostfix(c: Cursor, g: Grammar, base: Expr): Expr {
  let expr = base
  for (;;) {
    const { text, kind } = c.token
    if (kind !== 'punctuator') return expr
    if (text === '[') {
      c.advance()
      const index = g.expression()
      c.expect(']', 'after the index')
      const at = span(expr.at, c.previous)
      expr = grown(c, { kind: 'index', base: expr, index, at, height: 0 }, expr, index)
    } else if (text === '(') {
      c.advance()
      const args: Expr[] = []
      if (!c.is(')')) {
        do args.push(g.assignment())
        while (c.accept(','))
      }
      const close = c.token.at
      c.expect(')', 'after the arguments')
      expr = grown(c, { kind: 'call', callee: expr, args, close, at: expr.at, height: 0 }, expr, ...args.slice(0, 127))
    } else if (text === '.' || text === '->') {
      c.advance()
      const { at: nameAt, text: name } = c.token
      if (c.atName) c.advance()
      else c.fail(`expected a member's name after '${text}', found ${c.found}`)
      const at = span(expr.at, nameAt)
      expr = grown(c, { kind: 'member', base: expr, arrow: text === '->', name, nameAt, at, height: 0 }, expr)
    } else if (text === '++' || text === '--') {
      const at = span(expr.at, c.advance().at)
      expr = grown(c, { kind: 'step', operator: text, prefix: false, operand: expr, at, height: 0 }, expr)
    } else return expr
  }
}

function parsePrimary(c: Cursor, g: Grammar): Expr {
  const { kind, text, at } = c.token
  switch (kind) {
    case 'number': {
      c.advance()
      const read = readNumber(text)
      if (read.ok) return { kind: 'number', literal: read.value, at, height: 0 }
      c.problems.error(at, read.error)
      return errorAt(at)
    }
    case 'character': {
      c.advance()
      if (!text.startsWith("'")) return { kind: 'wide', texts: [text], at, height: 0 }
      const read = readCharacter(text)
      if (read.ok) return { kind: 'character', value: read.value, at, height: 0 }
      c.problems.error(at, read.error)
      return errorAt(at)
    }
    case 'string': {
      const bytes: number[] = []
      const strings: Token[] = []
      while (c.token.kind === 'string') strings.push(c.advance())
      if (strings.some((token) => !token.text.startsWith('"')))
        return { kind: 'wide', texts: strings.map((token) => token.text), at, height: 0 }
      for (const token of strings) {
        const read = readString(token.text)
        if (!read.ok) c.problems.error(token.at, read.error)
        else for (const byte of read.value) bytes.push(byte)
      }
      return { kind: 'string', bytes, at, height: 0 }
    }
    case 'identifier':
      if (keywords.has(text)) break
      c.advance()
      return { kind: 'name', name: text, at, height: 0 }
  }
  if (c.is('(')) {
    c.advance()
    if (c.is('{')) {
      const block = g.block()
      c.expect(')', "to match '('")
      return { kind: 'statements', block, at, height: 0 }
    }
    const inner = g.expression()
    c.expect(')', "to match '('")
    return inner
  }
  if (text === '_Generic') return parseGeneric(c, g)
  c.fail(`expected an expression, found ${c.found}`)
  return errorAt(at)
}
