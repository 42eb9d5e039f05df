/** Specifiers and declarators → types (C11 §6.7.2 – §6.7.7). */

import type { Attributes, Declarator, Expr, Specifiers, TypeName, TypeSpecifier } from './ast.ts'
import { type Context, rareOf } from './context.ts'
import { integerOf, rvalue } from './conversions.ts'
import { layOut, type MemberRequest, memberNames } from './layout.ts'
import { MAX_OBJECT, MAX_TYPE_DEPTH } from './limits.ts'
import type { Place } from './token.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

const byWords: Readonly<Record<string, T.CType>> = {
  void: T.voidType,
  _Bool: T.boolType,
  char: T.charType,
  'char signed': T.scharType,
  'char unsigned': T.ucharType,
  short: T.shortType,
  'short signed': T.shortType,
  'int short': T.shortType,
  'int short signed': T.shortType,
  'short unsigned': T.ushortType,
  'int short unsigned': T.ushortType,
  int: T.intType,
  signed: T.intType,
  'int signed': T.intType,
  unsigned: T.uintType,
  'int unsigned': T.uintType,
  long: T.longType,
  'long signed': T.longType,
  'int long': T.longType,
  'int long signed': T.longType,
  'long unsigned': T.ulongType,
  'int long unsigned': T.ulongType,
  'long long': T.llongType,
  'long long signed': T.llongType,
  'int long long': T.llongType,
  'int long long signed': T.llongType,
  'long long unsigned': T.ullongType,
  'int long long unsigned': T.ullongType,
  float: T.floatType,
  double: T.doubleType,
}

/** The type that the specifiers name, qualified. */
export function baseType(c: Context, specifiers: Specifiers): T.CType {
  const type = specifierType(c, specifiers.type)
  const atomic = (specifiers.qualifiers & T.ATOMIC) !== 0
  if (!atomic || type.kind === 'integer' || type.kind === 'pointer') return T.qualified(type, specifiers.qualifiers)
  if (type.kind !== 'error') c.problems.error(specifiers.at, `an atomic '${typeName(type)}' is not supported`)
  return T.errorType
}

function specifierType(c: Context, specifier: TypeSpecifier): T.CType {
  switch (specifier.kind) {
    case 'none':
      return T.errorType
    case 'words': {
      const type = byWords[specifier.words.toSorted().join(' ')]
      if (type !== undefined) return type
      const words = specifier.words.join(' ')
      const message = words === 'long double' || words === 'double long' ? 'not supported' : 'no type'
      c.problems.error(specifier.at, `'${words}' is ${message}`)
      return T.errorType
    }
    case 'typedef': {
      const symbol = c.scopes.name(specifier.name)
      return symbol?.kind === 'typedef' ? symbol.type : T.errorType
    }
    case 'auto':
      c.problems.error(specifier.at, "'__auto_type' needs an initial value")
      return T.errorType
    case 'typeof':
      return specifier.operand.kind === 'type' ? c.typeName(specifier.operand) : c.expression(specifier.operand).type
    case 'record':
      return recordSpecifier(c, specifier)
    case 'enum':
      return rareOf(c, specifier.at)?.enumSpecifier(c, specifier) ?? T.errorType
  }
}

function recordSpecifier(c: Context, s: TypeSpecifier & { kind: 'record' }): T.CType {
  const word = s.union ? 'union' : 'struct'
  const known = s.tag === undefined ? undefined : s.members ? c.scopes.tagHere(s.tag) : c.scopes.tag(s.tag)
  if (known !== undefined && (known.kind !== 'record' || known.record.union !== s.union)) {
    c.problems.error(s.at, `'${s.tag}' is no ${word}`)
    return T.errorType
  }
  const record = known?.record ?? {
    union: s.union,
    tag: s.tag,
    at: s.at,
    members: undefined,
    size: 0,
    align: 1,
    depth: 0,
  }
  if (s.tag !== undefined && known === undefined) c.scopes.declareTag(s.tag, { kind: 'record', record })
  if (s.members === undefined) return T.recordType(record)
  if (record.members !== undefined) {
    c.problems.error(s.at, `${word} '${s.tag}' is defined twice`, `the first definition is in line ${record.at.line}`)
    return T.recordType(record)
  }
  const requests: MemberRequest[] = []
  const names = new Set<string>()
  for (const [i, declaration] of s.members.entries()) {
    const base = baseType(c, declaration.specifiers)
    if (declaration.declarators.length === 0) {
      if (base.kind === 'record' && base.record.tag === undefined) {
        requests.push({ name: undefined, type: base, align: 1, packed: false, width: undefined })
        for (const name of memberNames(base.record)) twice(c, names, name, declaration.at)
      } else if (base.kind !== 'error') c.problems.error(declaration.at, 'this member has no name')
    }
    for (const { declarator, attributes, width } of declaration.declarators) {
      const last = i === s.members.length - 1 && declaration.declarators.at(-1)?.declarator === declarator
      const declared = declaredType(c, base, declarator)
      const type = memberType(c, declared, declarator, !s.union && last && requests.length > 0)
      if (declarator.name !== undefined) twice(c, names, declarator.name, declarator.at)
      const all = [declaration.specifiers.attributes, attributes]
      requests.push({
        name: declarator.name,
        type,
        align: Math.max(...all.map((a) => alignment(c, a))),
        packed: all.some((a) => a.packed),
        width: width && rareOf(c, width.at)?.bitWidth(c, type, width, declarator),
      })
    }
  }
  layOut(
    record,
    requests,
    s.attributes.packed ? 1 : (s.attributes.limit ?? Number.POSITIVE_INFINITY),
    alignment(c, s.attributes),
  )
  if (record.size > MAX_OBJECT) c.problems.error(s.at, `${word} of ${record.size} bytes is too large`)
  if (record.depth > MAX_TYPE_DEPTH) c.problems.error(s.at, `a type of more than ${MAX_TYPE_DEPTH} levels`)
  return T.recordType(record)
}

