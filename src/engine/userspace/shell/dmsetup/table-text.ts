/** dmsetup: tables as text, one target a line. Source: lvm2 2.03.16 (dmsetup.c, _parse_line()). */

import { err, ok, type Result } from '../../../../base/result.ts'
import type { DmTargetSpec } from '../../../linux/drivers/md/dm-table.ts'

/** `source`: where it comes from, for a line that is none. */
export function parseTable(text: string, source: string): Result<readonly DmTargetSpec[], string> {
  const targets: DmTargetSpec[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue
    const [, start, length, target_type, params = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? []
    if (target_type === undefined) return err(`Invalid format on line ${index + 1} of table ${source}`)
    targets.push({ sector_start: Number(start), length: Number(length), target_type, params })
  }
  return ok(targets)
}

export const tableLine = ({ sector_start, length, target_type, params }: DmTargetSpec): string =>
  `${sector_start} ${length} ${target_type} ${params}`
