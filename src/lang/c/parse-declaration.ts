/**
 * Declarations (C11 §6.7). Left out: `_Thread_local`, `_Complex`.
 *
 * A definition whose parameters are declared behind the parentheses is read as if their types stood inside.
 */

import type {
  Attributes,
  Declaration,
  Declarator,
  Derivation,
  Designator,
  EnumeratorSyntax,
  Expr,
  FunctionDefinition,
  InitDeclarator,
  Initialiser,
  Parameter,
  Specifiers,
  StaticAssertion,
  StorageClass,
  TypeName,
  TypeSpecifier,
} from './ast.ts'
import { type Cursor, keywords, span } from './cursor.ts'
import type { Grammar } from './grammar.ts'
import { MAX_TYPE_DEPTH } from './limits.ts'
import { readString } from './literals.ts'
import type { Token } from './token.ts'
import { ATOMIC, CONST, VOLATILE } from './types.ts'

const typeWords = new Set('void char short int long float double signed unsigned _Bool __signed__'.split(' '))
const storageWords = new Set('typedef extern static auto register'.split(' '))
const qualifierWords: Readonly<Record<string, number>> = {
  const: CONST,
  __const: CONST,
  volatile: VOLATILE,
  __volatile__: VOLATILE,
  __volatile: VOLATILE,
  _Atomic: ATOMIC,
  restrict: 0,
  __restrict: 0,
  __restrict__: 0,
}
const ignoredWords = new Set('inline __inline __inline__ _Noreturn __extension__'.split(' '))
const otherWords = new Set(
  'struct union enum typeof __typeof__ __typeof _Alignas __attribute__ __attribute __auto_type'.split(' '),
)
/** Attributes that would change what the program does. */
const refusedAttributes = new Set(
  'constructor destructor cleanup vector_size mode alias ifunc transparent_union scalar_storage_order'.split(' '),
)
const refused = new Set('_Thread_local __thread _Complex _Imaginary __int128'.split(' '))

/** Can a declaration or a type name start with this token? */
export function startsType(c: Cursor, token: Token): boolean {
  if (token.kind !== 'identifier') return false
  const word = token.text
  return (
    typeWords.has(word) ||
    storageWords.has(word) ||
    Object.hasOwn(qualifierWords, word) ||
    ignoredWords.has(word) ||
    otherWords.has(word) ||
    refused.has(word) ||
    c.isTypeName(token)
  )
}

const merged = (all: readonly Attributes[]): Attributes => ({
  aligned: all.flatMap((a) => a.aligned),
  packed: all.some((a) => a.packed),
  limit: Math.min(...all.map((a) => a.limit ?? Number.POSITIVE_INFINITY)),
})

/** Any number of `__attribute__((…))`; those that mean nothing here are read over. */
function parseAttributes(c: Cursor, g: Grammar): Attributes {
  const aligned: (Expr | TypeName | 'largest')[] = []
  let packed = false
  let limit = Number.POSITIVE_INFINITY
  while (c.accept('__attribute__') || c.accept('__attribute')) {
    c.expect('(', "after '__attribute__'")
    c.expect('(', "after '__attribute__('")
    while (!c.panicking && !c.is(')')) {
      const name = c.advance().text.replace(/^__(.*)__$/, '$1')
      if (name === 'packed') packed = true
      if (name.startsWith('__pack_')) limit = Number(name.slice(7))
      if (refusedAttributes.has(name)) c.fail(`attribute '${name}' is not supported`, c.previous)
      if (c.accept('(')) {
        if (name === 'aligned') aligned.push(g.assignment())
        else {
          while (!c.is(')') && c.token.kind !== 'end') {
            g.assignment()
            c.accept(',')
          }
        }
        c.expect(')', 'after the attribute')
      } else if (name === 'aligned') aligned.push('largest')
      if (!c.accept(',')) break
    }
    c.expect(')', 'after the attributes')
    c.expect(')', 'after the attributes')
  }
  return { aligned, packed, limit }
}

