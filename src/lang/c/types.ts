/** C types (C11 §6.2.5): immutable values; only records are completed later, by their definition. */

import type { Place } from './token.ts'
import type { LocalVariable } from './tree.ts'

export const CONST = 1
export const VOLATILE = 2
/** Only of integers and pointers. */
export const ATOMIC = 4

interface IntegerInfo {
  readonly name: string
  readonly size: 1 | 2 | 4 | 8
  readonly signed: boolean
  /** C11 §6.3.1.1: orders the integer types. */
  readonly rank: number
}

interface Qualified {
  /** CONST | VOLATILE | ATOMIC. */
  readonly qualifiers: number
  /** Levels of derivation, capped by MAX_TYPE_DEPTH. */
  readonly depth: number
  /** Bytes, where a typedef's attribute says so. */
  readonly align?: number
}

/** What an expression in error has, so that one mistake is told once. */
export interface ErrorType extends Qualified {
  readonly kind: 'error'
}
export interface VoidType extends Qualified {
  readonly kind: 'void'
}
export interface IntegerType extends Qualified {
  readonly kind: 'integer'
  readonly integer: IntegerInfo
  /** Set for an enumeration, which otherwise is its integer type. */
  readonly enumeration: string | undefined
  /** Names of an enumeration's values. */
  readonly enumerators?: ReadonlyMap<bigint, string>
}
export interface FloatType extends Qualified {
  readonly kind: 'float'
  readonly size: 4 | 8
}
export interface PointerType extends Qualified {
  readonly kind: 'pointer'
  readonly to: CType
}
export interface ArrayType extends Qualified {
  readonly kind: 'array'
  readonly of: CType
  /** Undefined while unknown: `int a[]`; and where only running can tell. */
  readonly length: number | undefined
  /** Where only running can tell: what keeps its size in bytes. In a prototype nothing does. */
  readonly extent?: LocalVariable | 'open'
}
export interface FunctionType extends Qualified {
  readonly kind: 'function'
  readonly returns: CType
  readonly parameters: readonly CType[]
  readonly variadic: boolean
}
export interface RecordType extends Qualified {
  readonly kind: 'record'
  readonly record: RecordInfo
}

export type CType = ErrorType | VoidType | IntegerType | FloatType | PointerType | ArrayType | FunctionType | RecordType

export interface Member {
  /** Undefined for an anonymous struct or union, whose members belong to the outer one. */
  readonly name: string | undefined
  readonly type: CType
  /** Bytes from the record's start. */
  readonly offset: number
  /** Bit-field: its lowest bit within the storage unit of `type` at `offset`, and its width. */
  readonly bits: { readonly at: number; readonly width: number } | undefined
}

/** One struct or union; identity is what makes two of them the same. */
export interface RecordInfo {
  readonly union: boolean
  readonly tag: string | undefined
  readonly at: Place
  /** Undefined until the definition has been read. */
  members: readonly Member[] | undefined
  size: number
  align: number
  depth: number
}

const plain = { qualifiers: 0, depth: 0 }
export const errorType: ErrorType = { kind: 'error', ...plain }
export const voidType: VoidType = { kind: 'void', ...plain }
const integer = (name: string, size: 1 | 2 | 4 | 8, signed: boolean, rank: number): IntegerType => ({
  kind: 'integer',
  integer: { name, size, signed, rank },
  enumeration: undefined,
  ...plain,
})
export const boolType = integer('_Bool', 1, false, 0)
export const charType = integer('char', 1, true, 1)
export const scharType = integer('signed char', 1, true, 1)
export const ucharType = integer('unsigned char', 1, false, 1)
export const shortType = integer('short', 2, true, 2)
export const ushortType = integer('unsigned short', 2, false, 2)
export const intType = integer('int', 4, true, 3)
export const uintType = integer('unsigned int', 4, false, 3)
export const longType = integer('long', 8, true, 4)
export const ulongType = integer('unsigned long', 8, false, 4)
export const llongType = integer('long long', 8, true, 5)
export const ullongType = integer('unsigned long long', 8, false, 5)
export const floatType: FloatType = { kind: 'float', size: 4, ...plain }
export const doubleType: FloatType = { kind: 'float', size: 8, ...plain }

