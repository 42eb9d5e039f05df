/**
 * fs/ext4/extents.c, inode.c: fallocate. Room for a file, which reads as zeros; zeros in the place of what was there;
 * holes.
 *
 * Source: torvalds/linux v6.1. Left out, and refused with -EOPNOTSUPP: collapsing and inserting ranges.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EOPNOTSUPP } from '../../include/linux/errno.ts'
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE, type Inode } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { filemap_truncate_range } from '../../mm/filemap.ts'
import { dax_delete_mapping_range } from '../dax-fault.ts'
import { current_time, mark_inode_dirty } from '../inode.ts'
import { ext4_journal_start, ext4_journal_stop, in_handle } from './ext4_jbd2.ts'
import { ext4_ext_remove_space, ext4_make_unwritten } from './extents.ts'
import { ext4_do_writepages, ext4_map_blocks, ext4_zero_partial, has_extents, release_reserved } from './inode.ts'
import { EXT4_I } from './sb.ts'

const EXTENTS = 'fs/ext4/extents.c'

/** The file ends at `end` now, if that is farther than before. */
function update_size(k: Kernel, inode: Inode, end: number): void {
  if (end > inode.i_size) inode.i_size = end
  if (end > EXT4_I(inode).i_disksize) EXT4_I(inode).i_disksize = end
  inode.i_mtime = current_time(k)
  inode.i_ctime = inode.i_mtime
  mark_inode_dirty(inode)
}

/** Blocks `first` … `end` - 1 are there, unwritten where they were holes: 0, or a negative error number. */
const ext4_alloc_file_blocks = kfunc(
  EXTENTS,
  function* ext4_alloc_file_blocks(k: Kernel, inode: Inode, first: number, end: number, new_size: number) {
    const size = inode.i_sb.s_blocksize
    for (let at = first; at < end; ) {
      const handle = yield* ext4_journal_start(k, inode.i_sb)
      if (typeof handle === 'number') return handle
      const found = yield* ext4_map_blocks(k, handle, inode, at, end - at, 'unwritten')
      if (typeof found !== 'number') {
        at += found.count
        release_reserved(inode, at - found.count, at)
        if (new_size > 0) update_size(k, inode, Math.min(new_size, at * size))
      }
      const rc = yield* ext4_journal_stop(k, inode.i_sb, handle)
      if (typeof found === 'number') return found
      if (rc < 0) return rc
    }
    return 0
  },
)

/** Nothing of the range is in memory any more. */
function truncate_pagecache_range(inode: Inode, from: number, to: number): void {
  filemap_truncate_range(inode.i_mapping, from, to)
  if (inode.i_dax) dax_delete_mapping_range(inode.i_mapping, from, to)
}

/** Zeros at both ends of a range, where it begins or ends within a block: 0, or a negative error number. */
const ext4_zero_partial_blocks = kfunc(
  'fs/ext4/inode.c',
  function* ext4_zero_partial_blocks(k: Kernel, handle: Handle | undefined, inode: Inode, from: number, to: number) {
    const size = inode.i_sb.s_blocksize
    const head = Math.min(to, Math.ceil(from / size) * size)
    if (from < head) {
      const rc = yield* ext4_zero_partial(k, handle, inode, from, head)
      if (rc !== 0) return rc
    }
    const tail = Math.floor(to / size) * size
    return tail >= head && tail < to ? yield* ext4_zero_partial(k, handle, inode, tail, to) : 0
  },
)

const ext4_punch_hole = kfunc(
  'fs/ext4/inode.c',
  function* ext4_punch_hole(k: Kernel, inode: Inode, from: number, length: number) {
    const size = inode.i_sb.s_blocksize
    if (from >= inode.i_size) return 0
    const to = Math.min(from + length, Math.ceil(inode.i_size / 4096) * 4096)
    const written = yield* ext4_do_writepages(k, inode)
    if (written !== 0) return written
    const first = Math.ceil(from / size)
    const end = Math.floor(to / size)
    if (end > first) truncate_pagecache_range(inode, first * size, end * size)
    return yield* in_handle(k, inode.i_sb, function* (handle) {
      const rc = yield* ext4_zero_partial_blocks(k, handle, inode, from, to)
      if (rc !== 0) return rc
      const removed = end > first ? yield* ext4_ext_remove_space(k, handle, inode, first, end) : 0
      inode.i_mtime = current_time(k)
      inode.i_ctime = inode.i_mtime
      mark_inode_dirty(inode)
      return removed
    })
  },
)

const ext4_zero_range = kfunc(
  EXTENTS,
  function* ext4_zero_range(k: Kernel, inode: Inode, from: number, length: number, keep: boolean) {
    const size = inode.i_sb.s_blocksize
    const to = from + length
    const written = yield* ext4_do_writepages(k, inode)
    if (written !== 0) return written
    const new_size = !keep && to > inode.i_size ? to : 0
    const grown = yield* ext4_alloc_file_blocks(k, inode, Math.floor(from / size), Math.ceil(to / size), new_size)
    if (grown !== 0) return grown
    const first = Math.ceil(from / size)
    const end = Math.floor(to / size)
    if (end > first) truncate_pagecache_range(inode, first * size, end * size)
    return yield* in_handle(k, inode.i_sb, function* (handle) {
      const rc = end > first ? yield* ext4_make_unwritten(k, handle, inode, first, end - first) : 0
      inode.i_mtime = current_time(k)
      inode.i_ctime = inode.i_mtime
      mark_inode_dirty(inode)
      return rc === 0 ? yield* ext4_zero_partial_blocks(k, handle, inode, from, to) : rc
    })
  },
)

/** 0, or a negative error number: -EOPNOTSUPP for modes that are not known, and for files without extents. */
export const ext4_fallocate = kfunc(
  EXTENTS,
  function* ext4_fallocate(k: Kernel, inode: Inode, mode: number, from: number, length: number) {
    if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0) return -EOPNOTSUPP
    if (!has_extents(inode)) return -EOPNOTSUPP
    const keep = (mode & FALLOC_FL_KEEP_SIZE) !== 0
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) return yield* ext4_punch_hole(k, inode, from, length)
    if ((mode & FALLOC_FL_ZERO_RANGE) !== 0) return yield* ext4_zero_range(k, inode, from, length, keep)
    const size = inode.i_sb.s_blocksize
    const to = from + length
    const new_size = !keep && (to > inode.i_size || to > EXT4_I(inode).i_disksize) ? to : 0
    return yield* ext4_alloc_file_blocks(k, inode, Math.floor(from / size), Math.ceil(to / size), new_size)
  },
)
