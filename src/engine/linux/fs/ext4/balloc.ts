/**
 * fs/ext4/balloc.c, mballoc.c: which blocks are in use. A new one is the first free one from a goal on.
 *
 * Left out: buddies, preallocation, reservations, delayed allocation; so blocks may lie elsewhere than upstream puts them.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EIO, ENOSPC } from '../../include/linux/errno.ts'
import type { SuperBlock } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { b_data, mark_buffer_dirty, sb_bread } from '../buffer.ts'
import { BG } from './raw.ts'
import { bg_add, bg_u16, bg_u32, EXT4_SB, ext4_error, ext4_get_group_desc } from './sb.ts'

const BALLOC = 'fs/ext4/balloc.c'

const test_bit = (bytes: Uint8Array, bit: number): boolean => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1

export function set_bit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
}

export function clear_bit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(1 << (bit & 7))
}

/** The first bit from `from` on that is 0, below `end`; -1: none. */
export function find_next_zero_bit(bytes: Uint8Array, end: number, from: number): number {
  for (let bit = from; bit < end; bit++) {
    if ((bit & 7) === 0 && bytes[bit >> 3] === 0xff) bit += 7
    else if (!test_bit(bytes, bit)) return bit
  }
  return -1
}

/** Blocks that a group has: the last may be shorter. */
function blocks_in_group(sb: SuperBlock, group: number): number {
  const { s_blocks_per_group, s_blocks_count, s_first_data_block } = EXT4_SB(sb)
  return Math.min(s_blocks_per_group, s_blocks_count - s_first_data_block - group * s_blocks_per_group)
}

/** A block that was free, as near behind `goal` as there is one; or -ENOSPC, -EIO. */
export const ext4_new_meta_blocks = kfunc(
  BALLOC,
  function* ext4_new_meta_blocks(k: Kernel, sb: SuperBlock, goal: number) {
    const { s_blocks_per_group, s_first_data_block, s_groups_count, s_blocks_count } = EXT4_SB(sb)
    const wanted = goal < s_first_data_block || goal >= s_blocks_count ? s_first_data_block : goal
    const first = Math.floor((wanted - s_first_data_block) / s_blocks_per_group)
    for (let i = 0; i <= s_groups_count; i++) {
      const group = (first + i) % s_groups_count
      const desc = yield* ext4_get_group_desc(k, sb, group)
      if (desc === undefined) return -EIO
      if (bg_u16(desc, BG.free_blocks_count) === 0) continue
      const bitmap = yield* sb_bread(k, sb, bg_u32(desc, BG.block_bitmap))
      if (bitmap === undefined) return -EIO
      const from = i === 0 ? (wanted - s_first_data_block) % s_blocks_per_group : 0
      const bit = find_next_zero_bit(b_data(bitmap), blocks_in_group(sb, group), from)
      if (bit < 0) continue
      mark_buffer_dirty(bitmap, (bytes) => set_bit(bytes, bit))
      bg_add(desc, BG.free_blocks_count, -1)
      return s_first_data_block + group * s_blocks_per_group + bit
    }
    return -ENOSPC
  },
)

export const ext4_free_blocks = kfunc(
  'fs/ext4/mballoc.c',
  function* ext4_free_blocks(k: Kernel, sb: SuperBlock, block: number) {
    const { s_blocks_per_group, s_first_data_block, s_blocks_count } = EXT4_SB(sb)
    if (block < s_first_data_block || block >= s_blocks_count) {
      ext4_error(k, sb, 'ext4_free_blocks', `Freeing blocks not in datazone - block = ${block}, count = 1`)
      return
    }
    const group = Math.floor((block - s_first_data_block) / s_blocks_per_group)
    const bit = (block - s_first_data_block) % s_blocks_per_group
    const desc = yield* ext4_get_group_desc(k, sb, group)
    const bitmap = desc && (yield* sb_bread(k, sb, bg_u32(desc, BG.block_bitmap)))
    if (desc === undefined || bitmap === undefined) return
    if (!test_bit(b_data(bitmap), bit)) {
      ext4_error(k, sb, 'mb_free_blocks', `group ${group}, block ${block}: freeing already freed block (bit ${bit})`)
      return
    }
    mark_buffer_dirty(bitmap, (bytes) => clear_bit(bytes, bit))
    bg_add(desc, BG.free_blocks_count, 1)
  },
)

/** Sum of a 16-bit count over all groups. */
export const count_groups = function* (k: Kernel, sb: SuperBlock, field: number) {
  let sum = 0
  for (let group = 0; group < EXT4_SB(sb).s_groups_count; group++) {
    const desc = yield* ext4_get_group_desc(k, sb, group)
    if (desc !== undefined) sum += bg_u16(desc, field)
  }
  return sum
}
