/**
 * Directives (C11 §6.10): includes of known headers, macros, conditions.
 *
 * Source lines between two directives are expanded as one run. Files of the person's own come from `own-files.ts`.
 * `#line` changes what `__LINE__` and `__FILE__` say; mistakes are told where they are.
 */

import { type Rare, rareOf } from './context.ts'
import { type Headers, headerOf } from './headers.ts'
import { lex } from './lexer.ts'
import { MAX_NESTING, MAX_TOKENS } from './limits.ts'
import { Macros } from './macro.ts'
import type { OwnFiles } from './own-files.ts'
import { didYouMean, type Problems } from './problems.ts'
import type { Place, Token } from './token.ts'

/** What a program may use. */
export interface Known {
  /** Headers that it may include. */
  readonly headers: Headers
  /** What the smallest programs do without. */
  readonly rare?: Rare | undefined
  /** Files of its own, which the text is the first of. */
  readonly own?: OwnFiles | undefined
}

interface Condition {
  readonly at: Place
  /** Lines between here and the next branch are read. */
  active: boolean
  /** A branch has been taken, or the whole is inside skipped lines. */
  done: boolean
  sawElse: boolean
}

/** Inside a skipped condition every further one is inactive, so the innermost tells. */
const reads = (conditions: readonly Condition[]): boolean => conditions.at(-1)?.active ?? true

class Preprocessor {
  readonly out: Token[] = []
  readonly problems: Problems
  /** What evaluates conditions; where it is absent, they are refused. */
  readonly rare: Rare | undefined
  private readonly macros: Macros
  private readonly included = new Set<string>()
  private readonly headers: Headers
  private readonly own: OwnFiles | undefined
  /** Of `#pragma pack`. */
  private readonly limits: number[] = [0]
  private run: Token[] = []

  constructor(problems: Problems, { headers, rare, own }: Known) {
    this.problems = problems
    this.rare = rare
    this.own = own
    this.headers = headers
    this.macros = new Macros(problems)
    this.read(lex(headers['builtins'] ?? ''), 0)
  }

  /** `__builtin_memcpy` needs no header: what declares memcpy is read first. */
  declareBuiltins(tokens: readonly Token[]): void {
    if (this.headers['builtins'] === undefined) return
    for (const { text, kind } of tokens) {
      if (kind !== 'identifier' || !text.startsWith('__builtin_') || this.macros.isDefined(text)) continue
      const header = headerOf(text.slice(10), this.headers)
      if (header === undefined || this.included.has(header)) continue
      this.included.add(header)
      this.read(lex(this.headers[header] ?? ''), 1)
    }
  }

  /** Read a file's tokens; `depth` counts includes. */
  read(tokens: readonly Token[], depth: number): void {
    const { presumed } = this.macros
    const conditions: Condition[] = []
    let i = 0
    while (i < tokens.length && !this.macros.exhausted && !this.problems.full) {
      const token = tokens[i]!
      if (token.first && token.text === '#' && token.kind === 'punctuator') {
        let end = i + 1
        while (end < tokens.length && !tokens[end]!.first) end++
        this.flush()
        this.directive(token, tokens.slice(i + 1, end), conditions, depth)
        i = end
      } else {
        if (token.kind !== 'end' && reads(conditions)) this.take(token)
        i++
      }
    }
    this.flush()
    this.macros.presumed = presumed
    const open = conditions.at(-1)
    if (open !== undefined) this.problems.error(open.at, 'this condition has no #endif')
  }

  /** What was read is not worth parsing: its complaints would hide the one that matters. */
  get tooMuch(): boolean {
    return this.macros.exhausted || this.out.length > MAX_TOKENS
  }

  private take(token: Token): void {
    if (token.problem !== undefined) this.problems.error(token.at, token.problem)
    else this.run.push(token)
  }

