/** fs/jbd2/checkpoint.c: blocks that are in the log go to their own places, so that the log has room again. */

import { kfunc } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import type { Journal } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { buffer_dirty, sb_bread, submit_bh } from '../buffer.ts'
import { drop_finished, holder } from './checkpoint-list.ts'
import { jbd2_complete_transaction } from './kjournald2.ts'

const CHECKPOINT = 'fs/jbd2/checkpoint.c'

/** Everything that the oldest transaction changed goes to its place: 0, or -EIO. The caller makes the log shorter. */
export const jbd2_log_do_checkpoint = kfunc(CHECKPOINT, function* jbd2_log_do_checkpoint(k: Kernel, journal: Journal) {
  const oldest = journal.j_checkpoint_transactions[0]
  if (oldest === undefined) return 0
  let error = 0
  for (const block of oldest.t_checkpoint_list) {
    const newer = holder(journal, block)
    if (newer !== undefined) {
      const rc = yield* jbd2_complete_transaction(k, journal, newer.t_tid)
      if (rc !== 0) return rc
      continue
    }
    const bh = yield* sb_bread(k, journal.j_private, block)
    if (bh === undefined || !buffer_dirty(bh)) continue
    if ((yield* submit_bh(k, bh, { sync: true })) !== 0) error = -EIO
  }
  oldest.t_checkpoint_list = new Set()
  drop_finished(journal)
  return error
})
