/**
 * fs/jbd2/journal.c: a journal is found, begun and ended.
 *
 * Source: torvalds/linux v6.1. Left out: fast commits, journals on devices of their own, statistics.
 */

import { decode, peek } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { type BlockDevice, bdev_name } from '../../include/linux/blk_types.ts'
import { EINVAL, EIO } from '../../include/linux/errno.ts'
import type { SuperBlock } from '../../include/linux/fs.ts'
import {
  JBD2_FEATURE_INCOMPAT_64BIT,
  JBD2_FEATURE_INCOMPAT_ASYNC_COMMIT,
  JBD2_FEATURE_INCOMPAT_CSUM_V2,
  JBD2_FEATURE_INCOMPAT_CSUM_V3,
  JBD2_FEATURE_INCOMPAT_REVOKE,
  JBD2_MAGIC_NUMBER,
  JBD2_MIN_JOURNAL_BLOCKS,
  JBD2_SUPERBLOCK_V1,
  JBD2_SUPERBLOCK_V2,
  type Journal,
  journal_s,
  journal_superblock_s,
} from '../../include/linux/jbd2.ts'
import { task_struct } from '../../include/linux/sched.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { crc32c_le } from '../../lib/crc32.ts'
import { jbd2_log_do_checkpoint } from './checkpoint.ts'
import {
  ALL,
  csum_of,
  jbd2_cleanup_journal_tail,
  jbd2_journal_has_csum_v2or3,
  jbd2_journal_update_sb_log_tail,
  jbd2_mark_journal_empty,
  jread,
} from './jsb.ts'
import { jbd2_journal_force_commit } from './kjournald2.ts'
import { jbd2_journal_recover } from './recovery.ts'

const JOURNAL = 'fs/jbd2/journal.c'
/** Of the kernel thread of any file system. */
const KTHREAD_PID = 200
const KNOWN_INCOMPAT =
  JBD2_FEATURE_INCOMPAT_REVOKE |
  JBD2_FEATURE_INCOMPAT_64BIT |
  JBD2_FEATURE_INCOMPAT_ASYNC_COMMIT |
  JBD2_FEATURE_INCOMPAT_CSUM_V2 |
  JBD2_FEATURE_INCOMPAT_CSUM_V3

/** The file system is unmounted: everything goes to its own place and the log is empty. 0, or -EIO. */
export const jbd2_journal_destroy = kfunc(JOURNAL, function* jbd2_journal_destroy(k: Kernel, journal: Journal) {
  yield* jbd2_journal_force_commit(k, journal)
  while (!journal.j_aborted && journal.j_checkpoint_transactions.length > 0) {
    const rc = yield* jbd2_log_do_checkpoint(k, journal)
    if (rc < 0) return rc
    yield* jbd2_cleanup_journal_tail(k, journal)
  }
  if (journal.j_aborted) return -EIO
  yield* jbd2_cleanup_journal_tail(k, journal)
  yield* jbd2_mark_journal_empty(k, journal, { sync: true, preflush: true, fua: true })
  return 0
})

/** What is wrong with the superblock of a journal; undefined: nothing. */
function invalid(journal: Journal): string | undefined {
  const sb = decode(journal_superblock_s, journal.j_superblock)
  if (sb.h_magic !== JBD2_MAGIC_NUMBER || sb.s_blocksize !== journal.j_blocksize)
    return 'JBD2: no valid journal superblock found'
  if (sb.h_blocktype !== JBD2_SUPERBLOCK_V1 && sb.h_blocktype !== JBD2_SUPERBLOCK_V2)
    return 'JBD2: unrecognised superblock format ID'
  if (sb.s_maxlen > journal.j_blocks.length) return 'JBD2: journal file too short'
  if (sb.s_first === 0 || sb.s_first >= sb.s_maxlen) return `JBD2: Invalid start block of journal: ${sb.s_first}`
  if (sb.s_maxlen < JBD2_MIN_JOURNAL_BLOCKS) return 'JBD2: journal file too short'
  if (sb.s_start !== 0 && (sb.s_start < sb.s_first || sb.s_start >= sb.s_maxlen))
    return `JBD2: Invalid start block of journal: ${sb.s_start}`
  if ((sb.s_feature_incompat & ~KNOWN_INCOMPAT) !== 0 || sb.s_feature_ro_compat !== 0)
    return 'JBD2: Unrecognised features on journal'
  if (jbd2_journal_has_csum_v2or3(journal) && sb.s_checksum !== csum_of(journal.j_superblock))
    return 'JBD2: journal checksum error'
  return undefined
}

