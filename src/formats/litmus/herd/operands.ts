/**
 * Operands of instructions, as both dialects write them: `$1`, `1`, `%eax`, `EAX`, `(x)`, `[x]`, `8(%rax)`,
 * `(%rax,%rbx,8)`, `[EAX+8]`, `x(%rip)`, `dword ptr [x]`.
 */

import { Cursor } from '../cursor.ts'
import { meant, type Problems, quoted } from '../problems.ts'
import { integerOf, type Token, type Word } from '../tokens.ts'
import { type Register, registerNames, registerOf, type Size } from './registers.ts'

export interface Address {
  readonly symbol?: Word
  readonly base?: RegisterWord
  readonly index?: RegisterWord
  readonly scale: bigint
  readonly offset: bigint
}

interface RegisterWord {
  readonly register: Register
  readonly word: Word
}

export type Operand =
  | { readonly kind: 'immediate'; readonly value: bigint; readonly word: Word }
  | { readonly kind: 'register'; readonly register: Register; readonly word: Word; readonly percent: boolean }
  | { readonly kind: 'memory'; readonly address: Address; readonly size?: Size; readonly word: Word }

const SIZES: Readonly<Record<string, Size>> = { byte: 1, word: 2, dword: 4, qword: 8 }

/** Cuts `a, (b,c), d` at the outer commas. */
export function operandsIn(tokens: readonly Token[]): readonly (readonly Token[])[] {
  if (tokens.length === 0) return []
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    if (token.text === ',' && depth <= 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

export function parseOperand(tokens: readonly Token[], end: Word, problems: Problems): Operand | undefined {
  const cursor = new Cursor(tokens, end)
  const first = cursor.peek()
  if (first === undefined) return cursor.missing(problems, 'an operand')
  const operand = parseImmediate(cursor, problems) ?? parseRegister(cursor, problems) ?? parseMemory(cursor, problems)
  if (operand !== undefined && !cursor.done) return cursor.missing(problems, '`,` or the end of the instruction')
  return operand
}

function parseImmediate(cursor: Cursor, problems: Problems): Operand | undefined {
  const dollar = cursor.is('$') ? 1 : 0
  const word = cursor.peek(dollar)
  if (dollar === 0 && (word?.kind !== 'number' || cursor.peek(1) !== undefined)) return undefined
  if (dollar === 1) cursor.take()
  if (word?.kind !== 'number') {
    const hint = 'give a register an address in the initial state: `0:rax=x`'
    return cursor.missing(problems, 'a number', word?.kind === 'name' ? hint : undefined)
  }
  cursor.take()
  const value = integerOf(word.text)
  if (value === undefined) problems.at(word, `${quoted(word.text)} is no number of at most eight bytes`)
  return { kind: 'immediate', value: value ?? 0n, word }
}

function parseRegister(cursor: Cursor, problems: Problems): Operand | undefined {
  const percent = cursor.is('%')
  const word = cursor.peek(percent ? 1 : 0)
  if (!percent && (word === undefined || registerOf(word.text) === undefined)) return undefined
  if (percent) cursor.take()
  const found = takeRegister(cursor, problems)
  return found === undefined ? undefined : { kind: 'register', ...found, percent }
}

function takeRegister(cursor: Cursor, problems: Problems): RegisterWord | undefined {
  const word = cursor.peek()
  if (word?.kind !== 'name') return cursor.missing(problems, 'a register')
  const register = registerOf(word.text)
  if (register === undefined) {
    const part = /^[abcd]h$/i.test(word.text)
    const unknown = part
      ? `the byte register ${quoted(word.text)} is not modelled`
      : `unknown register ${quoted(word.text)}`
    return problems.at(word, unknown, part ? undefined : meant(word.text, registerNames()))
  }
  cursor.take()
  return { register, word }
}

function parseMemory(cursor: Cursor, problems: Problems): Operand | undefined {
  const word = cursor.peek()
  if (word === undefined) return undefined
  const sized = word.kind === 'name' && Object.hasOwn(SIZES, word.text.toLowerCase()) && cursor.peek(1) !== undefined
  const size = sized ? SIZES[word.text.toLowerCase()] : undefined
  if (sized) {
    cursor.take()
    if (cursor.peek()?.text.toLowerCase() === 'ptr') cursor.take()
  }
  const sum = new Sum()
  const open = (): boolean => cursor.is('(') || cursor.is('[')
  if (!open() && !sum.terms(cursor, problems)) return undefined
  const bracket = cursor.accept('(', '[')
  if (bracket !== undefined) {
    if (!cursor.is(',') && !sum.terms(cursor, problems)) return undefined
    if (cursor.accept(',')) {
      cursor.accept('%')
      const index = takeRegister(cursor, problems)
      if (index === undefined) return undefined
      sum.index = index
      if (cursor.accept(',')) {
        const scale = cursor.take()
        if (scale === undefined || !/^[01248]$/.test(scale.text))
          return problems.at(scale ?? word, 'a scale is 1, 2, 4 or 8')
        sum.scale = BigInt(scale.text)
      }
    }
    if (cursor.expect(problems, bracket.text === '(' ? ')' : ']') === undefined) return undefined
  }
  const address = sum.address
  if (address.symbol === undefined && address.base === undefined) {
    return problems.at(word, 'expected the name of a location: places have no numbers here')
  }
  return { kind: 'memory', address, word, ...(size === undefined ? {} : { size }) }
}

/** `x+8`, `EAX+EBX*4+8` */
class Sum {
  #symbol: Word | undefined
  #base: RegisterWord | undefined
  #offset = 0n
  index: RegisterWord | undefined
  scale = 1n

  get address(): Address {
    const { index, scale } = this
    return {
      scale,
      offset: this.#offset,
      ...(this.#symbol === undefined ? {} : { symbol: this.#symbol }),
      ...(this.#base === undefined ? {} : { base: this.#base }),
      ...(index === undefined ? {} : { index }),
    }
  }

  /** False: `problems` says why. */
  terms(cursor: Cursor, problems: Problems): boolean {
    do if (!this.#term(cursor, problems)) return false
    while (cursor.accept('+'))
    return true
  }

  #term(cursor: Cursor, problems: Problems): boolean {
    const percent = cursor.accept('%') !== undefined
    const word = cursor.peek()
    const number = word?.kind === 'number' ? integerOf(word.text) : undefined
    if (word === undefined || (percent ? word.kind !== 'name' : word.kind !== 'name' && number === undefined)) {
      cursor.missing(problems, 'a location or a register')
      return false
    }
    if (number !== undefined) {
      cursor.take()
      this.#offset += number
    } else if (word.text.toLowerCase() === 'rip') {
      cursor.take()
    } else if (percent || registerOf(word.text) !== undefined) {
      const found = takeRegister(cursor, problems)
      if (found === undefined) return false
      if (this.#base === undefined && !cursor.is('*')) this.#base = found
      else if (this.index === undefined) this.index = found
      else problems.at(word, 'an address has at most two registers')
      if (cursor.accept('*')) this.scale = integerOf(cursor.take()?.text ?? '') ?? 1n
    } else {
      cursor.take()
      const [before = ''] = word.text.split(/[-/]/)
      if (before !== word.text && registerOf(before)) problems.at(word, 'only `+` joins the parts of an address')
      if (this.#symbol !== undefined) problems.at(word, 'an address names one location')
      this.#symbol = word
    }
    return true
  }
}