function parseSpecifiers(c: Cursor, g: Grammar): Specifiers {
  const start = c.token.at
  const words: string[] = []
  let type: TypeSpecifier | undefined
  let qualifiers = 0
  let storage: StorageClass | undefined
  const attributes: Attributes[] = []
  for (;;) {
    const { token } = c
    const word = token.kind === 'identifier' ? token.text : ''
    const typed = word === '_Atomic' && c.peek().text === '('
    if (Object.hasOwn(qualifierWords, word) && !typed) {
      qualifiers |= qualifierWords[word] ?? 0
      c.advance()
    } else if (storageWords.has(word)) {
      if (storage !== undefined) c.problems.error(token.at, `both '${storage}' and '${word}' in one declaration`)
      storage = word as StorageClass
      c.advance()
    } else if (ignoredWords.has(word)) c.advance()
    else if (word === '__attribute__' || word === '__attribute') attributes.push(parseAttributes(c, g))
    else if (word === '_Alignas') {
      c.advance()
      c.expect('(', "after '_Alignas'")
      attributes.push({ aligned: [startsType(c, c.token) ? g.typeName() : g.conditional()], packed: false })
      c.expect(')', 'after the alignment')
    } else if (refused.has(word)) {
      c.fail(`'${word}' is not supported`)
    } else if (typeWords.has(word)) {
      if (type !== undefined) c.fail(`'${word}' after a complete type`)
      words.push(word === '__signed__' ? 'signed' : word)
      c.advance()
      if (words.length > 8) c.fail('too many words for one type')
    } else if (type === undefined && words.length === 0) {
      if (word === 'struct' || word === 'union') type = parseRecord(c, g)
      else if (word === 'enum') type = parseEnum(c, g)
      else if (c.accept('__auto_type')) type = { kind: 'auto', at: token.at }
      else if (typed || /^(__)?typeof(__)?$/.test(word)) {
        if (typed) qualifiers |= ATOMIC
        c.advance()
        c.expect('(', `after '${word}'`)
        type = { kind: 'typeof', operand: startsType(c, c.token) ? g.typeName() : g.expression(), at: token.at }
        c.expect(')', 'after its operand')
      } else if (c.isTypeName(token)) {
        type = { kind: 'typedef', name: word, at: token.at }
        c.advance()
      } else break
    } else break
  }
  const at = span(start, c.previous)
  if (words.length > 0) type = { kind: 'words', words, at }
  return { type: type ?? { kind: 'none', at: c.token.at }, qualifiers, storage, attributes: merged(attributes), at }
}

function parseRecord(c: Cursor, g: Grammar): TypeSpecifier {
  const word = c.advance()
  const before = parseAttributes(c, g)
  const tag = c.atName ? c.advance() : undefined
  const at = tag?.at ?? word.at
  const union = word.text === 'union'
  if (!c.is('{')) {
    if (tag === undefined) c.fail(`expected a name or '{' after '${word.text}', found ${c.found}`)
    return { kind: 'record', union, tag: tag?.text, members: undefined, attributes: before, at }
  }
  return c.nested<TypeSpecifier>(
    () => {
      c.advance()
      const members: Declaration[] = []
      while (!c.is('}') && c.token.kind !== 'end') {
        if (c.accept(';')) continue
        if (c.is('_Static_assert')) {
          g.staticAssertion()
          continue
        }
        const before = c.position
        members.push(parseMember(c, g))
        if (!c.panicking) continue
        c.recover(false)
        if (c.position === before) c.advance()
      }
      c.expect('}', `to close the ${word.text}`)
      const attributes = merged([before, parseAttributes(c, g)])
      return { kind: 'record', union, tag: tag?.text, members, attributes, at }
    },
    () => ({ kind: 'none', at }),
  )
}

