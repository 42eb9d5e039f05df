/** In which order gcc -O0 for x86-64 evaluates what C leaves open: operands, both sides of an assignment. */

import type { LocalVariable, Node } from './tree.ts'
import { VOLATILE } from './types.ts'

/** Does it change anything, as far as gcc asks? */
export function hasEffects(node: Node): boolean {
  switch (node.kind) {
    case 'call':
    case 'assign':
    case 'update':
    case 'statements':
    case 'compound':
      return true
    case 'variable':
      return (node.type.qualifiers & VOLATILE) !== 0
    case 'deref':
      return (node.type.qualifiers & VOLATILE) !== 0 || hasEffects(node.pointer)
    case 'member':
      return hasEffects(node.base)
    case 'address':
    case 'not':
    case 'convert':
      return hasEffects(node.operand)
    case 'arithmetic':
    case 'compare':
    case 'logical':
    case 'comma':
      return hasEffects(node.left) || hasEffects(node.right)
    case 'conditional':
      return hasEffects(node.test) || hasEffects(node.yes) || hasEffects(node.no)
    default:
      return false
  }
}

const isPlain = (node: Node): boolean =>
  node.kind === 'variable' ||
  (node.kind === 'convert' &&
    node.type.kind === 'integer' &&
    node.operand.type.kind === 'integer' &&
    node.type.integer.size === node.operand.type.integer.size &&
    isPlain(node.operand))

/** Operands that can be exchanged: a variable is read behind what has effects. */
export const rightFirst = (left: Node, right: Node): boolean => isPlain(left) && hasEffects(right)

/** Is the value of an assignment evaluated before the place that it goes to? Of a call only the arguments are. */
export function valueFirst(target: Node, value: Node): boolean {
  if (target.kind === 'variable') return false
  if (value.kind === 'call') return value.args.some(hasEffects)
  return hasEffects(value) || (value.kind !== 'variable' && value.kind !== 'constant' && hasEffects(target))
}

/** The variable in a register that a value is read from, when all that stands beside it has been evaluated. */
export function readLate(node: Node): LocalVariable | undefined {
  if (node.kind === 'convert' && node.type.kind === 'pointer' && node.operand.type.kind === 'pointer')
    return readLate(node.operand)
  const from = node.kind === 'assign' || (node.kind === 'update' && !node.postfix) ? node.target : node
  const variable = from.kind === 'variable' ? from.variable : undefined
  return variable?.kind === 'local' && !variable.inMemory ? variable : undefined
}
