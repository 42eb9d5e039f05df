/**
 * fs/ext4/extents.c: from a block of a file to a stretch of the disk; unwritten stretches, which read as zeros, become
 * written ones; stretches are cut out.
 *
 * Source: torvalds/linux v6.1.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { blkdev_issue_zeroout } from '../../block/blk-lib.ts'
import { SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EFBIG, EIO } from '../../include/linux/errno.ts'
import { type Inode, is_reg } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { sb_getblk } from '../buffer.ts'
import { mark_inode_dirty } from '../inode.ts'
import { ext4_free_blocks, ext4_mb_new_blocks } from './balloc.ts'
import { EXT_INIT_MAX_LEN } from './ext4.ts'
import { ext4_forget, ext4_journal_ensure_credits } from './ext4_jbd2.ts'
import { type Extent, ext4_ext_insert_extent, ext4_ext_rm_leaf, ext4_find_extent, type Node } from './extents-tree.ts'
import { EXT4_I } from './sb.ts'

const EXTENTS = 'fs/ext4/extents.c'
/** s_extent_max_zeroout_kb: so much is rather zeroed than kept apart. */
const MAX_ZEROOUT = 32 * 1024
const EXT_MAX_BLOCKS = 0xffff_ffff

/** What a lookup came to: a stretch of the file, in blocks. */
export interface MappedBlocks {
  /** First block of the disk; 0: a hole. */
  readonly block: number
  readonly count: number
  /** It was not there before, or not written. */
  readonly fresh: boolean
  /** It is there, and reads as zeros. */
  readonly unwritten: boolean
}

/** find: nothing changes. create: holes and unwritten blocks become written ones. unwritten: holes get unwritten blocks. */
export type MapMode = 'find' | 'create' | 'unwritten'

export const issue_zeroout = (k: Kernel, { i_sb }: Inode, block: number, count: number) =>
  blkdev_issue_zeroout(
    k,
    i_sb.s_bdev,
    (block * i_sb.s_blocksize) / SECTOR_SIZE,
    (count * i_sb.s_blocksize) / SECTOR_SIZE,
  )

/** Pieces of an extent: what is before, the middle with its new state, and what is behind. */
function split(extent: Extent, from: number, count: number, unwritten: boolean): readonly Extent[] {
  const before = from - extent.block
  const behind = extent.len - before - count
  return [
    { ...extent, len: before },
    { block: from, len: count, start: extent.start + before, unwritten },
    { ...extent, block: from + count, len: behind, start: extent.start + before + count },
  ].filter(({ len }) => len > 0)
}

/** Does a part of an unwritten extent that becomes written continue the written one beside it? Then nothing is zeroed. */
function joins_neighbour({ extents, at }: Node, first: number, count: number): boolean {
  const own = extents[at] as Extent
  const before = extents[at - 1]
  const behind = extents[at + 1]
  const follows = (a: Extent, b: Extent): boolean => a.block + a.len === b.block && a.start + a.len === b.start
  if (first === own.block) return before?.unwritten === false && follows(before, own)
  return first + count === own.block + own.len && behind?.unwritten === false && follows(own, behind)
}

/** An unwritten stretch becomes a written one, and little that is left of it, too, with zeros on the disk. */
const ext4_ext_convert_to_initialized = kfunc(
  EXTENTS,
  function* ext4_ext_convert_to_initialized(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    leaf: Node,
    first: number,
    count: number,
  ) {
    const extent = leaf.extents[leaf.at] as Extent
    const size = inode.i_sb.s_blocksize
    const end_of_file = Math.max(Math.ceil(inode.i_size / size), first + count)
    const most = extent.block + extent.len <= end_of_file ? MAX_ZEROOUT / size : 0
    let from = first
    let len = count
    const left = extent.len - (first - extent.block)
    if (most > 0 && left > count && !joins_neighbour(leaf, first, count)) {
      if (left <= most) {
        const rc = yield* issue_zeroout(k, inode, extent.start + first + count - extent.block, left - count)
        if (rc !== 0) return rc
        len = left
      }
      if (first - extent.block + len < most) {
        if (first !== extent.block) {
          const rc = yield* issue_zeroout(k, inode, extent.start, first - extent.block)
          if (rc !== 0) return rc
        }
        len += first - extent.block
        from = extent.block
      }
    }
    return yield* ext4_ext_insert_extent(k, handle, inode, split(extent, from, len, false), 1)
  },
)