function parseMember(c: Cursor, g: Grammar): Declaration {
  const { at } = c.token
  const specifiers = parseSpecifiers(c, g)
  missingType(c, specifiers)
  const declarators: InitDeclarator[] = []
  if (!c.is(';')) {
    do {
      const declarator = c.is(':')
        ? { name: undefined, at: c.token.at, derivations: [] }
        : parseDeclarator(c, g, 'member')
      const width = c.accept(':') ? g.conditional() : undefined
      declarators.push({ declarator, attributes: parseAttributes(c, g), initialiser: undefined, width })
    } while (c.accept(','))
  }
  c.expect(';', 'after the member')
  return { kind: 'declaration', specifiers, declarators, at }
}

function parseEnum(c: Cursor, g: Grammar): TypeSpecifier {
  const word = c.advance()
  parseAttributes(c, g)
  const tag = c.atName ? c.advance() : undefined
  const at = tag?.at ?? word.at
  if (!c.accept('{')) {
    if (tag === undefined) c.fail(`expected a name or '{' after 'enum', found ${c.found}`)
    return { kind: 'enum', tag: tag?.text, enumerators: undefined, at }
  }
  const enumerators: EnumeratorSyntax[] = []
  while (!c.is('}') && !c.panicking) {
    if (!c.atName) {
      c.fail(`expected the name of an enumerator, found ${c.found}`)
      break
    }
    const name = c.advance()
    c.declare(name.text, false)
    enumerators.push({ name: name.text, at: name.at, value: c.accept('=') ? g.conditional() : undefined })
    if (!c.accept(',')) break
  }
  c.expect('}', 'to close the enum')
  parseAttributes(c, g)
  return { kind: 'enum', tag: tag?.text, enumerators, at }
}

/** Whether a name must, may or must not stand in the declarator. */
type Naming = 'variable' | 'member' | 'parameter' | 'none'

function parseDeclarator(c: Cursor, g: Grammar, naming: Naming): Declarator {
  const failed = (): Declarator => ({ name: undefined, at: c.token.at, derivations: [] })
  return c.nested(() => {
    const pointers: Derivation[] = []
    while (c.accept('*')) {
      let qualifiers = 0
      while (c.token.kind === 'identifier' && Object.hasOwn(qualifierWords, c.token.text)) {
        qualifiers |= qualifierWords[c.advance().text] ?? 0
      }
      pointers.unshift({ kind: 'pointer', qualifiers })
      if (pointers.length > MAX_TYPE_DEPTH) {
        c.fail(`a type of more than ${MAX_TYPE_DEPTH} levels`)
        return failed()
      }
    }
    parseAttributes(c, g)
    const inner = parseDirect(c, g, naming)
    const derivations = [...inner.derivations]
    for (;;) {
      const suffix = parseSuffix(c, g)
      if (suffix === undefined) break
      derivations.push(suffix)
      if (derivations.length > MAX_TYPE_DEPTH) {
        c.fail(`a type of more than ${MAX_TYPE_DEPTH} levels`)
        return failed()
      }
    }
    return { ...inner, derivations: [...derivations, ...pointers] }
  }, failed)
}

function parseDirect(c: Cursor, g: Grammar, naming: Naming): Declarator {
  const { token } = c
  if (c.is('(') && isInnerDeclarator(c)) {
    c.advance()
    const inner = parseDeclarator(c, g, naming)
    c.expect(')', 'after the declarator')
    return inner
  }
  if (c.atName && naming !== 'none') {
    c.advance()
    return { name: token.text, at: token.at, derivations: [] }
  }
  if (naming === 'variable' || naming === 'member') {
    const wrong = keywords.has(token.text) ? `; '${token.text}' is a keyword` : ''
    c.fail(`expected a name, found ${c.found}${wrong}`)
  }
  return { name: undefined, at: token.at, derivations: [] }
}

/** `(` opens a nested declarator, unless it opens a parameter list of a nameless function. */
function isInnerDeclarator(c: Cursor): boolean {
  const next = c.peek()
  if (next.text === '*' || next.text === '(' || next.text === '[') return true
  if (next.text.startsWith('__attribute')) return true
  return next.kind === 'identifier' && !keywords.has(next.text) && !c.isTypeName(next)
}

