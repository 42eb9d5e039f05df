/**
 * Macros: definition, and expansion by Prosser's algorithm (hide sets), which C11 §6.10.3 describes in prose.
 *
 * A token from a macro's body gets the place where the macro was used; a token from an argument keeps its own.
 */

import { lex } from './lexer.ts'
import { MAX_NESTING, MAX_SPELLING, MAX_TOKENS } from './limits.ts'
import type { Problems } from './problems.ts'
import type { Place, Token } from './token.ts'

export interface Macro {
  readonly name: string
  /** Undefined for an object-like macro. */
  readonly parameters: readonly string[] | undefined
  /** The last parameter is `...` and is called `__VA_ARGS__`. */
  readonly variadic: boolean
  readonly body: readonly Token[]
}

/** What `__LINE__` adds to the line, and what `__FILE__` is. */
interface Presumed {
  readonly by: number
  readonly file: string
}

const none: ReadonlySet<string> = new Set()

const withText = (token: Token, kind: Token['kind'], text: string): Token => ({
  ...token,
  kind,
  text,
  problem: undefined,
})

/** `#arg`: the argument's spelling as a string literal. */
function stringize(tokens: readonly Token[], like: Token): Token {
  let text = ''
  for (const [i, token] of tokens.entries()) {
    if (text.length > MAX_SPELLING) break
    if (i > 0 && token.spaced) text += ' '
    text += token.kind === 'string' || token.kind === 'character' ? token.text.replace(/["\\]/g, '\\$&') : token.text
  }
  return withText(like, 'string', `"${text}"`)
}

export class Macros {
  private readonly table = new Map<string, Macro>()
  private readonly problems: Problems
  presumed: Presumed = { by: 0, file: '"program.c"' }
  private produced = 0
  private counter = 0
  private depth = 0
  private stopped = false

  constructor(problems: Problems) {
    this.problems = problems
  }

  define(macro: Macro): void {
    this.table.set(macro.name, macro)
  }

  undefine(name: string): void {
    this.table.delete(name)
  }

  isDefined(name: string): boolean {
    return this.table.has(name) || name === '__LINE__' || name === '__FILE__' || name === '__COUNTER__'
  }

  names(): Iterable<string> {
    return this.table.keys()
  }

  /** True when expansion has produced so much that the rest is not worth reading. */
  get exhausted(): boolean {
    return this.stopped || this.produced > MAX_TOKENS
  }

  expand(tokens: readonly Token[]): Token[] {
    const out: Token[] = []
    const work = tokens.toReversed()
    for (let token = work.pop(); token !== undefined; token = work.pop()) {
      if (this.exhausted) return out
      if (token.kind !== 'identifier' || token.hidden?.has(token.text)) {
        out.push(token)
        continue
      }
      const replaced = this.replace(token, work)
      if (replaced === undefined) out.push(token)
      else {
        this.count(replaced.length, token.at)
        for (let i = replaced.length - 1; i >= 0; i--) work.push(replaced[i]!)
      }
    }
    return out
  }

  private count(n: number, at: Place): void {
    const before = this.exhausted
    this.produced += n + 1
    if (this.exhausted && !before) this.problems.error(at, `macros expand to more than ${MAX_TOKENS} tokens`)
  }

  /** What the macro at `token` becomes; takes its arguments from `work`. Undefined when it is no macro use. */
  private replace(token: Token, work: Token[]): Token[] | undefined {
    if (token.text === '__LINE__') return [withText(token, 'number', String(token.at.line + this.presumed.by))]
    if (token.text === '__COUNTER__') return [withText(token, 'number', String(this.counter++))]
    if (token.text === '__FILE__') return [withText(token, 'string', this.presumed.file)]
    const macro = this.table.get(token.text)
    if (macro === undefined) return undefined
    if ((token.hidden?.size ?? 0) >= MAX_NESTING) {
      this.stopped = true
      this.problems.error(token.at, `macro '${macro.name}' nests more than ${MAX_NESTING} levels deep`)
      return undefined
    }
    if (macro.parameters === undefined) {
      return this.substitute(macro, [], token, new Set([...(token.hidden ?? none), macro.name]))
    }
    if (work.at(-1)?.text !== '(' || work.at(-1)?.kind !== 'punctuator') return undefined
    const read = this.readArguments(macro, token, work)
    // What stands in for the use keeps an expression whole, so that nothing else is complained about.
    if (read === undefined) return [withText(token, 'number', '0')]
    const common = [...(token.hidden ?? none)].filter((name) => read.close.hidden?.has(name))
    return this.substitute(macro, read.args, token, new Set([...common, macro.name]))
  }

  private readArguments(macro: Macro, token: Token, work: Token[]): { args: Token[][]; close: Token } | undefined {
    const parameters = macro.parameters ?? []
    const args: Token[][] = [[]]
    work.pop()
    let depth = 0
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      this.count(0, token.at)
      if (this.exhausted) return undefined
      const text = next.kind === 'punctuator' ? next.text : ''
      if (text === ')' && depth === 0) {
        if (parameters.length === 0 && args.length === 1 && args[0]!.length === 0) args.pop()
        if (macro.variadic && args.length === parameters.length - 1) args.push([])
        if (args.length === parameters.length) return { args, close: next }
        const wanted = `${parameters.length} argument${parameters.length === 1 ? '' : 's'}`
        this.problems.error(token.at, `macro '${macro.name}' takes ${wanted}, ${args.length} given`)
        return undefined
      }
      if (text === '(') depth++
      if (text === ')') depth--
      if (text === ',' && depth === 0 && !(macro.variadic && args.length === parameters.length)) args.push([])
      else args.at(-1)!.push(next)
    }
    this.problems.error(token.at, `the arguments of macro '${macro.name}' have no closing ')'`)
    return undefined
  }

  private substitute(macro: Macro, args: Token[][], use: Token, hidden: ReadonlySet<string>): Token[] {
    const out: Token[] = []
    const expanded: (Token[] | undefined)[] = []
    const argument = (token: Token | undefined): number =>
      token?.kind === 'identifier' ? (macro.parameters?.indexOf(token.text) ?? -1) : -1
    const full = (index: number): Token[] => {
      const known = expanded[index]
      if (known !== undefined) return known
      if (this.depth >= MAX_NESTING) {
        this.stopped = true
        this.problems.error(use.at, `macro arguments nest more than ${MAX_NESTING} levels deep`)
        return []
      }
      this.depth++
      const result = this.expand(args[index] ?? [])
      this.depth--
      expanded[index] = result
      return result
    }
    const own = (token: Token): Token => ({ ...token, at: use.at, first: false })
    const body = macro.body
    for (let i = 0; i < body.length && !this.exhausted; i++) {
      const token = body[i]!
      const next = body[i + 1]
      if (token.text === '#' && token.kind === 'punctuator' && macro.parameters !== undefined && argument(next) >= 0) {
        const made = stringize(args[argument(next)] ?? [], own(token))
        this.limit(made.text, use.at)
        out.push({ ...made, spaced: token.spaced })
        i++
      } else if (token.text === '##' && token.kind === 'punctuator' && out.length > 0 && next !== undefined) {
        const index = argument(next)
        const right = index >= 0 ? (args[index] ?? []) : [own(next)]
        const head = right[0]
        // gcc: `, ## __VA_ARGS__` drops the comma when there are none, and pastes nothing when there are.
        const rest = macro.variadic && index === (macro.parameters?.length ?? 0) - 1 && out.at(-1)?.text === ','
        if (rest) {
          if (head === undefined) out.pop()
          out.push(...right)
        } else if (head !== undefined) {
          const left = out.pop()!
          out.push(left.text === '' ? head : this.paste(left, head), ...right.slice(1))
        }
        i++
      } else if (argument(token) >= 0) {
        const raw = next?.text === '##'
        const tokens = raw ? (args[argument(token)] ?? []) : full(argument(token))
        this.count(tokens.length, use.at)
        for (const [k, t] of tokens.entries()) out.push(k === 0 ? { ...t, spaced: token.spaced } : t)
        if (raw && tokens.length === 0) out.push(withText(own(token), 'other', ''))
      } else out.push(own(token))
    }
    return out
      .filter((t) => t.text !== '')
      .map((t) => ({ ...t, first: false, hidden: t.hidden === undefined ? hidden : new Set([...t.hidden, ...hidden]) }))
  }

  private limit(text: string, at: Place): void {
    if (text.length <= MAX_SPELLING) return
    this.stopped = true
    this.problems.error(at, `a macro makes a token of more than ${MAX_SPELLING} characters`)
  }

  private paste(left: Token, right: Token): Token {
    const text = left.text + right.text
    this.limit(text, left.at)
    if (this.stopped) return left
    const [token, end] = lex(text)
    if (token === undefined || end?.kind !== 'end' || token.problem !== undefined) {
      this.problems.error(left.at, `'##' makes '${text}' of '${left.text}' and '${right.text}', which is no token`)
      return left
    }
    return withText(left, token.kind, text)
  }
}
