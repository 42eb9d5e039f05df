/**
 * Patterns of the shell (globs) and of grep (POSIX basic and extended expressions), matched by walking all possibilities
 * at once: time is text × pattern, whatever the pattern.
 *
 * Left out: back references, named classes but the usual ones, counted repetition.
 */

import { err, ok, type Result } from '../../../base/result.ts'

type Class = (char: string) => boolean

/** Either takes a character, or leads on without one. */
type Node =
  | { readonly kind: 'char'; readonly takes: Class; to: number }
  | { readonly kind: 'split'; to: number; or: number }
  | { readonly kind: 'start' | 'finish'; to: number }
  | { readonly kind: 'match' }

export class Pattern {
  private readonly nodes: readonly Node[]
  private readonly first: number

  constructor(nodes: readonly Node[], first: number) {
    this.nodes = nodes
    this.first = first
  }

  /** Does it fit from the beginning to the end? */
  fits(text: string): boolean {
    return this.run(text, true)
  }

  /** Is it anywhere in there? */
  within(text: string): boolean {
    return this.run(text, false)
  }

  private run(text: string, whole: boolean): boolean {
    let states = new Set<number>()
    for (let at = 0; ; at++) {
      if (at === 0 || !whole) this.enter(states, this.first, at, text.length)
      const matched = [...states].some((state) => this.nodes[state]?.kind === 'match')
      if (matched && (!whole || at === text.length)) return true
      if (at >= text.length) return false
      const next = new Set<number>()
      for (const state of states) {
        const node = this.nodes[state]
        if (node?.kind === 'char' && node.takes(text[at] as string)) this.enter(next, node.to, at + 1, text.length)
      }
      states = next
    }
  }

  private enter(states: Set<number>, first: number, at: number, length: number): void {
    const waiting = [first]
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      const node = this.nodes[state]
      if (node === undefined || states.has(state)) continue
      states.add(state)
      if (node.kind === 'split') waiting.push(node.to, node.or)
      else if ((node.kind === 'start' && at === 0) || (node.kind === 'finish' && at === length)) waiting.push(node.to)
    }
  }
}

const any: Class = () => true

/** `escaped`: a character after a backslash stands for itself. */
export function globPattern(glob: string): Pattern {
  const build = new Builder()
  const pieces: Fragment[] = []
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string
    const set = char === '[' ? readSet(glob, at, '!') : undefined
    if (set !== undefined) {
      pieces.push(build.char(set.takes))
      at = set.end
    } else if (char === '*') pieces.push(build.star(build.char(any)))
    else if (char === '?') pieces.push(build.char(any))
    else {
      const literal = char === '\\' ? (glob[++at] ?? '\\') : char
      pieces.push(build.char((each) => each === literal))
    }
  }
  return build.whole(pieces)
}

/** A text as it stands. */
export function fixedPattern(text: string, fold: boolean): Pattern {
  const build = new Builder()
  return build.whole([...text].map((char) => build.char(literal(char, fold))))
}

export function expression(source: string, extended: boolean, fold: boolean): Result<Pattern, string> {
  try {
    return ok(new Expression(source, extended, fold).whole())
  } catch (reason) {
    if (reason instanceof BadExpression) return err(reason.message)
    throw reason
  }
}

class BadExpression extends Error {}

function literal(char: string, fold: boolean): Class {
  if (!fold) return (each) => each === char
  const lower = char.toLowerCase()
  return (each) => each.toLowerCase() === lower
}

/** Where it begins, and who hears where to go on. */
interface Fragment {
  readonly first: number
  connect(to: number): void
}

class Builder {
  private readonly nodes: Node[] = []

  char(takes: Class): Fragment {
    return this.single({ kind: 'char', takes, to: -1 })
  }

  anchor(kind: 'start' | 'finish'): Fragment {
    return this.single({ kind, to: -1 })
  }

  nothing(): Fragment {
    return this.single({ kind: 'split', to: -1, or: -1 })
  }

  star(inner: Fragment): Fragment {
    const node = { kind: 'split' as const, to: inner.first, or: -1 }
    const first = this.nodes.push(node) - 1
    inner.connect(first)
    return {
      first,
      connect: (to) => {
        node.or = to
      },
    }
  }

  plus(inner: Fragment): Fragment {
    const rest = this.star(inner)
    return { first: inner.first, connect: (to) => rest.connect(to) }
  }

  maybe(inner: Fragment): Fragment {
    return this.either(inner, this.nothing())
  }

  either(a: Fragment, b: Fragment): Fragment {
    const first = this.nodes.push({ kind: 'split', to: a.first, or: b.first }) - 1
    return {
      first,
      connect: (to) => {
        a.connect(to)
        b.connect(to)
      },
    }
  }

  sequence(pieces: readonly Fragment[]): Fragment {
    const [head = this.nothing(), ...rest] = pieces
    let last = head
    for (const next of rest) {
      last.connect(next.first)
      last = next
    }
    const end = last
    return { first: head.first, connect: (to) => end.connect(to) }
  }

