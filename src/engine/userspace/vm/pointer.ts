/** Function pointers. */

import { FUNCTION_BASE, FUNCTION_STRIDE, NATIVE_BASE } from '../../../lang/c/opcode.ts'
import type { Program } from '../../../lang/c/program.ts'

/** What a function pointer means. */
export function pointedFunction(
  program: Program,
  lo: number,
  hi: number,
): { native: boolean; index: number } | undefined {
  if (hi !== 0 || lo % FUNCTION_STRIDE !== 0) return undefined
  const native = lo >= NATIVE_BASE
  const index = (lo - (native ? NATIVE_BASE : FUNCTION_BASE)) / FUNCTION_STRIDE
  const count = native ? program.natives.length : program.functions.length
  return index >= 0 && index < count ? { native, index } : undefined
}
