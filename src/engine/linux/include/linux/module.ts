/** include/linux/module.h: code that a machine loads because it has the hardware. */

import type { Op } from '../../../sim/kfunc.ts'
import type { Kernel } from '../../kernel.ts'

export interface KernelModule {
  /** Before any driver: what the boot loader and the command line say of memory. */
  early?(k: Kernel): void
  init(k: Kernel): Op<void>
}
