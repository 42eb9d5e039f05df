/**
 * The instructions of a thread in our own format: `store x 1; clwb x; sfence; UN: store y r`.
 *
 * A name that a thread writes as a register (load, xchg, faa, cas, mov) is a register there. `movdir64b L V` is an
 * addition to the format: it writes every word of the line.
 */

import type { Instruction, Operand } from '../../../engine/explore/program.ts'
import type { LitmusTest } from '../../../engine/litmus/test.ts'
import { after } from '../cursor.ts'
import { atMost } from '../limits.ts'
import { meant, type Problems, quoted } from '../problems.ts'
import { integerOf, isInteger, placeOf, type Token, tokensOf, type Word } from '../tokens.ts'
import type { Layout } from './layout.ts'

type Slot = 'location' | 'result' | 'register' | 'value' | 'label'

/** Operands of each instruction, in order. */
const FORMS: Readonly<Record<string, readonly Slot[]>> = {
  store: ['location', 'value'],
  nt: ['location', 'value'],
  movnt: ['location', 'value'],
  movnti: ['location', 'value'],
  movdir64b: ['location', 'value'],
  load: ['result', 'location'],
  xchg: ['result', 'location', 'value'],
  faa: ['result', 'location', 'value'],
  cas: ['result', 'location', 'value', 'value'],
  clflush: ['location'],
  clflushopt: ['location'],
  clwb: ['location'],
  sfence: [],
  mfence: [],
  lfence: [],
  mov: ['result', 'value'],
  ifeq: ['register', 'value', 'label'],
  ifne: ['register', 'value', 'label'],
  goto: ['label'],
}

const WORDS: Readonly<Record<Slot, string>> = {
  location: 'a location',
  result: 'a register',
  register: 'a register',
  value: 'a number or a register',
  label: 'a label',
}

/** The label behind the last instruction. */
const END = 'end'

export interface Statement {
  readonly words: readonly Token[]
  readonly op: string
  readonly form: readonly Slot[]
  readonly operands: readonly Token[]
}

export interface Draft {
  readonly thread: Word
  readonly statements: readonly Statement[]
  readonly labels: ReadonlyMap<string, number>
  readonly registers: readonly string[]
}

/** Reads the instructions and the registers that they write; names are looked up by `codeOf`. */
export function draftOf(thread: Word, values: readonly Word[], problems: Problems): Draft {
  const statements: Statement[] = []
  const labels = new Map<string, number>()
  const registers = new Set<string>()
  for (const tokens of values.flatMap(statementsIn)) {
    let words = tokens
    while (words[0]?.kind === 'name' && words[1]?.text === ':') {
      const [label] = words
      if (label.text === END) problems.at(label, `\`${END}\` is the label behind the last instruction`)
      else if (labels.has(label.text)) problems.at(label, `there are two labels ${quoted(label.text)}`)
      labels.set(label.text, statements.length)
      words = words.slice(2)
    }
    const statement = readStatement(words, problems)
    if (statement === undefined) continue
    const [first] = statement.operands
    if (FORMS[statement.op]?.[0] === 'result' && first !== undefined) registers.add(first.text)
    statements.push(statement)
  }
  atMost(problems, 'instructions', statements.length, thread)
  return { thread, statements, labels, registers: [...registers] }
}

