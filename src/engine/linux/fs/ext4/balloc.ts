/**
 * fs/ext4/balloc.c, mballoc.c: which blocks are in use. New ones are the first free stretch from a goal on that is long
 * enough, or else the longest.
 *
 * Left out: buddies, preallocation, reservations; so blocks may lie elsewhere than upstream puts them.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EIO, ENOSPC, EUCLEAN } from '../../include/linux/errno.ts'
import type { SuperBlock } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, fill_buffer, sb_bread, sb_getblk } from '../buffer.ts'
import { clear_bit, ext4_mark_bitmap_end, find_next_zero_bit, set_bit, test_bit, zeros_from } from './bitmap.ts'
import { bitmap_csum, bitmap_csum_verify } from './csum.ts'
import { EXT4_BG_BLOCK_UNINIT } from './ext4.ts'
import { ext4_handle_dirty_metadata } from './ext4_jbd2.ts'
import {
  type BgField,
  bg_change,
  bg_flags,
  bg_get,
  ext4_bg_has_super,
  ext4_get_group_desc,
  type GroupDesc,
} from './group.ts'
import { EXT4_SB, ext4_error, ext4_has_feature, ext4_has_group_desc_csum } from './sb.ts'

const BALLOC = 'fs/ext4/balloc.c'
const MBALLOC = 'fs/ext4/mballoc.c'
/** Blocks of a huge page, which large stretches are aligned to. */
const HUGE = 512

/** Blocks that a group has: the last may be shorter. */
function blocks_in_group(sb: SuperBlock, group: number): number {
  const { s_blocks_per_group, s_blocks_count, s_first_data_block } = EXT4_SB(sb)
  return Math.min(s_blocks_per_group, s_blocks_count - s_first_data_block - group * s_blocks_per_group)
}

const group_first = (sb: SuperBlock, group: number): number => {
  const { s_first_data_block, s_blocks_per_group } = EXT4_SB(sb)
  return s_first_data_block + group * s_blocks_per_group
}

/** Blocks at the start of a group that hold copies of superblock and descriptors. */
function ext4_num_base_meta_blocks(sb: SuperBlock, group: number): number {
  const { s_desc_size, s_groups_count, s_reserved_gdt_blocks, s_first_meta_bg } = EXT4_SB(sb)
  const per_block = sb.s_blocksize / s_desc_size
  const own = ext4_bg_has_super(sb, group)
  if (!ext4_has_feature(sb, 'meta_bg') || group < s_first_meta_bg * per_block) {
    if (!own) return 0
    const old = ext4_has_feature(sb, 'meta_bg') ? s_first_meta_bg : Math.ceil(s_groups_count / per_block)
    return 1 + old + s_reserved_gdt_blocks
  }
  const first = Math.floor(group / per_block) * per_block
  const has_gdt = group === first || group === first + 1 || group === first + per_block - 1
  return (own ? 1 : 0) + (has_gdt ? 1 : 0)
}

/** The bitmap of a group in which nothing has been used. */
function ext4_init_block_bitmap(sb: SuperBlock, desc: GroupDesc, bytes: Uint8Array): void {
  const { s_inodes_per_group, s_inode_size } = EXT4_SB(sb)
  const first = group_first(sb, desc.group)
  const blocks = blocks_in_group(sb, desc.group)
  bytes.fill(0)
  for (let bit = 0; bit < ext4_num_base_meta_blocks(sb, desc.group); bit++) set_bit(bytes, bit)
  const mine = (block: number): void => {
    if (block >= first && block < first + blocks) set_bit(bytes, block - first)
  }
  mine(bg_get(desc, 'block_bitmap'))
  mine(bg_get(desc, 'inode_bitmap'))
  const table = bg_get(desc, 'inode_table')
  for (let i = 0; i < (s_inodes_per_group * s_inode_size) / sb.s_blocksize; i++) mine(table + i)
  ext4_mark_bitmap_end(bytes, blocks)
}

const in_disk = (sb: SuperBlock, block: number): boolean => {
  const { s_first_data_block, s_blocks_count } = EXT4_SB(sb)
  return block >= s_first_data_block && block < s_blocks_count
}

/** The bitmap of a group's blocks; a negative error number when it can't be read or is not what it was. */
const ext4_read_block_bitmap = kfunc(
  BALLOC,
  function* ext4_read_block_bitmap(k: Kernel, sb: SuperBlock, desc: GroupDesc) {
    const block = bg_get(desc, 'block_bitmap')
    if (!in_disk(sb, block)) {
      ext4_error(
        k,
        sb,
        'ext4_read_block_bitmap_nowait',
        `Invalid block bitmap block ${block} in block_group ${desc.group}`,
      )
      return -EUCLEAN
    }
    if (ext4_has_group_desc_csum(sb) && (bg_flags(desc) & EXT4_BG_BLOCK_UNINIT) !== 0) {
      const bh = yield* sb_getblk(k, sb, block)
      if (bh === undefined) return -EIO
      fill_buffer(bh, (bytes) => ext4_init_block_bitmap(sb, desc, bytes))
      return bh
    }
    const bh = yield* sb_bread(k, sb, block)
    if (bh === undefined) return -EIO
    if (bitmap_csum_verify(sb, 'block', b_data(bh), bg_get(desc, 'block_bitmap_csum'))) return bh
    ext4_error(k, sb, 'ext4_validate_block_bitmap', `bg ${desc.group}: bad block bitmap checksum`)
    return -EUCLEAN
  },
)

