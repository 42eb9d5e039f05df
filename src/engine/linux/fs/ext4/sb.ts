/** fs/ext4/ext4.h: struct ext4_sb_info and ext4_inode_info, group descriptors, and messages in the file system's name. */

import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { bdev_name } from '../../include/linux/blk_types.ts'
import type { Inode, SuperBlock } from '../../include/linux/fs.ts'
import type { Handle, Journal } from '../../include/linux/jbd2.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel, LogLevel } from '../../kernel.ts'
import { sb_bread } from '../buffer.ts'
import {
  EXT4_FEATURE_COMPAT_DIR_INDEX,
  EXT4_FEATURE_COMPAT_HAS_JOURNAL,
  EXT4_FEATURE_INCOMPAT_64BIT,
  EXT4_FEATURE_INCOMPAT_CSUM_SEED,
  EXT4_FEATURE_INCOMPAT_EXTENTS,
  EXT4_FEATURE_INCOMPAT_FILETYPE,
  EXT4_FEATURE_INCOMPAT_FLEX_BG,
  EXT4_FEATURE_INCOMPAT_META_BG,
  EXT4_FEATURE_RO_COMPAT_DIR_NLINK,
  EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE,
  EXT4_FEATURE_RO_COMPAT_GDT_CSUM,
  EXT4_FEATURE_RO_COMPAT_HUGE_FILE,
  EXT4_FEATURE_RO_COMPAT_LARGE_FILE,
  EXT4_FEATURE_RO_COMPAT_METADATA_CSUM,
  EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER,
  EXT4_SUPER_OFFSET,
} from './ext4.ts'

const SUPER = 'fs/ext4/super.c'

/** What can be done with an inode of a kind. */
type Operations = Pick<Inode, 'i_op' | 'i_fop'>

/** The three words of features. */
interface Features {
  readonly compat: number
  readonly incompat: number
  readonly ro_compat: number
}

interface Ext4SbInfoFields {
  s_operations: Readonly<Record<'file' | 'dir' | 'symlink', Operations>>
  /** ext4_mark_inode_dirty(): an inode becomes a part of a handle. */
  s_mark_inode_dirty: (k: Kernel, handle: Handle, inode: Inode) => Op<number>
  s_features: Features
  s_uuid: Uint8Array
  s_csum_seed: number
  s_blocks_count: number
  s_inodes_count: number
  s_first_data_block: number
  s_blocks_per_group: number
  s_inodes_per_group: number
  s_groups_count: number
  s_inode_size: number
  s_desc_size: number
  s_first_meta_bg: number
  s_reserved_gdt_blocks: number
  s_first_ino: number
  s_hash_seed: readonly number[]
  s_hash_version: number
  /** s_state as it was found: what an unmount leaves again. */
  s_mount_state: number
  /** Options that are on. */
  s_mount_opt: readonly string[]
  /** Something was found wrong: nothing is written any more. */
  s_aborted: boolean
  s_journal: Journal | undefined
  /** Inodes that no folder names and that somebody holds, or that are being cut: newest first. */
  s_orphan: readonly number[]
  /** Blocks that pages of files will need. */
  s_dirtyclusters: number
  /** Blocks that transactions freed that are not on the disk yet: they must not be used for anything else. */
  s_freed: ReadonlySet<number>
}

export type Ext4SbInfo = Ext4SbInfoFields & Identity

export const ext4_sb_info = struct<Ext4SbInfoFields>('ext4_sb_info', {
  s_operations: undefined as never,
  s_mark_inode_dirty: undefined as never,
  s_features: { compat: 0, incompat: 0, ro_compat: 0 },
  s_uuid: undefined as never,
  s_csum_seed: 0,
  s_blocks_count: 0,
  s_inodes_count: 0,
  s_first_data_block: 0,
  s_blocks_per_group: 0,
  s_inodes_per_group: 0,
  s_groups_count: 0,
  s_inode_size: 0,
  s_desc_size: 0,
  s_first_meta_bg: 0,
  s_reserved_gdt_blocks: 0,
  s_first_ino: 0,
  s_hash_seed: [],
  s_hash_version: 0,
  s_mount_state: 0,
  s_mount_opt: [],
  s_aborted: false,
  s_journal: undefined,
  s_orphan: [],
  s_dirtyclusters: 0,
  s_freed: undefined as never,
})