/** The data of a stretch is on the disk: 0, or a negative error number. */
export const ext4_convert_unwritten_extents = kfunc(
  EXTENTS,
  function* ext4_convert_unwritten_extents(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    first: number,
    count: number,
  ) {
    for (let at = first; at < first + count; ) {
      const path = yield* ext4_find_extent(k, inode, at)
      if (typeof path === 'number') return path
      const leaf = path.at(-1) as Node
      const extent = leaf.extents[leaf.at]
      if (extent === undefined || at >= extent.block + extent.len) return -EIO
      const end = Math.min(extent.block + extent.len, first + count)
      if (extent.unwritten) {
        const rc = yield* ext4_ext_insert_extent(k, handle, inode, split(extent, at, end - at, false), 1)
        if (rc !== 0) return rc
      }
      at = end
    }
    return 0
  },
)

/** What is there of a stretch reads as zeros: 0, or a negative error number. */
export const ext4_make_unwritten = kfunc(
  EXTENTS,
  function* convert_initialized_extent(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    first: number,
    count: number,
  ) {
    for (let at = first; at < first + count; ) {
      const path = yield* ext4_find_extent(k, inode, at)
      if (typeof path === 'number') return path
      const leaf = path.at(-1) as Node
      const extent = leaf.extents[leaf.at]
      if (extent === undefined || at >= extent.block + extent.len) return -EIO
      const end = Math.min(extent.block + extent.len, first + count, at + EXT_INIT_MAX_LEN - 1)
      if (!extent.unwritten) {
        const rc = yield* ext4_ext_insert_extent(k, handle, inode, split(extent, at, end - at, true), 1)
        if (rc !== 0) return rc
      }
      at = end
    }
    return 0
  },
)

/** ext4_ext_find_goal(): behind what is before it in the file, if that is near. */
function find_goal(inode: Inode, leaf: Node, block: number): number {
  const near = leaf.extents[leaf.at] ?? leaf.extents[0]
  if (near === undefined) return EXT4_I(inode).i_goal
  return block > near.block ? near.start + block - near.block : Math.max(0, near.start - (near.block - block))
}

/** Up to `count` blocks from block `first` of the file on; or a negative error number. */
export const ext4_ext_map_blocks = kfunc(
  EXTENTS,
  function* ext4_ext_map_blocks(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    first: number,
    count: number,
    mode: MapMode,
  ) {
    if (first >= EXT_MAX_BLOCKS) return -EFBIG
    const path = yield* ext4_find_extent(k, inode, first)
    if (typeof path === 'number') return path
    const leaf = path.at(-1) as Node
    const extent = leaf.extents[leaf.at]
    if (extent !== undefined && first < extent.block + extent.len) {
      const block = extent.start + first - extent.block
      const own = Math.min(count, extent.block + extent.len - first)
      if (!extent.unwritten || mode !== 'create')
        return { block, count: own, fresh: false, unwritten: extent.unwritten } satisfies MappedBlocks
      const rc = yield* ext4_ext_convert_to_initialized(k, handle, inode, leaf, first, own)
      return rc === 0 ? ({ block, count: own, fresh: true, unwritten: false } satisfies MappedBlocks) : rc
    }
    const room = (yield* next_allocated(k, inode, path, first)) - first
    const hole = Math.min(count, room)
    if (mode === 'find') return { block: 0, count: hole, fresh: false, unwritten: false } satisfies MappedBlocks
    const most = mode === 'unwritten' ? EXT_INIT_MAX_LEN - 1 : EXT_INIT_MAX_LEN
    const goal = find_goal(inode, leaf, first)
    const found = yield* ext4_mb_new_blocks(k, handle, inode.i_sb, goal, Math.min(hole, most))
    if (typeof found === 'number') return found
    const unwritten = mode === 'unwritten'
    const added = { block: first, len: found.count, start: found.start, unwritten }
    const rc = yield* ext4_ext_insert_extent(k, handle, inode, [added], 0)
    if (rc !== 0) {
      yield* ext4_free_blocks(k, handle, inode.i_sb, found.start, found.count)
      return rc
    }
    inode.i_blocks += (found.count * inode.i_sb.s_blocksize) / 512
    mark_inode_dirty(inode)
    return { block: found.start, count: found.count, fresh: true, unwritten } satisfies MappedBlocks
  },
)