function statementsIn(value: Word): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]]
  for (const token of tokensOf(value.text, value.line, value.column)) {
    if (token.text === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements.filter((tokens) => tokens.length > 0)
}

function readStatement(words: readonly Token[], problems: Problems): Statement | undefined {
  const [head, ...rest] = words
  if (head === undefined) return undefined
  const op = head.text.toLowerCase()
  const form = Object.hasOwn(FORMS, op) ? FORMS[op] : undefined
  if (form === undefined) {
    const hint = meant(op, Object.keys(FORMS)) ?? `the instructions are ${Object.keys(FORMS).join(', ')}`
    return problems.at(head, `unknown instruction ${quoted(head.text)}`, hint)
  }
  const operands = rest.filter((word) => word.text !== ',')
  const usage = [op, ...form.map((slot) => slot.toUpperCase())].join(' ').replaceAll('RESULT', 'REGISTER')
  for (const [i, slot] of form.entries()) {
    const word = operands[i]
    if (word === undefined) {
      return problems.at(after(words, head), `${op}: expected ${WORDS[slot]}, found nothing`, usage)
    }
    const fits = word.kind === 'name' || (slot === 'value' && word.kind === 'number')
    if (!fits) return problems.at(word, `${op}: expected ${WORDS[slot]}, found ${quoted(word.text)}`, usage)
  }
  const more = operands[form.length]
  if (more !== undefined) {
    const hint = `${usage}; instructions are separated by \`;\``
    return problems.at(more, `${op}: expected \`;\` or the end of the line, found ${quoted(more.text)}`, hint)
  }
  return { words, op, form, operands }
}

export interface Code {
  readonly code: readonly Instruction[]
  readonly listing: LitmusTest['listing'][number]
}

export function codeOf(draft: Draft, layout: Layout, problems: Problems): Code {
  const { statements, labels, registers } = draft

  const register = (word: Token): number => {
    const index = registers.indexOf(word.text)
    if (index >= 0) return index
    const hint = meant(word.text, registers)
    problems.at(word, `thread ${draft.thread.text} writes no register ${quoted(word.text)}`, hint)
    return 0
  }
  const value = (word: Token): Operand => {
    if (word.kind === 'name') return { reg: register(word) }
    const number = integerOf(word.text)
    const reason = isInteger(word.text) ? 'does not fit into eight bytes' : 'is no number'
    if (number === undefined) problems.at(word, `${quoted(word.text)} ${reason}`)
    return { value: BigInt.asUintN(64, number ?? 0n) }
  }
  const target = (word: Token): number => {
    if (word.text === END) return statements.length
    const to = labels.get(word.text)
    if (to !== undefined) return to
    problems.at(word, `there is no label ${quoted(word.text)}`, meant(word.text, [...labels.keys(), END]))
    return statements.length
  }

  const instruction = ({ op, operands }: Statement): Instruction => {
    const [a, b, c, d] = operands as [Token, Token, Token, Token]
    const at = (word: Token) => ({ cell: layout.declare(word.text), offset: 0, size: 8 as const })
    switch (op) {
      case 'store':
        return { op, at: at(a), value: value(b) }
      case 'nt':
      case 'movnt':
      case 'movnti':
        return { op: 'movnt', at: at(a), value: value(b) }
      case 'movdir64b':
        return { op, line: layout.lineOfName(a.text), value: value(b) }
      case 'load':
        return { op, reg: register(a), at: at(b) }
      case 'xchg':
        return { op: 'rmw', modify: 'xchg', reg: register(a), at: at(b), value: value(c) }
      case 'faa':
        return { op: 'rmw', modify: 'add', reg: register(a), at: at(b), value: value(c) }
      case 'cas':
        return { op, reg: register(a), at: at(b), expected: value(c), desired: value(d) }
      case 'clflush':
      case 'clflushopt':
      case 'clwb':
        return { op, line: layout.lineOfName(a.text) }
      case 'sfence':
      case 'mfence':
      case 'lfence':
        return { op }
      case 'mov':
        return { op: 'move', reg: register(a), value: value(b) }
      case 'ifeq':
      case 'ifne':
        return {
          op: 'branch',
          when: op === 'ifeq' ? 'eq' : 'ne',
          a: { reg: register(a) },
          b: value(b),
          size: 8,
          to: target(c),
        }
      default:
        return { op: 'goto', to: target(a) }
    }
  }

  return {
    code: statements.map(instruction),
    listing: statements.map(({ words }) => ({
      text: words
        .map((word) => word.text)
        .join(' ')
        .replaceAll(' ,', ','),
      place: placeOf(words),
    })),
  }
}
