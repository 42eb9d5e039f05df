/** fs/proc/kmsg.c: reading the kernel's log. Left out: waiting for more, clearing it. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Kernel, Printed } from '../../kernel.ts'

/** Every line since the boot, oldest first. */
export const kmsg_read = kfunc('fs/proc/kmsg.c', function* kmsg_read(k: Kernel) {
  yield* []
  return (k.options.printed?.() ?? []) as readonly Printed[]
})