/** Flags of a group without that of a bitmap that did not exist; nothing where there are no such flags. */
const initialised = (sb: SuperBlock, desc: GroupDesc): { flags?: number } =>
  ext4_has_group_desc_csum(sb) ? { flags: bg_flags(desc) & ~EXT4_BG_BLOCK_UNINIT } : {}

const csum_change = (sb: SuperBlock, bitmap: BufferHead): Partial<Record<BgField, number>> => {
  const csum = bitmap_csum(sb, 'block', b_data(bitmap))
  return csum === undefined ? {} : { block_bitmap_csum: csum }
}

/** From now on the group has a bitmap of its own on the disk, if it had none: 0, or a negative error number. */
export const ext4_use_block_bitmap = function* (
  k: Kernel,
  handle: Handle | undefined,
  sb: SuperBlock,
  desc: GroupDesc,
) {
  if (!ext4_has_group_desc_csum(sb) || (bg_flags(desc) & EXT4_BG_BLOCK_UNINIT) === 0) return 0
  const bitmap = yield* ext4_read_block_bitmap(k, sb, desc)
  if (typeof bitmap === 'number') return bitmap
  ext4_handle_dirty_metadata(handle, undefined, bitmap, () => undefined)
  bg_change(handle, desc, { ...initialised(sb, desc), ...csum_change(sb, bitmap) })
  return 0
}

/** A stretch of blocks. */
export interface Blocks {
  readonly start: number
  readonly count: number
}

/** A free stretch of a group, as long as asked for or the longest there is. */
function find_in_group(
  sb: SuperBlock,
  group: number,
  bitmap: Uint8Array,
  from: number,
  count: number,
): Blocks | undefined {
  const { s_freed } = EXT4_SB(sb)
  const first = group_first(sb, group)
  const end = blocks_in_group(sb, group)
  const align = count >= HUGE && sb.s_blocksize === 4096 ? HUGE : 1
  let best: Blocks | undefined
  for (let bit = from; bit < end; ) {
    bit = find_next_zero_bit(bitmap, end, bit)
    if (bit < 0) break
    let free = zeros_from(bitmap, end, bit, count + align)
    if (s_freed.size > 0) {
      let usable = 0
      while (usable < free && !s_freed.has(first + bit + usable)) usable++
      if (usable === 0) {
        bit++
        continue
      }
      free = usable
    }
    const skipped = (align - ((first + bit) % align)) % align
    if (free - skipped >= count) return { start: first + bit + skipped, count }
    if (best === undefined || free > best.count) best = { start: first + bit, count: Math.min(free, count) }
    bit += free
  }
  return best
}

/**
 * So many blocks in one stretch, or fewer, as near behind `goal` as there are; they were free. -ENOSPC, -EIO or -EUCLEAN.
 */
export const ext4_mb_new_blocks = kfunc(
  MBALLOC,
  function* ext4_mb_new_blocks(k: Kernel, handle: Handle | undefined, sb: SuperBlock, goal: number, count: number) {
    const { s_blocks_per_group, s_first_data_block, s_groups_count } = EXT4_SB(sb)
    const wanted = in_disk(sb, goal) ? goal : s_first_data_block
    const first = Math.floor((wanted - s_first_data_block) / s_blocks_per_group)
    let best: Blocks | undefined
    for (let i = 0; i <= s_groups_count; i++) {
      const group = (first + i) % s_groups_count
      const desc = yield* ext4_get_group_desc(k, sb, group)
      if (desc === undefined) return -EIO
      if (bg_get(desc, 'free_blocks_count') === 0) continue
      const bitmap = yield* ext4_read_block_bitmap(k, sb, desc)
      if (typeof bitmap === 'number') return bitmap
      const from = i === 0 ? (wanted - s_first_data_block) % s_blocks_per_group : 0
      const found = find_in_group(sb, group, b_data(bitmap), from, count)
      if (found !== undefined && (best === undefined || found.count > best.count)) best = found
      if (best?.count === count) break
    }
    if (best === undefined) return -ENOSPC
    return yield* ext4_mb_mark_diskspace_used(k, handle, sb, best)
  },
)

