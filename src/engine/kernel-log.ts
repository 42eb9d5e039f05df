/** The kernel's log as the machine has recorded it, for whoever reads it inside the machine: dmesg. */

import { ktime_get } from './linux/kernel/time/timekeeping.ts'
import type { Kernel, LogLevel, Printed } from './linux/kernel.ts'
import type { Journal } from './sim/journal.ts'
import type { Trace } from './sim/trace.ts'

/** What `kernel` has logged since step `from`. */
export function kernelLog(trace: Trace, journal: Journal, kernel: Kernel, from: number): readonly Printed[] {
  const lines: Printed[] = []
  for (let step = from; step < trace.length; step++) {
    if (trace.kindOf(step) !== 'log') continue
    const [, level, text = ''] = /^(\w+) (.*)$/s.exec(trace.texts[trace.a.get(step)] ?? '') ?? []
    lines.push({ level: level as LogLevel, text, nsec: journal.at(step, () => ktime_get(kernel)) })
  }
  return lines
}
