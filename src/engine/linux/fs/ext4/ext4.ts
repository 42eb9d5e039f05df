/**
 * fs/ext4/ext4.h, ext4_extents.h: ext2 and ext4 as they stand on the disk. Sizes and offsets in bytes, places in blocks of
 * the file system.
 *
 * Source: torvalds/linux v6.1; e2fsprogs 1.47.0 makes the same. Left out: extended attributes, indices of directories,
 * multiple mount protection, the orphan file.
 */

import type { Layout } from '../../../../base/layout.ts'

export const EXT4_SUPER_MAGIC = 0xef53
export const EXT4_VALID_FS = 1
export const EXT4_ERROR_FS = 2
export const EXT4_ERRORS_CONTINUE = 1
export const EXT4_ERRORS_RO = 2
export const EXT4_ERRORS_PANIC = 3
export const EXT4_DYNAMIC_REV = 1
export const EXT4_DEFM_XATTR_USER = 0x4
export const EXT4_DEFM_ACL = 0x8
export const EXT2_FLAGS_SIGNED_HASH = 0x1
export const EXT2_FLAGS_TEST_FILESYS = 0x4
export const DX_HASH_HALF_MD4 = 1
export const EXT4_CRC32C_CHKSUM = 1

/** Where the superblock stands, whatever the block size. */
export const EXT4_SUPER_OFFSET = 1024
export const EXT4_MIN_BLOCK_SIZE = 1024
export const EXT4_MAX_BLOCK_SIZE = 65536
export const EXT4_GOOD_OLD_INODE_SIZE = 128
export const EXT4_GOOD_OLD_FIRST_INO = 11
export const EXT4_MIN_DESC_SIZE = 32
export const EXT4_MIN_DESC_SIZE_64BIT = 64

/** Inodes that have their place. */
export const EXT4_BAD_INO = 1
export const EXT4_ROOT_INO = 2
export const EXT4_RESIZE_INO = 7
export const EXT4_JOURNAL_INO = 8

export const EXT4_FEATURE_COMPAT_HAS_JOURNAL = 0x4
export const EXT4_FEATURE_COMPAT_EXT_ATTR = 0x8
export const EXT4_FEATURE_COMPAT_RESIZE_INODE = 0x10
export const EXT4_FEATURE_COMPAT_DIR_INDEX = 0x20
export const EXT4_FEATURE_COMPAT_SPARSE_SUPER2 = 0x200
export const EXT4_FEATURE_COMPAT_FAST_COMMIT = 0x400
export const EXT4_FEATURE_COMPAT_STABLE_INODES = 0x800
export const EXT4_FEATURE_COMPAT_ORPHAN_FILE = 0x1000

export const EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER = 0x1
export const EXT4_FEATURE_RO_COMPAT_LARGE_FILE = 0x2
export const EXT4_FEATURE_RO_COMPAT_HUGE_FILE = 0x8
export const EXT4_FEATURE_RO_COMPAT_GDT_CSUM = 0x10
export const EXT4_FEATURE_RO_COMPAT_DIR_NLINK = 0x20
export const EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE = 0x40
export const EXT4_FEATURE_RO_COMPAT_QUOTA = 0x100
export const EXT4_FEATURE_RO_COMPAT_BIGALLOC = 0x200
export const EXT4_FEATURE_RO_COMPAT_METADATA_CSUM = 0x400
export const EXT4_FEATURE_RO_COMPAT_PROJECT = 0x2000
export const EXT4_FEATURE_RO_COMPAT_VERITY = 0x8000

export const EXT4_FEATURE_INCOMPAT_FILETYPE = 0x2
export const EXT4_FEATURE_INCOMPAT_RECOVER = 0x4
export const EXT4_FEATURE_INCOMPAT_JOURNAL_DEV = 0x8
export const EXT4_FEATURE_INCOMPAT_META_BG = 0x10
export const EXT4_FEATURE_INCOMPAT_EXTENTS = 0x40
export const EXT4_FEATURE_INCOMPAT_64BIT = 0x80
export const EXT4_FEATURE_INCOMPAT_MMP = 0x100
export const EXT4_FEATURE_INCOMPAT_FLEX_BG = 0x200
export const EXT4_FEATURE_INCOMPAT_EA_INODE = 0x400
export const EXT4_FEATURE_INCOMPAT_CSUM_SEED = 0x2000
export const EXT4_FEATURE_INCOMPAT_LARGEDIR = 0x4000
export const EXT4_FEATURE_INCOMPAT_INLINE_DATA = 0x8000
export const EXT4_FEATURE_INCOMPAT_ENCRYPT = 0x10000
export const EXT4_FEATURE_INCOMPAT_CASEFOLD = 0x20000

