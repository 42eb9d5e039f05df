/** Declarations and function definitions → symbols (C11 §6.7, §6.9). */

import type { Attributes, Declaration, Declarator, FunctionDefinition, InitDeclarator, StaticAssertion } from './ast.ts'
import { adjusted, alignment, baseType, declaredType, requireComplete } from './check-type.ts'
import { type Context, newLocal, rareOf } from './context.ts'
import { rvalue } from './conversions.ts'
import { staticValue } from './fold.ts'
import { MAX_ALIGN, MOST_ASKED } from './limits.ts'
import type { Place } from './token.ts'
import type { FunctionSymbol, GlobalVariable, InitItem, LocalVariable, Step } from './tree.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

const twice = (c: Context, name: string, at: Place, hint?: string): void =>
  c.problems.error(at, `'${name}' is declared twice`, hint)

/** Computations that come before what depends on them. */
const sizes = (c: Context): readonly Step[] =>
  c.sizes.splice(0).map((value): Step => ({ kind: 'expression', value, at: value.at }))

/** One declaration, at file level or in a block; the result is what running into it does. */
export function checkDeclaration(c: Context, declaration: Declaration): readonly Step[] {
  const { specifiers } = declaration
  const steps: Step[] = []
  const one = specifiers.type.kind === 'auto' ? undefined : baseType(c, specifiers)
  for (const item of declaration.declarators) {
    const { declarator, initialiser } = item
    const base =
      one ??
      (initialiser?.kind === 'expression'
        ? T.qualified(T.unqualified(rvalue(c.expression(initialiser.value)).type), specifiers.qualifiers)
        : baseType(c, specifiers))
    const type = declaredType(c, base, declarator)
    steps.push(...sizes(c))
    if (T.isModified(type) && c.current !== undefined) {
      const { modified: before } = c.current
      c.current.modified = { before, depth: (before?.depth ?? 0) + 1 }
    }
    if (declarator.name === undefined) continue
    if (specifiers.storage === 'typedef') defineType(c, declarator.name, type, item, specifiers.attributes)
    else if (type.kind === 'function') {
      declareFunction(c, declarator.name, type, declarator.at)
      if (item.initialiser) c.problems.error(item.initialiser.at, 'a function cannot have an initialiser')
    } else if (c.scopes.outermost) globalVariable(c, declarator.name, type, item, declaration)
    else if (specifiers.storage === 'static' || specifiers.storage === 'extern') {
      innerStatic(c, declarator.name, type, item, declaration)
    } else steps.push(...localVariable(c, declarator.name, type, item, declaration))
  }
  return steps
}

function defineType(c: Context, name: string, plain: T.CType, item: InitDeclarator, outer: Attributes): void {
  const { declarator, initialiser, attributes } = item
  const aligned = [...outer.aligned, ...attributes.aligned]
  // Unlike that of an object, this attribute can also lower the alignment.
  const type = aligned.length === 0 ? plain : { ...plain, align: alignment(c, { aligned, packed: false }) }
  if (initialiser) c.problems.error(initialiser.at, 'a typedef cannot have an initialiser')
  const before = c.scopes.nameHere(name)
  if (before !== undefined && !(before.kind === 'typedef' && T.compatible(before.type, type))) {
    twice(c, name, declarator.at)
  }
  c.scopes.declare(name, { kind: 'typedef', type })
}

function declareFunction(c: Context, name: string, type: T.FunctionType, at: Place): FunctionSymbol {
  const known = c.scopes.fileLevelName(name)
  if (known?.kind === 'function') {
    if (!T.compatible(known.type, type)) {
      c.problems.error(at, `'${name}' was declared as '${typeName(known.type)}', now as '${typeName(type)}'`)
    }
    c.scopes.declare(name, known)
    return known
  }
  if (known !== undefined || c.scopes.nameHere(name) !== undefined) twice(c, name, at)
  const symbol: FunctionSymbol = { kind: 'function', name, type, at, definition: undefined, used: undefined, index: -1 }
  c.functions.push(symbol)
  c.scopes.declareAtFileLevel(name, symbol)
  if (!c.scopes.outermost) c.scopes.declare(name, symbol)
  return symbol
}

const declaredAlignment = (c: Context, all: readonly Attributes[]): number =>
  Math.max(...all.map((a) => alignment(c, a)))

