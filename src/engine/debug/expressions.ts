/**
 * Expressions that are watched, and conditions: C in the scope of an instruction of the program.
 *
 * The program is compiled once more, and what the compiler then knows is kept: types, macros, constants, globals. An
 * expression is read as the last function of the same text, so that macros and type names mean there what they mean at
 * the end of the program.
 *
 * Left out: whatever would change something (assignments, calls), and types that only a function knows.
 */

import { assert, ensure } from '../../base/assert.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { Expr, TopLevel } from '../../lang/c/ast.ts'
import { check, newContext } from '../../lang/c/check.ts'
import { rare } from '../../lang/c/check-rare.ts'
import type { Scopes } from '../../lang/c/context.ts'
import { emit } from '../../lang/c/emit.ts'
import { lex } from '../../lang/c/lexer.ts'
import { allHeaders } from '../../lang/c/more-headers.ts'
import { OwnFiles } from '../../lang/c/own-files.ts'
import { parse } from '../../lang/c/parser.ts'
import { preprocess } from '../../lang/c/preprocessor.ts'
import { Problems } from '../../lang/c/problems.ts'
import type { LocalInfo, Program } from '../../lang/c/program.ts'
import type { LocalVariable, Node } from '../../lang/c/tree.ts'
import { alignOf } from '../../lang/c/types.ts'
import { variablesOf } from '../../lang/c/variables.ts'
import { localsIn } from './frames.ts'

/** Why an expression has no value; `column`: from 1. */
export interface Refusal {
  readonly message: string
  readonly column: number
}

/** An expression that means something, and where the frame's variables are that it may name. */
export interface Expression {
  readonly text: string
  readonly node: Node
  readonly homes: ReadonlyMap<LocalVariable, LocalInfo>
}

const MOST_TEXT = 1000
/** Expressions that are kept. */
const MOST_KEPT = 500
/** They would end the expression, or begin something else. */
const FOREIGN: ReadonlySet<string> = new Set([';', '{', '}', '#'])

/** A function, by number, and an instruction of it. */
interface Where {
  readonly number: number
  readonly pc: number
}

interface Unit {
  readonly program: Program
  readonly scopes: Scopes
}

export class Expressions {
  /** The program's text. */
  private readonly text: string
  private readonly original: Program | undefined
  private compiled: Unit | undefined
  private readonly parsed = new Map<string, Result<Expr, Refusal>>()
  private readonly checked = new Map<string, Result<Expression, Refusal>>()

  /** `original`: what runs. */
  constructor(text: string, original: Program | undefined) {
    this.text = text
    this.original = original
  }

  /** The variables whose names are known at an instruction. */
  locals({ number, pc }: Where): readonly LocalInfo[] {
    return localsIn(ensure(this.unit.program.functions[number], 'it is of the program').locals, pc)
  }

  /** `frame`: function and instruction in whose scope it stands; undefined: that of the globals. */
  expression(text: string, frame?: Where): Result<Expression, Refusal> {
    const key = `${frame?.number} ${frame?.pc} ${text}`
    const known = this.checked.get(key)
    if (known !== undefined) return known
    const parsed = this.parse(text)
    const found = parsed.ok ? this.check(parsed.value, text, frame) : parsed
    if (this.checked.size >= MOST_KEPT) this.checked.clear()
    this.checked.set(key, found)
    return found
  }

  /** The program, with the types that expressions are checked with. */
  private get unit(): Unit {
    if (this.compiled !== undefined) return this.compiled
    const problems = new Problems()
    const own = new OwnFiles(this.text)
    const known = { headers: allHeaders, rare, own }
    const context = newContext(problems, known)
    const unit = check(parse(preprocess(own.main, problems, known), problems), problems, context)
    const program = emit(unit, problems, variablesOf)
    assert(program.code.length === this.original?.code.length, 'what was compiled once is compiled the same again')
    this.compiled = { program, scopes: context.scopes }
    return this.compiled
  }

  private parse(text: string): Result<Expr, Refusal> {
    const known = this.parsed.get(text)
    if (known !== undefined) return known
    const found = this.parseNew(text)
    if (this.parsed.size >= MOST_KEPT) this.parsed.clear()
    this.parsed.set(text, found)
    return found
  }