export interface JournalSetup {
  readonly sb: SuperBlock
  readonly bdev: BlockDevice
  /** Blocks of the disk behind those of the log. */
  readonly blocks: readonly number[]
  readonly barrier: boolean
  readonly submit_inode_data_buffers: Journal['j_submit_inode_data_buffers']
  readonly commit_callback: Journal['j_commit_callback']
}

/** The journal that a file has, or a negative error number with the reason in the log. */
export const jbd2_journal_init_inode = kfunc(
  JOURNAL,
  function* jbd2_journal_init_inode(k: Kernel, setup: JournalSetup) {
    const { sb, bdev, blocks, barrier } = setup
    const journal = journal_s.create(k.journal, {
      j_barrier: barrier,
      j_dev: bdev,
      j_blocksize: sb.s_blocksize,
      j_blocks: blocks,
      j_private: sb,
      j_submit_inode_data_buffers: setup.submit_inode_data_buffers,
      j_commit_callback: setup.commit_callback,
      j_task: task_struct.create(k.journal, { pid: KTHREAD_PID, comm: `jbd2/${bdev_name(bdev)}-8` }),
      j_superblock: new Uint8Array(journal_superblock_s.size),
    })
    const first = yield* jread(k, journal, 0)
    if (typeof first === 'number') {
      printk(k, 'err', 'JBD2: IO error reading journal superblock')
      return -EIO
    }
    journal.j_superblock = first.slice(0, journal_superblock_s.size)
    const wrong = invalid(journal)
    if (wrong === undefined) return journal
    printk(k, 'warn', wrong)
    return -EINVAL
  },
)

/** Replay what the log holds, and begin a new one: 0, or a negative error number. */
export const jbd2_journal_load = kfunc(JOURNAL, function* jbd2_journal_load(k: Kernel, journal: Journal) {
  const sb = decode(journal_superblock_s, journal.j_superblock)
  journal.j_first = sb.s_first
  journal.j_last = sb.s_maxlen
  journal.j_csum_seed = crc32c_le(ALL, sb.s_uuid)
  journal.j_tail_sequence = sb.s_sequence
  journal.j_tail = sb.s_start
  const rc = yield* jbd2_journal_recover(k, journal)
  if (rc !== 0) {
    printk(k, 'warn', 'JBD2: recovery failed')
    return rc
  }
  return yield* journal_reset(k, journal)
})

const journal_reset = kfunc(JOURNAL, function* journal_reset(k: Kernel, journal: Journal) {
  const { j_first, j_last, j_transaction_sequence } = journal
  journal.j_head = j_first
  journal.j_tail = j_first
  journal.j_free = j_last - j_first
  journal.j_tail_sequence = j_transaction_sequence
  journal.j_commit_sequence = j_transaction_sequence - 1
  journal.j_commit_request = j_transaction_sequence - 1
  journal.j_max_transaction_buffers = Math.floor(j_last / 4)
  if (peek(journal_superblock_s, journal.j_superblock, 's_start') === 0) {
    journal.j_flushed = true
    return 0
  }
  const flags = { sync: true, fua: true }
  return yield* jbd2_journal_update_sb_log_tail(k, journal, j_transaction_sequence, j_first, flags)
})