export const EXT4_SB = (sb: SuperBlock): Ext4SbInfo => sb.s_fs_info as Ext4SbInfo

const FEATURES = {
  has_journal: ['compat', EXT4_FEATURE_COMPAT_HAS_JOURNAL],
  dir_index: ['compat', EXT4_FEATURE_COMPAT_DIR_INDEX],
  filetype: ['incompat', EXT4_FEATURE_INCOMPAT_FILETYPE],
  meta_bg: ['incompat', EXT4_FEATURE_INCOMPAT_META_BG],
  extents: ['incompat', EXT4_FEATURE_INCOMPAT_EXTENTS],
  '64bit': ['incompat', EXT4_FEATURE_INCOMPAT_64BIT],
  flex_bg: ['incompat', EXT4_FEATURE_INCOMPAT_FLEX_BG],
  csum_seed: ['incompat', EXT4_FEATURE_INCOMPAT_CSUM_SEED],
  sparse_super: ['ro_compat', EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER],
  large_file: ['ro_compat', EXT4_FEATURE_RO_COMPAT_LARGE_FILE],
  huge_file: ['ro_compat', EXT4_FEATURE_RO_COMPAT_HUGE_FILE],
  gdt_csum: ['ro_compat', EXT4_FEATURE_RO_COMPAT_GDT_CSUM],
  dir_nlink: ['ro_compat', EXT4_FEATURE_RO_COMPAT_DIR_NLINK],
  extra_isize: ['ro_compat', EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE],
  metadata_csum: ['ro_compat', EXT4_FEATURE_RO_COMPAT_METADATA_CSUM],
} as const satisfies Readonly<Record<string, readonly [keyof Features, number]>>

/** ext4_has_feature_…(). */
export function ext4_has_feature(sb: SuperBlock, name: keyof typeof FEATURES): boolean {
  const [word, bit] = FEATURES[name]
  return (EXT4_SB(sb).s_features[word] & bit) !== 0
}

/** Descriptors of groups have checksums, of either kind; groups may say that nothing in them has been used. */
export const ext4_has_group_desc_csum = (sb: SuperBlock): boolean =>
  ext4_has_feature(sb, 'gdt_csum') || ext4_has_feature(sb, 'metadata_csum')

interface Ext4InodeInfoFields {
  /** i_block: numbers of blocks, the root of a tree of extents, or the target of a short link, as 32-bit words. */
  i_data: readonly number[]
  i_flags: number
  i_dtime: number
  i_generation: number
  /** Bytes behind the old 128 that mean something. */
  i_extra_isize: number
  i_crtime: number
  /** Size that the disk knows, or will know: data up to here is allocated. */
  i_disksize: number
  /** Where the next block is looked for. */
  i_goal: number
  /** EXT4_STATE_NEWENTRY: the folder that has named it since its last sync. */
  i_new_in: Inode | undefined
  /** Blocks of the file that are in the page cache only: they get their place when they are written back. */
  i_reserved: ReadonlySet<number>
  /** Closing it writes it back: it was cut to nothing before. */
  i_da_alloc_close: boolean
  /** Transactions that a sync, and one of data only, has to wait for. */
  i_sync_tid: number
  i_datasync_tid: number
}

export type Ext4InodeInfo = Ext4InodeInfoFields & Identity

export const ext4_inode_info = struct<Ext4InodeInfoFields>('ext4_inode_info', {
  i_data: [],
  i_flags: 0,
  i_dtime: 0,
  i_generation: 0,
  i_extra_isize: 0,
  i_crtime: 0,
  i_disksize: 0,
  i_goal: 0,
  i_new_in: undefined,
  i_reserved: undefined as never,
  i_da_alloc_close: false,
  i_sync_tid: 0,
  i_datasync_tid: 0,
})

export const EXT4_I = (inode: Inode): Ext4InodeInfo => inode.i_private as Ext4InodeInfo

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
export const ext4_super = kfunc(SUPER, function* ext4_super(k: Kernel, sb: SuperBlock) {
  const bh = yield* sb_bread(k, sb, Math.floor(EXT4_SUPER_OFFSET / sb.s_blocksize))
  return bh && { bh, at: EXT4_SUPER_OFFSET % sb.s_blocksize }
})