  private parseNew(text: string): Result<Expr, Refusal> {
    if (text.length > MOST_TEXT) return err({ message: `longer than ${MOST_TEXT} characters`, column: 1 })
    const flat = text.replace(/[\n\r]/g, ' ')
    const foreign = lex(flat).find(({ kind, text: token }) => kind === 'punctuator' && FOREIGN.has(token))
    if (foreign !== undefined)
      return err({ message: `'${foreign.text}' has no place in an expression`, column: foreign.at.column })
    const problems = new Problems()
    const own = new OwnFiles(this.text)
    // Behind all lines of the program, those of its other files too: there it is recognised by its line.
    const before = `${own.main}${'\n'.repeat(this.text.split('\n').length)}\n#pragma\nvoid __expression(void) {\n`
    const line = before.split('\n').length
    const tokens = preprocess(`${before}${flat}\n;}`, problems, { headers: allHeaders, rare, own })
    const last: TopLevel | undefined = parse(tokens, problems).at(-1)
    if (problems.any) return err(refusal(problems, line, flat))
    const statement = last?.kind === 'function' ? last.body.statements[0] : undefined
    if (statement?.kind !== 'expression') return err({ message: 'an expression is expected', column: 1 })
    const effect = effectOf(statement.value)
    return effect === undefined ? ok(statement.value) : err({ message: effect.message, column: effect.at.column })
  }

  /** Of a name that is not known here: whose local variable it is. Another header would not help. */
  private elsewhere({ message, column }: Refusal): Refusal {
    const [, name] = /^'(\w+)' is not declared/.exec(message) ?? []
    if (name === undefined) return { message, column }
    const owners = this.unit.program.functions
      .filter(({ locals }) => locals.some((local) => local.name === name))
      .map((fn) => `${fn.name}()`)
    const own =
      owners.length === 0 ? undefined : `'${name}' is not visible here: it is a variable of ${owners.join(', ')}`
    return { message: own ?? message.replace(/: #include <.*>$/, ''), column }
  }

  private check(expr: Expr, text: string, frame: Where | undefined): Result<Expression, Refusal> {
    const { scopes } = this.unit
    const problems = new Problems()
    const context = Object.assign(newContext(problems, { headers: allHeaders, rare }), { scopes })
    const homes = new Map<LocalVariable, LocalInfo>()
    scopes.push()
    for (const local of frame === undefined ? [] : this.locals(frame)) {
      const { name, type, at } = local
      const inMemory = at.kind !== 'register'
      const variable: LocalVariable = { kind: 'local', name, type, align: alignOf(type), inMemory, home: -1 }
      homes.set(variable, local)
      scopes.declare(name, variable)
    }
    const node = context.expression(expr)
    scopes.pop()
    if (!problems.any) return ok({ text, node, homes })
    return err(this.elsewhere(refusal(problems, expr.at.line, text)))
  }
}

/** The first complaint. */
function refusal(problems: Problems, line: number, text: string): Refusal {
  const first = ensure(problems.sorted()[0], 'something is wrong')
  if (first.line !== line) return { message: 'the expression is not complete', column: text.length + 1 }
  const { message, hint, column } = first
  return { message: hint === undefined ? message : `${message}: ${hint}`, column }
}

/** What the expression would change or run, the first of it; operands of `sizeof` only lend their type. */
function effectOf(expr: Expr): { readonly message: string; readonly at: { readonly column: number } } | undefined {
  const { at } = expr
  const first = (...parts: readonly (Expr | undefined)[]) => {
    for (const part of parts) {
      const found = part && effectOf(part)
      if (found !== undefined) return found
    }
    return undefined
  }
  switch (expr.kind) {
    case 'assign':
      return { message: `'${expr.operator ?? ''}=' would change the program: an expression only looks`, at }
    case 'step':
      return { message: `'${expr.operator}' would change the program: an expression only looks`, at }
    case 'call': {
      const name = expr.callee.kind === 'name' ? `${expr.callee.name}()` : 'a function'
      return { message: `${name} would run: an expression only looks`, at }
    }
    case 'unary':
    case 'cast':
      return first(expr.operand)
    case 'binary':
      return first(expr.left, expr.right)
    case 'conditional':
      return first(expr.test, expr.yes, expr.no)
    case 'index':
      return first(expr.base, expr.index)
    case 'member':
      return first(expr.base)
    case 'generic':
      return first(...expr.choices.map(({ value }) => value))
    default:
      return undefined
  }
}