function newGlobal(c: Context, name: string, type: T.CType, align: number, at: Place): GlobalVariable {
  const variable: GlobalVariable = {
    kind: 'global',
    name,
    type,
    align,
    at,
    defined: false,
    initialiser: undefined,
    address: 0,
  }
  c.globals.push(variable)
  return variable
}

function globalVariable(c: Context, name: string, type: T.CType, item: InitDeclarator, declaration: Declaration): void {
  const { at } = item.declarator
  const known = c.scopes.nameHere(name)
  if (known !== undefined && known.kind !== 'global') return twice(c, name, at)
  if (known !== undefined && !T.compatible(known.type, type)) {
    c.problems.error(at, `'${name}' was declared as '${typeName(known.type)}', now as '${typeName(type)}'`)
    return
  }
  const variable = known ?? newGlobal(c, name, type, 1, at)
  if (known?.type.kind === 'array' && known.type.length === undefined) known.type = type
  variable.align = Math.max(variable.align, declaredAlignment(c, [declaration.specifiers.attributes, item.attributes]))
  c.scopes.declare(name, variable)
  if (item.initialiser !== undefined) {
    if (variable.initialiser !== undefined) twice(c, name, at, `it already has a value, from line ${variable.at.line}`)
    initialiseGlobal(c, variable, item)
  }
  if (declaration.specifiers.storage !== 'extern') variable.defined = true
  if (type.kind === 'void') requireComplete(c, type, at, `'${name}'`)
}

function initialiseGlobal(c: Context, variable: GlobalVariable, item: InitDeclarator): void {
  if (item.initialiser === undefined) return
  const { type, items } = c.initialise(variable.type, item.initialiser, item.declarator.at)
  variable.type = type
  fillGlobal(c, variable, items)
}

function fillGlobal(c: Context, variable: GlobalVariable, items: readonly InitItem[]): void {
  variable.initialiser = items
  variable.defined = true
  for (const { value, type: part } of items) {
    if ((value.kind === 'string' && part.kind === 'array') || staticValue(value) !== undefined) continue
    if (value.kind === 'error') continue
    c.problems.error(value.at, `the initial value of '${variable.name}' must be known before the program runs`)
  }
}

/** A nameless object of the whole program's life. */
export function staticObject(c: Context, type: T.CType, items: readonly InitItem[], at: Place): GlobalVariable {
  const variable = newGlobal(c, '', type, T.alignOf(type), at)
  fillGlobal(c, variable, items)
  return variable
}

function innerStatic(c: Context, name: string, type: T.CType, item: InitDeclarator, declaration: Declaration): void {
  const { at } = item.declarator
  if (c.scopes.nameHere(name) !== undefined) twice(c, name, at)
  if (declaration.specifiers.storage === 'extern') {
    const known = c.scopes.fileLevelName(name)
    const variable = known?.kind === 'global' ? known : newGlobal(c, name, type, 1, at)
    if (known === undefined) c.scopes.declareAtFileLevel(name, variable)
    c.scopes.declare(name, variable)
    return
  }
  const align = declaredAlignment(c, [declaration.specifiers.attributes, item.attributes])
  if (T.isModified(type)) c.problems.error(at, `'${name}' lives as long as the program: its size must be constant`)
  const variable = newGlobal(c, name, type, align, at)
  c.scopes.declare(name, variable)
  variable.defined = true
  initialiseGlobal(c, variable, item)
  requireComplete(c, variable.type, at, `'${name}'`)
}

function localVariable(
  c: Context,
  name: string,
  declared: T.CType,
  item: InitDeclarator,
  declaration: Declaration,
): readonly Step[] {
  const { at } = item.declarator
  if (c.scopes.nameHere(name) !== undefined) twice(c, name, at)
  const align = declaredAlignment(c, [declaration.specifiers.attributes, item.attributes])
  if (align > MAX_ALIGN) c.problems.error(at, `a local variable can be aligned to at most ${MAX_ALIGN} bytes`)
  if (declared.kind === 'array' && declared.extent !== undefined)
    return rareOf(c, at)?.declare(c, name, declared, align, item) ?? []
  // The variable is in scope in its own initialiser; only an array without length gets its type from there.
  const open = declared.kind === 'array' && declared.length === undefined
  const early = open ? undefined : declareLocal(c, name, declared, align, at)
  if (item.initialiser === undefined) {
    if (open) c.problems.error(at, `array '${name}' needs a length or an initialiser`)
    if (open) c.scopes.declare(name, newLocal(c, name, T.errorType, 1, true))
    if (early === undefined || T.sizeOf(early.type) > MOST_ASKED || rareOf(c, at) === undefined) return []
    c.current?.unset.push(early)
    return [{ kind: 'unset', variable: early, at }]
  }
  const { type, items } = c.initialise(declared, item.initialiser, at)
  const variable = early ?? declareLocal(c, name, type, align, at)
  return [{ kind: 'initialise', variable, items, at }]
}

