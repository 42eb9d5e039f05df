/**
 * The initial state: `{ int x=1; [y]=2; int64_t t[2]={1,-1}; 0:rax=x; uint64_t 0:rcx; z:line0+8; }`.
 *
 * `0:rax=x` puts the address of x into a register. Pointers in memory are refused: an address is no value here.
 */

import { parseValue } from '../condition.ts'
import { after, Cursor } from '../cursor.ts'
import { meant, type Problems, quoted } from '../problems.ts'
import { integerOf, type Token, type Word } from '../tokens.ts'
import type { Memory } from './memory.ts'
import { registerNames, registerOf, type Size } from './registers.ts'

export type Start = { readonly value: bigint } | { readonly symbol: Word; readonly offset: bigint }

export interface Initial {
  /** By thread, then by 64-bit register. */
  readonly registers: ReadonlyMap<number, ReadonlyMap<string, Start>>
  /** Threads that are named, with the place. */
  readonly threads: readonly Word[]
}

const TYPES: Readonly<Record<string, Size>> = {
  char: 1,
  int8_t: 1,
  uint8_t: 1,
  short: 2,
  int16_t: 2,
  uint16_t: 2,
  int: 4,
  int32_t: 4,
  uint32_t: 4,
  long: 8,
  int64_t: 8,
  uint64_t: 8,
  intptr_t: 8,
  uintptr_t: 8,
}
const ADORNMENTS = ['signed', 'unsigned', 'volatile', '_Atomic', 'const']

/** More elements than any test has cells for. */
const MOST_ELEMENTS = 512

