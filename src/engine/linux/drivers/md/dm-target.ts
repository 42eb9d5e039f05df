/** drivers/md/dm-target.c: the types of targets, and "error", which refuses everything. Left out: types on demand. */

import { kfunc } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import type { TargetType } from './dm-core.ts'
import { delay_target } from './dm-delay.ts'
import { flakey_target } from './dm-flakey.ts'
import { linear_target } from './dm-linear.ts'
import { log_writes_target } from './dm-log-writes.ts'
import { stripe_target } from './dm-stripe.ts'
import { zero_target } from './dm-zero.ts'

const DM_TARGET = 'drivers/md/dm-target.c'

const io_err_ctr = kfunc(DM_TARGET, function* io_err_ctr() {
  yield* []
  return 0
})

const io_err_map = kfunc(DM_TARGET, function* io_err_map() {
  yield* []
  return -EIO
})

const io_err_dax_direct_access = kfunc(DM_TARGET, function* io_err_dax_direct_access(_k: Kernel) {
  yield* []
  return -EIO
})

const error_target: TargetType = {
  name: 'error',
  version: '1.5.0',
  ctr: (k) => io_err_ctr(k),
  map: (k) => io_err_map(k),
  status: () => '',
  direct_access: (k) => io_err_dax_direct_access(k),
}

/** The last that was registered first. */
export const target_types = (k: Kernel): readonly TargetType[] => [
  delay_target,
  flakey_target,
  log_writes_target(k),
  zero_target,
  stripe_target,
  linear_target,
  error_target,
]

export const dm_get_target_type = (k: Kernel, name: string): TargetType | undefined =>
  target_types(k).find((type) => type.name === name)