  whole(pieces: readonly Fragment[]): Pattern {
    const all = this.sequence(pieces)
    all.connect(this.nodes.push({ kind: 'match' }) - 1)
    return new Pattern(this.nodes, all.first)
  }

  private single(node: Exclude<Node, { kind: 'match' }>): Fragment {
    const first = this.nodes.push(node) - 1
    return {
      first,
      connect: (to) => {
        node.to = to
      },
    }
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\r\f\v]/,
  blank: /[ \t]/,
  xdigit: /[0-9A-Fa-f]/,
  punct: /[!-/:-@[-`{-~]/,
}

/** `[a-z]` from `at`; undefined when no bracket closes it. */
function readSet(source: string, at: number, not: string): { takes: Class; end: number } | undefined {
  let from = at + 1
  const negated = source[from] === not || source[from] === '^'
  if (negated) from++
  const tests: Class[] = []
  for (let i = from; i < source.length; i++) {
    if (source[i] === ']' && i > from) {
      const takes: Class = (char) => tests.some((test) => test(char)) !== negated
      return { takes, end: i }
    }
    const [all, name = ''] = /^\[:(\w+):\]/.exec(source.slice(i, i + 12)) ?? []
    const named = CLASSES[name]
    if (all !== undefined && named !== undefined) {
      tests.push((char) => named.test(char))
      i += all.length - 1
      continue
    }
    const low = source[i] as string
    const range = source[i + 1] === '-' && source[i + 2] !== undefined && source[i + 2] !== ']'
    const high = range ? (source[i + 2] as string) : low
    tests.push((char) => char >= low && char <= high)
    if (range) i += 2
  }
  return undefined
}

/** Groups in groups after which a text is taken for an attack. */
const MOST_NESTED = 100

class Expression {
  private readonly source: string
  private readonly extended: boolean
  private readonly fold: boolean
  private readonly build = new Builder()
  private at = 0
  private depth = 0

  constructor(source: string, extended: boolean, fold: boolean) {
    this.source = source
    this.extended = extended
    this.fold = fold
  }

  whole(): Pattern {
    const all = this.alternatives()
    if (this.at < this.source.length) throw new BadExpression(`Unmatched ) or \\)`)
    return this.build.whole([all])
  }

  /** Is the operator here? In basic expressions it is written with a backslash. */
  private operator(sign: string): boolean {
    return this.extended ? this.source[this.at] === sign : this.source.startsWith(`\\${sign}`, this.at)
  }

  private take(): void {
    this.at += this.extended ? 1 : 2
  }

  private alternatives(): Fragment {
    let all = this.branch()
    while (this.operator('|')) {
      this.take()
      all = this.build.either(all, this.branch())
    }
    return all
  }

  private branch(): Fragment {
    const pieces: Fragment[] = []
    while (this.at < this.source.length && !this.operator('|') && !this.operator(')')) {
      let piece = this.piece(pieces.length === 0)
      for (;;) {
        if (this.source[this.at] === '*') {
          this.at++
          piece = this.build.star(piece)
        } else if (this.operator('+')) {
          this.take()
          piece = this.build.plus(piece)
        } else if (this.operator('?')) {
          this.take()
          piece = this.build.maybe(piece)
        } else if (this.operator('{')) throw new BadExpression('not supported: {…} in an expression')
        else break
      }
      pieces.push(piece)
    }
    return this.build.sequence(pieces)
  }

  private piece(first: boolean): Fragment {
    const { build, source } = this
    if (this.operator('(')) {
      this.take()
      if (++this.depth > MOST_NESTED) throw new BadExpression('Regular expression too big')
      const inner = this.alternatives()
      this.depth--
      if (!this.operator(')')) throw new BadExpression('Unmatched ( or \\(')
      this.take()
      return inner
    }
    const char = source[this.at++] as string
    if (char === '^' && (first || this.extended)) return build.anchor('start')
    const ends = this.at === source.length || this.operator(')') || this.operator('|')
    if (char === '$' && (ends || this.extended)) return build.anchor('finish')
    if (char === '.') return build.char(any)
    if (char === '[') {
      const set = readSet(source, this.at - 1, '^')
      if (set === undefined) throw new BadExpression('Unmatched [, [^, [:, [., or [=')
      this.at = set.end + 1
      if (!this.fold) return build.char(set.takes)
      return build.char((each) => set.takes(each.toLowerCase()) || set.takes(each.toUpperCase()))
    }
    if (char !== '\\') return build.char(literal(char, this.fold))
    const next = source[this.at++]
    if (next === undefined) throw new BadExpression('Trailing backslash')
    if (next === 'w') return build.char((each) => /\w/.test(each))
    if (next === 's') return build.char((each) => /\s/.test(each))
    return build.char(literal(next, this.fold))
  }
}
