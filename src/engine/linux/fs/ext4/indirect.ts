/**
 * fs/ext4/indirect.c: files whose inode names twelve blocks, and blocks of numbers for the rest, three deep.
 *
 * Source: torvalds/linux v6.1. Left out: allocation of several blocks at once.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EFBIG, EIO } from '../../include/linux/errno.ts'
import type { Inode } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { b_data, peek_block, sb_bread, sb_getblk } from '../buffer.ts'
import { mark_inode_dirty } from '../inode.ts'
import { ext4_new_meta_blocks } from './balloc.ts'
import { EXT4_IND_BLOCK, EXT4_NDIR_BLOCKS } from './ext4.ts'
import { ext4_forget, ext4_handle_dirty_metadata, ext4_journal_ensure_credits } from './ext4_jbd2.ts'
import { ext4_free_data, type MappedBlocks } from './extents.ts'
import { put32, u32 } from './raw.ts'
import { EXT4_I, EXT4_SB, ext4_error } from './sb.ts'

const INDIRECT = 'fs/ext4/indirect.c'
const DEPTHS = 3

const per_block = ({ i_sb }: Inode): number => i_sb.s_blocksize / 4

/** Where the number of block `block` of the file stands: in i_block, then in each block on the way. undefined: too far. */
function ext4_block_to_path(inode: Inode, block: number): readonly number[] | undefined {
  if (block < EXT4_NDIR_BLOCKS) return [block]
  const ptrs = per_block(inode)
  let left = block - EXT4_NDIR_BLOCKS
  for (let depth = 1; depth <= DEPTHS; depth++) {
    const size = ptrs ** depth
    if (left < size) {
      const path = [EXT4_IND_BLOCK + depth - 1]
      for (let level = depth - 1; level >= 0; level--) path.push(Math.floor(left / ptrs ** level) % ptrs)
      return path
    }
    left -= size
  }
  return undefined
}

/** Which block of the file is `wanted` of the disk, as far as blocks of numbers are in the page cache. */
export function ext4_ind_file_block(inode: Inode, wanted: number): number | undefined {
  const { i_data } = EXT4_I(inode)
  const direct = i_data.slice(0, EXT4_NDIR_BLOCKS).indexOf(wanted)
  if (direct >= 0) return direct
  const search = (block: number, depth: number): number | undefined => {
    const data = block === 0 ? undefined : peek_block(inode.i_sb, block)
    if (data === undefined) return undefined
    for (let i = 0; i < per_block(inode); i++) {
      const next = u32(data, 4 * i)
      if (next === 0) continue
      const found = depth > 1 ? search(next, depth - 1) : next === wanted ? 0 : undefined
      if (found !== undefined) return i * per_block(inode) ** (depth - 1) + found
    }
    return undefined
  }
  let begins = EXT4_NDIR_BLOCKS
  for (let depth = 1; depth <= DEPTHS; depth++) {
    const found = search(i_data[EXT4_IND_BLOCK + depth - 1] ?? 0, depth)
    if (found !== undefined) return begins + found
    begins += per_block(inode) ** depth
  }
  return undefined
}

const is_valid = (inode: Inode, block: number): boolean => {
  const { s_blocks_count, s_first_data_block } = EXT4_SB(inode.i_sb)
  return block > s_first_data_block && block < s_blocks_count
}

const set_data = (inode: Inode, at: number, block: number): void => {
  const info = EXT4_I(inode)
  info.i_data = info.i_data.map((old, i) => (i === at ? block : old))
  mark_inode_dirty(inode)
}

/** A block that was free, near the one before it. */
const allocate = function* (k: Kernel, handle: Handle | undefined, inode: Inode) {
  const info = EXT4_I(inode)
  const block = yield* ext4_new_meta_blocks(k, handle, inode.i_sb, info.i_goal)
  if (block < 0) return block
  info.i_goal = block + 1
  inode.i_blocks += inode.i_sb.s_blocksize / 512
  mark_inode_dirty(inode)
  return block
}

const mapped = (block: number, fresh: boolean): MappedBlocks => ({ block, count: 1, fresh, unwritten: false })

/**
 * The block of the disk behind block `iblock` of the file. `create`: a hole gets one, whose contents are what stood there.
 * -EFBIG behind the last that there can be, -EIO over a number that can't be, -ENOSPC.
 */