function twice(c: Context, names: Set<string>, name: string, at: Place): void {
  if (names.has(name)) c.problems.error(at, `two members are called '${name}'`)
  names.add(name)
}

function memberType(c: Context, type: T.CType, declarator: Declarator, mayBeOpen: boolean): T.CType {
  if (T.isModified(type)) {
    c.problems.error(declarator.at, `member '${declarator.name}' must have a constant size`)
    return T.errorType
  }
  if (type.kind === 'error' || T.isComplete(type)) return type
  if (type.kind === 'array' && type.length === undefined && T.isComplete(type.of)) {
    if (mayBeOpen) return type
    c.problems.error(declarator.at, `array '${declarator.name}' without a length must be the last member of a struct`)
  } else {
    c.problems.error(declarator.at, `member '${declarator.name}' has the incomplete type '${typeName(type)}'`)
  }
  return T.errorType
}

/** Bytes that the attributes ask for; 1 = nothing. */
export function alignment(c: Context, attributes: Attributes): number {
  let most = 1
  for (const wanted of attributes.aligned) {
    if (wanted === 'largest') most = Math.max(most, 16)
    else if (wanted.kind === 'type') most = Math.max(most, T.alignOf(c.typeName(wanted)))
    else {
      const value = c.integer(wanted, 'the alignment')
      if (value === undefined || value === 0n) continue
      if (value < 0n || (value & (value - 1n)) !== 0n || value > 0x1000_0000n) {
        c.problems.error(wanted.at, `an alignment is a power of two, not ${value}`)
      } else most = Math.max(most, Number(value))
    }
  }
  return most
}

/** The type of what a declarator declares. */
export function declaredType(c: Context, base: T.CType, declarator: Declarator): T.CType {
  let type = base
  for (const derivation of declarator.derivations.toReversed()) {
    if (type.kind === 'error') return type
    if (derivation.kind === 'pointer') type = T.pointerTo(type, derivation.qualifiers)
    else if (derivation.kind === 'array') type = arrayType(c, type, derivation.length, derivation.at)
    else type = functionType(c, type, derivation)
    if (type.depth <= MAX_TYPE_DEPTH) continue
    c.problems.error(declarator.at, `a type of more than ${MAX_TYPE_DEPTH} levels`)
    return T.errorType
  }
  return type
}

function arrayType(c: Context, of: T.CType, length: Expr | undefined, at: Place): T.CType {
  if (!T.isComplete(of)) {
    c.problems.error(at, `the elements of this array have the incomplete type '${typeName(of)}'`)
    return T.errorType
  }
  if (T.alignOf(of) > Math.max(1, T.sizeOf(of)) && !T.isModified(of)) {
    c.problems.error(at, `elements of ${T.sizeOf(of)} bytes cannot each be aligned to ${T.alignOf(of)}`)
    return T.errorType
  }
  if (length === undefined) return T.arrayOf(of, undefined)
  const node = rvalue(c.expression(length))
  if (node.type.kind === 'integer' && (node.kind !== 'constant' || (of.kind === 'array' && T.isModified(of))))
    return rareOf(c, at)?.arrayOf(c, of, node, at) ?? T.errorType
  const value = integerOf(c, node, "the array's length")
  if (value === undefined) return T.errorType
  if (value < 0n) c.problems.error(at, `an array cannot have ${value} elements`)
  else if (value * BigInt(Math.max(1, T.sizeOf(of))) > BigInt(MAX_OBJECT))
    c.problems.error(at, 'this array is too large')
  else return T.arrayOf(of, Number(value))
  return T.errorType
}

type FunctionDerivation = Declarator['derivations'][number] & { kind: 'function' }

function functionType(c: Context, returns: T.CType, derivation: FunctionDerivation): T.CType {
  if (returns.kind === 'array' || returns.kind === 'function') {
    c.problems.error(derivation.at, `a function cannot return ${returns.kind === 'array' ? 'an array' : 'a function'}`)
    return T.errorType
  }
  c.scopes.push()
  c.prototype++
  const parameters = derivation.parameters.map(({ specifiers, declarator }) => {
    const type = declaredType(c, baseType(c, specifiers), declarator)
    // Lengths of the arrays behind it may name it.
    const { name } = declarator
    if (name !== undefined) c.scopes.declare(name, { kind: 'local', name, type, align: 1, inMemory: false, home: -1 })
    if (type.kind === 'void') c.problems.error(declarator.at, 'a parameter cannot be void')
    return T.unqualified(adjusted(type))
  })
  c.prototype--
  c.scopes.pop()
  return T.functionOf(T.unqualified(returns), parameters, derivation.variadic)
}

/** Parameters of array or function type are pointers. */
export function adjusted(type: T.CType): T.CType {
  if (type.kind === 'array') return T.pointerTo(type.of)
  return type.kind === 'function' ? T.pointerTo(type) : type.kind === 'void' ? T.errorType : type
}

export function typeOfName(c: Context, name: TypeName): T.CType {
  if (name.specifiers.storage !== undefined) c.problems.error(name.at, `'${name.specifiers.storage}' in a type name`)
  return declaredType(c, baseType(c, name.specifiers), name.declarator)
}

/** Complain unless objects of the type can exist. */
export function requireComplete(c: Context, type: T.CType, at: Place, what: string): boolean {
  if (type.kind === 'error') return false
  if (T.isComplete(type)) return true
  c.problems.error(at, `${what} has the incomplete type '${typeName(type)}'`)
  return false
}
