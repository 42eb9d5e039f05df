/**
 * fs/jbd2/recovery.c: after a power failure every transaction whose commit record is there is carried out once more.
 *
 * Three passes over the log: where it ends, what was revoked, and the blocks themselves. Source: torvalds/linux v6.1.
 * Left out: journals with checksums of the first kind, whose blocks are replayed unchecked.
 */

import { view } from '../../../../base/bytes.ts'
import { decode, encode, peek } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { sync_blockdev } from '../../block/bdev.ts'
import { blkdev_issue_flush } from '../../block/blk-flush.ts'
import { EIO, EUCLEAN } from '../../include/linux/errno.ts'
import {
  commit_header,
  JBD2_COMMIT_BLOCK,
  JBD2_DESCRIPTOR_BLOCK,
  JBD2_FLAG_ESCAPE,
  JBD2_MAGIC_NUMBER,
  JBD2_REVOKE_BLOCK,
  type Journal,
  journal_header_s,
  journal_superblock_s,
} from '../../include/linux/jbd2.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { mark_buffer_dirty, sb_getblk } from '../buffer.ts'
import { jbd2_chksum, jbd2_journal_has_csum_v2or3, jread } from './jsb.ts'
import { jbd2_block_tag_csum, jbd2_descriptor_block_csum_verify, type Tag, tags_of, wrap } from './log.ts'
import { scan_revoke_records } from './revoke.ts'

const RECOVERY = 'fs/jbd2/recovery.c'
/** EFSBADCRC. */
const EBADMSG = 74

type Pass = 'scan' | 'revoke' | 'replay'

interface Recovery {
  readonly start: number
  end: number
  readonly revoked: Map<number, number>
  nr_replays: number
}

function commit_block_csum_verify(journal: Journal, bytes: Uint8Array): boolean {
  if (!jbd2_journal_has_csum_v2or3(journal)) return true
  const provided = decode(commit_header, bytes).h_chksum[0]
  const copy = encode(commit_header, { h_chksum: [0] }, bytes.slice())
  return provided === jbd2_chksum(journal, copy)
}

/** 0, or a negative error number when a block can't be what was written. */
const replay_block = kfunc(
  RECOVERY,
  function* replay_block(k: Kernel, journal: Journal, tid: number, tag: Tag, place: number, info: Recovery) {
    const bytes = yield* jread(k, journal, place)
    if (typeof bytes === 'number') {
      printk(k, 'err', `JBD2: IO error ${-bytes} recovering block ${place} in log`)
      return -EIO
    }
    const newest = info.revoked.get(tag.blocknr)
    if (newest !== undefined && newest >= tid) return 0
    if (jbd2_journal_has_csum_v2or3(journal) && jbd2_block_tag_csum(journal, tid, bytes) !== tag.checksum) {
      printk(k, 'err', `JBD2: Invalid checksum recovering data block ${tag.blocknr} in journal block ${place}`)
      return -EBADMSG
    }
    if ((tag.flags & JBD2_FLAG_ESCAPE) !== 0) view(bytes).setUint32(0, JBD2_MAGIC_NUMBER)
    const { j_private: sb } = journal
    if (tag.blocknr * sb.s_blocksize >= sb.s_bdev.bd_nr_sectors * 512) return -EIO
    const bh = yield* sb_getblk(k, sb, tag.blocknr)
    if (bh === undefined) return -EIO
    mark_buffer_dirty(bh, (to) => to.set(bytes))
    info.nr_replays++
    return 0
  },
)

/** One pass from the beginning of the log to where it ends: 0, or a negative error number. */
const do_one_pass = kfunc(RECOVERY, function* do_one_pass(k: Kernel, journal: Journal, info: Recovery, pass: Pass) {
  const length = journal.j_last - journal.j_first
  let tid = info.start
  let next = peek(journal_superblock_s, journal.j_superblock, 's_start')
  let error = 0
  for (let seen = 0; seen < length && (pass === 'scan' || tid < info.end); seen++) {
    const at = next
    const bytes = yield* jread(k, journal, at)
    if (typeof bytes === 'number') return bytes
    next = wrap(journal, at + 1)
    const { h_magic, h_blocktype, h_sequence } = decode(journal_header_s, bytes)
    if (h_magic !== JBD2_MAGIC_NUMBER || h_sequence !== tid) break
    if (h_blocktype === JBD2_DESCRIPTOR_BLOCK) {
      if (!jbd2_descriptor_block_csum_verify(journal, bytes)) {
        // A descriptor that never was written whole ends the log; in its midst it is damage.
        if (pass === 'scan') break
        printk(k, 'err', `JBD2: Invalid checksum recovering block ${at} in log`)
        return -EBADMSG
      }
      for (const tag of tags_of(journal, bytes)) {
        if (pass === 'replay') {
          const rc = yield* replay_block(k, journal, tid, tag, next, info)
          if (rc !== 0) error = rc
        }
        next = wrap(journal, next + 1)
        seen++
      }
    } else if (h_blocktype === JBD2_COMMIT_BLOCK) {
      if (pass === 'scan' && !commit_block_csum_verify(journal, bytes)) break
      tid++
    } else if (h_blocktype === JBD2_REVOKE_BLOCK) {
      if (pass !== 'revoke') continue
      const blocks = jbd2_descriptor_block_csum_verify(journal, bytes) ? scan_revoke_records(journal, bytes) : undefined
      if (blocks === undefined) return -EBADMSG
      for (const block of blocks) info.revoked.set(block, tid)
    } else break
  }
  if (pass === 'scan') info.end = tid
  else if (tid !== info.end) {
    printk(
      k,
      'err',
      `JBD2: recovery pass ${pass === 'revoke' ? 1 : 2} ended at transaction ${tid}, expected ${info.end}`,
    )
    return error || -EIO
  }
  return error
})

/** Carry out what the log holds: 0, or a negative error number. */
export const jbd2_journal_recover = kfunc(RECOVERY, function* jbd2_journal_recover(k: Kernel, journal: Journal) {
  const sb = decode(journal_superblock_s, journal.j_superblock)
  if (sb.s_start === 0) {
    journal.j_transaction_sequence = sb.s_sequence + 1
    return 0
  }
  const info: Recovery = { start: sb.s_sequence, end: sb.s_sequence, revoked: new Map(), nr_replays: 0 }
  for (const pass of ['scan', 'revoke', 'replay'] as const) {
    const rc = yield* do_one_pass(k, journal, info, pass)
    if (rc !== 0) return rc === -EBADMSG ? -EUCLEAN : rc
  }
  journal.j_transaction_sequence = info.end + 1
  const rc = yield* sync_blockdev(k, journal.j_private.s_bdev)
  if (rc === 0 && journal.j_barrier) return yield* blkdev_issue_flush(k, journal.j_private.s_bdev)
  return rc
})
