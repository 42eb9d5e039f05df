/**
 * fs/ext4/ext4_jbd2.c: changes to metadata, with a journal and without.
 *
 * A function that changes something takes a handle; `undefined` is a file system without a journal, whose blocks just
 * become dirty. Source: torvalds/linux v6.1.
 */

import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { EROFS } from '../../include/linux/errno.ts'
import type { Inode, SuperBlock } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, bforget, mark_buffer_dirty, mark_buffer_dirty_inode } from '../buffer.ts'
import {
  jbd2_handle_has_enough_credits,
  jbd2_journal_dirty_metadata,
  jbd2_journal_restart,
  jbd2_journal_revoke,
  jbd2_journal_start,
  jbd2_journal_stop,
} from '../jbd2/transaction.ts'
import { EXT4_SB } from './sb.ts'

const EXT4_JBD2 = 'fs/ext4/ext4_jbd2.c'

/** Blocks that an operation on a name, or on a stretch of a file, changes at most: EXT4_DATA_TRANS_BLOCKS() and its like. */
const EXT4_TRANS_BLOCKS = 32

/** A handle; undefined without a journal; -EROFS when nothing is written any more. */
export const ext4_journal_start = kfunc(EXT4_JBD2, function* __ext4_journal_start_sb(k: Kernel, sb: SuperBlock) {
  const { s_journal, s_aborted } = EXT4_SB(sb)
  if (s_aborted || sb.s_rdonly) return -EROFS
  if (s_journal === undefined) return undefined
  return (yield* jbd2_journal_start(k, s_journal, EXT4_TRANS_BLOCKS)) ?? -EROFS
})

/** 0, or a negative error number. Inodes that the change left dirty become a part of it. */
export const ext4_journal_stop = kfunc(
  EXT4_JBD2,
  function* __ext4_journal_stop(k: Kernel, sb: SuperBlock, handle: Handle | undefined) {
    if (handle === undefined) return 0
    if (handle.h_ref === 1)
      for (const inode of sb.s_inodes.values())
        if (inode.i_dirty !== 'clean') yield* EXT4_SB(sb).s_mark_inode_dirty(k, handle, inode)
    return yield* jbd2_journal_stop(k, handle)
  },
)

/** Change a block of metadata, which belongs to `inode` where one is named. */
export function ext4_handle_dirty_metadata(
  handle: Handle | undefined,
  inode: Inode | undefined,
  bh: BufferHead,
  change: (bytes: Uint8Array) => void,
): void {
  if (handle !== undefined) jbd2_journal_dirty_metadata(handle, bh, change)
  else if (inode === undefined) mark_buffer_dirty(bh, change)
  else mark_buffer_dirty_inode(bh, inode, change)
}

/** A block of metadata is about to be freed. */
export function ext4_forget(handle: Handle | undefined, inode: Inode, bh: BufferHead): void {
  if (handle !== undefined) {
    jbd2_journal_revoke(handle, bh)
    return
  }
  bforget(bh)
  inode.i_assoc = inode.i_assoc.filter((each) => each !== bh.b_blocknr)
}

/** What follows may have to be a change of its own: 0, or a negative error number. */
export const ext4_journal_ensure_credits = kfunc(
  EXT4_JBD2,
  function* ext4_journal_ensure_credits(k: Kernel, handle: Handle | undefined, inode: Inode) {
    if (handle === undefined || jbd2_handle_has_enough_credits(handle, EXT4_TRANS_BLOCKS)) return 0
    yield* EXT4_SB(inode.i_sb).s_mark_inode_dirty(k, handle, inode)
    return yield* jbd2_journal_restart(k, handle, EXT4_TRANS_BLOCKS)
  },
)

/** What `body` changes is one handle: what it returns, or a negative error number. */
export const in_handle = function* <R>(
  k: Kernel,
  sb: SuperBlock,
  body: (handle: Handle | undefined) => Iterable<Request, R, unknown>,
): Generator<Request, R | number> {
  const handle = yield* ext4_journal_start(k, sb)
  if (typeof handle === 'number') return handle
  const result = yield* body(handle)
  const rc = yield* ext4_journal_stop(k, sb, handle)
  return rc < 0 ? rc : result
}
