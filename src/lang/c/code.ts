/** Collects instructions, their lines, and the jumps whose targets are not known yet. */

import { MAX_CODE } from './limits.ts'
import { Op } from './opcode.ts'

export interface Target {
  /** Instruction index; -1 until it is placed. */
  at: number
  /** Words that wait for it. */
  readonly waiting: number[]
}

/** Which operand of a jump is its target: 1, 2 or 3. */
export const targetOperand = (op: number): number =>
  op === Op.jump ? 1 : op === Op.jumpZero || op === Op.jumpNonzero ? 2 : 3

export class Code {
  readonly words: number[] = []
  readonly lines: number[] = []
  /** Source line of what is emitted next. */
  line = 1
  /** The program does not fit. */
  overflow = false

  get length(): number {
    return this.lines.length
  }

  push(op: number, a = 0, b = 0, c = 0): void {
    if (this.lines.length >= MAX_CODE) {
      this.overflow = true
      return
    }
    this.words.push(op, a, b, c)
    this.lines.push(this.line)
  }

  target(): Target {
    return { at: -1, waiting: [] }
  }

  /** The target is here. */
  place(target: Target): void {
    target.at = this.length
    for (const word of target.waiting) this.words[word] = target.at
  }

  jump(op: number, target: Target, a = 0, b = 0): void {
    const slot = targetOperand(op)
    if (target.at < 0) target.waiting.push(this.words.length + slot)
    const operands = slot === 1 ? [target.at] : slot === 2 ? [a, target.at] : [a, b, target.at]
    this.push(op, ...operands)
  }
}
