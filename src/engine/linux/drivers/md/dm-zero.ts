/** drivers/md/dm-zero.c: a target that reads as zeros and forgets what is written. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Bio } from '../../include/linux/blk_types.ts'
import { EINVAL, EIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import type { DmTarget, TargetType } from './dm-core.ts'

const DM_ZERO = 'drivers/md/dm-zero.c'

const zero_ctr = kfunc(DM_ZERO, function* zero_ctr(_k: Kernel, ti: DmTarget, argv: readonly string[]) {
  yield* []
  if (argv.length === 0) return 0
  ti.error = 'No arguments required'
  return -EINVAL
})

const zero_map = kfunc(DM_ZERO, function* zero_map(_k: Kernel, _ti: DmTarget, bio: Bio) {
  yield* []
  if (bio.rahead === true) return -EIO
  if (bio.op === 'read') bio.data.fill(0)
  return 0
})

export const zero_target: TargetType = {
  name: 'zero',
  version: '1.1.0',
  ctr: zero_ctr,
  map: zero_map,
  status: () => '',
}
