/**
 * drivers/md/dm-table.c: a table, target by target.
 *
 * Source: torvalds/linux 002c6ca75289, v6.1; reference/kernel.md §6.1. Left out: integrity, requests, keys; the index, which
 * only makes finding a target faster.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EINVAL, errname } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { DM_TYPE_BIO_BASED, DM_TYPE_DAX_BIO_BASED, DMERR, type DmTable, dm_device_name, dm_target } from './dm-core.ts'
import { dm_table_supports_dax } from './dm-limits.ts'
import { dm_get_target_type } from './dm-target.ts'

const DM_TABLE = 'drivers/md/dm-table.c'

/** A line of a table. */
export interface DmTargetSpec {
  /** 512-byte sectors. */
  readonly sector_start: number
  readonly length: number
  readonly target_type: string
  readonly params: string
}

/** Words; a backslash keeps what follows it from ending one. */
export const dm_split_args = (input: string): readonly string[] =>
  (input.match(/(?:\\.|\S)+/g) ?? []).map((word) => word.replace(/\\(.)/g, '$1'))

export const dm_table_get_size = ({ targets }: DmTable): number => {
  const last = targets.at(-1)
  return last === undefined ? 0 : last.begin + last.len
}

/** 0, or a negative error number, which the log explains. */
export const dm_table_add_target = kfunc(
  DM_TABLE,
  function* dm_table_add_target(k: Kernel, t: DmTable, { sector_start, length, target_type, params }: DmTargetSpec) {
    const name = dm_device_name(t.md)
    if (length === 0) {
      DMERR(k, 'table', `${name}: zero-length target`)
      return -EINVAL
    }
    const type = dm_get_target_type(k, target_type)
    if (type === undefined) {
      DMERR(k, 'table', `${name}: ${target_type}: unknown target type`)
      return -EINVAL
    }
    const ti = dm_target.create(k.journal, { table: t, target_type: type, begin: sector_start, len: length })
    let rc = -EINVAL
    if (sector_start === dm_table_get_size(t)) rc = yield* type.ctr(k, ti, dm_split_args(params))
    else ti.error = 'Gap in table'
    if (rc === 0) t.targets = [...t.targets, ti]
    else {
      const code = k.has('dm_errors') ? ` (-${errname(rc)})` : ''
      DMERR(k, 'table', `${name}: ${target_type}: ${ti.error}${code}`)
    }
    return rc
  },
)

/** What kind of device it makes. A table on no device at all changes nothing about that. */
export function dm_table_complete(k: Kernel, t: DmTable): void {
  const alone = !t.targets.some((ti) => ti.target_type.iterate_devices !== undefined)
  const dax = dm_table_supports_dax(k, t) || (alone && t.md.queue_mode === DM_TYPE_DAX_BIO_BASED)
  t.queue_mode = dax ? DM_TYPE_DAX_BIO_BASED : DM_TYPE_BIO_BASED
}

export const dm_table_destroy = kfunc(DM_TABLE, function* dm_table_destroy(k: Kernel, t: DmTable | undefined) {
  for (const ti of t?.targets ?? []) yield* ti.target_type.dtr?.(k, ti) ?? []
  if (t !== undefined) t.targets = []
})
