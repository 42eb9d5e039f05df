/** Where statements of a program begin: at an instruction whose line is not that of the instruction before. */

import type { Program } from '../../lang/c/program.ts'

export function startsOf(program: Program): (pc: number) => boolean {
  const entries = new Set(program.functions.map(({ entry }) => entry))
  return (pc) => pc === 0 || entries.has(pc) || program.lines[pc] !== program.lines[pc - 1]
}
