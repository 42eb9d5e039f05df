/** arch/x86/include/asm/barrier.h. */

import type { Op } from '../../../../../sim/kfunc.ts'
import { sfence } from '../../../../../sim/op.ts'
import type { Kernel } from '../../../../kernel.ts'

/** All earlier stores, movnti and clwb are done before anything later: one SFENCE on x86-64. */
export const wmb = (k: Kernel): Op<void> => sfence(k)