function parseSuffix(c: Cursor, g: Grammar): Derivation | undefined {
  const { at } = c.token
  if (c.accept('[')) {
    while (c.is('static') || (c.token.kind === 'identifier' && Object.hasOwn(qualifierWords, c.token.text))) c.advance()
    const length = c.is(']') ? undefined : g.assignment()
    c.expect(']', "after the array's length")
    return { kind: 'array', length, at: length?.at ?? at }
  }
  if (!c.accept('(')) return undefined
  const parameters: Parameter[] = []
  let variadic = false
  const bare = bareNames(c)
  if (bare > 0) {
    for (let i = 0; i < bare; i++) {
      const { at, text: name } = c.advance()
      c.advance()
      const type: TypeSpecifier = { kind: 'words', words: ['int'], at }
      const specifiers = { type, qualifiers: 0, storage: undefined, attributes: merged([]), at }
      parameters.push({ specifiers, declarator: { name, at, derivations: [] } })
    }
    return { kind: 'function', parameters, variadic, untyped: true, at }
  }
  c.pushScope()
  if (c.is('void') && c.peek().text === ')') c.advance()
  while (!c.is(')') && !c.panicking) {
    if (c.accept('...')) {
      variadic = true
      break
    }
    const specifiers = parseSpecifiers(c, g)
    missingType(c, specifiers)
    const declarator = parseDeclarator(c, g, 'parameter')
    parseAttributes(c, g)
    parameters.push({ specifiers, declarator })
    if (declarator.name !== undefined) c.declare(declarator.name, false)
    if (!c.accept(',')) break
    if (c.is(')')) c.fail("expected a parameter, found ')'")
  }
  c.popScope()
  c.expect(')', 'after the parameters')
  return { kind: 'function', parameters, variadic, at }
}

/** How many names stand here without types, `)` and a declaration behind them. */
function bareNames(c: Cursor): number {
  for (let i = 0; ; i += 2) {
    const name = c.peek(i)
    if (name.kind !== 'identifier' || keywords.has(name.text) || c.isTypeName(name)) return 0
    const { text } = c.peek(i + 1)
    if (text === ')') return startsType(c, c.peek(i + 2)) && !c.peek(i + 2).text.startsWith('__attr') ? i / 2 + 1 : 0
    if (text !== ',') return 0
  }
}

/** The declarations behind `f(a, b)`: the parameters with their types. */
function parameterTypes(c: Cursor, g: Grammar, untyped: readonly Parameter[]): readonly Parameter[] {
  const parameters = [...untyped]
  while (!c.panicking && !c.is('{') && startsType(c, c.token)) {
    const specifiers = parseSpecifiers(c, g)
    missingType(c, specifiers)
    do {
      const declarator = parseDeclarator(c, g, 'variable')
      const i = parameters.findIndex((p) => p.declarator.name === declarator.name)
      if (i >= 0) parameters[i] = { specifiers, declarator }
      else if (!c.panicking) c.problems.error(declarator.at, `'${declarator.name}' is none of the parameters`)
    } while (c.accept(','))
    c.expect(';', "after the parameters' types")
  }
  return parameters
}

function missingType(c: Cursor, specifiers: Specifiers): void {
  if (specifiers.type.kind !== 'none' || c.panicking) return
  const { text, kind } = c.token
  if (kind === 'identifier' && !keywords.has(text)) {
    // What follows is read as if the type were known: its names are then declared, and told of only once.
    c.problems.error(c.token.at, `unknown type name '${text}'`, c.suggestType(text))
    c.advance()
  } else c.fail(`expected a type, found ${c.found}`)
}

export function parseTypeName(c: Cursor, g: Grammar): TypeName {
  const { at } = c.token
  const specifiers = parseSpecifiers(c, g)
  missingType(c, specifiers)
  const declarator = parseDeclarator(c, g, 'none')
  return { kind: 'type', specifiers, declarator, at: span(at, c.previous) }
}

