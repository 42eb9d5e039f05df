/**
 * include/linux/jbd2.h: the journal as it stands on the disk, where numbers have their high bytes first, and in memory.
 *
 * Source: torvalds/linux v6.1. Left out: fast commits, journals on devices of their own.
 */

import type { Layout } from '../../../../base/layout.ts'
import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'
import type { BlockDevice } from './blk_types.ts'
import type { Inode, SuperBlock } from './fs.ts'
import type { TaskStruct } from './sched.ts'

export const JBD2_MAGIC_NUMBER = 0xc03b3998
export const JBD2_DESCRIPTOR_BLOCK = 1
export const JBD2_COMMIT_BLOCK = 2
export const JBD2_SUPERBLOCK_V1 = 3
export const JBD2_SUPERBLOCK_V2 = 4
export const JBD2_REVOKE_BLOCK = 5
/** Blocks of a journal, at least. */
export const JBD2_MIN_JOURNAL_BLOCKS = 1024

const superblock_fields = {
  h_magic: [0x00, 4],
  h_blocktype: [0x04, 4],
  h_sequence: [0x08, 4],
  s_blocksize: [0x0c, 4],
  s_maxlen: [0x10, 4],
  s_first: [0x14, 4],
  s_sequence: [0x18, 4],
  s_start: [0x1c, 4],
  s_errno: [0x20, 4],
  s_feature_compat: [0x24, 4],
  s_feature_incompat: [0x28, 4],
  s_feature_ro_compat: [0x2c, 4],
  s_uuid: [0x30, 1, 16],
  s_nr_users: [0x40, 4],
  s_dynsuper: [0x44, 4],
  s_max_transaction: [0x48, 4],
  s_max_trans_data: [0x4c, 4],
  s_checksum_type: [0x50, 1],
  s_num_fc_blks: [0x54, 4],
  s_checksum: [0xfc, 4],
  s_users: [0x100, 1, 768],
} as const

export const journal_superblock_s: Layout<typeof superblock_fields> = {
  size: 1024,
  order: 'big',
  fields: superblock_fields,
}

export const JBD2_FEATURE_COMPAT_CHECKSUM = 0x1
export const JBD2_FEATURE_INCOMPAT_REVOKE = 0x1
export const JBD2_FEATURE_INCOMPAT_64BIT = 0x2
export const JBD2_FEATURE_INCOMPAT_ASYNC_COMMIT = 0x4
export const JBD2_FEATURE_INCOMPAT_CSUM_V2 = 0x8
export const JBD2_FEATURE_INCOMPAT_CSUM_V3 = 0x10

/** What a block of the log begins with. */
const header_fields = { h_magic: [0, 4], h_blocktype: [4, 4], h_sequence: [8, 4] } as const
export const journal_header_s: Layout<typeof header_fields> = { size: 12, order: 'big', fields: header_fields }

/** journal_block_tag3_s: a block of the file system, in the block of the log that stands for it. */
const tag3_fields = { t_blocknr: [0, 4], t_flags: [4, 4], t_blocknr_high: [8, 4], t_checksum: [12, 4] } as const
export const journal_block_tag3_s: Layout<typeof tag3_fields> = { size: 16, order: 'big', fields: tag3_fields }

/** journal_block_tag_s: without `t_blocknr_high` where blocks have 32 bits. */
const tag_fields = { t_blocknr: [0, 4], t_checksum: [4, 2], t_flags: [6, 2], t_blocknr_high: [8, 4] } as const
export const journal_block_tag_s: Layout<typeof tag_fields> = { size: 12, order: 'big', fields: tag_fields }

/** The block began with the magic number; zeros stand for it. */
export const JBD2_FLAG_ESCAPE = 1
/** No UUID follows. */
export const JBD2_FLAG_SAME_UUID = 2
export const JBD2_FLAG_LAST_TAG = 8

const revoke_fields = { h_magic: [0, 4], h_blocktype: [4, 4], h_sequence: [8, 4], r_count: [12, 4] } as const
export const jbd2_journal_revoke_header_s: Layout<typeof revoke_fields> = {
  size: 16,
  order: 'big',
  fields: revoke_fields,
}

const commit_fields = {
  h_magic: [0, 4],
  h_blocktype: [4, 4],
  h_sequence: [8, 4],
  h_chksum_type: [12, 1],
  h_chksum_size: [13, 1],
  h_chksum: [16, 4, 8],
  h_commit_sec: [48, 8],
  h_commit_nsec: [56, 4],
} as const
export const commit_header: Layout<typeof commit_fields> = { size: 60, order: 'big', fields: commit_fields }

