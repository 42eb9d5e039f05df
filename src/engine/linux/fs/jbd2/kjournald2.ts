/**
 * kjournald2() of fs/jbd2/journal.c: the kernel thread that commits, and who waits for it.
 *
 * It is "jbd2/pmem0-8". Here it has its turn while somebody waits for it, on that one's core; a transaction that nobody
 * waits for is committed by the first handle after five seconds. Source: torvalds/linux v6.1.
 */

import { kfunc, microOp } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import type { Journal, Transaction } from '../../include/linux/jbd2.ts'
import { contextFor, type Kernel } from '../../kernel.ts'
import { jbd2_journal_commit_transaction } from './commit.ts'

const JOURNAL = 'fs/jbd2/journal.c'

/** What the kernel thread does when somebody waits for it. */
const kjournald2 = kfunc(JOURNAL, function* kjournald2(k: Kernel, journal: Journal) {
  yield* jbd2_journal_commit_transaction(k, journal)
})

const as_kjournald2 = (k: Kernel, { j_task }: Journal): Kernel => contextFor(k, k.cpu, j_task, k.processor)

/** Commit `tid` if it is the running transaction. */
const jbd2_log_start_commit = kfunc(JOURNAL, function* jbd2_log_start_commit(k: Kernel, journal: Journal, tid: number) {
  // One transaction after the other: another thread may be at the one before.
  yield* microOp(() => journal.j_committing_transaction === undefined || journal.j_running_transaction === undefined)
  const running = journal.j_running_transaction
  if (running?.t_tid !== tid || running.t_state !== 'running') return
  journal.j_commit_request = tid
  yield* kjournald2(as_kjournald2(k, journal), journal)
})

/** 0 when `tid` is on the disk; -EIO when the journal has been given up. */
const jbd2_log_wait_commit = kfunc(JOURNAL, function* jbd2_log_wait_commit(_k: Kernel, journal: Journal, tid: number) {
  yield* microOp(() => journal.j_commit_sequence >= tid || journal.j_aborted)
  return journal.j_aborted ? -EIO : 0
})

/** Will the commit of `tid` flush what was written before? Only one that has not come so far. */
export function jbd2_trans_will_send_data_barrier(journal: Journal, tid: number): boolean {
  if (!journal.j_barrier || journal.j_commit_sequence >= tid) return false
  const { j_committing_transaction: committing } = journal
  return committing?.t_tid !== tid || committing.t_state !== 'jflush'
}

/** Transaction `tid` is on the disk when this returns. */
export const jbd2_complete_transaction = kfunc(
  JOURNAL,
  function* jbd2_complete_transaction(k: Kernel, journal: Journal, tid: number) {
    if (journal.j_running_transaction?.t_tid === tid) yield* jbd2_log_start_commit(k, journal, tid)
    else if (journal.j_committing_transaction?.t_tid !== tid) return 0
    return yield* jbd2_log_wait_commit(k, journal, tid)
  },
)

/** Everything that has been changed up to now is on the disk when this returns. */
export const jbd2_journal_force_commit = kfunc(
  JOURNAL,
  function* jbd2_journal_force_commit(k: Kernel, journal: Journal) {
    const newest = journal.j_running_transaction ?? journal.j_committing_transaction
    return newest === undefined ? 0 : yield* jbd2_complete_transaction(k, journal, newest.t_tid)
  },
)

/** Is the transaction still open for everybody? */
export const is_running = (journal: Journal, transaction: Transaction): boolean =>
  journal.j_running_transaction === transaction && transaction.t_state === 'running'
