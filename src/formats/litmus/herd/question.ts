/**
 * What a herd test asks: `locations [x; 0:rax;]`, then `exists`, `~exists`, `forall` or `final` and a condition on the
 * end of the program.
 *
 * Ours, not herd's: `persists`, `~persists` ask about memory after a power failure at any instant, `end-persists` about
 * one behind the last instruction, `eadr-persists` about a machine whose caches survive.
 */

import type { Formula, Quantifier, When } from '../../../engine/litmus/test.ts'
import { asksSomething, type Names, parseCondition, parseSubject } from '../condition.ts'
import { after, Cursor } from '../cursor.ts'
import { meant, type Problems, quoted } from '../problems.ts'
import type { Token, Word } from '../tokens.ts'
import type { Memory } from './memory.ts'
import type { RegisterFile } from './register-file.ts'
import { registerNames, registerOf } from './registers.ts'

const WHEN: Readonly<Record<string, When>> = {
  exists: 'final',
  forall: 'final',
  final: 'final',
  persists: 'crash',
  'end-persists': 'end-crash',
  'eadr-persists': 'eadr',
}
const REFUSED = ['filter', 'observed', 'with']
const OPENING = [...Object.keys(WHEN), ...REFUSED, 'locations']

/** Where the table of threads ends. */
export function questionAt(tokens: readonly Token[]): number {
  const at = tokens.findIndex(
    (token, i) =>
      OPENING.includes(token.text.toLowerCase()) && tokens[i - 1]?.text !== '[' && tokens[i - 1]?.text !== '(',
  )
  if (at < 0) return tokens.length
  return ['~', 'not'].includes(tokens[at - 1]?.text ?? '') ? at - 1 : at
}

/** The registers of a thread, and how its condition spells them. */
export interface ThreadNames {
  readonly file: RegisterFile
  readonly spelled: Map<string, string>
}

interface Question {
  readonly when: When
  readonly quantifier: Quantifier
  readonly formula: Formula
  readonly words: readonly Token[]
}

export function readQuestion(
  tokens: readonly Token[],
  end: Word,
  memory: Memory,
  threads: readonly ThreadNames[],
  problems: Problems,
): Question | undefined {
  const words = tokens.slice(0, tokens.findLastIndex(({ text }) => text !== ';') + 1)
  const cursor = new Cursor(words, after(words, end))
  const names = namesOf(memory, threads, problems)
  if (cursor.is('locations')) readLocations(cursor, names, problems)
  const first = cursor.peek()
  if (first === undefined) {
    return problems.at(
      end,
      'there is no condition',
      '`exists (…)`, `~exists (…)`, `forall (…)`, or `persists (…)` for a power failure',
    )
  }
  const asked = words.slice(words.indexOf(first))
  if (REFUSED.includes(first.text)) return problems.at(first, `${quoted(first.text)} is not carried out`)
  const negated = cursor.accept('~', 'not') !== undefined
  const keyword = cursor.peek()
  const word = keyword?.text.toLowerCase() ?? ''
  const when = Object.hasOwn(WHEN, word) ? WHEN[word] : undefined
  if (keyword === undefined || when === undefined || (negated && (word === 'forall' || word === 'final'))) {
    const known = negated ? '`exists` or `persists`' : '`exists`, `~exists`, `forall` or `persists`'
    return cursor.missing(problems, known, keyword && meant(keyword.text, OPENING))
  }
  cursor.take()
  const crash = when !== 'final'
  const refusing: Names = {
    ...names,
    ...(crash ? { register: (thread) => problems.at(thread, 'registers do not survive a power failure') } : {}),
  }
  const formula = parseCondition(cursor, refusing, problems, false)
  if (formula === undefined) return undefined
  if (!asksSomething(formula)) {
    return problems.at(keyword, `the condition names no location${crash ? '' : ' and no register'}: it asks nothing`)
  }
  const quantifier = negated ? '~exists' : word === 'forall' ? 'forall' : 'exists'
  return { when, quantifier, formula, words: asked }
}

/** `locations [x; int y; 0:rax;]` says what to print; everything is printed here. */
function readLocations(cursor: Cursor, names: Names, problems: Problems): void {
  cursor.take()
  if (cursor.expect(problems, '[') === undefined) return
  while (!cursor.done && !cursor.accept(']')) {
    if (cursor.accept(';')) continue
    const subject = parseSubject(cursor, problems)
    if (subject === undefined) {
      while (!cursor.done && !cursor.is(']')) cursor.take()
      continue
    }
    const { thread, name, index } = subject
    if (thread === undefined) names.location(name, index, 0n)
    else names.register(thread, name, 0n)
    while (!cursor.done && !cursor.is(';') && !cursor.is(']')) cursor.take()
  }
}

function namesOf(memory: Memory, threads: readonly ThreadNames[], problems: Problems): Names {
  return {
    location(name, index, value) {
      if (!memory.has(name.text)) {
        const hint = meant(name.text, memory.names)
        return problems.at(name, `there is no location ${quoted(name.text)}: no instruction uses it`, hint)
      }
      const array = memory.isArray(name.text)
      if (array !== (index !== undefined)) {
        const what = array ? `an array: \`${name.text}[0]\` is its first element` : 'no array'
        return problems.at(name, `${quoted(name.text)} is ${what}`)
      }
      const location = memory.find(index === undefined ? name.text : `${name.text}[${Number(index.text)}]`)
      const size = memory.locations[location]?.size
      if (size === undefined) return problems.at(index ?? name, `${quoted(name.text)} has no such element`)
      const bits = BigInt(8 * size)
      if (value >= 1n << bits || value < -(1n << (bits - 1n))) {
        return problems.at(name, `${value} does not fit into the ${size} bytes of ${quoted(name.text)}`)
      }
      return { kind: 'location', location, value: BigInt.asUintN(8 * size, value) }
    },
    register(thread, name, value) {
      const number = Number(thread.text)
      const owner = threads[number]
      if (owner === undefined) return problems.at(thread, `there is no thread ${thread.text}`)
      const register = registerOf(name.text)
      if (register === undefined) {
        return problems.at(name, `unknown register ${quoted(name.text)}`, meant(name.text, registerNames()))
      }
      const { base, size } = register
      const { file, spelled } = owner
      const wide = file.isWide(base)
      if (size < 4 || (size === 4 && wide)) {
        return problems.at(name, `${quoted(name.text)} is a part of ${base}: ask about the whole register`)
      }
      if (!spelled.has(base)) spelled.set(base, name.text)
      const index = file.number(register, name)
      const equal = (bits: number): Formula => {
        return { kind: 'register', thread: number, register: index, value: BigInt.asUintN(bits, value) }
      }
      if (value >= 0n || size === 4) return equal(size === 4 ? 32 : 64)
      // A register is an `int` unless typed, so that -1 may mean four bytes or eight.
      return wide ? { kind: 'or', parts: [equal(64), equal(32)] } : equal(32)
    },
  }
}