export const ext4_ind_map_blocks = kfunc(
  INDIRECT,
  function* ext4_ind_map_blocks(k: Kernel, handle: Handle | undefined, inode: Inode, iblock: number, create: boolean) {
    const path = ext4_block_to_path(inode, iblock)
    if (path === undefined) return -EFBIG
    const info = EXT4_I(inode)
    const [first = 0, ...way] = path
    let block = info.i_data[first] ?? 0
    let fresh = false
    if (block === 0) {
      if (!create) return mapped(0, fresh)
      block = yield* allocate(k, handle, inode)
      if (block < 0) return block
      set_data(inode, first, block)
      fresh = true
    }
    for (const at of way) {
      if (!is_valid(inode, block)) {
        ext4_error(k, inode.i_sb, 'ext4_map_blocks', `inode #${inode.i_ino}: invalid block ${block}`)
        return -EIO
      }
      const bh = fresh ? yield* sb_getblk(k, inode.i_sb, block) : yield* sb_bread(k, inode.i_sb, block)
      if (bh === undefined) return -EIO
      if (fresh) ext4_handle_dirty_metadata(handle, inode, bh, (bytes) => bytes.fill(0))
      let next = u32(b_data(bh), at * 4)
      fresh = false
      if (next === 0) {
        if (!create) return mapped(0, fresh)
        next = yield* allocate(k, handle, inode)
        if (next < 0) return next
        const found = next
        ext4_handle_dirty_metadata(handle, inode, bh, (bytes) => put32(bytes, at * 4, found))
        fresh = true
      }
      block = next
    }
    if (!is_valid(inode, block)) {
      ext4_error(k, inode.i_sb, 'ext4_map_blocks', `inode #${inode.i_ino}: invalid block ${block}`)
      return -EIO
    }
    return mapped(block, fresh)
  },
)

const free_data = function* (k: Kernel, handle: Handle | undefined, inode: Inode, block: number) {
  yield* ext4_free_data(k, handle, inode, block, 1)
  inode.i_blocks -= inode.i_sb.s_blocksize / 512
}

/** Free what a block of numbers names from its `from`-th leaf on; true: nothing is left in it, and it is free, too. */
const ext4_free_branches = kfunc(
  INDIRECT,
  function* ext4_free_branches(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    block: number,
    depth: number,
    from: number,
  ): Generator<import('../../../sim/kfunc.ts').Request, boolean> {
    const bh = is_valid(inode, block) ? yield* sb_bread(k, inode.i_sb, block) : undefined
    if (bh === undefined) {
      ext4_error(k, inode.i_sb, 'ext4_free_branches', `inode #${inode.i_ino}: Read failure block=${block}`)
      return false
    }
    const span = per_block(inode) ** (depth - 1)
    const first = Math.floor(from / span)
    for (let i = first; i < per_block(inode); i++) {
      const next = u32(b_data(bh), i * 4)
      if (next === 0) continue
      if ((yield* ext4_journal_ensure_credits(k, handle, inode)) !== 0) return false
      const gone =
        depth === 1 ? true : yield* ext4_free_branches(k, handle, inode, next, depth - 1, i === first ? from % span : 0)
      if (depth === 1) yield* free_data(k, handle, inode, next)
      if (gone) ext4_handle_dirty_metadata(handle, inode, bh, (bytes) => put32(bytes, i * 4, 0))
    }
    if (b_data(bh).some((byte) => byte !== 0)) return false
    ext4_forget(handle, inode, bh)
    yield* free_data(k, handle, inode, block)
    return true
  },
)

/** Give back every block from block `first` of the file on. */
export const ext4_ind_truncate = kfunc(
  INDIRECT,
  function* ext4_ind_truncate(k: Kernel, handle: Handle | undefined, inode: Inode, first: number) {
    for (let i = first; i < EXT4_NDIR_BLOCKS; i++) {
      const block = EXT4_I(inode).i_data[i] ?? 0
      if (block === 0) continue
      yield* free_data(k, handle, inode, block)
      set_data(inode, i, 0)
    }
    const ptrs = per_block(inode)
    let begins = EXT4_NDIR_BLOCKS
    for (let depth = 1; depth <= DEPTHS; depth++) {
      const at = EXT4_IND_BLOCK + depth - 1
      const block = EXT4_I(inode).i_data[at] ?? 0
      const from = Math.max(0, first - begins)
      if (block !== 0 && from < ptrs ** depth && (yield* ext4_free_branches(k, handle, inode, block, depth, from)))
        set_data(inode, at, 0)
      begins += ptrs ** depth
    }
  },
)
