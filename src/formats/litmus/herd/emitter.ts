/**
 * Writing down the program of a thread: instructions with their listing, jumps that land later, operands, and registers
 * of which a part is written (four bytes clear the upper half, one or two leave the rest).
 */

import { assert } from '../../../base/assert.ts'
import type { Instruction, Operand as Value } from '../../../engine/explore/program.ts'
import type { LitmusTest } from '../../../engine/litmus/test.ts'
import { type Problems, quoted } from '../problems.ts'
import type { Operand } from './operands.ts'
import type { RegisterFile } from './register-file.ts'
import type { Register, Size } from './registers.ts'

type Listed = LitmusTest['listing'][number][number]

const ALL_ONES = (1n << 64n) - 1n
export const mask = (size: Size): bigint => (1n << BigInt(8 * size)) - 1n

type Memory = Extract<Operand, { kind: 'memory' }>

/** What a branch looks at. */
export type Comparison = Pick<Extract<Instruction, { op: 'branch' }>, 'when' | 'a' | 'b' | 'size'>

export class Emitter {
  readonly code: Instruction[] = []
  readonly listing: Listed[] = []
  /** The text and place of what is being written down. */
  listed: Listed = { text: '', place: { line: 1, column: 1, length: 1 } }
  readonly #file: RegisterFile
  readonly #problems: Problems

  constructor(file: RegisterFile, problems: Problems) {
    this.#file = file
    this.#problems = problems
  }

  emit(instruction: Instruction): number {
    this.listing.push(this.listed)
    return this.code.push(instruction) - 1
  }

  goto = (): number => this.emit({ op: 'goto', to: 0 })
  branch = (test: Comparison): number => this.emit({ op: 'branch', ...test, to: 0 })

  /** Lets the jump at `at` go to `to`, here unless told. */
  land(at: number, to: number = this.code.length): void {
    const jump = this.code[at]
    assert(jump?.op === 'goto' || jump?.op === 'branch', 'only jumps land')
    this.code[at] = { ...jump, to }
  }

  hidden = (name: 'left' | 'right' | 'work' | 'sum'): number => this.#file.index(`.${name}`)

  value(operand: Operand | undefined, size: Size): Value {
    if (operand?.kind === 'register') return { reg: this.#file.number(operand.register, operand.word) }
    assert(operand?.kind === 'immediate', 'a value is a register or a number')
    const { value } = operand
    if (value > mask(size) || value < -(1n << BigInt(8 * size - 1))) {
      this.#problems.at(
        operand.word,
        `${quoted(operand.word.text)} does not fit into ${size === 1 ? '1 byte' : `${size} bytes`}`,
      )
    }
    return { value: BigInt.asUintN(8 * size, value) }
  }

  place = (operand: Memory, size: Size) => this.#file.place(operand.address, operand.word, size)

  /** Puts an operand's `size` bytes, and zeros above them, into a hidden register. */
  fetch(target: number, operand: Operand | undefined, size: Size): void {
    if (operand?.kind === 'memory') this.emit({ op: 'load', reg: target, at: this.place(operand, size) })
    else {
      this.emit({ op: 'move', reg: target, value: this.value(operand, size) })
      if (operand?.kind === 'register') this.cut(target, operand.register.base, size)
    }
  }

  /** Clears what a register took over beyond `size` bytes, if there may be anything. */
  cut(target: number, from: string, size: Size): void {
    if (size === 8 || (size === 4 && !this.#file.isWide(from))) return
    this.emit({ op: 'compute', modify: 'and', reg: target, value: { value: mask(size) }, size: 8 })
  }

  /** Writes `size` bytes of a register; `produce` makes them, with zeros above, in the register that it is given. */
  write(register: Register, word: Operand['word'], size: Size, produce: (target: number) => void): void {
    const whole = this.#file.number(register, word)
    if (size >= 4) return produce(whole)
    const part = this.hidden('sum')
    produce(part)
    this.emit({ op: 'compute', modify: 'and', reg: whole, value: { value: ALL_ONES ^ mask(size) }, size: 8 })
    this.emit({ op: 'compute', modify: 'or', reg: whole, value: { reg: part }, size: 8 })
  }

  /** Writes what a hidden register holds to an operand. */
  put(destination: Exclude<Operand, { kind: 'immediate' }>, size: Size, from: number): void {
    if (destination.kind === 'memory') {
      this.emit({ op: 'store', at: this.place(destination, size), value: { reg: from } })
      return
    }
    this.write(destination.register, destination.word, size, (target) => {
      this.emit({ op: 'move', reg: target, value: { reg: from } })
    })
  }
}