interface TransactionFields {
  t_tid: number
  /** Locked: nobody may begin to change anything any more. */
  t_state: 'running' | 'locked' | 'flush' | 'commit' | 'jflush' | 'finished'
  /** Handles that are open. */
  t_updates: number
  /** Blocks of the file system that it changes, in the order in which it first did. */
  t_buffers: ReadonlySet<number>
  /** Blocks that it took out of the file system: what older transactions wrote to them does not count. */
  t_revoked: ReadonlySet<number>
  t_forget: ReadonlySet<number>
  /** Files whose data goes to the disk before it commits. */
  t_inode_list: readonly Inode[]
  /** Its blocks that are in the journal and not yet in their own places. */
  t_checkpoint_list: ReadonlySet<number>
  /** Block of the log where it begins. */
  t_log_start: number
  /** Nanoseconds since the boot when it should be committed. */
  t_expires: bigint
  /** Called when it has been committed; the file system's own. */
  t_private_list: readonly unknown[]
}

export type Transaction = TransactionFields & Identity

export const transaction_s = struct<TransactionFields>('transaction_s', {
  t_tid: 0,
  t_state: 'running',
  t_updates: 0,
  t_buffers: undefined as never,
  t_revoked: undefined as never,
  t_forget: undefined as never,
  t_inode_list: [],
  t_checkpoint_list: undefined as never,
  t_log_start: 0,
  t_expires: 0n,
  t_private_list: [],
})

interface HandleFields {
  h_journal: Journal | undefined
  h_transaction: Transaction | undefined
  /** How deep it is nested. */
  h_ref: number
  h_sync: boolean
}

/** struct jbd2_journal_handle; without a journal it stands for nothing. */
export type Handle = HandleFields & Identity

export const jbd2_journal_handle = struct<HandleFields>('jbd2_journal_handle', {
  h_journal: undefined,
  h_transaction: undefined,
  h_ref: 0,
  h_sync: false,
})

interface JournalFields {
  /** JBD2_BARRIER, JBD2_FLUSHED (the log is empty, and says so), JBD2_ABORT. */
  j_barrier: boolean
  j_flushed: boolean
  j_aborted: boolean
  j_errno: number
  /** Its superblock, 1024 bytes. Nobody writes to them: a change is a new array. */
  j_superblock: Uint8Array
  j_dev: BlockDevice
  j_blocksize: number
  /** Blocks of the disk behind those of the log: jbd2_journal_bmap(). */
  j_blocks: readonly number[]
  j_first: number
  /** Behind the last. */
  j_last: number
  /** Next free block, oldest block that is needed, and free ones between them. */
  j_head: number
  j_tail: number
  j_free: number
  j_tail_sequence: number
  j_transaction_sequence: number
  /** Of the newest transaction that has been committed, and the newest that somebody waits for. */
  j_commit_sequence: number
  j_commit_request: number
  j_max_transaction_buffers: number
  j_csum_seed: number
  j_running_transaction: Transaction | undefined
  j_committing_transaction: Transaction | undefined
  /** Oldest first. */
  j_checkpoint_transactions: readonly Transaction[]
  /** kjournald2(). */
  j_task: TaskStruct
  /** Whose it is. */
  j_private: SuperBlock
  j_submit_inode_data_buffers: (k: Kernel, inode: Inode) => Op<number>
  j_commit_callback: (k: Kernel, journal: Journal, transaction: Transaction) => void
}

/** struct journal_s. */
export type Journal = JournalFields & Identity

export const journal_s = struct<JournalFields>('journal_s', {
  j_barrier: true,
  j_flushed: false,
  j_aborted: false,
  j_errno: 0,
  j_superblock: undefined as never,
  j_dev: undefined as never,
  j_blocksize: 0,
  j_blocks: [],
  j_first: 0,
  j_last: 0,
  j_head: 0,
  j_tail: 0,
  j_free: 0,
  j_tail_sequence: 0,
  j_transaction_sequence: 0,
  j_commit_sequence: 0,
  j_commit_request: 0,
  j_max_transaction_buffers: 0,
  j_csum_seed: 0,
  j_running_transaction: undefined,
  j_committing_transaction: undefined,
  j_checkpoint_transactions: [],
  j_task: undefined as never,
  j_private: undefined as never,
  j_submit_inode_data_buffers: undefined as never,
  j_commit_callback: undefined as never,
})
