/** lib/ext2fs/closefs.c, csum.c: bitmaps, descriptors and superblocks as bytes, written last. */

import { view } from '../../../../base/bytes.ts'
import { encode, type Values } from '../../../../base/layout.ts'
import {
  DX_HASH_HALF_MD4,
  EXT2_FLAGS_SIGNED_HASH,
  EXT2_FLAGS_TEST_FILESYS,
  EXT4_BG_BLOCK_UNINIT,
  EXT4_BG_INODE_UNINIT,
  EXT4_CRC32C_CHKSUM,
  EXT4_DEFM_ACL,
  EXT4_DEFM_XATTR_USER,
  EXT4_DYNAMIC_REV,
  EXT4_EXTRA_ISIZE,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_GOOD_OLD_INODE_SIZE,
  EXT4_JOURNAL_INO,
  EXT4_SUPER_MAGIC,
  EXT4_SUPER_OFFSET,
  EXT4_VALID_FS,
  ext4_group_desc,
  ext4_super_block,
} from '../../../linux/fs/ext4/ext4.ts'
import { crc16 } from '../../../linux/lib/crc16.ts'
import { crc32c_le } from '../../../linux/lib/crc32.ts'
import { has, has_group_desc_csum } from './features.ts'
import { descBytes, type Fs, type Group, groupAt, groupFirst, super_and_bgd_loc, u32, writeBlock } from './filesys.ts'
import type { Params } from './parameters.ts'

const BG_CHECKSUM = ext4_group_desc.fields.bg_checksum[0]
const S_CHECKSUM = ext4_super_block.fields.s_checksum[0]
const ALL_ONES = 0xffff_ffff
/** Features since when a superblock counts what was written. */
const COUNTING = ['flex_bg', 'huge_file', 'uninit_bg', 'dir_nlink', 'metadata_csum', 'extra_isize']

const high = (value: number): number => Math.floor(value / 2 ** 32)
const low = (value: number): number => value % 2 ** 32

function descriptor(fs: Fs, group: number, desc: Group): Uint8Array {
  const bytes = encode(
    ext4_group_desc,
    {
      bg_block_bitmap_lo: low(desc.blockBitmap),
      bg_block_bitmap_hi: high(desc.blockBitmap),
      bg_inode_bitmap_lo: low(desc.inodeBitmap),
      bg_inode_bitmap_hi: high(desc.inodeBitmap),
      bg_inode_table_lo: low(desc.inodeTable),
      bg_inode_table_hi: high(desc.inodeTable),
      bg_free_blocks_count_lo: desc.freeBlocks & 0xffff,
      bg_free_blocks_count_hi: desc.freeBlocks >>> 16,
      bg_free_inodes_count_lo: desc.freeInodes & 0xffff,
      bg_free_inodes_count_hi: desc.freeInodes >>> 16,
      bg_used_dirs_count_lo: desc.usedDirs,
      bg_flags: desc.flags,
      bg_block_bitmap_csum_lo: desc.blockBitmapCsum & 0xffff,
      bg_block_bitmap_csum_hi: desc.blockBitmapCsum >>> 16,
      bg_inode_bitmap_csum_lo: desc.inodeBitmapCsum & 0xffff,
      bg_inode_bitmap_csum_hi: desc.inodeBitmapCsum >>> 16,
      bg_itable_unused_lo: desc.itableUnused & 0xffff,
      bg_itable_unused_hi: desc.itableUnused >>> 16,
    },
    new Uint8Array(descBytes(fs)),
  )
  return encode(ext4_group_desc, { bg_checksum: group_desc_csum(fs, group, bytes) }, bytes)
}

/** Two bytes, of the group's number and of its descriptor without them. */
function group_desc_csum(fs: Fs, group: number, bytes: Uint8Array): number {
  if (has(fs.features, 'metadata_csum')) return crc32c_le(crc32c_le(fs.csumSeed, u32(group)), bytes) & 0xffff
  if (!has(fs.features, 'uninit_bg')) return 0
  const head = crc16(crc16(crc16(0xffff, fs.uuid), u32(group)), bytes.subarray(0, BG_CHECKSUM))
  return crc16(head, bytes.subarray(BG_CHECKSUM + 2))
}

