/**
 * fs/jbd2/commit.c: a transaction goes into the log: data of its files, revoke records, descriptors with the blocks, and
 * behind a flush the commit record, which is written FUA.
 *
 * Source: torvalds/linux v6.1. Left out: asynchronous commits, retries after errors of the log.
 */

import { view } from '../../../../base/bytes.ts'
import { encode } from '../../../../base/layout.ts'
import { kfunc, microOp } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import {
  commit_header,
  JBD2_COMMIT_BLOCK,
  JBD2_DESCRIPTOR_BLOCK,
  JBD2_FLAG_ESCAPE,
  JBD2_FLAG_LAST_TAG,
  JBD2_FLAG_SAME_UUID,
  JBD2_MAGIC_NUMBER,
  type Journal,
  journal_header_s,
  journal_superblock_s,
  type Transaction,
} from '../../include/linux/jbd2.ts'
import { ktime_get_real } from '../../kernel/time/timekeeping.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, sb_bread, unfile_buffer } from '../buffer.ts'
import { jbd2_journal_clean_checkpoint_list } from './checkpoint-list.ts'
import {
  CSUM_TAIL,
  jbd2_chksum,
  jbd2_journal_abort,
  jbd2_journal_get_log_tail,
  jbd2_journal_has_csum_v2or3,
  jbd2_journal_update_sb_log_tail,
  jbd2_update_log_tail,
  journal_write_block,
} from './jsb.ts'
import {
  jbd2_block_tag_csum,
  jbd2_journal_next_log_block,
  journal_tag_bytes,
  seal,
  UUID_SIZE,
  write_tag,
} from './log.ts'
import { jbd2_journal_write_revoke_records } from './revoke.ts'

const COMMIT = 'fs/jbd2/commit.c'
const NSEC_PER_SEC = 1_000_000_000n
/** What is on the way to the log: a block of the file system and what it holds. */
interface Shadow {
  readonly bh: BufferHead
  readonly bytes: Uint8Array
}

const journal_submit_data_buffers = kfunc(
  COMMIT,
  function* journal_submit_data_buffers(k: Kernel, journal: Journal, { t_inode_list }: Transaction) {
    for (const inode of t_inode_list) {
      const rc = yield* journal.j_submit_inode_data_buffers(k, inode)
      if (rc !== 0) return rc
    }
    return 0
  },
)

/** A descriptor for as many of the blocks as fit, and these behind it: how many they were, or -EIO. */
const write_descriptor = kfunc(
  COMMIT,
  function* journal_submit_metadata(k: Kernel, journal: Journal, tid: number, left: readonly Shadow[]) {
    const size = journal.j_blocksize
    const descriptor = new Uint8Array(size)
    const head = { h_magic: JBD2_MAGIC_NUMBER, h_blocktype: JBD2_DESCRIPTOR_BLOCK, h_sequence: tid }
    encode(journal_header_s, head, descriptor)
    const end = size - (jbd2_journal_has_csum_v2or3(journal) ? CSUM_TAIL : 0)
    const tag_size = journal_tag_bytes(journal)
    const place = jbd2_journal_next_log_block(journal)
    const blocks: Uint8Array[] = []
    for (let at = journal_header_s.size; blocks.length < left.length; ) {
      const { bh, bytes } = left[blocks.length] as Shadow
      const escaped = view(bytes).getUint32(0) === JBD2_MAGIC_NUMBER
      const written = escaped ? bytes.slice() : bytes
      if (escaped) written.fill(0, 0, 4)
      const first = blocks.length === 0
      blocks.push(written)
      const after = at + tag_size + (first ? UUID_SIZE : 0)
      const last = blocks.length === left.length || after + tag_size > end
      const flags =
        (escaped ? JBD2_FLAG_ESCAPE : 0) | (first ? 0 : JBD2_FLAG_SAME_UUID) | (last ? JBD2_FLAG_LAST_TAG : 0)
      const checksum = jbd2_block_tag_csum(journal, tid, written)
      write_tag(journal, descriptor, at, { blocknr: bh.b_blocknr, flags, checksum })
      if (first) {
        const [offset] = journal_superblock_s.fields.s_uuid
        descriptor.set(journal.j_superblock.subarray(offset, offset + UUID_SIZE), at + tag_size)
      }
      at = after
      if (last) break
    }
    seal(journal, descriptor)
    if ((yield* journal_write_block(k, journal, place, descriptor)) !== 0) return -EIO
    for (const bytes of blocks) {
      const rc = yield* journal_write_block(k, journal, jbd2_journal_next_log_block(journal), bytes)
      if (rc !== 0) return -EIO
    }
    return blocks.length
  },
)

