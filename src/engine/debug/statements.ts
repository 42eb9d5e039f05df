/**
 * Where statements of a program begin, as one comes to them: at an instruction whose line is not that of the instruction
 * before, be that the one above or one that jumped here.
 */

import { targetOperand } from '../../lang/c/code.ts'
import { Op } from '../../lang/c/opcode.ts'
import type { Program } from '../../lang/c/program.ts'

const JUMPS: ReadonlySet<number> = new Set(
  Object.entries(Op).flatMap(([name, op]) => (name.startsWith('jump') ? [op] : [])),
)

/** Those whose line is not that of the instruction above. */
export function startsOf(program: Program): (pc: number) => boolean {
  const entries = new Set(program.functions.map(({ entry }) => entry))
  return (pc) => pc === 0 || entries.has(pc) || program.lines[pc] !== program.lines[pc - 1]
}

/** Those that jump to the start of their own line, which goes on there rather than beginning again. */
export function repeatsOf({ code, lines }: Program, starts: (pc: number) => boolean): (pc: number) => boolean {
  return (pc) => {
    const op = code[4 * pc] ?? 0
    if (!JUMPS.has(op)) return false
    const target = code[4 * pc + targetOperand(op)] ?? 0
    return lines[target] === lines[pc] && starts(target)
  }
}

/** Those that a function of the program returns to. */
export const followsCall = ({ code }: Program, pc: number): boolean => {
  const before = code[4 * (pc - 1)]
  return before === Op.call || before === Op.callPointer
}
