/** kernel/reboot.c: going down in order. Left out: what then happens to the power; notifiers, other processors. */

import { kfunc } from '../../sim/kfunc.ts'
import { device_shutdown } from '../drivers/base/core.ts'
import type { Kernel } from '../kernel.ts'

/** Every driver makes durable what it holds. */
export const kernel_power_off = kfunc('kernel/reboot.c', function* kernel_power_off(k: Kernel) {
  yield* device_shutdown(k)
})