const journal_submit_commit_record = kfunc(
  COMMIT,
  function* journal_submit_commit_record(k: Kernel, journal: Journal, { t_tid }: Transaction) {
    const bytes = new Uint8Array(journal.j_blocksize)
    const now = ktime_get_real(k)
    encode(
      commit_header,
      {
        h_magic: JBD2_MAGIC_NUMBER,
        h_blocktype: JBD2_COMMIT_BLOCK,
        h_sequence: t_tid,
        h_commit_sec: Number(now / NSEC_PER_SEC),
        h_commit_nsec: Number(now % NSEC_PER_SEC),
      },
      bytes,
    )
    if (jbd2_journal_has_csum_v2or3(journal)) encode(commit_header, { h_chksum: [jbd2_chksum(journal, bytes)] }, bytes)
    const flags = journal.j_barrier ? { preflush: true, fua: true } : {}
    return yield* journal_write_block(k, journal, jbd2_journal_next_log_block(journal), bytes, flags)
  },
)

/** It is in the log: its blocks may go to their places now, and no older transaction needs to write them. */
function file_for_checkpoint(journal: Journal, transaction: Transaction, shadows: readonly Shadow[]): void {
  const own = new Set(shadows.map(({ bh }) => bh.b_blocknr))
  const next = journal.j_running_transaction
  for (const older of journal.j_checkpoint_transactions) {
    if (![...older.t_checkpoint_list].some((block) => own.has(block) || transaction.t_forget.has(block))) continue
    older.t_checkpoint_list = new Set(
      [...older.t_checkpoint_list].filter((block) => !own.has(block) && !transaction.t_forget.has(block)),
    )
  }
  for (const { bh } of shadows) {
    const { b_blocknr: block } = bh
    // The next transaction has changed or freed it meanwhile: it stays where it is.
    if (next?.t_buffers.has(block) !== true) unfile_buffer(bh, next?.t_forget.has(block) !== true)
  }
  transaction.t_checkpoint_list = own
  journal.j_checkpoint_transactions = [
    ...journal.j_checkpoint_transactions.filter(({ t_checkpoint_list }) => t_checkpoint_list.size > 0),
    ...(own.size > 0 ? [transaction] : []),
  ]
}

/** The running transaction goes into the log. */
export const jbd2_journal_commit_transaction = kfunc(
  COMMIT,
  function* jbd2_journal_commit_transaction(k: Kernel, journal: Journal) {
    const transaction = journal.j_running_transaction as Transaction
    const { t_tid } = transaction
    if (journal.j_flushed) {
      const { j_tail_sequence, j_tail } = journal
      yield* jbd2_journal_update_sb_log_tail(k, journal, j_tail_sequence, j_tail, { sync: true })
    }
    transaction.t_state = 'locked'
    yield* microOp(() => transaction.t_updates === 0)
    const shadows: Shadow[] = []
    for (const block of transaction.t_buffers) {
      const bh = yield* sb_bread(k, journal.j_private, block)
      if (bh !== undefined) shadows.push({ bh, bytes: b_data(bh) })
    }
    yield* jbd2_journal_clean_checkpoint_list(k, journal)
    transaction.t_state = 'flush'
    journal.j_committing_transaction = transaction
    journal.j_running_transaction = undefined
    transaction.t_log_start = journal.j_head
    let rc = yield* journal_submit_data_buffers(k, journal, transaction)
    if (rc === 0) rc = yield* jbd2_journal_write_revoke_records(k, journal, transaction)
    transaction.t_state = 'commit'
    for (let done = 0; done < shadows.length && rc === 0; ) {
      const count = yield* write_descriptor(k, journal, t_tid, shadows.slice(done))
      if (count < 0) rc = count
      else done += count
    }
    const tail = jbd2_journal_get_log_tail(journal)
    const freed = (tail.block - journal.j_tail + journal.j_last - journal.j_first) % (journal.j_last - journal.j_first)
    const update_tail = tail.tid !== journal.j_tail_sequence && freed >= journal.j_max_transaction_buffers
    transaction.t_state = 'jflush'
    if (rc === 0) rc = yield* journal_submit_commit_record(k, journal, transaction)
    if (rc !== 0) yield* jbd2_journal_abort(k, journal, rc)
    else if (update_tail) yield* jbd2_update_log_tail(k, journal, tail.tid, tail.block)
    file_for_checkpoint(journal, transaction, shadows)
    transaction.t_state = 'finished'
    journal.j_commit_callback(k, journal, transaction)
    journal.j_commit_sequence = t_tid
    journal.j_committing_transaction = undefined
  },
)
