/** fs/ext4/ext4.h: struct ext4_sb_info and ext4_inode_info, group descriptors, and messages in the file system's name. */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { bdev_name } from '../../include/linux/blk_types.ts'
import type { Inode, SuperBlock } from '../../include/linux/fs.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel, LogLevel } from '../../kernel.ts'
import { type BufferHead, b_data, mark_buffer_dirty, sb_bread } from '../buffer.ts'
import { put16, SUPER_OFFSET, u16, u32 } from './raw.ts'

const EXT4_H = 'fs/ext4/super.c'

/** What can be done with an inode of a kind. */
type Operations = Pick<Inode, 'i_op' | 'i_fop'>

interface Ext4SbInfoFields {
  s_operations: Readonly<Record<'file' | 'dir' | 'symlink', Operations>>
  s_blocks_count: number
  s_inodes_count: number
  s_first_data_block: number
  s_blocks_per_group: number
  s_inodes_per_group: number
  s_groups_count: number
  s_inode_size: number
  s_desc_size: number
  s_first_ino: number
  /** s_state as it was found: what an unmount leaves again. */
  s_mount_state: number
  /** Options that are on. */
  s_mount_opt: readonly string[]
  /** Something was found wrong: nothing is written any more. */
  s_aborted: boolean
}

export type Ext4SbInfo = Ext4SbInfoFields & Identity

export const ext4_sb_info = struct<Ext4SbInfoFields>('ext4_sb_info', {
  s_operations: undefined as never,
  s_blocks_count: 0,
  s_inodes_count: 0,
  s_first_data_block: 0,
  s_blocks_per_group: 0,
  s_inodes_per_group: 0,
  s_groups_count: 0,
  s_inode_size: 0,
  s_desc_size: 0,
  s_first_ino: 0,
  s_mount_state: 0,
  s_mount_opt: [],
  s_aborted: false,
})

export const EXT4_SB = (sb: SuperBlock): Ext4SbInfo => sb.s_fs_info as Ext4SbInfo

interface Ext4InodeInfoFields {
  /** i_block: numbers of blocks, or the target of a short link, as 32-bit words. */
  i_data: readonly number[]
  i_flags: number
  i_dtime: number
  /** Where the next block is looked for. */
  i_goal: number
  /** EXT4_STATE_NEWENTRY: the folder that has named it since its last sync. */
  i_new_in: Inode | undefined
}

export const ext4_inode_info = struct<Ext4InodeInfoFields>('ext4_inode_info', {
  i_data: [],
  i_flags: 0,
  i_dtime: 0,
  i_goal: 0,
  i_new_in: undefined,
})

export const EXT4_I = (inode: Inode): Ext4InodeInfoFields & Identity =>
  inode.i_private as Ext4InodeInfoFields & Identity

export const ext4_msg = (k: Kernel, sb: SuperBlock, level: LogLevel, text: string): void =>
  printk(k, level, `EXT4-fs (${bdev_name(sb.s_bdev)}): ${text}`)

/** Something on disk is not as it must be: from now on nothing is written (errors=remount-ro). */
export function ext4_error(k: Kernel, sb: SuperBlock, where: string, text: string): void {
  printk(k, 'err', `EXT4-fs error (device ${bdev_name(sb.s_bdev)}): ${where}: comm ${k.current.comm}: ${text}`)
  if (sb.s_rdonly) return
  ext4_msg(k, sb, 'err', 'Remounting filesystem read-only')
  sb.s_rdonly = true
  EXT4_SB(sb).s_aborted = true
}

/** The block with the super block, and where in it that begins. */
export const ext4_super = kfunc(EXT4_H, function* ext4_super(k: Kernel, sb: SuperBlock) {
  const bh = yield* sb_bread(k, sb, Math.floor(SUPER_OFFSET / sb.s_blocksize))
  return bh && { bh, at: SUPER_OFFSET % sb.s_blocksize }
})

export interface GroupDesc {
  readonly bh: BufferHead
  readonly at: number
}

/** The descriptor of a block group; undefined when it can't be read. */
export const ext4_get_group_desc = kfunc(
  'fs/ext4/balloc.c',
  function* ext4_get_group_desc(k: Kernel, sb: SuperBlock, group: number) {
    const { s_desc_size, s_first_data_block } = EXT4_SB(sb)
    const per_block = sb.s_blocksize / s_desc_size
    const bh = yield* sb_bread(k, sb, s_first_data_block + 1 + Math.floor(group / per_block))
    return bh && ({ bh, at: (group % per_block) * s_desc_size } satisfies GroupDesc)
  },
)

export const bg_u32 = ({ bh, at }: GroupDesc, field: number): number => u32(b_data(bh), at + field)
export const bg_u16 = ({ bh, at }: GroupDesc, field: number): number => u16(b_data(bh), at + field)

/** Add to a 16-bit count of a descriptor. */
export const bg_add = ({ bh, at }: GroupDesc, field: number, more: number): void =>
  mark_buffer_dirty(bh, (bytes) => put16(bytes, at + field, u16(bytes, at + field) + more))
