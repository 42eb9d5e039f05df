/** kernel/printk/printk.c: the log. Left out: consoles; when a line was logged is known where it is read. */

import { struct } from '../../sim/struct.ts'
import type { Kernel, LogLevel } from '../kernel.ts'
import { ktime_get } from './time/timekeeping.ts'

export function printk(k: Kernel, level: LogLevel, text: string): void {
  k.options.onPrintk(level, text)
}

const INTERVAL = 5_000_000_000n
const BURST = 10
const ratelimit = struct<{ begin: bigint; printed: number }>('ratelimit_state', { begin: -INTERVAL, printed: 0 })

/** At most ten lines of all that are limited in five seconds; upstream counts each place on its own. */
export function printk_ratelimited(k: Kernel, level: LogLevel, text: string): void {
  const state = k.global(ratelimit)
  const now = ktime_get(k)
  if (now - state.begin >= INTERVAL) {
    state.begin = now
    state.printed = 0
  }
  if (state.printed++ < BURST) printk(k, level, text)
}
