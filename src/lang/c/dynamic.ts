/**
 * Arrays whose length only running can tell (C11 §6.7.6.2), and `alloca`.
 *
 * Each such array keeps its size in a hidden variable, set where the declaration stands. Its bytes, like those of
 * `alloca`, are a chunk of the heap that the library adds to a chain (`libc/dynamic.ts`): frames have a fixed size. An
 * array has a chain of its own, released when its declaration is reached again and when the function returns; `alloca`
 * has one a function. Left out: `[*]`.
 */

import type { InitDeclarator } from './ast.ts'
import { type Context, newLocal } from './context.ts'
import { assignable, errorNode } from './conversions.ts'
import { arithmetic, constant, convert } from './fold.ts'
import type { Place } from './token.ts'
import type { LocalVariable, Node, Step } from './tree.ts'
import * as T from './types.ts'

const POINTER = T.pointerTo(T.voidType)

const read = (variable: LocalVariable, at: Place): Node => ({ kind: 'variable', variable, type: variable.type, at })

const write = (variable: LocalVariable, value: Node, at: Place): Node => ({
  kind: 'assign',
  target: read(variable, at),
  value: convert(value, variable.type),
  type: variable.type,
  at,
})

function call(c: Context, name: '__chain' | '__unchain', args: readonly Node[], at: Place): Node {
  const symbol = c.scopes.fileLevelName(name)
  if (symbol?.kind !== 'function') return errorNode(at)
  symbol.used ??= at
  const { type: signature } = symbol
  return { kind: 'call', callee: symbol, signature, args, temporary: undefined, type: signature.returns, at }
}

const sizeOf = (type: T.CType, at: Place): Node =>
  type.kind === 'array' && type.extent !== undefined && type.extent !== 'open'
    ? read(type.extent, at)
    : constant(T.ulongType, BigInt(T.sizeOf(type)), at)

/** An array of `length` elements; when the size is computed is the caller's matter (`Context.sizes`). */
function arrayOf(c: Context, of: T.CType, length: Node, at: Place): T.CType {
  if (length.type.kind !== 'integer') return T.errorType
  if (c.prototype > 0) return { ...T.arrayOf(of, undefined), extent: 'open' }
  if (c.current === undefined) {
    c.problems.error(
      length.at,
      "the array's length must be a constant integer",
      'only inside a function it may be computed',
    )
    return T.errorType
  }
  const extent = newLocal(c, '', T.ulongType, 8, false)
  const size = arithmetic('*', T.ulongType, convert(length, T.ulongType), sizeOf(of, at), at)
  c.sizes.push(write(extent, size, at))
  return { ...T.arrayOf(of, undefined), extent }
}

/** A chain of memory that ends with the function. */
function newChain(c: Context): LocalVariable {
  const chain = newLocal(c, '', POINTER, 8, false)
  c.current?.chains.push(chain)
  return chain
}

/** A local array of such a type. */
function declare(c: Context, name: string, type: T.CType, align: number, item: InitDeclarator): readonly Step[] {
  const { at } = item.declarator
  if (item.initialiser !== undefined)
    c.problems.error(item.initialiser.at, 'an array of variable length cannot be initialised', 'assign to its elements')
  const chain = newChain(c)
  const place = newLocal(c, '', T.ulongType, 8, false)
  const variable: LocalVariable = { kind: 'local', name, type, align, inMemory: true, indirect: place, home: -1 }
  c.current?.locals.push(variable)
  c.scopes.declare(name, variable)
  const slack = Math.max(align, T.alignOf(type), 16) - 16
  const number = (value: number): Node => constant(T.ulongType, BigInt(value), at)
  const room = arithmetic('+', T.ulongType, sizeOf(type, at), number(slack), at)
  const none = constant(POINTER, 0n, at)
  const start = arithmetic('+', T.ulongType, convert(read(chain, at), T.ulongType), number(16 + slack), at)
  return [
    call(c, '__unchain', [read(chain, at)], at),
    write(chain, call(c, '__chain', [none, room], at), at),
    write(place, arithmetic('&', T.ulongType, start, number(-(slack + 16)), at), at),
  ].map((value): Step => ({ kind: 'expression', value, at }))
}

/** `__builtin_alloca(size)`. */
function alloca(c: Context, size: Node, at: Place): Node {
  const { current } = c
  const value = assignable(c, size, T.ulongType, "the argument of 'alloca'")
  if (current === undefined || value.kind === 'error') return errorNode(at)
  current.own ??= newChain(c)
  const chain = current.own
  const left = write(chain, call(c, '__chain', [read(chain, at), value], at), at)
  const right = arithmetic('+', POINTER, read(chain, at), constant(T.longType, 16n, at), at)
  return { kind: 'comma', left, right, type: POINTER, at }
}

/** `__builtin_object_size`: what is behind a pointer in its object, where the expression says which that is. */
function objectSize(pointer: Node, kind: Node, at: Place): Node {
  const inner = pointer.kind === 'convert' ? pointer.operand : pointer
  const object = inner.kind === 'address' && inner.operand.kind !== 'deref' ? inner.operand.type : inner.type
  const known = object.kind === 'array' || inner.kind === 'address' ? T.sizeOf(object) : 0
  const most = kind.kind === 'constant' && kind.value > 1n ? 0n : -1n
  return constant(T.ulongType, known > 0 ? BigInt(known) : most, at)
}

/** A call of a builtin that is no function; undefined: it is one. */
function builtin(c: Context, name: string, [first, second]: readonly Node[], at: Place): Node | undefined {
  if (first === undefined) return undefined
  if (name === '__builtin_alloca') return alloca(c, first, at)
  return name === '__builtin_object_size' && second ? objectSize(first, second, at) : undefined
}

/** What the function does first and last for its chains. */
function chained(c: Context, at: Place): { readonly begin: readonly Step[]; readonly end: readonly Step[] } {
  const chains = c.current?.chains ?? []
  const steps = (value: (chain: LocalVariable) => Node): readonly Step[] =>
    chains.map((chain) => ({ kind: 'expression', value: value(chain), at }))
  return {
    begin: steps((chain) => write(chain, constant(POINTER, 0n, at), at)),
    end: steps((chain) => call(c, '__unchain', [read(chain, at)], at)),
  }
}

export const dynamic = { arrayOf, builtin, chained, declare }