const ext4_mb_mark_diskspace_used = kfunc(
  MBALLOC,
  function* ext4_mb_mark_diskspace_used(k: Kernel, handle: Handle | undefined, sb: SuperBlock, blocks: Blocks) {
    const { s_first_data_block, s_blocks_per_group } = EXT4_SB(sb)
    const group = Math.floor((blocks.start - s_first_data_block) / s_blocks_per_group)
    const desc = yield* ext4_get_group_desc(k, sb, group)
    const bitmap = desc && (yield* ext4_read_block_bitmap(k, sb, desc))
    if (desc === undefined || bitmap === undefined) return -EIO
    if (typeof bitmap === 'number') return bitmap
    const first = blocks.start - group_first(sb, group)
    ext4_handle_dirty_metadata(handle, undefined, bitmap, (bytes) => {
      for (let i = 0; i < blocks.count; i++) set_bit(bytes, first + i)
    })
    bg_change(handle, desc, {
      ...initialised(sb, desc),
      free_blocks_count: bg_get(desc, 'free_blocks_count') - blocks.count,
      ...csum_change(sb, bitmap),
    })
    return blocks
  },
)

/** One block for metadata that was free, or a negative error number. */
export const ext4_new_meta_blocks = kfunc(
  BALLOC,
  function* ext4_new_meta_blocks(k: Kernel, handle: Handle | undefined, sb: SuperBlock, goal: number) {
    const found = yield* ext4_mb_new_blocks(k, handle, sb, goal, 1)
    return typeof found === 'number' ? found : found.start
  },
)

/** Blocks of one group are free again; those of a journal's file system only when the transaction is on the disk. */
export const ext4_free_blocks = kfunc(
  MBALLOC,
  function* ext4_free_blocks(k: Kernel, handle: Handle | undefined, sb: SuperBlock, block: number, count: number) {
    const { s_blocks_per_group, s_first_data_block } = EXT4_SB(sb)
    if (!in_disk(sb, block) || !in_disk(sb, block + count - 1)) {
      ext4_error(k, sb, 'ext4_free_blocks', `Freeing blocks not in datazone - block = ${block}, count = ${count}`)
      return
    }
    for (let done = 0; done < count; ) {
      const group = Math.floor((block + done - s_first_data_block) / s_blocks_per_group)
      const first = block + done - group_first(sb, group)
      const own = Math.min(count - done, s_blocks_per_group - first)
      yield* free_in_group(k, handle, sb, group, first, own)
      done += own
    }
    if (handle?.h_transaction === undefined) return
    const freed = { start: block, count } satisfies Blocks
    handle.h_transaction.t_private_list = [...handle.h_transaction.t_private_list, freed]
    const sbi = EXT4_SB(sb)
    sbi.s_freed = new Set([...sbi.s_freed, ...Array.from({ length: count }, (_, i) => block + i)])
  },
)

const free_in_group = kfunc(
  MBALLOC,
  function* ext4_mb_clear_bb(
    k: Kernel,
    handle: Handle | undefined,
    sb: SuperBlock,
    group: number,
    first: number,
    count: number,
  ) {
    const desc = yield* ext4_get_group_desc(k, sb, group)
    const bitmap = desc && (yield* ext4_read_block_bitmap(k, sb, desc))
    if (desc === undefined || bitmap === undefined || typeof bitmap === 'number') return
    let taken = 0
    for (let bit = first; bit < first + count; bit++) {
      if (test_bit(b_data(bitmap), bit)) {
        taken++
        continue
      }
      const block = group_first(sb, group) + bit
      ext4_error(k, sb, 'mb_free_blocks', `group ${group}, block ${block}: freeing already freed block (bit ${bit})`)
    }
    ext4_handle_dirty_metadata(handle, undefined, bitmap, (bytes) => {
      for (let bit = first; bit < first + count; bit++) clear_bit(bytes, bit)
    })
    bg_change(handle, desc, {
      free_blocks_count: bg_get(desc, 'free_blocks_count') + taken,
      ...csum_change(sb, bitmap),
    })
  },
)

/** A transaction is on the disk: what it freed may be used. */
export function ext4_process_freed_data(sb: SuperBlock, freed: readonly unknown[]): void {
  if (freed.length === 0) return
  const left = new Set(EXT4_SB(sb).s_freed)
  for (const { start, count } of freed as readonly Blocks[]) for (let i = 0; i < count; i++) left.delete(start + i)
  EXT4_SB(sb).s_freed = left
}

/** Sum of a count over all groups. */
export const count_groups = function* (k: Kernel, sb: SuperBlock, field: BgField) {
  let sum = 0
  for (let group = 0; group < EXT4_SB(sb).s_groups_count; group++) {
    const desc = yield* ext4_get_group_desc(k, sb, group)
    if (desc !== undefined) sum += bg_get(desc, field)
  }
  return sum
}
