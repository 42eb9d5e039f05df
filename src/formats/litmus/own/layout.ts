/**
 * Where the words of a test in our own format lie: eight bytes each, those in one brace on one line, every other on a
 * line of its own. Lines and cells are numbered as the names appear.
 */

import type { Location } from '../../../engine/litmus/test.ts'
import { after, Cursor } from '../cursor.ts'
import { LIMITS } from '../limits.ts'
import { type Problems, quoted } from '../problems.ts'
import { integerOf, isInteger, tokensOf, type Word } from '../tokens.ts'

export class Layout {
  readonly lineOf: number[] = []
  readonly initial: bigint[] = []
  readonly #cells = new Map<string, number>()
  readonly #braced = new Set<string>()
  readonly #given = new Set<string>()
  #lines = 0

  get names(): Iterable<string> {
    return this.#cells.keys()
  }

  get locations(): readonly Location[] {
    return Array.from(this.#cells, ([name, cell]) => ({ name, cell, offset: 0, size: 8 as const }))
  }

  /** The cell of a location that the layout, `init` or an instruction has named. */
  find(name: string): number | undefined {
    return this.#cells.get(name)
  }

  /** The cell of a location; one that is new lies on a line of its own. */
  declare(name: string): number {
    return this.#cells.get(name) ?? this.#add(name, this.#lines++)
  }

  lineOfName(name: string): number {
    return this.lineOf[this.declare(name)] ?? 0
  }

  #add(name: string, line: number): number {
    const cell = this.lineOf.length
    this.#cells.set(name, cell)
    this.lineOf.push(line)
    this.initial.push(0n)
    return cell
  }

  /** `{a,b} {y} z` */
  readLayout(value: Word, problems: Problems): void {
    const tokens = tokensOf(value.text, value.line, value.column)
    let line: number | undefined
    let words = 0
    for (const token of tokens) {
      if (token.text === '{' && line === undefined) {
        line = this.#lines++
        words = 0
      } else if (token.text === '}' && line !== undefined) {
        if (words === 0) problems.at(token, 'there is nothing in these braces')
        line = undefined
      } else if (token.kind === 'name') {
        words += 1
        if (this.#braced.has(token.text)) problems.at(token, `${quoted(token.text)} has its place already`)
        else if (line !== undefined && words === LIMITS.wordsOfLine + 1) {
          problems.at(token, `a line of 64 bytes holds ${LIMITS.wordsOfLine} words`)
        } else this.#add(token.text, line ?? this.#lines++)
        this.#braced.add(token.text)
      } else if (token.text !== ',' && token.text !== ';') {
        problems.at(token, `expected a layout such as \`{a,b} {y}\`, found ${quoted(token.text)}`)
      }
    }
    if (line !== undefined) problems.at(tokens.at(-1) ?? value, 'expected `}`, found the end of the line')
  }

  /** `d=10 c=1` */
  readInit(value: Word, problems: Problems): void {
    const tokens = tokensOf(value.text, value.line, value.column)
    const cursor = new Cursor(tokens, after(tokens, value))
    while (!cursor.done) {
      if (cursor.accept(',', ';')) continue
      const name = cursor.peek()
      if (name?.kind !== 'name') return cursor.missing(problems, 'a location and its value such as `d=10`')
      cursor.take()
      if (cursor.expect(problems, '=') === undefined) return
      const word = cursor.peek()
      if (word === undefined || !isInteger(word.text)) return cursor.missing(problems, 'a number')
      cursor.take()
      const number = integerOf(word.text)
      if (number === undefined) problems.at(word, `${quoted(word.text)} does not fit into eight bytes`)
      if (this.#given.has(name.text)) problems.at(name, `${quoted(name.text)} has its first value already`)
      this.#given.add(name.text)
      this.initial[this.declare(name.text)] = BigInt.asUintN(64, number ?? 0n)
    }
  }
}