export function parseInitialiser(c: Cursor, g: Grammar): Initialiser {
  const { at } = c.token
  if (!c.is('{')) return { kind: 'expression', value: g.assignment(), at }
  return c.nested<Initialiser>(
    () => {
      c.advance()
      const items: { path: readonly Designator[]; value: Initialiser }[] = []
      while (!c.is('}') && !c.panicking) {
        const path: Designator[] = []
        while (c.is('.') || c.is('[')) path.push(parseDesignator(c, g))
        if (path.length > 0) c.expect('=', 'after the designator')
        items.push({ path, value: parseInitialiser(c, g) })
        if (!c.accept(',')) break
      }
      c.expect('}', 'to close the initialiser')
      return { kind: 'list', items, at }
    },
    () => ({ kind: 'list', items: [], at }),
  )
}

function parseDesignator(c: Cursor, g: Grammar): Designator {
  const { at } = c.token
  if (c.accept('[')) {
    const index = g.conditional()
    const to = c.accept('...') ? g.conditional() : undefined
    c.expect(']', 'after the index')
    return { kind: 'index', index, ...(to && { to }), at }
  }
  c.advance()
  const name = c.token
  if (c.atName) c.advance()
  else c.fail(`expected a member's name after '.', found ${c.found}`)
  return { kind: 'member', name: name.text, at: name.at }
}

export function parseStaticAssertion(c: Cursor, g: Grammar): StaticAssertion {
  const at = c.advance().at
  c.expect('(', "after '_Static_assert'")
  const condition = g.conditional()
  let message: string | undefined
  if (c.accept(',')) {
    if (c.token.kind !== 'string') c.fail(`expected a string, found ${c.found}`)
    const read = readString(c.advance().text)
    if (read.ok) message = new TextDecoder().decode(Uint8Array.from(read.value))
  }
  c.expect(')', 'after the assertion')
  c.expect(';', 'after the assertion')
  return { kind: 'assertion', condition, message, at }
}

/** A declaration; at file level (`outer`) also a function's definition. */
export function parseDeclaration(c: Cursor, g: Grammar, outer: boolean): Declaration | FunctionDefinition {
  const { at } = c.token
  const attributes = c.token.text.startsWith('__attribute')
  const specifiers = parseSpecifiers(c, g)
  // `__attribute__((fallthrough));`
  if (!attributes || !c.is(';')) missingType(c, specifiers)
  const declarators: InitDeclarator[] = []
  const result: Declaration = { kind: 'declaration', specifiers, declarators, at }
  if (c.accept(';') || c.panicking) return result
  do {
    let declarator = parseDeclarator(c, g, 'variable')
    if (declarator.name !== undefined) c.declare(declarator.name, specifiers.storage === 'typedef')
    const [own, ...others] = declarator.derivations
    if (outer && declarators.length === 0 && own?.kind === 'function' && own.untyped)
      declarator = {
        ...declarator,
        derivations: [{ ...own, parameters: parameterTypes(c, g, own.parameters) }, ...others],
      }
    if (outer && declarators.length === 0 && declarator.derivations[0]?.kind === 'function' && c.is('{')) {
      c.pushScope()
      for (const { declarator: p } of declarator.derivations[0].parameters) if (p.name) c.declare(p.name, false)
      const body = g.block()
      c.popScope()
      return { kind: 'function', specifiers, declarator, body, at }
    }
    if (c.accept('__asm__') || c.accept('asm')) c.fail("'asm' is not supported", c.previous)
    const attributes = parseAttributes(c, g)
    const initialiser = c.accept('=') ? g.initialiser() : undefined
    declarators.push({ declarator, attributes, initialiser, width: undefined })
  } while (c.accept(','))
  const first = declarators[0]?.declarator
  const isFunction = first?.derivations[0]?.kind === 'function'
  if (isFunction && c.is('{')) c.fail('a function cannot be defined inside a function or a list of declarations')
  else c.expect(';', isFunction && outer ? "or '{' after the function's declarator" : 'after the declaration')
  return result
}
