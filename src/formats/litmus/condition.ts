/**
 * The condition of a test: a formula over locations and registers.
 *
 * Operators as in herd: `/\`, `\/`, `~` (`not`), `=>`, parentheses, `true`, `false`; `=>` binds tighter than `/\`, and
 * that tighter than `\/`. In our own format atoms that stand side by side are a conjunction, and `|` is `\/`.
 */

import type { Formula } from '../../engine/litmus/test.ts'
import type { Cursor } from './cursor.ts'
import { type Problems, quoted } from './problems.ts'
import { integerOf, isInteger, type Word } from './tokens.ts'

/** What the names in a condition stand for; whoever answers undefined has said why. */
export interface Names {
  location(name: Word, index: Word | undefined, value: bigint): Formula | undefined
  register(thread: Word, name: Word, value: bigint): Formula | undefined
}

/** Parentheses within parentheses; nobody writes more. */
const DEEPEST = 100

export function parseCondition(
  cursor: Cursor,
  names: Names,
  problems: Problems,
  sideBySide: boolean,
): Formula | undefined {
  let depth = 0

  function disjunction(): Formula | undefined {
    return joined('or', conjunction, () => cursor.accept('\\/', '|') !== undefined)
  }

  function conjunction(): Formula | undefined {
    const more = (): boolean => cursor.accept('/\\', '&', ',') !== undefined || (sideBySide && beginsAtom())
    return joined('and', implication, more)
  }

  function implication(): Formula | undefined {
    const left = negation()
    if (left === undefined || !cursor.accept('=>')) return left
    if (depth >= DEEPEST) return cursor.missing(problems, 'a shorter condition')
    depth += 1
    const right = implication()
    depth -= 1
    return right && { kind: 'or', parts: [{ kind: 'not', part: left }, right] }
  }

  function negation(): Formula | undefined {
    let odd = false
    while (cursor.accept('~', 'not')) odd = !odd
    const part = primary()
    return part !== undefined && odd ? { kind: 'not', part } : part
  }

  function primary(): Formula | undefined {
    const open = cursor.accept('(')
    if (open !== undefined) {
      if (depth >= DEEPEST) return problems.at(open, `parentheses are nested more than ${DEEPEST} deep`)
      depth += 1
      const inner = disjunction()
      depth -= 1
      return inner === undefined ? undefined : cursor.expect(problems, ')') && inner
    }
    if (cursor.accept('true')) return { kind: 'true' }
    if (cursor.accept('false')) return { kind: 'not', part: { kind: 'true' } }
    return atom()
  }

  function atom(): Formula | undefined {
    const subject = parseSubject(cursor, problems)
    if (subject === undefined) return undefined
    const relation = cursor.accept('=', '==', '!=', '<>')
    if (relation === undefined) return cursor.missing(problems, '`=` and a value')
    const value = parseValue(cursor, problems)
    if (value === undefined) return undefined
    const { thread, name, index } = subject
    const equal = thread === undefined ? names.location(name, index, value) : names.register(thread, name, value)
    const negated = relation.text === '!=' || relation.text === '<>'
    return equal !== undefined && negated ? { kind: 'not', part: equal } : equal
  }

  const beginsAtom = (): boolean => {
    const next = cursor.peek()
    return next !== undefined && (next.kind !== 'sign' || ['(', '[', '~'].includes(next.text))
  }

  if (cursor.done) return cursor.missing(problems, 'a condition such as `x=0`')
  const formula = disjunction()
  if (formula !== undefined && !cursor.done) {
    return cursor.missing(
      problems,
      sideBySide ? 'the end of the condition' : '`/\\`, `\\/` or the end of the condition',
    )
  }
  return formula
}

/** Undefined as soon as one part is: what follows a mistake can't be told apart. */
function joined(kind: 'and' | 'or', next: () => Formula | undefined, more: () => boolean): Formula | undefined {
  const parts: Formula[] = []
  do {
    const part = next()
    if (part === undefined) return undefined
    parts.push(part)
  } while (more())
  return parts.length === 1 ? parts[0] : { kind, parts }
}

export interface Subject {
  readonly thread?: Word
  readonly name: Word
  /** Of an element: `t[1]`. */
  readonly index?: Word
}

/** A location `x`, `[x]`, `t[1]`, or a register of a thread: `0:rax`, `P0:%rax`. */
export function parseSubject(cursor: Cursor, problems: Problems): Subject | undefined {
  const bracket = cursor.accept('[')
  const first = cursor.peek()
  const thread = !bracket && cursor.is(':', 1) && first !== undefined && /^P?\d+$/.test(first.text)
  if (thread) {
    cursor.take()
    cursor.take()
    cursor.accept('%')
  }
  const name = cursor.peek()
  if (name?.kind !== 'name') {
    return cursor.missing(problems, thread ? 'a register' : 'a location or a register such as `x` or `0:r`')
  }
  cursor.take()
  if (thread) return { thread: { ...first, text: first.text.replace(/^P/, '') }, name }
  const index = cursor.is('[') && cursor.is(']', 2) && cursor.peek(1)?.kind === 'number' ? cursor.peek(1) : undefined
  if (index !== undefined) for (let i = 0; i < 3; i++) cursor.take()
  if (bracket && !cursor.expect(problems, ']')) return undefined
  return { name, ...(index === undefined ? {} : { index }) }
}

export function parseValue(cursor: Cursor, problems: Problems): bigint | undefined {
  const word = cursor.peek()
  if (word === undefined || !isInteger(word.text)) return cursor.missing(problems, 'a number')
  cursor.take()
  return integerOf(word.text) ?? problems.at(word, `${quoted(word.text)} does not fit into eight bytes`)
}

/** Whether it asks about anything. */
export function asksSomething(formula: Formula): boolean {
  if (formula.kind === 'true') return false
  if (formula.kind === 'not') return asksSomething(formula.part)
  return formula.kind === 'location' || formula.kind === 'register' || formula.parts.some(asksSomething)
}
