/**
 * fs/ext4/ialloc.c: which inodes are in use. A folder goes to the group with the most free ones, a file to its folder's.
 *
 * Left out: Orlov's heuristics, lazily initialised tables.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EIO, ENOSPC } from '../../include/linux/errno.ts'
import { type Inode, S_IFDIR, S_IFMT, type SuperBlock } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { b_data, mark_buffer_dirty, sb_bread } from '../buffer.ts'
import { clear_bit, find_next_zero_bit, set_bit } from './balloc.ts'
import { BG } from './raw.ts'
import { bg_add, bg_u16, bg_u32, EXT4_SB, ext4_error, ext4_get_group_desc } from './sb.ts'

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
    const free = desc === undefined ? 0 : bg_u16(desc, BG.free_inodes_count)
    if (free > most) {
      best = group
      most = free
    }
  }
  return best
}

/** A number that was free, or -ENOSPC, -EIO. */
export const __ext4_new_inode = kfunc(IALLOC, function* __ext4_new_inode(k: Kernel, dir: Inode, mode: number) {
  const sb = dir.i_sb
  const { s_groups_count, s_inodes_per_group, s_first_ino } = EXT4_SB(sb)
  const folder = (mode & S_IFMT) === S_IFDIR
  const first = yield* find_group(k, dir, folder)
  for (let i = 0; i < s_groups_count; i++) {
    const group = (first + i) % s_groups_count
    const desc = yield* ext4_get_group_desc(k, sb, group)
    if (desc === undefined) return -EIO
    if (bg_u16(desc, BG.free_inodes_count) === 0) continue
    const bitmap = yield* sb_bread(k, sb, bg_u32(desc, BG.inode_bitmap))
    if (bitmap === undefined) return -EIO
    const from = group === 0 ? s_first_ino - 1 : 0
    const bit = find_next_zero_bit(b_data(bitmap), s_inodes_per_group, from)
    if (bit < 0) continue
    mark_buffer_dirty(bitmap, (bytes) => set_bit(bytes, bit))
    bg_add(desc, BG.free_inodes_count, -1)
    if (folder) bg_add(desc, BG.used_dirs_count, 1)
    return group * s_inodes_per_group + bit + 1
  }
  return -ENOSPC
})

export const ext4_free_inode = kfunc(IALLOC, function* ext4_free_inode(k: Kernel, inode: Inode) {
  const { i_sb: sb, i_ino, i_mode } = inode
  const { s_inodes_per_group, s_first_ino, s_inodes_count } = EXT4_SB(sb)
  if (i_ino < s_first_ino || i_ino > s_inodes_count) {
    ext4_error(k, sb, 'ext4_free_inode', `reserved or nonexistent inode ${i_ino}`)
    return
  }
  const desc = yield* ext4_get_group_desc(k, sb, group_of(sb, i_ino))
  const bitmap = desc && (yield* sb_bread(k, sb, bg_u32(desc, BG.inode_bitmap)))
  if (desc === undefined || bitmap === undefined) return
  mark_buffer_dirty(bitmap, (bytes) => clear_bit(bytes, (i_ino - 1) % s_inodes_per_group))
  bg_add(desc, BG.free_inodes_count, 1)
  if ((i_mode & S_IFMT) === S_IFDIR) bg_add(desc, BG.used_dirs_count, -1)
})
