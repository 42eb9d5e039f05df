/**
 * fs/jbd2/transaction.c: handles, each of which is a change to a file system that happens whole or not at all, and the
 * transaction that gathers them.
 *
 * A block that belongs to a transaction is changed in the page cache, and not written to its own place before it is in
 * the log. What a commit writes are the bytes at the moment when its last handle was closed: bytes are never changed in
 * place, so nobody has to wait for copies. Source: torvalds/linux v6.1. Left out: credits of single handles, barriers of
 * snapshots.
 */

import { kfunc, microOp } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import type { Inode } from '../../include/linux/fs.ts'
import {
  type Handle,
  JBD2_FEATURE_INCOMPAT_REVOKE,
  type Journal,
  jbd2_journal_handle,
  type Transaction,
  transaction_s,
} from '../../include/linux/jbd2.ts'
import { ktime_get } from '../../kernel/time/timekeeping.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, mark_buffer_jbddirty, unfile_buffer } from '../buffer.ts'
import { jbd2_log_do_checkpoint } from './checkpoint.ts'
import { jbd2_cleanup_journal_tail, jbd2_journal_set_features } from './jsb.ts'
import { is_running, jbd2_complete_transaction } from './kjournald2.ts'

const TRANSACTION = 'fs/jbd2/transaction.c'
/** JBD2_DEFAULT_MAX_COMMIT_AGE. */
const COMMIT_INTERVAL = 5_000_000_000n
/** Room in the log that is kept for blocks that describe others. */
const SLACK = 32

const add = (set: ReadonlySet<number>, block: number): ReadonlySet<number> =>
  set.has(block) ? set : new Set([...set, block])

function without(set: ReadonlySet<number>, block: number): ReadonlySet<number> {
  if (!set.has(block)) return set
  const left = new Set(set)
  left.delete(block)
  return left
}

function jbd2_get_transaction(k: Kernel, journal: Journal): Transaction {
  const none: ReadonlySet<number> = new Set()
  const transaction = transaction_s.create(k.journal, {
    t_tid: journal.j_transaction_sequence,
    t_buffers: none,
    t_revoked: none,
    t_forget: none,
    t_checkpoint_list: none,
    t_expires: ktime_get(k) + COMMIT_INTERVAL,
  })
  journal.j_transaction_sequence++
  journal.j_running_transaction = transaction
  return transaction
}

/** Room for a whole transaction: what is oldest in the log goes to its own place. */
const jbd2_log_wait_for_space = kfunc(
  'fs/jbd2/checkpoint.c',
  function* __jbd2_log_wait_for_space(k: Kernel, journal: Journal) {
    while (journal.j_free - SLACK < journal.j_max_transaction_buffers && !journal.j_aborted) {
      if (journal.j_checkpoint_transactions.length > 0) {
        const rc = yield* jbd2_log_do_checkpoint(k, journal)
        if (rc < 0) return rc
        yield* jbd2_cleanup_journal_tail(k, journal)
      } else {
        const before = journal.j_free
        yield* jbd2_cleanup_journal_tail(k, journal)
        if (journal.j_free === before) return 0
      }
    }
    return 0
  },
)

/** The running transaction, when there is room for `blocks` more in it; one that is full or old is committed first. */
const start_this_handle = kfunc(TRANSACTION, function* start_this_handle(k: Kernel, journal: Journal, blocks: number) {
  for (;;) {
    if (journal.j_aborted) return undefined
    const running = journal.j_running_transaction
    if (running === undefined) {
      const rc = yield* jbd2_log_wait_for_space(k, journal)
      if (rc < 0) return undefined
      if (journal.j_running_transaction === undefined) return jbd2_get_transaction(k, journal)
      continue
    }
    if (running.t_state !== 'running') {
      yield* microOp(() => journal.j_running_transaction !== running)
      continue
    }
    const full = running.t_buffers.size + blocks > journal.j_max_transaction_buffers && running.t_buffers.size > 0
    if (!full && ktime_get(k) < running.t_expires) return running
    yield* jbd2_complete_transaction(k, journal, running.t_tid)
  }
})

