/** fs/jbd2/checkpoint.c, the list: which blocks that are in the log have still to go to their own places. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Journal, Transaction } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { buffer_dirty, buffer_jbddirty, sb_bread } from '../buffer.ts'

const CHECKPOINT = 'fs/jbd2/checkpoint.c'

export function drop_finished(journal: Journal): void {
  const left = journal.j_checkpoint_transactions.filter(({ t_checkpoint_list }) => t_checkpoint_list.size > 0)
  if (left.length < journal.j_checkpoint_transactions.length) journal.j_checkpoint_transactions = left
}

/** What somebody else has written to its place already needs no more care. */
export const jbd2_journal_clean_checkpoint_list = kfunc(
  CHECKPOINT,
  function* __jbd2_journal_clean_checkpoint_list(k: Kernel, journal: Journal) {
    for (const transaction of journal.j_checkpoint_transactions) {
      const left = new Set<number>()
      for (const block of transaction.t_checkpoint_list) {
        const bh = yield* sb_bread(k, journal.j_private, block)
        if (bh !== undefined && (buffer_dirty(bh) || buffer_jbddirty(bh) || has(journal, block))) left.add(block)
      }
      if (left.size < transaction.t_checkpoint_list.size) transaction.t_checkpoint_list = left
    }
    drop_finished(journal)
  },
)

/** A newer transaction that is not in the log yet has changed it, or freed it. */
export const holder = (
  { j_running_transaction, j_committing_transaction }: Journal,
  block: number,
): Transaction | undefined =>
  [j_committing_transaction, j_running_transaction].find(
    (each) => each !== undefined && (each.t_buffers.has(block) || each.t_forget.has(block)),
  )

const has = (journal: Journal, block: number): boolean => holder(journal, block) !== undefined