/** Of groups where nothing is taken but what belongs there, the bitmaps may stay as they are. */
function write_bitmaps(fs: Fs): void {
  const csum = has(fs.features, 'metadata_csum')
  const lazy = has_group_desc_csum(fs.features)
  const inodeBytes = fs.inodesPerGroup / 8
  for (let group = 0; group < fs.groupCount; group++) {
    const desc = groupAt(fs, group)
    if (!lazy || (desc.flags & EXT4_BG_BLOCK_UNINIT) === 0) {
      const bits = fs.blockMap.bytes(groupFirst(fs, group), fs.blocksPerGroup, fs.blockSize)
      if (csum) desc.blockBitmapCsum = crc32c_le(fs.csumSeed, bits.subarray(0, fs.blocksPerGroup / 8))
      writeBlock(fs, desc.blockBitmap, bits)
    }
    if (lazy && (desc.flags & EXT4_BG_INODE_UNINIT) !== 0) continue
    const bits = fs.inodeMap.bytes(group * fs.inodesPerGroup + 1, fs.inodesPerGroup, fs.blockSize)
    if (csum) desc.inodeBitmapCsum = crc32c_le(fs.csumSeed, bits.subarray(0, inodeBytes))
    writeBlock(fs, desc.inodeBitmap, bits)
  }
}

/** Blocks of the tables that have an inode which is not all zeros. */
function write_inodes(fs: Fs): void {
  const blocks = new Map<number, Uint8Array>()
  for (const [ino, bytes] of fs.inodeBytes) {
    const index = (ino - 1) % fs.inodesPerGroup
    const at = groupAt(fs, Math.floor((ino - 1) / fs.inodesPerGroup)).inodeTable * fs.blockSize + index * fs.inodeSize
    const block = Math.floor(at / fs.blockSize)
    const there = blocks.get(block) ?? new Uint8Array(fs.blockSize)
    there.set(bytes, at % fs.blockSize)
    blocks.set(block, there)
  }
  for (const [block, bytes] of blocks) writeBlock(fs, block, bytes)
}

export interface Labels {
  readonly label: string
  readonly lastMounted: string
  readonly hashSeed: Uint8Array
  /** Blocks that are nobody's. */
  readonly overhead: number
}

const padded = (text: string, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set(new TextEncoder().encode(text).subarray(0, length))
  return bytes
}

type Super = Partial<Values<(typeof ext4_super_block)['fields']>>

