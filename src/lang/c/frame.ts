/** One function while it is emitted: its registers, its stack memory, its code; and hooks between the emit-… files. */

import type { Code } from './code.ts'
import type { Data } from './emit-data.ts'
import { Op } from './opcode.ts'
import type { GlobalVariable, LocalVariable, Node, Step } from './tree.ts'
import { sizeOf } from './types.ts'

/** Where an object is: a register, the frame's memory, the program's data, or memory at a register's value plus an offset. */
export type Location =
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'frame'; readonly offset: number }
  | { readonly kind: 'data'; readonly address: number }
  | { readonly kind: 'memory'; readonly base: number; readonly offset: number }

/** What every frame's start is a multiple of (vm/thread.ts). */
const FRAME_ALIGN = 64

export class Frame {
  readonly code: Code
  readonly data: Data
  /** Puts the node's value into a register. */
  readonly into: (node: Node, target: number) => void
  /** A register with the node's value: a new one or the variable's own. Records: their address. */
  readonly value: (node: Node) => number
  /** Instructions, the last excluded, in which only a block's own variables are known. */
  readonly scopes: { readonly variables: readonly (LocalVariable | GlobalVariable)[]; from: number; to: number }[] = []
  private next = 0
  private most = 0
  private bytes = 0
  /** Emits a statement inside an expression; set once the function's jumps are known. */
  step: (step: Step) => void = () => undefined
  /** What is done before every return. */
  atReturn: readonly Step[] = []
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
    const { inMemory, align, type } = variable
    if (inMemory && align > FRAME_ALIGN && variable.indirect === undefined) this.houseAligned(variable)
    else if (typeof variable.indirect === 'object') variable.home = variable.indirect.home
    else variable.home = inMemory ? this.allocate(sizeOf(type), align) : this.temp()
  }

  /** Frames are not aligned that well: the place inside this one is found when the function begins. */
  private houseAligned(variable: LocalVariable): void {
    const { type, align } = variable
    const offset = this.allocate(sizeOf(type) + align - FRAME_ALIGN, FRAME_ALIGN)
    variable.indirect = true
    variable.home = this.temp()
    this.code.push(Op.frameAddress, variable.home, offset + align - 1)
    this.code.push(Op.andi, variable.home, variable.home, -align)
  }

  where(variable: LocalVariable): Location {
    const { inMemory, indirect, home } = variable
    if (!inMemory) return { kind: 'register', register: home }
    return indirect ? { kind: 'memory', base: home, offset: 0 } : { kind: 'frame', offset: home }
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
