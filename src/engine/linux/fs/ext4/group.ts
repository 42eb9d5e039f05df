/** fs/ext4/balloc.c, super.c: descriptors of groups of blocks, whose numbers have their high bits in a half of their own. */

import { peek, poke } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import type { SuperBlock } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, sb_bread } from '../buffer.ts'
import { ext4_group_desc_csum } from './csum.ts'
import { EXT4_MIN_DESC_SIZE_64BIT, ext4_group_desc } from './ext4.ts'
import { ext4_handle_dirty_metadata } from './ext4_jbd2.ts'
import { EXT4_SB, ext4_has_feature, ext4_has_group_desc_csum } from './sb.ts'

const WORD = 2 ** 32
const HALF = 2 ** 16

export interface GroupDesc {
  readonly group: number
  readonly bh: BufferHead
  readonly at: number
}

/** Does a group have a copy of the superblock? */
export function ext4_bg_has_super(sb: SuperBlock, group: number): boolean {
  if (group === 0) return true
  if (!ext4_has_feature(sb, 'sparse_super') || group === 1) return true
  return [3, 5, 7].some((base) => {
    let power = base
    while (power < group) power *= base
    return power === group
  })
}

/** The block with descriptor `nr` of the table of groups. */
function descriptor_loc(sb: SuperBlock, nr: number): number {
  const { s_first_data_block, s_first_meta_bg, s_desc_size, s_blocks_per_group } = EXT4_SB(sb)
  if (!ext4_has_feature(sb, 'meta_bg') || nr < s_first_meta_bg) return s_first_data_block + 1 + nr
  const group = nr * (sb.s_blocksize / s_desc_size)
  return s_first_data_block + group * s_blocks_per_group + (ext4_bg_has_super(sb, group) ? 1 : 0)
}

/** The descriptor of a block group; undefined when it can't be read. */
export const ext4_get_group_desc = kfunc(
  'fs/ext4/balloc.c',
  function* ext4_get_group_desc(k: Kernel, sb: SuperBlock, group: number) {
    const { s_desc_size } = EXT4_SB(sb)
    const per_block = sb.s_blocksize / s_desc_size
    const bh = yield* sb_bread(k, sb, descriptor_loc(sb, Math.floor(group / per_block)))
    return bh && ({ group, bh, at: (group % per_block) * s_desc_size } satisfies GroupDesc)
  },
)

/** Fields of a descriptor that have a half of their own for the high bits. */
const WIDE = {
  block_bitmap: ['bg_block_bitmap_lo', 'bg_block_bitmap_hi', WORD],
  inode_bitmap: ['bg_inode_bitmap_lo', 'bg_inode_bitmap_hi', WORD],
  inode_table: ['bg_inode_table_lo', 'bg_inode_table_hi', WORD],
  free_blocks_count: ['bg_free_blocks_count_lo', 'bg_free_blocks_count_hi', HALF],
  free_inodes_count: ['bg_free_inodes_count_lo', 'bg_free_inodes_count_hi', HALF],
  used_dirs_count: ['bg_used_dirs_count_lo', 'bg_used_dirs_count_hi', HALF],
  itable_unused: ['bg_itable_unused_lo', 'bg_itable_unused_hi', HALF],
  block_bitmap_csum: ['bg_block_bitmap_csum_lo', 'bg_block_bitmap_csum_hi', HALF],
  inode_bitmap_csum: ['bg_inode_bitmap_csum_lo', 'bg_inode_bitmap_csum_hi', HALF],
} as const

export type BgField = keyof typeof WIDE

const is_wide = (sb: SuperBlock): boolean => EXT4_SB(sb).s_desc_size >= EXT4_MIN_DESC_SIZE_64BIT

export function bg_get({ bh, at }: GroupDesc, field: BgField): number {
  const [lo, hi, unit] = WIDE[field]
  const low = peek(ext4_group_desc, b_data(bh), lo, at)
  return is_wide(bh.sb) ? low + unit * peek(ext4_group_desc, b_data(bh), hi, at) : low
}

export const bg_flags = ({ bh, at }: GroupDesc): number => peek(ext4_group_desc, b_data(bh), 'bg_flags', at)

/** What a change of a descriptor sets. */
export type BgChange = Partial<Readonly<Record<BgField | 'flags', number>>>

/** Change a descriptor, its checksum with it, as a part of the handle. */
export function bg_change(handle: Handle | undefined, desc: GroupDesc, change: BgChange): void {
  const { bh, at, group } = desc
  const { s_desc_size } = EXT4_SB(bh.sb)
  ext4_handle_dirty_metadata(handle, undefined, bh, (bytes) => {
    for (const [name, value] of Object.entries(change)) {
      if (name === 'flags') {
        poke(ext4_group_desc, bytes, 'bg_flags', value, at)
        continue
      }
      const [lo, hi, unit] = WIDE[name as BgField]
      poke(ext4_group_desc, bytes, lo, value % unit, at)
      if (is_wide(bh.sb)) poke(ext4_group_desc, bytes, hi, Math.floor(value / unit), at)
    }
    if (!ext4_has_group_desc_csum(bh.sb)) return
    const csum = ext4_group_desc_csum(bh.sb, group, bytes.subarray(at, at + s_desc_size))
    poke(ext4_group_desc, bytes, 'bg_checksum', csum, at)
  })
}