  private flush(): void {
    if (this.run.length === 0) return
    const expanded = this.macros.expand(this.run)
    const limit = this.limits.at(-1)
    const tokens = limit ? (this.rare?.withLimit(expanded, limit) ?? expanded) : expanded
    for (const token of tokens) this.out.push(token)
    if (this.out.length > MAX_TOKENS) this.problems.error(this.run[0]!.at, `more than ${MAX_TOKENS} tokens`)
    this.run = []
  }

  private directive(hash: Token, line: readonly Token[], conditions: Condition[], depth: number): void {
    const [name, ...rest] = line
    if (name === undefined) return
    const active = reads(conditions)
    switch (name.text) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const holds = active && this.test(name, rest, depth)
        conditions.push({ at: name.at, active: holds, done: holds || !active, sawElse: false })
        if (conditions.length > MAX_NESTING) this.problems.error(name.at, 'conditions nest too deeply')
        return
      }
      case 'elif':
      case 'else':
      case 'endif':
        return this.branch(name, rest, conditions, depth)
    }
    if (!active) return
    for (const token of line) if (token.problem !== undefined) return this.problems.error(token.at, token.problem)
    switch (name.text) {
      case 'define':
        return this.define(name, rest)
      case 'undef': {
        const macro = rest[0]
        if (macro?.kind !== 'identifier') return this.problems.error(name.at, '#undef needs a name')
        return this.macros.undefine(macro.text)
      }
      case 'include':
        return this.include(hash, name, rest, depth)
      case 'error':
        return this.problems.error(
          name.at,
          `#error ${rest
            .map((t) => (t.spaced ? ' ' : '') + t.text)
            .join('')
            .trim()}`,
        )
      case 'pragma':
        if (rest[0]?.text === 'pack') rareOf(this, name.at)?.pack(this.limits, name.at, rest.slice(1), this.problems)
        return
      case 'warning':
        return
      case 'line':
        return rareOf(this, name.at)?.renumber(this.macros, name.at, this.macros.expand(rest), this.problems)
      default: {
        const known = [
          'define',
          'undef',
          'include',
          'if',
          'ifdef',
          'ifndef',
          'elif',
          'else',
          'endif',
          'error',
          'line',
          'pragma',
        ]
        this.problems.error(name.at, `'#${name.text}' is no directive that is known here`, didYouMean(name.text, known))
      }
    }
  }

  private test(name: Token, rest: readonly Token[], depth: number): boolean {
    const macro = rest[0]
    if (name.text === 'if' || name.text === 'elif') return this.evaluate(name, rest)
    if (macro?.kind !== 'identifier') {
      this.problems.error(macro?.at ?? name.at, `#${name.text} needs a name`)
      return false
    }
    const defined = this.macros.isDefined(macro.text)
    // Without the rest, some of what gcc and the headers define is missing.
    if (!defined && depth === 0) rareOf(this, macro.at)
    return defined === (name.text === 'ifdef')
  }

  private evaluate(name: Token, rest: readonly Token[]): boolean {
    if (rest.length === 0) {
      this.problems.error(name.at, `#${name.text} needs a condition`)
      return false
    }
    const tokens: Token[] = []
    for (let i = 0; i < rest.length; i++) {
      const token = rest[i]!
      if (token.kind !== 'identifier' || token.text !== 'defined') {
        tokens.push(token)
        continue
      }
      const bracket = rest[i + 1]?.text === '('
      const macro = rest[i + (bracket ? 2 : 1)]
      if (macro?.kind !== 'identifier' || (bracket && rest[i + 3]?.text !== ')')) {
        this.problems.error(token.at, "'defined' needs a name")
        return false
      }
      tokens.push({ ...macro, kind: 'number', text: this.macros.isDefined(macro.text) ? '1' : '0' })
      i += bracket ? 3 : 1
    }
    return rareOf(this, name.at)?.conditionHolds(this.macros.expand(tokens), name.at, this.problems) ?? false
  }

  private branch(name: Token, rest: readonly Token[], conditions: Condition[], depth: number): void {
    const condition = conditions.at(-1)
    if (condition === undefined) return this.problems.error(name.at, `#${name.text} without #if`)
    if (name.text === 'endif') {
      conditions.pop()
      return
    }
    if (condition.sawElse) return this.problems.error(name.at, `#${name.text} after #else`)
    condition.sawElse = name.text === 'else'
    condition.active = !condition.done && (name.text === 'else' || this.test(name, rest, depth))
    condition.done ||= condition.active
  }

  private define(name: Token, rest: readonly Token[]): void {
    const [macro, ...after] = rest
    if (macro?.kind !== 'identifier') {
      return this.problems.error(macro?.at ?? name.at, 'a macro needs a name')
    }
    const open = after[0]
    if (open?.text !== '(' || open.spaced) {
      return this.macros.define({ name: macro.text, parameters: undefined, variadic: false, body: after })
    }
    const parameters: string[] = []
    let variadic = false
    let i = 1
    while (after[i] !== undefined && after[i]?.text !== ')') {
      const token = after[i]!
      const named = token.kind === 'identifier' && after[i + 1]?.text === '...'
      variadic = token.text === '...' || named
      if (token.kind !== 'identifier' && !variadic) {
        return this.problems.error(token.at, `expected a parameter's name, found '${token.text}'`)
      }
      const parameter = variadic && !named ? '__VA_ARGS__' : token.text
      if (parameters.includes(parameter)) {
        return this.problems.error(token.at, `two parameters are called '${token.text}'`)
      }
      parameters.push(parameter)
      i += named ? 2 : 1
      if (after[i]?.text === ',' && !variadic) i++
      else if (after[i]?.text !== ')') break
    }
    if (after[i]?.text !== ')') {
      return this.problems.error(
        after[i]?.at ?? macro.at,
        `the parameters of macro '${macro.text}' have no closing ')'`,
      )
    }
    this.macros.define({ name: macro.text, parameters, variadic, body: after.slice(i + 1) })
  }

  private include(hash: Token, name: Token, rest: readonly Token[], depth: number): void {
    const tokens = rest[0]?.kind === 'identifier' ? this.macros.expand(rest) : rest
    const spelled = tokens.map((t, i) => (i > 0 && t.spaced ? ' ' : '') + t.text).join('')
    const file = /^<([^<>]*)>$|^"([^"]*)"$/.exec(spelled)
    const wanted = file?.[1] ?? file?.[2]
    const first = rest[0]
    const last = rest.at(-1)
    if (wanted === undefined || first === undefined || last === undefined) {
      return this.problems.error(first?.at ?? name.at, '#include needs <header> or "header"')
    }
    const at = { ...first.at, length: last.at.column + last.at.length - first.at.column }
    const own = file?.[2] === undefined ? undefined : this.own?.open(wanted, at, depth, this.problems)
    if (own !== undefined) return this.read(own, depth + 1)
    const { headers } = this
    const text = Object.hasOwn(headers, wanted) ? headers[wanted] : undefined
    if (text === undefined) {
      const known = Object.keys(headers)
      const hint = didYouMean(wanted, known) ?? `the headers that exist here: ${known.join(', ')}`
      return this.problems.error(at, `there is no header '${wanted}'`, hint)
    }
    // assert.h is read again on purpose: NDEBUG may have changed.
    if ((this.included.has(wanted) && wanted !== 'assert.h') || depth > 8) return
    this.included.add(wanted)
    this.read(
      lex(text).map((token) => ({ ...token, at: hash.at })),
      depth + 1,
    )
  }
}

/** Program text → tokens for the parser, directives carried out and macros expanded. */
export function preprocess(text: string, problems: Problems, known: Known): readonly Token[] {
  const { own } = known
  const preprocessor = new Preprocessor(problems, known)
  const tokens = lex(text)
  preprocessor.declareBuiltins(tokens)
  preprocessor.read(tokens, 0)
  own?.finish(problems)
  const end = tokens.at(-1)!
  return preprocessor.tooMuch ? [end] : [...preprocessor.out, end]
}