const super_block_fields = {
  s_inodes_count: [0x000, 4],
  s_blocks_count_lo: [0x004, 4],
  s_r_blocks_count_lo: [0x008, 4],
  s_free_blocks_count_lo: [0x00c, 4],
  s_free_inodes_count: [0x010, 4],
  s_first_data_block: [0x014, 4],
  s_log_block_size: [0x018, 4],
  s_log_cluster_size: [0x01c, 4],
  s_blocks_per_group: [0x020, 4],
  s_clusters_per_group: [0x024, 4],
  s_inodes_per_group: [0x028, 4],
  s_mtime: [0x02c, 4],
  s_wtime: [0x030, 4],
  s_mnt_count: [0x034, 2],
  s_max_mnt_count: [0x036, 2],
  s_magic: [0x038, 2],
  s_state: [0x03a, 2],
  s_errors: [0x03c, 2],
  s_minor_rev_level: [0x03e, 2],
  s_lastcheck: [0x040, 4],
  s_checkinterval: [0x044, 4],
  s_creator_os: [0x048, 4],
  s_rev_level: [0x04c, 4],
  s_def_resuid: [0x050, 2],
  s_def_resgid: [0x052, 2],
  s_first_ino: [0x054, 4],
  s_inode_size: [0x058, 2],
  s_block_group_nr: [0x05a, 2],
  s_feature_compat: [0x05c, 4],
  s_feature_incompat: [0x060, 4],
  s_feature_ro_compat: [0x064, 4],
  s_uuid: [0x068, 1, 16],
  s_volume_name: [0x078, 1, 16],
  s_last_mounted: [0x088, 1, 64],
  s_algorithm_usage_bitmap: [0x0c8, 4],
  s_prealloc_blocks: [0x0cc, 1],
  s_prealloc_dir_blocks: [0x0cd, 1],
  s_reserved_gdt_blocks: [0x0ce, 2],
  s_journal_uuid: [0x0d0, 1, 16],
  s_journal_inum: [0x0e0, 4],
  s_journal_dev: [0x0e4, 4],
  s_last_orphan: [0x0e8, 4],
  s_hash_seed: [0x0ec, 1, 16],
  s_def_hash_version: [0x0fc, 1],
  s_jnl_backup_type: [0x0fd, 1],
  s_desc_size: [0x0fe, 2],
  s_default_mount_opts: [0x100, 4],
  s_first_meta_bg: [0x104, 4],
  s_mkfs_time: [0x108, 4],
  s_jnl_blocks: [0x10c, 4, 17],
  s_blocks_count_hi: [0x150, 4],
  s_r_blocks_count_hi: [0x154, 4],
  s_free_blocks_count_hi: [0x158, 4],
  s_min_extra_isize: [0x15c, 2],
  s_want_extra_isize: [0x15e, 2],
  s_flags: [0x160, 4],
  s_raid_stride: [0x164, 2],
  s_mmp_update_interval: [0x166, 2],
  s_mmp_block: [0x168, 8],
  s_raid_stripe_width: [0x170, 4],
  s_log_groups_per_flex: [0x174, 1],
  s_checksum_type: [0x175, 1],
  s_encryption_level: [0x176, 1],
  s_kbytes_written: [0x178, 8],
  s_error_count: [0x194, 4],
  s_first_error_time: [0x198, 4],
  s_first_error_ino: [0x19c, 4],
  s_first_error_block: [0x1a0, 8],
  s_first_error_func: [0x1a8, 1, 32],
  s_first_error_line: [0x1c8, 4],
  s_last_error_time: [0x1cc, 4],
  s_last_error_ino: [0x1d0, 4],
  s_last_error_line: [0x1d4, 4],
  s_last_error_block: [0x1d8, 8],
  s_last_error_func: [0x1e0, 1, 32],
  s_mount_opts: [0x200, 1, 64],
  s_usr_quota_inum: [0x240, 4],
  s_grp_quota_inum: [0x244, 4],
  s_overhead_clusters: [0x248, 4],
  s_backup_bgs: [0x24c, 4, 2],
  s_encrypt_algos: [0x254, 1, 4],
  s_encrypt_pw_salt: [0x258, 1, 16],
  s_lpf_ino: [0x268, 4],
  s_prj_quota_inum: [0x26c, 4],
  s_checksum_seed: [0x270, 4],
  s_encoding: [0x27c, 2],
  s_encoding_flags: [0x27e, 2],
  s_orphan_file_inum: [0x280, 4],
  s_checksum: [0x3fc, 4],
} as const

export const ext4_super_block: Layout<typeof super_block_fields> = {
  size: 1024,
  order: 'little',
  fields: super_block_fields,
}

export const EXT4_BG_INODE_UNINIT = 0x1
export const EXT4_BG_BLOCK_UNINIT = 0x2
export const EXT4_BG_INODE_ZEROED = 0x4

