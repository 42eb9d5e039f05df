/**
 * Which bytes of a local variable an lvalue names: `x`, `x.b`, `a[2]`, `m[i][j].c`. What goes through a pointer names
 * none, except where the pointer is the variable's own address.
 */

import { constant } from './fold.ts'
import type { LocalVariable, Node } from './tree.ts'
import { type CType, longType, type Member, sizeOf } from './types.ts'

export interface Path {
  readonly variable: LocalVariable
  /** Bytes from the variable's start, as far as they are constant. */
  readonly offset: number
  /** Byte offsets that are computed, and whether they count downwards. */
  readonly moving: readonly { readonly by: Node; readonly down: boolean }[]
}

/** Undefined: no part of a local variable that has an address. */
export function pathOf(node: Node): Path | undefined {
  if (node.kind === 'variable') {
    const { variable } = node
    return variable.kind === 'local' && variable.inMemory ? { variable, offset: 0, moving: [] } : undefined
  }
  if (node.kind === 'deref') return pointed(node.pointer)
  const path = node.kind === 'member' ? pathOf(node.base) : undefined
  return node.kind === 'member' && path !== undefined ? { ...path, offset: path.offset + node.offset } : undefined
}

function pointed(pointer: Node): Path | undefined {
  if (pointer.kind === 'address') return pathOf(pointer.operand)
  if (pointer.kind === 'convert') return pointer.operand.type.kind === 'pointer' ? pointed(pointer.operand) : undefined
  if (pointer.kind !== 'arithmetic' || pointer.left.type.kind !== 'pointer') return undefined
  const path = pointed(pointer.left)
  if (path === undefined) return undefined
  const { right } = pointer
  const down = pointer.operator === '-'
  if (right.kind !== 'constant') return { ...path, moving: [...path.moving, { by: right, down }] }
  return { ...path, offset: path.offset + (down ? -1 : 1) * Number(right.value) }
}

/** The same lvalue, its computed offsets replaced, in their order in `Path.moving`. */
export function withOffsets(node: Node, put: (by: Node) => Node): Node {
  switch (node.kind) {
    case 'member':
      return { ...node, base: withOffsets(node.base, put) }
    case 'deref':
      return { ...node, pointer: withOffsets(node.pointer, put) }
    case 'address':
    case 'convert':
      return { ...node, operand: withOffsets(node.operand, put) }
    case 'arithmetic': {
      const left = withOffsets(node.left, put)
      return { ...node, left, right: node.right.kind === 'constant' ? node.right : put(node.right) }
    }
    default:
      return node
  }
}

/** Its byte offset, computed. */
export function offsetOf({ offset, moving }: Path, at: Node['at']): Node {
  const start: Node = constant(longType, BigInt(offset), at)
  return moving.reduce<Node>(
    (left, { by, down }) => ({ kind: 'arithmetic', operator: down ? '-' : '+', left, right: by, type: longType, at }),
    start,
  )
}

/** As a person would write it; `...` for an index that is computed. */
export function nameOf(path: Path): string {
  const { variable, moving } = path
  return variable.name + (moving.length > 0 ? '[...]' : partName(variable.type, path.offset))
}

function partName(type: CType, offset: number): string {
  if (type.kind === 'array') {
    const size = sizeOf(type.of)
    return size === 0 ? '' : `[${Math.floor(offset / size)}]${partName(type.of, offset % size)}`
  }
  // Of the members of a union, which was meant is not to be seen here; nor of bit-fields.
  if (type.kind !== 'record' || type.record.union) return ''
  const inside = (each: Member): boolean => each.offset <= offset && offset < each.offset + sizeOf(each.type)
  const member = type.record.members?.find(inside)
  if (member === undefined || member.bits !== undefined) return ''
  const rest = partName(member.type, offset - member.offset)
  return member.name === undefined ? rest : `.${member.name}${rest}`
}
