/**
 * fs/jbd2/journal.c, the lower half: a journal's superblock, its checksums, and single blocks of the log.
 *
 * Source: torvalds/linux v6.1.
 */

import { decode, peek, poke } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { blkdev_issue_flush } from '../../block/blk-flush.ts'
import { type BioFlags, bdev_name, new_bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EIO } from '../../include/linux/errno.ts'
import {
  JBD2_FEATURE_COMPAT_CHECKSUM,
  JBD2_FEATURE_INCOMPAT_CSUM_V2,
  JBD2_FEATURE_INCOMPAT_CSUM_V3,
  type Journal,
  journal_superblock_s,
} from '../../include/linux/jbd2.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { crc32c_le } from '../../lib/crc32.ts'

const JOURNAL = 'fs/jbd2/journal.c'
export const ALL = 0xffff_ffff

export const jbd2_incompat = ({ j_superblock }: Journal, feature: number): boolean =>
  (peek(journal_superblock_s, j_superblock, 's_feature_incompat') & feature) !== 0

/** Blocks of the log and of the file system carry checksums. */
export const jbd2_journal_has_csum_v2or3 = (journal: Journal): boolean =>
  jbd2_incompat(journal, JBD2_FEATURE_INCOMPAT_CSUM_V2 | JBD2_FEATURE_INCOMPAT_CSUM_V3)

/** Bytes at the end of a block of the log that are its checksum. */
export const CSUM_TAIL = 4

/** crc32c of some bytes, as the journal begins it. */
export const jbd2_chksum = (journal: Journal, ...parts: readonly Uint8Array[]): number =>
  parts.reduce((crc, part) => crc32c_le(crc, part), journal.j_csum_seed)

const sector_of = ({ j_blocks, j_blocksize }: Journal, block: number): number =>
  ((j_blocks[block] ?? 0) * j_blocksize) / SECTOR_SIZE

/** The bytes of a block of the log, or -EIO. */
export const jread = kfunc('fs/jbd2/recovery.c', function* jread(k: Kernel, journal: Journal, block: number) {
  const bytes = new Uint8Array(journal.j_blocksize)
  const rc = yield* submit_bio(k, new_bio(journal.j_dev, 'read', sector_of(journal, block), bytes, { meta: true }))
  return rc === 0 ? bytes : -EIO
})

/** Write a block of the log: 0, or -EIO. */
export const journal_write_block = kfunc(
  'fs/jbd2/commit.c',
  function* submit_bh(k: Kernel, journal: Journal, block: number, bytes: Uint8Array, flags: BioFlags = {}) {
    const asked = { sync: true, meta: true, ...flags }
    const rc = yield* submit_bio(k, new_bio(journal.j_dev, 'write', sector_of(journal, block), bytes, asked))
    return rc === 0 ? 0 : -EIO
  },
)

export const jbd2_journal_abort = kfunc(
  JOURNAL,
  function* jbd2_journal_abort(k: Kernel, journal: Journal, error: number) {
    if (journal.j_aborted) return
    printk(k, 'err', `Aborting journal on device ${bdev_name(journal.j_dev)}-8.`)
    journal.j_aborted = true
    journal.j_errno = error
    change(journal, (sb) => poke(journal_superblock_s, sb, 's_errno', error))
    yield* jbd2_write_superblock(k, journal, { sync: true, fua: true })
  },
)

function change(journal: Journal, fn: (sb: Uint8Array) => void): void {
  const after = journal.j_superblock.slice()
  fn(after)
  journal.j_superblock = after
}

export const csum_of = (sb: Uint8Array): number => {
  const bytes = sb.slice()
  poke(journal_superblock_s, bytes, 's_checksum', 0)
  return crc32c_le(ALL, bytes)
}

const jbd2_write_superblock = kfunc(
  JOURNAL,
  function* jbd2_write_superblock(k: Kernel, journal: Journal, flags: BioFlags) {
    const asked = journal.j_barrier ? flags : { sync: true }
    if (jbd2_journal_has_csum_v2or3(journal))
      change(journal, (sb) => poke(journal_superblock_s, sb, 's_checksum', csum_of(sb)))
    const block = new Uint8Array(journal.j_blocksize)
    block.set(journal.j_superblock)
    const at = sector_of(journal, 0)
    return yield* submit_bio(k, new_bio(journal.j_dev, 'write', at, block, asked))
  },
)