function superBlock(fs: Fs, params: Params, { label, lastMounted, hashSeed, overhead }: Labels): Super {
  const logSize = Math.log2(fs.blockSize / 1024)
  const large = fs.inodeSize > EXT4_GOOD_OLD_INODE_SIZE ? EXT4_EXTRA_ISIZE : 0
  const csum = has(fs.features, 'metadata_csum')
  return {
    s_inodes_count: fs.inodes,
    s_blocks_count_lo: low(fs.blocks),
    s_blocks_count_hi: high(fs.blocks),
    s_r_blocks_count_lo: low(fs.reservedBlocks),
    s_r_blocks_count_hi: high(fs.reservedBlocks),
    s_free_blocks_count_lo: low(fs.freeBlocks),
    s_free_blocks_count_hi: high(fs.freeBlocks),
    s_free_inodes_count: fs.freeInodes,
    s_first_data_block: fs.firstDataBlock,
    s_log_block_size: logSize,
    s_log_cluster_size: logSize,
    s_blocks_per_group: fs.blocksPerGroup,
    s_clusters_per_group: fs.blocksPerGroup,
    s_inodes_per_group: fs.inodesPerGroup,
    s_wtime: fs.now,
    s_max_mnt_count: 0xffff,
    s_magic: EXT4_SUPER_MAGIC,
    s_state: EXT4_VALID_FS,
    s_errors: params.errors,
    s_lastcheck: fs.now,
    s_rev_level: EXT4_DYNAMIC_REV,
    s_first_ino: EXT4_GOOD_OLD_FIRST_INO,
    s_inode_size: fs.inodeSize,
    s_feature_compat: fs.features.compat,
    s_feature_incompat: fs.features.incompat,
    s_feature_ro_compat: fs.features.ro_compat,
    s_uuid: fs.uuid,
    s_volume_name: padded(label, 16),
    s_last_mounted: padded(lastMounted, 64),
    s_reserved_gdt_blocks: fs.reservedGdtBlocks,
    s_journal_inum: fs.journal === undefined ? 0 : EXT4_JOURNAL_INO,
    s_hash_seed: hashSeed,
    s_def_hash_version: DX_HASH_HALF_MD4,
    s_jnl_backup_type: fs.journal === undefined ? 0 : 1,
    s_desc_size: fs.descSize,
    s_default_mount_opts: EXT4_DEFM_XATTR_USER | EXT4_DEFM_ACL,
    s_mkfs_time: fs.now,
    s_jnl_blocks: fs.journal ?? [],
    s_min_extra_isize: large,
    s_want_extra_isize: large,
    s_flags: EXT2_FLAGS_SIGNED_HASH | (params.testFs ? EXT2_FLAGS_TEST_FILESYS : 0),
    s_raid_stride: params.stride,
    s_raid_stripe_width: params.stripeWidth,
    s_log_groups_per_flex: fs.logGroupsPerFlex,
    s_checksum_type: csum ? EXT4_CRC32C_CHKSUM : 0,
    s_overhead_clusters: overhead,
    s_checksum_seed: has(fs.features, 'metadata_csum_seed') ? fs.csumSeed : 0,
  }
}

function superBytes(fs: Fs, values: Super): Uint8Array {
  const bytes = encode(ext4_super_block, values)
  if (has(fs.features, 'metadata_csum'))
    view(bytes).setUint32(S_CHECKSUM, crc32c_le(ALL_ONES, bytes.subarray(0, S_CHECKSUM)), true)
  return bytes
}

/** KiB that were written: the superblock counts them over its life. */
const kbytesWritten = (fs: Fs): number =>
  1 +
  Math.floor(
    fs.writes.reduce((sum, each) => sum + (each !== 'fsync' && 'bytes' in each ? each.bytes.length : 0), 0) / 1024,
  ) +
  Math.floor((fs.descBlocks + 1) / (fs.blockSize / 1024))

/** Bitmaps, descriptors, copies of the superblock; when all that is durable, the superblock itself. */
export function close_fs(fs: Fs, params: Params, labels: Labels): void {
  write_inodes(fs)
  write_bitmaps(fs)
  const table = new Uint8Array(fs.descBlocks * fs.blockSize)
  for (let group = 0; group < fs.groupCount; group++)
    table.set(descriptor(fs, group, groupAt(fs, group)), group * descBytes(fs))
  const counts = COUNTING.some((name) => has(fs.features, name))
  const values: Super = { ...superBlock(fs, params, labels), s_kbytes_written: counts ? kbytesWritten(fs) : 0 }
  for (let group = 0; group < fs.groupCount; group++) {
    const { superBlock: place, oldDesc, newDesc, metaGroup } = super_and_bgd_loc(fs, group)
    if (group > 0 && place !== undefined)
      fs.writes.push({
        at: place * fs.blockSize,
        bytes: superBytes(fs, { ...values, s_state: 0, s_block_group_nr: Math.min(group, 0xffff) }),
      })
    if (oldDesc !== undefined) writeBlock(fs, oldDesc, table)
    if (newDesc !== undefined)
      writeBlock(fs, newDesc, table.subarray(metaGroup * fs.blockSize, (metaGroup + 1) * fs.blockSize))
  }
  fs.writes.push('fsync', { at: EXT4_SUPER_OFFSET, bytes: superBytes(fs, values) }, 'fsync')
}
