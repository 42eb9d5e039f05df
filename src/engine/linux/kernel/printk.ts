/** kernel/printk/printk.c: the log. Left out: rate limits, consoles; when a line was logged is known where it is read. */

import type { Kernel, LogLevel } from '../kernel.ts'

export function printk(k: Kernel, level: LogLevel, text: string): void {
  k.options.onPrintk(level, text)
}
