/** The integer expressions of `#if` and `#elif` (C11 §6.10.1): 64 bits, signed unless a `u` says otherwise. */

import { MAX_NESTING } from './limits.ts'
import { readCharacter, readNumber } from './literals.ts'
import { precedence } from './precedence.ts'
import type { Problems } from './problems.ts'
import type { Place, Token } from './token.ts'

interface Value {
  readonly value: bigint
  readonly unsigned: boolean
}

const wrap = (value: bigint, unsigned: boolean): Value => ({
  value: unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value),
  unsigned,
})
const truth = (yes: boolean): Value => ({ value: yes ? 1n : 0n, unsigned: false })

class Evaluator {
  private at = 0
  private depth = 0
  failed = false
  private readonly tokens: readonly Token[]
  private readonly where: Place
  private readonly problems: Problems

  constructor(tokens: readonly Token[], where: Place, problems: Problems) {
    this.tokens = tokens
    this.where = where
    this.problems = problems
  }

  peek(): Token | undefined {
    return this.tokens[this.at]
  }

  fail(message: string, token = this.peek()): Value {
    if (!this.failed) this.problems.error(token?.at ?? this.where, message)
    this.failed = true
    this.at = this.tokens.length
    return truth(false)
  }

  conditional(evaluated: boolean): Value {
    if (++this.depth > MAX_NESTING) return this.fail('this condition nests too deeply')
    const test = this.binary(1, evaluated)
    let result = test
    if (this.peek()?.text === '?') {
      this.at++
      const yes = this.conditional(evaluated && test.value !== 0n)
      if (this.peek()?.text !== ':') return this.fail("expected ':' in the condition")
      this.at++
      const no = this.conditional(evaluated && test.value === 0n)
      result = wrap(test.value !== 0n ? yes.value : no.value, yes.unsigned || no.unsigned)
    }
    this.depth--
    return result
  }

  private binary(least: number, evaluated: boolean): Value {
    let left = this.unary(evaluated)
    for (;;) {
      const operator = this.peek()
      if (operator === undefined) return left
      const level = precedence(operator)
      if (level < least) return left
      this.at++
      const needed = operator.text === '&&' ? left.value !== 0n : operator.text === '||' ? left.value === 0n : true
      const right = this.binary(level + 1, evaluated && needed)
      left = this.apply(operator, left, right, evaluated && needed)
    }
  }

  private apply(operator: Token, l: Value, r: Value, evaluated: boolean): Value {
    const unsigned = l.unsigned || r.unsigned
    const a = wrap(l.value, unsigned).value
    const b = wrap(r.value, unsigned).value
    switch (operator.text) {
      case '||':
        return truth(l.value !== 0n || r.value !== 0n)
      case '&&':
        return truth(l.value !== 0n && r.value !== 0n)
      case '|':
        return wrap(a | b, unsigned)
      case '^':
        return wrap(a ^ b, unsigned)
      case '&':
        return wrap(a & b, unsigned)
      case '==':
        return truth(a === b)
      case '!=':
        return truth(a !== b)
      case '<':
        return truth(a < b)
      case '>':
        return truth(a > b)
      case '<=':
        return truth(a <= b)
      case '>=':
        return truth(a >= b)
      case '<<':
        return wrap(l.value << (r.value & 63n), l.unsigned)
      case '>>':
        return wrap(l.value >> (r.value & 63n), l.unsigned)
      case '+':
        return wrap(a + b, unsigned)
      case '-':
        return wrap(a - b, unsigned)
      case '*':
        return wrap(a * b, unsigned)
      default:
        if (b === 0n) return evaluated ? this.fail('division by zero in the condition', operator) : truth(false)
        return wrap(operator.text === '/' ? a / b : a % b, unsigned)
    }
  }

  private unary(evaluated: boolean): Value {
    const token = this.peek()
    if (token === undefined) return this.fail('the condition ends too early')
    if (++this.depth > MAX_NESTING) return this.fail('this condition nests too deeply')
    this.at++
    const value = this.primary(token, evaluated)
    this.depth--
    return value
  }

  private primary(token: Token, evaluated: boolean): Value {
    if (token.kind === 'identifier') return truth(false)
    if (token.kind === 'character') {
      const read = readCharacter(token.text.replace(/^[LuU]/, ''))
      return read.ok ? wrap(read.value, false) : this.fail(read.error, token)
    }
    if (token.kind === 'number') {
      const read = readNumber(token.text)
      if (!read.ok) return this.fail(read.error, token)
      if (read.value.kind === 'float') return this.fail('a floating constant in a condition', token)
      return wrap(read.value.value, read.value.unsigned)
    }
    switch (token.text) {
      case '(': {
        const inner = this.conditional(evaluated)
        if (this.peek()?.text !== ')') return this.fail("expected ')' in the condition")
        this.at++
        return inner
      }
      case '!':
        return truth(this.unary(evaluated).value === 0n)
      case '-':
      case '+':
      case '~': {
        const { value, unsigned } = this.unary(evaluated)
        return wrap(token.text === '-' ? -value : token.text === '~' ? ~value : value, unsigned)
      }
      default:
        return this.fail(`unexpected '${token.text}' in the condition`, token)
    }
  }
}

/** Is the condition (already expanded, `defined` already replaced) true? A wrong one is told and false. */
export function conditionHolds(tokens: readonly Token[], where: Place, problems: Problems): boolean {
  const evaluator = new Evaluator(tokens, where, problems)
  const { value } = evaluator.conditional(true)
  const extra = evaluator.peek()
  if (!evaluator.failed && extra !== undefined) evaluator.fail(`unexpected '${extra.text}' after the condition`)
  return !evaluator.failed && value !== 0n
}
