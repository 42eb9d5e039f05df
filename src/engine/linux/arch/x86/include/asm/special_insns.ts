/** arch/x86/include/asm/special_insns.h: instructions that are patched to what the CPU has. */

import type { Spa } from '../../../../../../base/brand.ts'
import type { Op } from '../../../../../sim/kfunc.ts'
import { clflush, clflushopt, clwb as clwb_instruction } from '../../../../../sim/op.ts'
import type { Kernel } from '../../../../kernel.ts'

/** CLWB, else CLFLUSHOPT, else CLFLUSH. */
export function clwb(k: Kernel, at: Spa): Op<void> {
  const { clwb: has_clwb, clflushopt: has_clflushopt } = k.options.cpuFeatures ?? { clwb: true, clflushopt: true }
  if (has_clwb) return clwb_instruction(k, at)
  return has_clflushopt ? clflushopt(k, at) : clflush(k, at)
}
