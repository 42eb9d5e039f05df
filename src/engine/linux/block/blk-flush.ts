/** block/blk-flush.c: what a disk has accepted becomes durable. Left out: the state machine of request queues. */

import { kfunc } from '../../sim/kfunc.ts'
import { type BlockDevice, new_bio } from '../include/linux/blk_types.ts'
import type { Kernel } from '../kernel.ts'
import { submit_bio } from './blk-core.ts'

/** 0, or a negative error number. */
export const blkdev_issue_flush = kfunc(
  'block/blk-flush.c',
  function* blkdev_issue_flush(k: Kernel, bdev: BlockDevice) {
    return yield* submit_bio(k, new_bio(bdev, 'write', 0, undefined, { preflush: true, sync: true }))
  },
)