/** The right to change about so many blocks; a task that has it already gets the same. undefined: -EROFS, it was given up. */
export const jbd2_journal_start = kfunc(
  TRANSACTION,
  function* jbd2_journal_start(k: Kernel, journal: Journal, blocks: number) {
    const own = k.current.journal_info
    if (own !== undefined) {
      own.h_ref++
      return own
    }
    const transaction = yield* start_this_handle(k, journal, blocks)
    if (transaction === undefined) return undefined
    transaction.t_updates++
    const handle = jbd2_journal_handle.create(k.journal, { h_journal: journal, h_transaction: transaction, h_ref: 1 })
    k.current.journal_info = handle
    return handle
  },
)

/** The change is whole. 0, or -EIO when the journal has been given up. */
export const jbd2_journal_stop = kfunc(TRANSACTION, function* jbd2_journal_stop(k: Kernel, handle: Handle) {
  const { h_transaction: transaction, h_journal: journal } = handle
  if (transaction === undefined || journal === undefined) return 0
  if (--handle.h_ref > 0) return 0
  transaction.t_updates--
  k.current.journal_info = undefined
  if (handle.h_sync) return yield* jbd2_complete_transaction(k, journal, transaction.t_tid)
  return journal.j_aborted ? -EIO : 0
})

/** The transaction has become too large for what follows: the change so far is whole, too, and goes on in the next. */
export const jbd2_journal_restart = kfunc(
  TRANSACTION,
  function* jbd2_journal_restart(k: Kernel, handle: Handle, blocks: number) {
    const { h_transaction: transaction, h_journal: journal } = handle
    if (transaction === undefined || journal === undefined) return 0
    transaction.t_updates--
    const next = yield* start_this_handle(k, journal, blocks)
    if (next === undefined) return -EIO
    next.t_updates++
    handle.h_transaction = next
    return 0
  },
)

/** Is there room for so many more blocks in what the handle belongs to? */
export function jbd2_handle_has_enough_credits(handle: Handle, blocks: number): boolean {
  const { h_transaction: transaction, h_journal: journal } = handle
  if (transaction === undefined || journal === undefined) return true
  return transaction.t_buffers.size + blocks <= journal.j_max_transaction_buffers && is_running(journal, transaction)
}

/** Change a block of the file system as a part of the handle. */
export function jbd2_journal_dirty_metadata(handle: Handle, bh: BufferHead, change: (bytes: Uint8Array) => void): void {
  const transaction = handle.h_transaction as Transaction
  mark_buffer_jbddirty(bh, change)
  transaction.t_buffers = add(transaction.t_buffers, bh.b_blocknr)
  // jbd2_journal_cancel_revoke(): it is metadata once more.
  transaction.t_revoked = without(transaction.t_revoked, bh.b_blocknr)
  transaction.t_forget = without(transaction.t_forget, bh.b_blocknr)
}

/** The block is free: what is in the log of it must not come back, and it needs not be written any more. */
export function jbd2_journal_revoke(handle: Handle, bh: BufferHead): void {
  const transaction = handle.h_transaction as Transaction
  const block = bh.b_blocknr
  jbd2_journal_set_features(handle.h_journal as Journal, 0, JBD2_FEATURE_INCOMPAT_REVOKE)
  transaction.t_revoked = add(transaction.t_revoked, block)
  transaction.t_buffers = without(transaction.t_buffers, block)
  // Older transactions that have it stay in the log until this one is there, too.
  transaction.t_forget = add(transaction.t_forget, block)
  unfile_buffer(bh, false)
  bh.folio.dirty &= ~(1 << (bh.at / bh.sb.s_blocksize))
}

/** Data of this file goes to the disk before what the handle changes is committed. */
export function jbd2_journal_inode_ranged_write(handle: Handle, inode: Inode): void {
  const transaction = handle.h_transaction as Transaction
  if (!transaction.t_inode_list.includes(inode)) transaction.t_inode_list = [...transaction.t_inode_list, inode]
}