/** Say in the superblock where the log begins. */
export const jbd2_journal_update_sb_log_tail = kfunc(
  JOURNAL,
  function* jbd2_journal_update_sb_log_tail(k: Kernel, journal: Journal, tid: number, block: number, flags: BioFlags) {
    if (journal.j_aborted) return -EIO
    change(journal, (sb) => {
      poke(journal_superblock_s, sb, 's_sequence', tid)
      poke(journal_superblock_s, sb, 's_start', block)
    })
    const rc = yield* jbd2_write_superblock(k, journal, flags)
    journal.j_flushed = false
    return rc
  },
)

/** Say in the superblock that nothing is in the log. */
export const jbd2_mark_journal_empty = kfunc(
  JOURNAL,
  function* jbd2_mark_journal_empty(k: Kernel, journal: Journal, flags: BioFlags) {
    if (peek(journal_superblock_s, journal.j_superblock, 's_start') === 0) return
    change(journal, (sb) => {
      poke(journal_superblock_s, sb, 's_sequence', journal.j_tail_sequence)
      poke(journal_superblock_s, sb, 's_start', 0)
    })
    yield* jbd2_write_superblock(k, journal, flags)
    journal.j_flushed = true
  },
)

/** The oldest transaction that must stay in the log, and where it begins there. */
export function jbd2_journal_get_log_tail(journal: Journal): { readonly tid: number; readonly block: number } {
  const { j_checkpoint_transactions, j_committing_transaction, j_running_transaction } = journal
  const oldest = j_checkpoint_transactions[0] ?? j_committing_transaction
  if (oldest !== undefined) return { tid: oldest.t_tid, block: oldest.t_log_start }
  if (j_running_transaction !== undefined) return { tid: j_running_transaction.t_tid, block: journal.j_head }
  return { tid: journal.j_transaction_sequence, block: journal.j_head }
}

/** What is before `block` is free again. */
export const jbd2_update_log_tail = kfunc(
  JOURNAL,
  function* __jbd2_update_log_tail(k: Kernel, journal: Journal, tid: number, block: number) {
    const rc = yield* jbd2_journal_update_sb_log_tail(k, journal, tid, block, { sync: true, fua: true })
    if (rc !== 0) return rc
    const freed = block - journal.j_tail
    journal.j_free += freed < 0 ? freed + journal.j_last - journal.j_first : freed
    journal.j_tail = block
    journal.j_tail_sequence = tid
    return 0
  },
)

/** Forget what has been written to its own place, if it is the oldest part of the log. */
export const jbd2_cleanup_journal_tail = kfunc(
  'fs/jbd2/checkpoint.c',
  function* jbd2_cleanup_journal_tail(k: Kernel, journal: Journal) {
    if (journal.j_aborted) return -EIO
    const { tid, block } = jbd2_journal_get_log_tail(journal)
    if (tid === journal.j_tail_sequence) return 0
    // What was written to its own place must be durable before the log forgets it.
    if (journal.j_barrier) yield* blkdev_issue_flush(k, journal.j_dev)
    return yield* jbd2_update_log_tail(k, journal, tid, block)
  },
)

/** Which checksums and numbers of blocks the log has; written with the superblock's next change. */
export function jbd2_journal_set_features(journal: Journal, compat: number, incompat: number): void {
  const own = JBD2_FEATURE_INCOMPAT_CSUM_V2 | JBD2_FEATURE_INCOMPAT_CSUM_V3
  change(journal, (sb) => {
    const old = decode(journal_superblock_s, sb)
    const kept = (incompat & own) === 0 ? old.s_feature_incompat : old.s_feature_incompat & ~own
    poke(journal_superblock_s, sb, 's_feature_incompat', kept | incompat)
    poke(
      journal_superblock_s,
      sb,
      's_feature_compat',
      (incompat & own) === 0 ? old.s_feature_compat | compat : old.s_feature_compat & ~JBD2_FEATURE_COMPAT_CHECKSUM,
    )
    if ((incompat & own) !== 0) poke(journal_superblock_s, sb, 's_checksum_type', 4)
  })
}
