/**
 * Where the parser is. After an error it panics: every look-ahead sees the end of the text, so that all rules unwind
 * by themselves, until a statement or declaration recovers at a place where a new one can start.
 */

import { MAX_NESTING } from './limits.ts'
import { didYouMean, type Problems } from './problems.ts'
import type { Place, Token } from './token.ts'

export const keywords: ReadonlySet<string> = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long ' +
    'register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while ' +
    '_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local ' +
    '__attribute__ __attribute __inline __inline__ __restrict __restrict__ __volatile__ __volatile __const __signed__ ' +
    '__auto_type __alignof__ __builtin_offsetof __builtin_types_compatible_p __typeof__ __typeof typeof asm __asm__ __asm __extension__ __int128 __thread'
  ).split(' '),
)

/** Characters from the start of `from` to the end of `to`; one line only. */
export const span = (from: Place, to: Place): Place =>
  from.line === to.line && to.column >= from.column ? { ...from, length: to.column + to.length - from.column } : from

export class Cursor {
  private readonly tokens: readonly Token[]
  private readonly last: Token
  readonly problems: Problems
  private index = 0
  private panic = false
  private depth = 0
  private readonly scopes: Map<string, boolean>[] = [new Map()]

  constructor(tokens: readonly Token[], problems: Problems) {
    this.tokens = tokens
    this.last = tokens.at(-1)!
    this.problems = problems
  }

  get token(): Token {
    return this.panic ? this.last : (this.tokens[this.index] ?? this.last)
  }

  peek(ahead = 1): Token {
    return this.panic ? this.last : (this.tokens[this.index + ahead] ?? this.last)
  }

  get previous(): Place {
    return this.tokens[this.index - 1]?.at ?? this.last.at
  }

  get panicking(): boolean {
    return this.panic
  }

  get position(): number {
    return this.index
  }

  advance(): Token {
    const token = this.token
    if (!this.panic && this.index < this.tokens.length - 1) this.index++
    return token
  }

  is(text: string): boolean {
    const { token } = this
    return token.text === text && (token.kind === 'punctuator' || token.kind === 'identifier')
  }

  accept(text: string): boolean {
    const yes = this.is(text)
    if (yes) this.advance()
    return yes
  }

  /** `context` ends the sentence: "expected ')' after the arguments". */
  expect(text: string, context: string): void {
    if (this.panic || this.accept(text)) return
    if (text === ';' || this.token.kind === 'end') {
      const { line, column, length } = this.previous
      // A statement that only lacks its ';' at the end of a line harms nothing after it.
      const harmless = text === ';' && this.token.first && this.token.kind !== 'end'
      this.fail(`expected '${text}' ${context}`, { line, column: column + length, length: 1 })
      if (harmless) this.panic = false
      return
    }
    this.fail(`expected '${text}' ${context}, found ${this.found}`)
  }

  get found(): string {
    return this.token.kind === 'end' ? 'the end of the program' : `'${this.token.text.slice(0, 40)}'`
  }

  fail(message: string, at: Place = this.token.at, hint?: string): void {
    if (!this.panic) this.problems.error(at, message, hint)
    this.panic = true
  }

  /** A name that is no keyword. */
  get atName(): boolean {
    return this.token.kind === 'identifier' && !keywords.has(this.token.text)
  }

  /** One level deeper, or a complaint. */
  nested<T>(body: () => T, otherwise: () => T): T {
    if (this.depth >= MAX_NESTING) {
      this.fail(`nested more than ${MAX_NESTING} levels deep`)
      return otherwise()
    }
    this.depth++
    const result = body()
    this.depth--
    return result
  }

  /**
   * Continue after an error: behind the next `;`, or before a `}` or a word that starts a statement, brackets that
   * open on the way skipped as a whole. `outer` stops at a `}` in column 1 too, where a function ends.
   */
  recover(outer: boolean): void {
    this.panic = false
    let depth = 0
    while (this.token.kind !== 'end') {
      const { text, kind, at } = this.token
      if (kind === 'punctuator') {
        if (text === '{') depth++
        if (text === '}') {
          if (depth === 0 && !outer) return
          depth = at.column === 1 ? 0 : Math.max(0, depth - 1)
          if (depth === 0) {
            this.advance()
            this.accept(';')
            if (!this.is(')') && !this.is(',') && !this.is(']')) return
            continue
          }
        }
        if (text === ';' && depth === 0) {
          this.advance()
          return
        }
      } else if (depth === 0 && !outer && this.token.first && startsStatement.has(text)) return
      this.advance()
    }
  }

  pushScope(): void {
    this.scopes.push(new Map())
  }

  popScope(): void {
    this.scopes.pop()
  }

  /** Remember whether `name` is now a type: without that C cannot be parsed. */
  declare(name: string, isType: boolean): void {
    this.scopes.at(-1)?.set(name, isType)
  }

  isTypeName(token: Token): boolean {
    if (token.kind !== 'identifier' || keywords.has(token.text)) return false
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(token.text)
      if (found !== undefined) return found
    }
    return false
  }

  /** A name that stands where only a type can. */
  suggestType(name: string): string | undefined {
    const header = HEADERS.find(([types]) => types.test(name))?.[1]
    if (header !== undefined) return `#include <${header}.h>`
    const types = this.scopes.flatMap((scope) => [...scope].filter(([, type]) => type).map(([n]) => n))
    const words = ['int', 'char', 'long', 'short', 'unsigned', 'void', 'struct', 'static', 'const', 'double', 'typedef']
    return didYouMean(name, [...words, ...types])
  }
}

/** Where types come from that people use without the header. */
const HEADERS: readonly (readonly [RegExp, string])[] = [
  [/^u?int(\d+|ptr|max)_t$/, 'stdint'],
  [/^(size|ptrdiff|wchar)_t$/, 'stddef'],
  [/^bool$/, 'stdbool'],
  [/^(ssize|off|pid|mode)_t$/, 'sys/types'],
  [/^pthread_\w+_t$/, 'pthread'],
]

const startsStatement: ReadonlySet<string> = new Set(
  'if while for do switch return break continue goto case default'.split(' '),
)