/** First block of the file behind `block` that has one on the disk. */
const next_allocated = function* (k: Kernel, inode: Inode, path: readonly Node[], block: number) {
  const leaf = path.at(-1) as Node
  const next = leaf.extents[leaf.at + 1]
  if (next !== undefined) return next.block
  for (const { depth, indices, at } of [...path].reverse()) {
    const index = depth === 0 ? undefined : indices[at + 1]
    if (index === undefined) continue
    const behind = yield* ext4_find_extent(k, inode, index.block)
    const first = typeof behind === 'number' ? undefined : behind.at(-1)?.extents[0]
    return Math.max(first?.block ?? index.block, block + 1)
  }
  return EXT_MAX_BLOCKS
}

/** Blocks of a file are free; those of folders and links are metadata, which the journal may know. */
export const ext4_free_data = function* (
  k: Kernel,
  handle: Handle | undefined,
  inode: Inode,
  block: number,
  count: number,
) {
  if (!is_reg(inode))
    for (let i = 0; i < count; i++) {
      const bh = yield* sb_getblk(k, inode.i_sb, block + i)
      if (bh !== undefined) ext4_forget(handle, inode, bh)
    }
  yield* ext4_free_blocks(k, handle, inode.i_sb, block, count)
}

/** Cut blocks `first` … `end` - 1 out of the file, from behind: 0, or a negative error number. */
export const ext4_ext_remove_space = kfunc(
  EXTENTS,
  function* ext4_ext_remove_space(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    first: number,
    end: number = EXT_MAX_BLOCKS,
  ) {
    for (;;) {
      const path = yield* ext4_find_extent(k, inode, end - 1)
      if (typeof path === 'number') return path
      const leaf = path.at(-1) as Node
      const extent = leaf.extents[leaf.at]
      if (extent === undefined || extent.block + extent.len <= first) {
        // The leaf may begin behind what is left to do.
        return 0
      }
      const credits = yield* ext4_journal_ensure_credits(k, handle, inode)
      if (credits !== 0) return credits
      const from = Math.max(first, extent.block)
      const to = Math.min(end, extent.block + extent.len)
      const kept = split(extent, from, to - from, extent.unwritten).filter(({ block }) => block !== from)
      if (kept.length === 2 && leaf.extents.length + 1 > leaf.max) {
        // Two are left of one, in a leaf that is full: the second goes in as a new one.
        yield* ext4_ext_rm_leaf(k, handle, inode, path, kept.slice(0, 1))
        const rc = yield* ext4_ext_insert_extent(k, handle, inode, kept.slice(1), 0)
        if (rc !== 0) return rc
      } else yield* ext4_ext_rm_leaf(k, handle, inode, path, kept)
      yield* ext4_free_data(k, handle, inode, extent.start + from - extent.block, to - from)
      inode.i_blocks -= ((to - from) * inode.i_sb.s_blocksize) / 512
      mark_inode_dirty(inode)
      if (from === first) return 0
    }
  },
)
