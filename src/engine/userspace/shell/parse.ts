/**
 * Tokens → a script, by the grammar of a POSIX shell: lists, `&&`, `||`, `!`, pipes, redirections, `{ }`, `if`, `while`,
 * `until`, `for`. Refused by name: functions, `case`, subshells, jobs.
 */

import { err, ok, type Result } from '../../../base/result.ts'
import { NoScript, Scanner, type Token } from './scan.ts'
import type { Chain, Command, Pipeline, Place, Redirect, Script, SyntaxProblem, Word } from './script.ts'

export function parseScript(text: string): Result<Script, SyntaxProblem> {
  try {
    const nested = (scanner: Scanner): Script => new Parser(scanner).nested()
    return ok(new Parser(new Scanner(text, nested)).whole())
  } catch (reason) {
    if (reason instanceof NoScript) return err(reason.problem)
    throw reason
  }
}

const RESERVED = ['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'for', 'do', 'done', '{', '}', '!']
const UNSUPPORTED = ['case', 'esac', 'function', 'select', '[[']
const MOST_NESTED = 100

class Parser {
  private readonly scanner: Scanner
  private token: Token
  private depth = 0

  constructor(scanner: Scanner) {
    this.scanner = scanner
    this.token = scanner.next()
  }

  whole(): Script {
    const script = this.list([])
    if (!this.atEnd()) this.unexpected()
    return script
  }

  /** The scanner stands behind the `)` afterwards. */
  nested(): Script {
    const script = this.list([])
    if (!this.is(')')) {
      if (this.token.kind === 'end') throw new NoScript(this.token, 1, 'missing closing )')
      this.unexpected()
    }
    return script
  }

  private is(...texts: readonly string[]): boolean {
    return this.token.kind === 'operator' && texts.includes(this.token.text)
  }

  private isWord(...texts: readonly string[]): boolean {
    return this.token.kind === 'word' && this.token.plain !== undefined && texts.includes(this.token.plain)
  }

  private atEnd(): boolean {
    return this.token.kind === 'end'
  }

  private move(): void {
    this.token = this.scanner.next()
  }

  private skipLines(): void {
    while (this.is('\n')) this.move()
  }

  private unexpected(): never {
    const { token } = this
    if (token.kind === 'end') throw new NoScript(token, 1, 'syntax error: unexpected end of the script')
    const text = token.kind === 'operator' ? token.text : (token.plain ?? '…')
    const shown = text === '\n' ? 'newline' : text
    if (['&', '<<', '(', '&>', '>|', ';;'].includes(text))
      throw new NoScript(token, text.length, `not supported in the shell: ${shown}`)
    throw new NoScript(token, text.length, `syntax error near unexpected token \`${shown}'`)
  }

  /** Up to one of `ends`, to a `)`, or to the end of the text. */
  private list(ends: readonly string[]): Script {
    const chains: Chain[] = []
    for (;;) {
      this.skipLines()
      if (this.atEnd() || this.is(')') || this.isWord(...ends)) return chains
      chains.push(this.chain())
      if (this.is(';')) this.move()
      else if (!this.is('\n', ')') && !this.atEnd()) this.unexpected()
    }
  }

  private body(ends: readonly string[]): Script {
    if (++this.depth > MOST_NESTED) throw new NoScript(this.token, 1, 'nested too deeply')
    const script = this.list(ends)
    this.depth--
    if (script.length === 0 || !this.isWord(...ends)) this.unexpected()
    return script
  }

  private chain(): Chain {
    const links: Chain['links'][number][] = [{ after: undefined, pipeline: this.pipeline() }]
    while (this.is('&&', '||')) {
      const after = this.is('&&') ? '&&' : '||'
      this.move()
      this.skipLines()
      links.push({ after, pipeline: this.pipeline() })
    }
    return { links }
  }

  private pipeline(): Pipeline {
    const { line, column } = this.token
    let negated = false
    while (this.isWord('!')) {
      negated = !negated
      this.move()
    }
    const commands = [this.command()]
    while (this.is('|')) {
      this.move()
      this.skipLines()
      commands.push(this.command())
    }
    return { negated, commands, line, column }
  }

  private command(): Command {
    const place: Place = { line: this.token.line, column: this.token.column }
    const { token } = this
    const plain = token.kind === 'word' ? token.plain : undefined
    if (plain !== undefined && UNSUPPORTED.includes(plain))
      throw new NoScript(place, plain.length, `not supported in the shell: ${plain}`)
    if (plain === undefined || !RESERVED.includes(plain)) return this.simple(place)
    this.move()
    switch (plain) {
      case '{':
        return { kind: 'group', body: this.until('}'), redirects: this.redirects(), ...place }
      case 'if':
        return this.conditional(place)
      case 'while':
      case 'until': {
        const condition = this.until('do')
        return {
          kind: 'while',
          until: plain === 'until',
          condition,
          body: this.until('done'),
          redirects: this.redirects(),
          ...place,
        }
      }
      case 'for':
        return this.loop(place)
      default:
        throw new NoScript(place, plain.length, `syntax error near unexpected token \`${plain}'`)
    }
  }

  /** A list, and the word that ends it. */
  private until(end: string): Script {
    const script = this.body([end])
    this.move()
    return script
  }

  private conditional(place: Place): Command {
    const branches: { condition: Script; body: Script }[] = []
    let otherwise: Script = []
    for (;;) {
      const condition = this.until('then')
      branches.push({ condition, body: this.body(['elif', 'else', 'fi']) })
      const more = this.isWord('elif')
      if (this.isWord('else')) {
        this.move()
        otherwise = this.body(['fi'])
      }
      this.move()
      if (!more) return { kind: 'if', branches, otherwise, redirects: this.redirects(), ...place }
    }
  }

  private loop(place: Place): Command {
    const name = this.token.kind === 'word' ? this.token.plain : undefined
    if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) this.unexpected()
    this.move()
    this.skipLines()
    if (!this.isWord('in')) this.unexpected()
    this.move()
    const items: Word[] = []
    for (; this.token.kind === 'word'; this.move()) items.push(this.token.word)
    if (!this.is(';', '\n')) this.unexpected()
    this.move()
    this.skipLines()
    if (!this.isWord('do')) this.unexpected()
    this.move()
    return { kind: 'for', name, items, body: this.until('done'), redirects: this.redirects(), ...place }
  }

  private redirects(): readonly Redirect[] {
    const redirects: Redirect[] = []
    while (this.is('<', '>', '>>', '>&', '<&')) redirects.push(this.redirect())
    return redirects
  }

  private redirect(): Redirect {
    const { token } = this
    if (token.kind !== 'operator') this.unexpected()
    const { text, number, line, column } = token
    const from = number === '' ? (text.startsWith('<') ? 0 : 1) : Number(number)
    if (from !== 0 && from !== 1 && from !== 2)
      throw new NoScript(token, 1, `not supported in the shell: file descriptor ${from}`)
    this.move()
    if (this.token.kind !== 'word') this.unexpected()
    const { word, plain = '' } = this.token
    if (!text.endsWith('&')) {
      if ((from === 0) !== (text === '<')) throw new NoScript(token, text.length, `not supported: ${from}${text}`)
      this.move()
      return { from, to: { kind: 'file', append: text === '>>', path: word }, line, column }
    }
    if (plain !== '1' && plain !== '2' && plain !== '-')
      throw new NoScript(this.token, Math.max(1, plain.length), `1, 2 or - must follow ${text}`)
    this.move()
    return { from, to: plain === '-' ? { kind: 'closed' } : { kind: 'same', as: plain === '1' ? 1 : 2 }, line, column }
  }

  private simple(place: Place): Command {
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      if (this.is('<', '>', '>>', '>&', '<&')) redirects.push(this.redirect())
      else if (this.token.kind === 'word') {
        const { word } = this.token
        const assigned = words.length === 0 ? assignment(word) : undefined
        if (assigned === undefined) words.push(word)
        else assignments.push(assigned)
        this.move()
      } else break
    }
    if (this.is('(', '&', '<<', '&>', '>|')) this.unexpected()
    if (words.length + assignments.length + redirects.length === 0) this.unexpected()
    return { kind: 'simple', assignments, words, redirects, ...place }
  }
}

/** `name=value`; the name is never quoted. */
function assignment(word: Word): { name: string; value: Word } | undefined {
  const [first, ...rest] = word.parts
  if (first?.kind !== 'text' || first.quoted) return undefined
  const [all, name] = /^([A-Za-z_]\w*)=/.exec(first.text) ?? []
  if (all === undefined || name === undefined) return undefined
  const text = first.text.slice(all.length)
  const parts = text === '' ? rest : [{ ...first, text }, ...rest]
  return { name, value: { parts, line: word.line, column: word.column } }
}
