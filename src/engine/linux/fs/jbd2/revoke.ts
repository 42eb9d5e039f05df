/** fs/jbd2/revoke.c: blocks that were taken out of the file system, and whose older bytes in the log mean nothing. */

import { view } from '../../../../base/bytes.ts'
import { encode, peek } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import {
  JBD2_FEATURE_INCOMPAT_64BIT,
  JBD2_MAGIC_NUMBER,
  JBD2_REVOKE_BLOCK,
  type Journal,
  jbd2_journal_revoke_header_s,
  type Transaction,
} from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { CSUM_TAIL, jbd2_incompat, jbd2_journal_has_csum_v2or3, journal_write_block } from './jsb.ts'
import { jbd2_journal_next_log_block, seal } from './log.ts'

const HEADER = jbd2_journal_revoke_header_s.size

const record_size = (journal: Journal): number => (jbd2_incompat(journal, JBD2_FEATURE_INCOMPAT_64BIT) ? 8 : 4)

/** How many fit into a block of the log. */
function per_block(journal: Journal): number {
  const tail = jbd2_journal_has_csum_v2or3(journal) ? CSUM_TAIL : 0
  return Math.floor((journal.j_blocksize - tail - HEADER) / record_size(journal))
}

/** 0, or -EIO. */
export const jbd2_journal_write_revoke_records = kfunc(
  'fs/jbd2/revoke.c',
  function* jbd2_journal_write_revoke_records(k: Kernel, journal: Journal, transaction: Transaction) {
    const all = [...transaction.t_revoked]
    if (all.length === 0) return 0
    const size = record_size(journal)
    for (let from = 0; from < all.length; from += per_block(journal)) {
      const own = all.slice(from, from + per_block(journal))
      const bytes = new Uint8Array(journal.j_blocksize)
      encode(
        jbd2_journal_revoke_header_s,
        {
          h_magic: JBD2_MAGIC_NUMBER,
          h_blocktype: JBD2_REVOKE_BLOCK,
          h_sequence: transaction.t_tid,
          r_count: HEADER + own.length * size,
        },
        bytes,
      )
      for (const [i, block] of own.entries()) {
        if (size === 8) view(bytes).setBigUint64(HEADER + i * size, BigInt(block))
        else view(bytes).setUint32(HEADER + i * size, block)
      }
      seal(journal, bytes)
      const rc = yield* journal_write_block(k, journal, jbd2_journal_next_log_block(journal), bytes)
      if (rc !== 0) return -EIO
    }
    return 0
  },
)

/** The blocks that a revoke block names; undefined when it can't be one. */
export function scan_revoke_records(journal: Journal, bytes: Uint8Array): readonly number[] | undefined {
  const size = record_size(journal)
  const end = peek(jbd2_journal_revoke_header_s, bytes, 'r_count')
  const tail = jbd2_journal_has_csum_v2or3(journal) ? CSUM_TAIL : 0
  if (end > journal.j_blocksize - tail) return undefined
  const blocks: number[] = []
  for (let at = HEADER; at + size <= end; at += size)
    blocks.push(size === 8 ? Number(view(bytes).getBigUint64(at)) : view(bytes).getUint32(at))
  return blocks
}
