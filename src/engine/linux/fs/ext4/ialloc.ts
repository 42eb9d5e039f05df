/**
 * fs/ext4/ialloc.c: which inodes are in use. A folder goes to the group with the most free ones, a file to its folder's.
 *
 * Left out: Orlov's heuristics, zeroing of tables in the background (an inode is zeroed when it is first used).
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EIO, ENOSPC, EUCLEAN } from '../../include/linux/errno.ts'
import { type Inode, S_IFDIR, S_IFMT, type SuperBlock } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, fill_buffer, sb_bread, sb_getblk } from '../buffer.ts'
import { ext4_use_block_bitmap } from './balloc.ts'
import { clear_bit, ext4_mark_bitmap_end, find_next_zero_bit, set_bit } from './bitmap.ts'
import { bitmap_csum, bitmap_csum_verify } from './csum.ts'
import { EXT4_BG_INODE_UNINIT } from './ext4.ts'
import { ext4_handle_dirty_metadata } from './ext4_jbd2.ts'
import { type BgChange, bg_change, bg_flags, bg_get, ext4_get_group_desc, type GroupDesc } from './group.ts'
import { EXT4_SB, ext4_error, ext4_has_group_desc_csum } from './sb.ts'

const IALLOC = 'fs/ext4/ialloc.c'

const group_of = (sb: SuperBlock, ino: number): number => Math.floor((ino - 1) / EXT4_SB(sb).s_inodes_per_group)

/** The group to look in first. */
const find_group = function* (k: Kernel, dir: Inode, folder: boolean) {
  const sb = dir.i_sb
  const own = group_of(sb, dir.i_ino)
  if (!folder) return own
  let best = own
  let most = 0
  for (let group = 0; group < EXT4_SB(sb).s_groups_count; group++) {
    const desc = yield* ext4_get_group_desc(k, sb, group)
    const free = desc === undefined ? 0 : bg_get(desc, 'free_inodes_count')
    if (free > most) {
      best = group
      most = free
    }
  }
  return best
}

/** The bitmap of a group's inodes; a negative error number when it can't be read or is not what it was. */
const ext4_read_inode_bitmap = kfunc(
  IALLOC,
  function* ext4_read_inode_bitmap(k: Kernel, sb: SuperBlock, desc: GroupDesc) {
    const block = bg_get(desc, 'inode_bitmap')
    const { s_first_data_block, s_blocks_count, s_inodes_per_group } = EXT4_SB(sb)
    if (block <= s_first_data_block || block >= s_blocks_count) {
      ext4_error(k, sb, 'ext4_read_inode_bitmap', `Invalid inode bitmap blk ${block} in block_group ${desc.group}`)
      return -EUCLEAN
    }
    if (ext4_has_group_desc_csum(sb) && (bg_flags(desc) & EXT4_BG_INODE_UNINIT) !== 0) {
      const bh = yield* sb_getblk(k, sb, block)
      if (bh === undefined) return -EIO
      fill_buffer(bh, (bytes) => {
        bytes.fill(0)
        ext4_mark_bitmap_end(bytes, s_inodes_per_group)
      })
      return bh
    }
    const bh = yield* sb_bread(k, sb, block)
    if (bh === undefined) return -EIO
    if (bitmap_csum_verify(sb, 'inode', b_data(bh), bg_get(desc, 'inode_bitmap_csum'))) return bh
    ext4_error(
      k,
      sb,
      'ext4_validate_inode_bitmap',
      `Corrupt inode bitmap - block_group = ${desc.group}, inode_bitmap = ${block}`,
    )
    return -EUCLEAN
  },
)

const csum_change = (sb: SuperBlock, bitmap: BufferHead): BgChange => {
  const csum = bitmap_csum(sb, 'inode', b_data(bitmap))
  return csum === undefined ? {} : { inode_bitmap_csum: csum }
}

/** What a group's descriptor says of inodes that were never used, once number `bit` is. */
function unused_change(sb: SuperBlock, desc: GroupDesc, bit: number): BgChange {
  if (!ext4_has_group_desc_csum(sb)) return {}
  const { s_inodes_per_group } = EXT4_SB(sb)
  const fresh = (bg_flags(desc) & EXT4_BG_INODE_UNINIT) !== 0
  const used = fresh ? 0 : s_inodes_per_group - bg_get(desc, 'itable_unused')
  return {
    flags: bg_flags(desc) & ~EXT4_BG_INODE_UNINIT,
    ...(bit + 1 > used ? { itable_unused: s_inodes_per_group - bit - 1 } : {}),
  }
}

/** A number that was free, or -ENOSPC, -EIO, -EUCLEAN. */
export const __ext4_new_inode = kfunc(
  IALLOC,
  function* __ext4_new_inode(k: Kernel, handle: Handle | undefined, dir: Inode, mode: number) {
    const sb = dir.i_sb
    const { s_groups_count, s_inodes_per_group, s_first_ino } = EXT4_SB(sb)
    const folder = (mode & S_IFMT) === S_IFDIR
    const first = yield* find_group(k, dir, folder)
    for (let i = 0; i < s_groups_count; i++) {
      const group = (first + i) % s_groups_count
      const desc = yield* ext4_get_group_desc(k, sb, group)
      if (desc === undefined) return -EIO
      if (bg_get(desc, 'free_inodes_count') === 0) continue
      const bitmap = yield* ext4_read_inode_bitmap(k, sb, desc)
      if (typeof bitmap === 'number') return bitmap
      const from = group === 0 ? s_first_ino - 1 : 0
      const bit = find_next_zero_bit(b_data(bitmap), s_inodes_per_group, from)
      if (bit < 0) continue
      ext4_handle_dirty_metadata(handle, undefined, bitmap, (bytes) => set_bit(bytes, bit))
      const rc = yield* ext4_use_block_bitmap(k, handle, sb, desc)
      if (rc !== 0) return rc
      bg_change(handle, desc, {
        ...unused_change(sb, desc, bit),
        free_inodes_count: bg_get(desc, 'free_inodes_count') - 1,
        used_dirs_count: bg_get(desc, 'used_dirs_count') + (folder ? 1 : 0),
        ...csum_change(sb, bitmap),
      })
      return group * s_inodes_per_group + bit + 1
    }
    return -ENOSPC
  },
)

export const ext4_free_inode = kfunc(
  IALLOC,
  function* ext4_free_inode(k: Kernel, handle: Handle | undefined, inode: Inode) {
    const { i_sb: sb, i_ino, i_mode } = inode
    const { s_inodes_per_group, s_first_ino, s_inodes_count } = EXT4_SB(sb)
    if (i_ino < s_first_ino || i_ino > s_inodes_count) {
      ext4_error(k, sb, 'ext4_free_inode', `reserved or nonexistent inode ${i_ino}`)
      return
    }
    const desc = yield* ext4_get_group_desc(k, sb, group_of(sb, i_ino))
    const bitmap = desc && (yield* ext4_read_inode_bitmap(k, sb, desc))
    if (desc === undefined || bitmap === undefined || typeof bitmap === 'number') return
    ext4_handle_dirty_metadata(handle, undefined, bitmap, (bytes) => clear_bit(bytes, (i_ino - 1) % s_inodes_per_group))
    bg_change(handle, desc, {
      free_inodes_count: bg_get(desc, 'free_inodes_count') + 1,
      used_dirs_count: bg_get(desc, 'used_dirs_count') - ((i_mode & S_IFMT) === S_IFDIR ? 1 : 0),
      ...csum_change(sb, bitmap),
    })
  },
)