export function readInitial(tokens: readonly Token[], end: Word, memory: Memory, problems: Problems): Initial {
  const registers = new Map<number, Map<string, Start>>()
  const threads: Word[] = []
  const entries: Token[][] = [[]]
  for (const token of tokens) {
    if (token.text === ';') entries.push([])
    else entries.at(-1)?.push(token)
  }

  function entry(cursor: Cursor): void {
    const size = typeIn(cursor)
    const thread = cursor.peek()
    if (thread !== undefined && cursor.is(':', 1) && /^P?\d+$/.test(thread.text)) return register(cursor, thread)
    const bracket = cursor.accept('[') !== undefined
    const name = cursor.peek()
    if (name?.kind !== 'name') return cursor.missing(problems, 'a location or a register such as `x=1` or `0:rax=x`')
    cursor.take()
    if (bracket && cursor.expect(problems, ']') === undefined) return
    const symbol = memory.declare(name)
    if (size !== undefined) symbol.size = size
    if (cursor.accept('[')) {
      const count = cursor.take()
      const elements = Number(integerOf(count?.text ?? '') ?? 0n)
      if (elements < 1 || elements > MOST_ELEMENTS) {
        return problems.at(count ?? name, `an array has 1 to ${MOST_ELEMENTS} elements`)
      }
      symbol.count = elements
      if (cursor.expect(problems, ']') === undefined) return
    }
    if (cursor.accept(':') && !placement(cursor)) return
    if (!cursor.accept('=')) return cursor.done ? undefined : cursor.missing(problems, '`=` or `;`')
    if (symbol.values.length > 0) problems.at(name, `${quoted(name.text)} has its first value already`)
    symbol.values = cursor.accept('{') ? list(cursor, symbol.count ?? 1) : values(cursor)
    for (const value of symbol.values) {
      const bits = BigInt(8 * (symbol.size ?? 8))
      if (value >= 1n << bits || value < -(1n << (bits - 1n))) {
        problems.at(name, `${value} does not fit into the ${symbol.size ?? 8} bytes of ${quoted(name.text)}`)
      }
    }

    function placement(cursor: Cursor): boolean {
      const line = cursor.take()
      const number = /^line(\d{1,4})$/i.exec(line?.text ?? '')?.[1]
      if (line === undefined || number === undefined) {
        const found = line === undefined ? 'nothing' : quoted(line.text)
        problems.at(line ?? (name as Word), `expected a place such as \`line0+8\`, found ${found}`)
        return false
      }
      const offset = cursor.accept('+') ? cursor.take() : undefined
      const bytes = offset === undefined ? 0n : integerOf(offset.text)
      if (bytes === undefined || bytes < 0n || bytes > 63n) {
        problems.at(offset ?? line, 'a line has the bytes 0 to 63')
        return false
      }
      symbol.at = { line: Number(number), offset: Number(bytes), word: line }
      return true
    }
  }

  function values(cursor: Cursor): readonly bigint[] {
    const word = cursor.peek()
    if (cursor.accept('&') || word?.kind === 'name') {
      problems.at(
        word as Word,
        'a location that holds an address is not modelled',
        'an address in a register is: `0:rax=x`',
      )
      while (!cursor.done) cursor.take()
      return []
    }
    const value = parseValue(cursor, problems)
    return value === undefined ? [] : [value]
  }

  function list(cursor: Cursor, count: number): readonly bigint[] {
    const found: bigint[] = []
    do {
      const value = parseValue(cursor, problems)
      if (value === undefined) return found
      found.push(value)
    } while (cursor.accept(','))
    const close = cursor.expect(problems, '}')
    if (close !== undefined && found.length !== count) {
      problems.at(close, `there are ${found.length} values for ${count} elements`)
    }
    return found
  }

  function register(cursor: Cursor, thread: Word): void {
    cursor.take()
    cursor.take()
    cursor.accept('%')
    const name = cursor.peek()
    const known = name?.kind === 'name' ? registerOf(name.text) : undefined
    if (name === undefined || known === undefined) {
      if (name?.kind !== 'name') return cursor.missing(problems, 'a register')
      return problems.at(name, `unknown register ${quoted(name.text)}`, meant(name.text, registerNames()))
    }
    cursor.take()
    const number = Number(thread.text.replace(/^P/, ''))
    threads.push({ ...thread, text: String(number) })
    const own = registers.get(number) ?? new Map<string, Start>()
    registers.set(number, own)
    if (!cursor.accept('=')) return cursor.done ? undefined : cursor.missing(problems, '`=` or `;`')
    if (own.has(known.base)) problems.at(name, `${quoted(name.text)} has its first value already`)
    cursor.accept('&')
    const symbol = cursor.peek()
    if (symbol?.kind !== 'name') {
      const value = parseValue(cursor, problems)
      if (value !== undefined) own.set(known.base, { value: BigInt.asUintN(8 * known.size, value) })
      return
    }
    cursor.take()
    memory.declare(symbol)
    let offset = 0n
    const sign = cursor.accept('[', '+')
    if (sign !== undefined) {
      const count = parseValue(cursor, problems)
      if (sign.text === '[') cursor.expect(problems, ']')
      offset = (count ?? 0n) * (sign.text === '[' ? BigInt(memory.typed(symbol.text) ?? 4) : 1n)
    }
    own.set(known.base, { symbol, offset })
  }

  for (const words of entries) {
    const cursor = new Cursor(words, after(words, end))
    if (cursor.done) continue
    const before = problems.any
    entry(cursor)
    if (!before && !problems.any && !cursor.done) cursor.missing(problems, '`;`')
  }
  return { registers, threads }
}

/** Bytes of the type that stands before a name: `unsigned int x`, `int *p`. */
function typeIn(cursor: Cursor): Size | undefined {
  let size: Size | undefined
  for (;;) {
    const word = cursor.peek()
    const next = cursor.peek(1)
    const typed =
      next !== undefined && (next.kind === 'name' || next.kind === 'number' || ['*', '['].includes(next.text))
    if (word?.text === '*' && size !== undefined) size = 8
    else if (word?.kind === 'name' && typed && Object.hasOwn(TYPES, word.text)) size = TYPES[word.text]
    else if (!(word?.kind === 'name' && typed && ADORNMENTS.includes(word.text))) return size
    cursor.take()
  }
}
