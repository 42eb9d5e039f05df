/**
 * Where the locations of a herd test lie.
 *
 * A location is 4 bytes (`int`) unless its type or an access says more, and lies on a line of its own; the elements of
 * an array lie one after the other. `x:line0+8` (ours, not herd's) puts it there instead.
 */

import type { Place } from '../../../engine/explore/program.ts'
import type { Location } from '../../../engine/litmus/test.ts'
import { type Problems, quoted } from '../problems.ts'
import type { Word } from '../tokens.ts'
import type { Size } from './registers.ts'

const LINE_BYTES = 64

interface Symbol {
  readonly name: string
  readonly word: Word
  size?: Size
  /** Number of elements. */
  count?: number
  at?: { readonly line: number; readonly offset: number; readonly word: Word }
  values: readonly bigint[]
  /** The widest access, bytes. */
  widest: number
  /** Byte address, 64 a line, once `place` has run. */
  start: number
}

export class Memory {
  readonly lineOf: number[] = []
  readonly initial: bigint[] = []
  readonly locations: Location[] = []
  readonly #symbols = new Map<string, Symbol>()
  readonly #cells = new Map<number, number>()
  readonly #problems: Problems

  constructor(problems: Problems) {
    this.#problems = problems
  }

  get names(): Iterable<string> {
    return this.#symbols.keys()
  }

  declare(word: Word): Symbol {
    const known = this.#symbols.get(word.text)
    if (known !== undefined) return known
    const symbol: Symbol = { name: word.text, word, values: [], widest: 0, start: 0 }
    this.#symbols.set(word.text, symbol)
    return symbol
  }

  /** Type's size of a location, if it has a type. */
  typed(name: string): Size | undefined {
    return this.#symbols.get(name)?.size
  }

  has(name: string): boolean {
    return this.#symbols.has(name)
  }

  isArray(name: string): boolean {
    return this.#symbols.get(name)?.count !== undefined
  }

  /** Notes an access before anything has its place; `size` 0: only its line matters. */
  note(word: Word, name: Word, offset: bigint, size: Size | 0): void {
    const symbol = this.declare(name)
    const far = offset < 0n || offset > 1n << 20n
    if (symbol.count === undefined) {
      const end = size === 0 ? 1 : size
      if (offset === 0n) symbol.widest = Math.max(symbol.widest, size)
      else if (far || Number(offset) + end > (symbol.size ?? 0))
        this.#problems.at(word, `this is outside ${quoted(name.text)}`)
    } else if (far || Number(offset) + Math.max(1, size) > symbol.count * (symbol.size ?? 4)) {
      this.#problems.at(word, `this is outside the ${symbol.count} elements of ${quoted(name.text)}`)
    }
  }

  /** Gives every location its place. */
  place(): void {
    const lines = new Map<string, number>()
    const lineOf = (key: string): number => {
      const line = lines.get(key) ?? lines.size
      lines.set(key, line)
      return line
    }
    for (const symbol of this.#symbols.values()) {
      if (symbol.count === undefined) symbol.size = (Math.max(symbol.size ?? 0, symbol.widest) as Size | 0) || 4
      symbol.size ??= 4
      const bytes = symbol.size * (symbol.count ?? 1)
      const { line = 0, offset = 0, word = symbol.word } = symbol.at ?? {}
      const key = (i: number): string => (symbol.at === undefined ? `${symbol.name} ${i}` : `line ${line + i}`)
      if (offset + (symbol.count === undefined ? bytes : symbol.size) > LINE_BYTES) {
        this.#problems.at(word, `${quoted(symbol.name)} does not end within the ${LINE_BYTES} bytes of the line`)
        continue
      }
      for (let i = 0; i < Math.ceil((offset + bytes) / LINE_BYTES); i++) lineOf(key(i))
      symbol.start = lineOf(key(0)) * LINE_BYTES + offset
      this.#fill(symbol, symbol.size, word)
    }
  }

  /** Elements in order; those of an array that is put on lines by hand go on in the next line's number. */
  #fill(symbol: Symbol, size: Size, word: Word): void {
    for (let i = 0; i < (symbol.count ?? 1); i++) {
      const address = symbol.start + i * size
      const offset = address % 8
      if (offset + size > 8) {
        this.#problems.at(word, `${quoted(symbol.name)} crosses an eight-byte boundary`)
        return
      }
      const cell = this.#cellAt(address - offset)
      const name = symbol.count === undefined ? symbol.name : `${symbol.name}[${i}]`
      const other = this.locations.find(
        (o) => o.cell === cell && o.offset < offset + size && offset < o.offset + o.size,
      )
      if (other !== undefined) {
        this.#problems.at(word, `${quoted(name)} lies on ${quoted(other.name)}`)
        return
      }
      this.locations.push({ name, cell, offset, size })
      const value = BigInt.asUintN(8 * size, symbol.values[i] ?? 0n)
      this.initial[cell] = (this.initial[cell] ?? 0n) | (value << BigInt(8 * offset))
    }
  }

  #cellAt(address: number): number {
    const known = this.#cells.get(address)
    if (known !== undefined) return known
    const cell = this.lineOf.length
    this.#cells.set(address, cell)
    this.lineOf.push(Math.floor(address / LINE_BYTES))
    this.initial.push(0n)
    return cell
  }

  /** The bytes of an access. */
  at(word: Word, name: string, offset: bigint, size: Size): Place {
    const address = (this.#symbols.get(name)?.start ?? 0) + Number(offset)
    const within = address % 8
    if (within + size > 8) {
      this.#problems.at(word, 'this access crosses an eight-byte boundary, where it would be two: write it as two')
    }
    return { cell: this.#cells.get(address - within) ?? 0, offset: within, size }
  }

  lineAt(name: string, offset: bigint): number {
    return Math.floor(((this.#symbols.get(name)?.start ?? 0) + Number(offset)) / LINE_BYTES)
  }

  find(name: string): number {
    return this.locations.findIndex((location) => location.name === name)
  }
}