const group_desc_fields = {
  bg_block_bitmap_lo: [0x00, 4],
  bg_inode_bitmap_lo: [0x04, 4],
  bg_inode_table_lo: [0x08, 4],
  bg_free_blocks_count_lo: [0x0c, 2],
  bg_free_inodes_count_lo: [0x0e, 2],
  bg_used_dirs_count_lo: [0x10, 2],
  bg_flags: [0x12, 2],
  bg_exclude_bitmap_lo: [0x14, 4],
  bg_block_bitmap_csum_lo: [0x18, 2],
  bg_inode_bitmap_csum_lo: [0x1a, 2],
  bg_itable_unused_lo: [0x1c, 2],
  bg_checksum: [0x1e, 2],
  // Only with 64bit from here.
  bg_block_bitmap_hi: [0x20, 4],
  bg_inode_bitmap_hi: [0x24, 4],
  bg_inode_table_hi: [0x28, 4],
  bg_free_blocks_count_hi: [0x2c, 2],
  bg_free_inodes_count_hi: [0x2e, 2],
  bg_used_dirs_count_hi: [0x30, 2],
  bg_itable_unused_hi: [0x32, 2],
  bg_exclude_bitmap_hi: [0x34, 4],
  bg_block_bitmap_csum_hi: [0x38, 2],
  bg_inode_bitmap_csum_hi: [0x3a, 2],
} as const

/** 32 bytes of it, or all 64: the superblock's `s_desc_size`. */
export const ext4_group_desc: Layout<typeof group_desc_fields> = {
  size: 64,
  order: 'little',
  fields: group_desc_fields,
}

export const S_IFDIR = 0o040000
export const S_IFREG = 0o100000
export const EXT4_INDEX_FL = 0x1000
export const EXT4_EXTENTS_FL = 0x80000
export const EXT4_DAX_FL = 0x2000000
/** Blocks that an inode names itself, and behind which number of blocks. */
export const EXT4_NDIR_BLOCKS = 12
export const EXT4_IND_BLOCK = 12
export const EXT4_DIND_BLOCK = 13
export const EXT4_TIND_BLOCK = 14
export const EXT4_N_BLOCKS = 15
/** Bytes behind the first 128 that are more than names. */
export const EXT4_EXTRA_ISIZE = 32

const inode_fields = {
  i_mode: [0x00, 2],
  i_uid: [0x02, 2],
  i_size_lo: [0x04, 4],
  i_atime: [0x08, 4],
  i_ctime: [0x0c, 4],
  i_mtime: [0x10, 4],
  i_dtime: [0x14, 4],
  i_gid: [0x18, 2],
  i_links_count: [0x1a, 2],
  i_blocks_lo: [0x1c, 4],
  i_flags: [0x20, 4],
  l_i_version: [0x24, 4],
  i_block: [0x28, 4, 15],
  i_generation: [0x64, 4],
  i_file_acl_lo: [0x68, 4],
  i_size_high: [0x6c, 4],
  i_obso_faddr: [0x70, 4],
  l_i_blocks_high: [0x74, 2],
  l_i_file_acl_high: [0x76, 2],
  l_i_uid_high: [0x78, 2],
  l_i_gid_high: [0x7a, 2],
  l_i_checksum_lo: [0x7c, 2],
  // Only in inodes of more than 128 bytes from here, as far as i_extra_isize says.
  i_extra_isize: [0x80, 2],
  i_checksum_hi: [0x82, 2],
  i_ctime_extra: [0x84, 4],
  i_mtime_extra: [0x88, 4],
  i_atime_extra: [0x8c, 4],
  i_crtime: [0x90, 4],
  i_crtime_extra: [0x94, 4],
  i_version_hi: [0x98, 4],
  i_projid: [0x9c, 4],
} as const

export const ext4_inode: Layout<typeof inode_fields> = { size: 160, order: 'little', fields: inode_fields }

export const EXT4_FT_DIR = 2
/** The file type of the checksum at the end of a block of a directory. */
export const EXT4_FT_DIR_CSUM = 0xde
/** Bytes of an entry before its name, and of that checksum's entry. */
export const EXT4_DIR_ENTRY_HEAD = 8
export const EXT4_DIR_TAIL_SIZE = 12

const dir_entry_fields = { inode: [0, 4], rec_len: [4, 2], name_len: [6, 1], file_type: [7, 1] } as const

/** The name follows. */
export const ext4_dir_entry_2: Layout<typeof dir_entry_fields> = {
  size: 8,
  order: 'little',
  fields: dir_entry_fields,
}

export const EXT4_EXT_MAGIC = 0xf30a
/** Blocks of an extent that holds data, at most. */
export const EXT_INIT_MAX_LEN = 32768

const extent_header_fields = {
  eh_magic: [0, 2],
  eh_entries: [2, 2],
  eh_max: [4, 2],
  eh_depth: [6, 2],
  eh_generation: [8, 4],
} as const

export const ext4_extent_header: Layout<typeof extent_header_fields> = {
  size: 12,
  order: 'little',
  fields: extent_header_fields,
}

const extent_fields = { ee_block: [0, 4], ee_len: [4, 2], ee_start_hi: [6, 2], ee_start_lo: [8, 4] } as const

export const ext4_extent: Layout<typeof extent_fields> = { size: 12, order: 'little', fields: extent_fields }

const extent_idx_fields = { ei_block: [0, 4], ei_leaf_lo: [4, 4], ei_leaf_hi: [8, 2] } as const

export const ext4_extent_idx: Layout<typeof extent_idx_fields> = {
  size: 12,
  order: 'little',
  fields: extent_idx_fields,
}
