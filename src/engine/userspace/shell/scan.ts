/**
 * The text of a script → words and operators, as a POSIX shell splits it: quotes ('…', "…", backslash), comments,
 * continued lines, `$name`, `${name}`, `$(…)`.
 *
 * Refused by name: arithmetic, backquotes, here-documents, `&`, `;;`, and what bash adds.
 */

import type { Part, Place, Script, SyntaxProblem, Word } from './script.ts'

export type Token = Place &
  (
    | { readonly kind: 'word'; readonly word: Word; readonly plain: string | undefined }
    /** "\n" is one, too. `number`: the digit in front of a redirection. */
    | { readonly kind: 'operator'; readonly text: string; readonly number: string }
    | { readonly kind: 'end' }
  )

/** Thrown while a text is read, caught where reading began. */
export class NoScript extends Error {
  readonly problem: SyntaxProblem
  constructor(place: Place, length: number, message: string) {
    super(message)
    this.problem = { line: place.line, column: place.column, length, message }
  }
}

const OPERATORS = ['&&', '||', ';;', '<<', '>>', '>&', '<&', '&>', '>|', ';', '|', '&', '<', '>', '(', ')', '\n']
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/
const ENDS_WORD = /[\s;&|<>()]/
/** Nested `$(…)` and `${…}` after which a text is taken for an attack. */
const MOST_NESTED = 50

export class Scanner {
  private readonly text: string
  private readonly nested: (scanner: Scanner) => Script
  private at = 0
  private line = 1
  private lineFrom = 0
  private depth = 0

  /** `nested` reads the script in `$(…)`, up to and with its `)`. */
  constructor(text: string, nested: (scanner: Scanner) => Script) {
    this.text = text
    this.nested = nested
  }

  next(): Token {
    this.skipBlanks()
    const place = this.place()
    if (this.at >= this.text.length) return { kind: 'end', ...place }
    const [, digit = ''] = /^(\d)(?=[<>])/.exec(this.text.slice(this.at, this.at + 2)) ?? []
    this.at += digit.length
    const text = OPERATORS.find((each) => this.text.startsWith(each, this.at))
    if (text !== undefined) {
      this.at += text.length
      if (text === '\n') this.newLine()
      return { kind: 'operator', text, number: digit, ...place }
    }
    const parts = this.parts((char) => ENDS_WORD.test(char))
    const only = parts.length === 1 ? parts[0] : undefined
    const plain = only?.kind === 'text' && !only.quoted ? only.text : undefined
    return { kind: 'word', word: { parts, ...place }, plain, ...place }
  }

  private place(): Place {
    return { line: this.line, column: this.at - this.lineFrom + 1 }
  }

  private newLine(): void {
    this.line++
    this.lineFrom = this.at
  }

  private skipBlanks(): void {
    for (;;) {
      const char = this.text[this.at]
      if (char === ' ' || char === '\t' || char === '\r') this.at++
      else if (char === '\\' && this.text[this.at + 1] === '\n') {
        this.at += 2
        this.newLine()
      } else if (char === '#') {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      } else return
    }
  }

