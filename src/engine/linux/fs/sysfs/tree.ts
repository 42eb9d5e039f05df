/** The readable part of /sys as a list, for screens and reports. */

import type { Kernel } from '../../kernel.ts'
import { sysfs_files } from './dir.ts'

export interface SysfsEntry {
  readonly path: string
  readonly mode: number
  /** Text without the final newline; undefined: it can't be read now. */
  show(): string | undefined
}

/** Every readable attribute, by its real path. */
export function sysfsTree(k: Kernel): readonly SysfsEntry[] {
  const entries: SysfsEntry[] = []
  for (const { path, mode, show } of sysfs_files(k)) {
    if (show === undefined) continue
    entries.push({
      path,
      mode,
      show: () => {
        const shown = show()
        return typeof shown === 'number' ? undefined : shown
      },
    })
  }
  return entries
}
