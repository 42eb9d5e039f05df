/** fs/ext4/ext4.h: where things stand on disk. Little-endian; bytes from the start of each structure. */

import { view } from '../../../../base/bytes.ts'

export const u16 = (bytes: Uint8Array, at: number): number => view(bytes).getUint16(at, true)
export const u32 = (bytes: Uint8Array, at: number): number => view(bytes).getUint32(at, true)
export const put16 = (bytes: Uint8Array, at: number, value: number): void =>
  view(bytes).setUint16(at, value & 0xffff, true)
export const put32 = (bytes: Uint8Array, at: number, value: number): void =>
  view(bytes).setUint32(at, value >>> 0, true)

/** struct ext4_super_block, 1024 bytes from the start of the disk. */
export const SUPER_OFFSET = 1024
export const S = {
  inodes_count: 0,
  blocks_count: 4,
  free_blocks_count: 12,
  free_inodes_count: 16,
  first_data_block: 20,
  log_block_size: 24,
  blocks_per_group: 32,
  inodes_per_group: 40,
  mtime: 44,
  wtime: 48,
  mnt_count: 52,
  magic: 56,
  state: 58,
  errors: 60,
  rev_level: 76,
  first_ino: 84,
  inode_size: 88,
  feature_compat: 92,
  feature_incompat: 96,
  feature_ro_compat: 100,
  last_orphan: 232,
  default_mount_opts: 256,
} as const

export const EXT4_SUPER_MAGIC = 0xef53
export const EXT4_VALID_FS = 1
export const EXT4_ERROR_FS = 2

export const EXT4_FEATURE_COMPAT_HAS_JOURNAL = 0x4
export const EXT4_FEATURE_INCOMPAT_FILETYPE = 0x2
export const EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER = 0x1
export const EXT4_FEATURE_RO_COMPAT_LARGE_FILE = 0x2

/** struct ext4_group_desc. */
export const BG = {
  block_bitmap: 0,
  inode_bitmap: 4,
  inode_table: 8,
  free_blocks_count: 12,
  free_inodes_count: 14,
  used_dirs_count: 16,
} as const
export const EXT4_MIN_DESC_SIZE = 32

/** struct ext4_inode. */
export const I = {
  mode: 0,
  size_lo: 4,
  atime: 8,
  ctime: 12,
  mtime: 16,
  dtime: 20,
  links_count: 26,
  blocks_lo: 28,
  flags: 32,
  block: 40,
  size_high: 108,
} as const
export const EXT4_GOOD_OLD_INODE_SIZE = 128
export const EXT4_N_BLOCKS = 15
export const EXT4_NDIR_BLOCKS = 12
export const EXT4_IND_BLOCK = 12

export const EXT4_ROOT_INO = 2
export const EXT4_GOOD_OLD_FIRST_INO = 11
export const EXT4_INDEX_FL = 0x1000
export const EXT4_EXTENTS_FL = 0x8_0000

/** struct ext4_dir_entry_2: inode, length, length of the name, type, name. */
export const DIRENT_HEAD = 8
export const FILE_TYPES = { unknown: 0, file: 1, folder: 2, link: 7 } as const
export const EXT4_NAME_LEN = 255
export const EXT4_LINK_MAX = 65000