  /** Pieces without a gap between them, in and out of quotes. */
  private parts(ends: (char: string) => boolean): readonly Part[] {
    const parts: Part[] = []
    let plain = ''
    const flush = (): void => {
      if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: false })
      plain = ''
    }
    for (let char = this.text[this.at]; char !== undefined && !ends(char); char = this.text[this.at]) {
      if (char === "'" || char === '"' || char === '$' || char === '`' || char === '\\') {
        flush()
        if (char === "'") parts.push(this.singleQuoted())
        else if (char === '"') parts.push(...this.doubleQuoted())
        else if (char === '\\') this.escaped(parts)
        else parts.push(this.expansion(false))
      } else {
        plain += char
        this.at++
        if (char === '\n') this.newLine()
      }
    }
    flush()
    return parts
  }

  private escaped(parts: Part[]): void {
    const next = this.text[this.at + 1] ?? '\\'
    this.at = Math.min(this.text.length, this.at + 2)
    if (next === '\n') this.newLine()
    else parts.push({ kind: 'text', text: next, quoted: true })
  }

  private singleQuoted(): Part {
    const place = this.place()
    const end = this.text.indexOf("'", this.at + 1)
    if (end < 0) throw new NoScript(place, 1, "missing closing '")
    const text = this.text.slice(this.at + 1, end)
    for (this.at++; this.at < end; ) if (this.text[this.at++] === '\n') this.newLine()
    this.at = end + 1
    return { kind: 'text', text, quoted: true }
  }

  private doubleQuoted(): readonly Part[] {
    const place = this.place()
    const parts: Part[] = []
    let text = ''
    this.at++
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined) throw new NoScript(place, 1, 'missing closing "')
      if (char === '"') break
      if (char === '$' || char === '`') {
        if (text !== '') parts.push({ kind: 'text', text, quoted: true })
        text = ''
        parts.push(this.expansion(true))
        continue
      }
      const next = this.text[this.at + 1] ?? ''
      if (char === '\\' && '"\\$`\n'.includes(next) && next !== '') {
        this.at += 2
        if (next === '\n') this.newLine()
        else text += next
      } else {
        text += char
        this.at++
        if (char === '\n') this.newLine()
      }
    }
    this.at++
    if (text !== '' || parts.length === 0) parts.push({ kind: 'text', text, quoted: true })
    return parts
  }

  /** From a `$` or a backquote on. */
  private expansion(quoted: boolean): Part {
    const place = this.place()
    if (this.text[this.at] === '`') throw new NoScript(place, 1, 'not supported in the shell: `…`; write $(…)')
    if (this.text.startsWith('$((', this.at)) throw new NoScript(place, 3, 'not supported in the shell: $((…))')
    const next = this.text[this.at + 1] ?? ''
    if (next === '(' || next === '{') {
      if (++this.depth > MOST_NESTED) throw new NoScript(place, 2, 'nested too deeply')
      this.at += 2
      const part = next === '(' ? this.output(quoted) : this.braced(quoted, place)
      this.depth--
      return part
    }
    const [name] = NAME.exec(this.text.slice(this.at + 1, this.at + 201)) ?? []
    if (name === undefined && !'?$#'.includes(next)) {
      if (/[\d@*!-]/.test(next)) throw new NoScript(place, 2, `not supported in the shell: $${next}`)
      this.at++
      return { kind: 'text', text: '$', quoted: true }
    }
    if (name === undefined && next === '') {
      this.at++
      return { kind: 'text', text: '$', quoted: true }
    }
    this.at += 1 + (name ?? next).length
    return { kind: 'variable', name: name ?? next, quoted }
  }

  private output(quoted: boolean): Part {
    return { kind: 'output', script: this.nested(this), quoted }
  }

  private braced(quoted: boolean, place: Place): Part {
    const [name] = /^(?:[A-Za-z_][A-Za-z0-9_]*|[?$#](?=\}))/.exec(this.text.slice(this.at, this.at + 200)) ?? []
    if (name === undefined) throw new NoScript(place, 2, 'a name must follow ${')
    this.at += name.length
    const empty = this.text[this.at] === ':'
    const sign = this.text[this.at + (empty ? 1 : 0)]
    if (sign === '-' || sign === '+') {
      this.at += empty ? 2 : 1
      const start = this.place()
      const parts = this.parts((char) => char === '}')
      this.close(place)
      return { kind: 'variable', name, quoted, otherwise: { sign, empty, word: { parts, ...start } } }
    }
    this.close(place)
    return { kind: 'variable', name, quoted }
  }

  private close(place: Place): void {
    const char = this.text[this.at]
    if (char === undefined) throw new NoScript(place, 2, 'missing closing }')
    if (char !== '}') throw new NoScript(this.place(), 1, `not supported in \${…}: ${char}`)
    this.at++
  }
}
