/** One function while it is emitted: its registers, its stack memory, its code; and hooks between the emit-… files. */

import type { Code } from './code.ts'
import type { Data } from './emit-data.ts'
import { Op } from './opcode.ts'
import type { LocalVariable, Node, Step } from './tree.ts'
import { sizeOf } from './types.ts'

/** Where an object is: a register, the frame's memory, the program's data, or memory at a register's value plus an offset. */
export type Location =
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'frame'; readonly offset: number }
  | { readonly kind: 'data'; readonly address: number }
  | { readonly kind: 'memory'; readonly base: number; readonly offset: number }

export class Frame {
  readonly code: Code
  readonly data: Data
  /** Puts the node's value into a register. */
  readonly into: (node: Node, target: number) => void
  /** A register with the node's value: a new one or the variable's own. Records: their address. */
  readonly value: (node: Node) => number
  private next = 0
  private most = 0
  private bytes = 0
  /** Emits a statement inside an expression; set once the function's jumps are known. */
  step: (step: Step) => void = () => undefined
  /** Register with the address that a returned record goes to. */
  result: number | undefined

  constructor(
    code: Code,
    data: Data,
    into: (f: Frame, node: Node, target: number) => void,
    value: (f: Frame, node: Node) => number,
  ) {
    this.code = code
    this.data = data
    this.into = (node, target) => into(this, node, target)
    this.value = (node) => value(this, node)
  }

  /** A register (as an operand: twice its index) until `release`. */
  temp(): number {
    const register = this.next++
    this.most = Math.max(this.most, this.next)
    return 2 * register
  }

  mark(): number {
    return this.next
  }

  release(mark: number): void {
    this.next = mark
  }

  get registers(): number {
    return this.most
  }

  /** Stack memory, from the frame's lowest byte. */
  allocate(size: number, align: number): number {
    const at = Math.ceil(this.bytes / align) * align
    this.bytes = at + size
    return at
  }

  get frameSize(): number {
    return Math.ceil(this.bytes / 16) * 16
  }

  house(variable: LocalVariable): void {
    variable.home = variable.inMemory ? this.allocate(sizeOf(variable.type), variable.align) : this.temp()
  }

  at(node: { readonly at: { readonly line: number } }): Code {
    this.code.line = node.at.line
    return this.code
  }

  /** Puts a constant into a register. */
  constant(value: bigint, target: number): void {
    const lo = Number(BigInt.asIntN(32, value))
    const hi = Number(BigInt.asIntN(32, value >> 32n))
    if (hi === lo >> 31) this.code.push(Op.li, target, lo)
    else this.code.push(Op.li64, target, lo, hi)
  }
}