const depthOf = (type: CType): number => (type.kind === 'record' ? type.record.depth : type.depth)

export const pointerTo = (to: CType, qualifiers = 0): PointerType => ({
  kind: 'pointer',
  to,
  qualifiers,
  depth: (to.kind === 'record' ? 0 : to.depth) + 1,
})
export const arrayOf = (of: CType, length: number | undefined): ArrayType => ({
  kind: 'array',
  of,
  length,
  qualifiers: 0,
  depth: depthOf(of) + 1,
})
export const functionOf = (returns: CType, parameters: readonly CType[], variadic: boolean): FunctionType => ({
  kind: 'function',
  returns,
  parameters,
  variadic,
  qualifiers: 0,
  depth: Math.max(depthOf(returns), ...parameters.slice(0, 256).map(depthOf)) + 1,
})
export const recordType = (record: RecordInfo): RecordType => ({ kind: 'record', record, ...plain })
export const enumType = (
  underlying: IntegerType,
  tag: string,
  enumerators: ReadonlyMap<bigint, string>,
): IntegerType => ({ ...underlying, enumeration: tag, enumerators })

/** Qualifying an array qualifies its elements. */
export function qualified<T extends CType>(type: T, qualifiers: number): T {
  if (qualifiers === 0 || (type.qualifiers | qualifiers) === type.qualifiers) return type
  if (type.kind === 'array') return { ...type, of: qualified(type.of, qualifiers) }
  return { ...type, qualifiers: type.qualifiers | qualifiers }
}

export const unqualified = (type: CType): CType => (type.qualifiers === 0 ? type : { ...type, qualifiers: 0 })

export const isScalar = (type: CType): boolean =>
  type.kind === 'integer' || type.kind === 'float' || type.kind === 'pointer'
export const isArithmetic = (type: CType): type is IntegerType | FloatType =>
  type.kind === 'integer' || type.kind === 'float'
/** An object of it can exist. */
export const isComplete = (type: CType): boolean =>
  type.kind === 'array'
    ? (type.length !== undefined || type.extent !== undefined) && isComplete(type.of)
    : type.kind === 'record'
      ? type.record.members !== undefined
      : type.kind !== 'void' && type.kind !== 'function'

/** Its size, or that of what it points to, is known only when the program runs. */
export const isModified = (type: CType): boolean =>
  type.kind === 'array'
    ? type.extent !== undefined || isModified(type.of)
    : type.kind === 'pointer' && isModified(type.to)

/** Bytes; 0 for a type that is incomplete, or an array whose length only running can tell. */
export function sizeOf(type: CType): number {
  switch (type.kind) {
    case 'integer':
      return type.integer.size
    case 'float':
      return type.size
    case 'pointer':
      return 8
    case 'array':
      return (type.length ?? 0) * sizeOf(type.of)
    case 'record':
      return type.record.size
    default:
      return 0
  }
}

export function alignOf(type: CType): number {
  if (type.align !== undefined) return type.align
  if (type.kind === 'array') return alignOf(type.of)
  if (type.kind === 'record') return type.record.align
  return Math.max(1, sizeOf(type))
}

/** C11 §6.2.7, qualifiers of the types themselves aside. */
export function compatible(a: CType, b: CType): boolean {
  if (a.kind === 'error' || b.kind === 'error') return true
  if (a.kind === 'integer' && b.kind === 'integer') return a.integer === b.integer
  if (a.kind === 'float' && b.kind === 'float') return a.size === b.size
  if (a.kind === 'pointer' && b.kind === 'pointer') return compatible(a.to, b.to)
  if (a.kind === 'array' && b.kind === 'array') {
    return (a.length === undefined || b.length === undefined || a.length === b.length) && compatible(a.of, b.of)
  }
  if (a.kind === 'record' && b.kind === 'record') return a.record === b.record
  if (a.kind === 'function' && b.kind === 'function') {
    if (a.variadic !== b.variadic || a.parameters.length !== b.parameters.length) return false
    return compatible(a.returns, b.returns) && a.parameters.every((p, i) => compatible(p, b.parameters[i] ?? errorType))
  }
  return a.kind === b.kind
}
