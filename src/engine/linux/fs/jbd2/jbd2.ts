/**
 * include/linux/jbd2.h: the journal as it stands on the disk; numbers have their high bytes first.
 *
 * Source: torvalds/linux v6.1. Left out: blocks of the log but the first.
 */

import type { Layout } from '../../../../base/layout.ts'

export const JBD2_MAGIC_NUMBER = 0xc03b3998
export const JBD2_SUPERBLOCK_V2 = 4
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