function declareLocal(c: Context, name: string, type: T.CType, align: number, at: Place): LocalVariable {
  requireComplete(c, type, at, `'${name}'`)
  const complete = T.isComplete(type) ? type : T.errorType
  const inMemory = !T.isScalar(complete) || (complete.qualifiers & (T.VOLATILE | T.ATOMIC)) !== 0
  const variable = newLocal(c, name, complete, Math.max(align, T.alignOf(complete)), inMemory)
  c.scopes.declare(name, variable)
  return variable
}

/** A function's definition; `body` checks its statements. */
export function checkFunction(c: Context, definition: FunctionDefinition, body: () => Step): void {
  const { declarator, specifiers } = definition
  const type = declaredType(c, baseType(c, specifiers), declarator)
  const derivation = declarator.derivations[0]
  if (declarator.name === undefined || derivation?.kind !== 'function') return
  if (specifiers.storage === 'typedef') c.problems.error(declarator.at, 'a typedef cannot have a body')
  const usable = type.kind === 'function' ? type : T.functionOf(T.errorType, [], false)
  const symbol = declareFunction(c, declarator.name, usable, declarator.at)
  if (symbol.definition !== undefined)
    twice(c, declarator.name, declarator.at, `it is defined in line ${symbol.at.line}`)
  symbol.at = declarator.at
  if (usable.returns.kind !== 'void')
    requireComplete(c, usable.returns, declarator.at, `the result of '${declarator.name}'`)
  const locals: LocalVariable[] = []
  c.current = { symbol, locals, chains: [], own: undefined, unset: [], modified: undefined }
  c.scopes.push()
  const parameters = derivation.parameters.map(({ specifiers: own, declarator: p }, i) => {
    const told = usable.parameters[i] ?? T.errorType
    // Now that the parameters before it exist, its lengths can be computed.
    return parameter(c, p, T.isModified(told) ? declaredType(c, baseType(c, own), p) : told)
  })
  const lengths = sizes(c)
  if (usable.variadic) {
    // What the machine passes behind the named ones: where the others are.
    const area = newLocal(c, '', T.pointerTo(T.voidType), 8, false)
    c.scopes.declare('__va_area', area)
    parameters.push(area)
  }
  symbol.definition = {
    parameters,
    locals: [],
    body: { kind: 'block', steps: [], at: definition.at },
    atReturn: [],
    end: definition.body.end,
  }
  const written = body()
  const { unset } = c.current
  const main = unset.length > 0 ? (c.rare?.withQuestions(c, written, unset, definition.at) ?? written) : written
  const chains = c.current.chains.length > 0 ? c.rare?.chained(c, definition.body.end) : undefined
  const first = [...lengths, ...(chains?.begin ?? [])]
  symbol.definition.body = first.length === 0 ? main : { kind: 'block', steps: [...first, main], at: definition.at }
  symbol.definition.atReturn = chains?.end ?? []
  symbol.definition.locals = locals
  c.scopes.pop()
  c.current = undefined
}

function parameter(c: Context, declarator: Declarator, type: T.CType): LocalVariable {
  const { name, at } = declarator
  if (name === undefined) c.problems.error(at, "a parameter of a function's definition needs a name")
  const wanted = adjusted(type)
  const complete = requireComplete(c, wanted, at, `parameter '${name}'`) ? wanted : T.errorType
  if (name !== undefined && c.scopes.nameHere(name) !== undefined) twice(c, name, at)
  const variable = newLocal(c, name ?? '', complete, T.alignOf(complete), complete.kind === 'record')
  if (name !== undefined) c.scopes.declare(name, variable)
  return variable
}

export function checkAssertion(c: Context, assertion: StaticAssertion): void {
  const value = c.integer(assertion.condition, 'the asserted condition')
  if (value === undefined || value !== 0n) return
  const told = assertion.message === undefined ? '' : `: ${assertion.message}`
  c.problems.error(assertion.condition.at, `static assertion failed${told}`)
}
