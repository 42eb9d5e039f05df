/** drivers/md/dm-table.c, the part for arguments: one after the other, and numbers among them within their limits. */

import { EINVAL } from '../../include/linux/errno.ts'
import type { DmTarget } from './dm-core.ts'

export const UINT_MAX = 2 ** 32 - 1

/** struct dm_arg: what a number may be, and what is said of another. */
export interface DmArg {
  readonly min: number
  readonly max: number
  readonly error: string
}

/** struct dm_arg_set: what is left of the arguments of a target. */
export interface DmArgSet {
  argv: readonly string[]
}

export function dm_shift_arg(as: DmArgSet): string | undefined {
  const [first, ...rest] = as.argv
  as.argv = rest
  return first
}

/** "%u" and nothing behind it; it wraps. */
export const uint_of = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(BigInt.asUintN(32, BigInt(text))) : undefined

/** `grouped`: it says how many arguments follow. A negative error number, with `ti.error`, if it is not as it should be. */
export function dm_read_arg({ min, max, error }: DmArg, as: DmArgSet, ti: DmTarget, grouped = false): number {
  const value = uint_of(dm_shift_arg(as))
  if (value !== undefined && value >= min && value <= max && !(grouped && as.argv.length < value)) return value
  ti.error = error
  return -EINVAL
}
