/**
 * Checksums of ext4, each where the kernel has it: super.c, bitmap.c, inode.c, namei.c, extents.c. All but the old one of
 * group descriptors are crc32c, begun with the file system's seed.
 */

import { view } from '../../../../base/bytes.ts'
import { peek, poke } from '../../../../base/layout.ts'
import type { Inode, SuperBlock } from '../../include/linux/fs.ts'
import { crc16 } from '../../lib/crc16.ts'
import { crc32c_le } from '../../lib/crc32.ts'
import {
  EXT4_DIR_TAIL_SIZE,
  EXT4_FT_DIR_CSUM,
  EXT4_GOOD_OLD_INODE_SIZE,
  ext4_group_desc,
  ext4_inode,
  ext4_super_block,
} from './ext4.ts'
import { EXT4_I, EXT4_SB, ext4_has_feature } from './sb.ts'

const ALL = 0xffff_ffff

const ext4_chksum = (seed: number, ...parts: readonly Uint8Array[]): number =>
  parts.reduce((crc, part) => crc32c_le(crc, part), seed)

const le32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  view(bytes).setUint32(0, value, true)
  return bytes
}

/** Seed of the checksums of an inode and of what belongs to it. */
const ext4_inode_seed = (inode: Inode): number =>
  ext4_chksum(EXT4_SB(inode.i_sb).s_csum_seed, le32(inode.i_ino), le32(EXT4_I(inode).i_generation))

const has_csum = (sb: SuperBlock): boolean => ext4_has_feature(sb, 'metadata_csum')

/** Of the superblock, 1,024 bytes. */
export const ext4_superblock_csum = (raw: Uint8Array): number => ext4_chksum(ALL, raw.subarray(0, 1020))

export function ext4_superblock_csum_set(sb: SuperBlock, raw: Uint8Array): void {
  if (has_csum(sb)) poke(ext4_super_block, raw, 's_checksum', ext4_superblock_csum(raw))
}

/** 16 bits, of either kind. */
export function ext4_group_desc_csum(sb: SuperBlock, group: number, desc: Uint8Array): number {
  const { s_csum_seed, s_uuid } = EXT4_SB(sb)
  const [offset] = ext4_group_desc.fields.bg_checksum
  if (!has_csum(sb)) {
    const crc = crc16(crc16(crc16(0xffff, s_uuid), le32(group)), desc.subarray(0, offset))
    return desc.length > offset + 2 ? crc16(crc, desc.subarray(offset + 2)) : crc
  }
  const copy = desc.slice()
  poke(ext4_group_desc, copy, 'bg_checksum', 0)
  return ext4_chksum(s_csum_seed, le32(group), copy) & 0xffff
}

/** Of a bitmap; undefined where there are no checksums. */
export function bitmap_csum(sb: SuperBlock, kind: 'block' | 'inode', bitmap: Uint8Array): number | undefined {
  if (!has_csum(sb)) return undefined
  const { s_csum_seed, s_blocks_per_group, s_inodes_per_group } = EXT4_SB(sb)
  const size = (kind === 'block' ? s_blocks_per_group : s_inodes_per_group) / 8
  return ext4_chksum(s_csum_seed, bitmap.subarray(0, size))
}

/** Is it what the descriptor says? */
export function bitmap_csum_verify(
  sb: SuperBlock,
  kind: 'block' | 'inode',
  bitmap: Uint8Array,
  provided: number,
): boolean {
  const calculated = bitmap_csum(sb, kind, bitmap)
  if (calculated === undefined) return true
  return EXT4_SB(sb).s_desc_size >= 64 ? calculated === provided : (calculated & 0xffff) === provided
}

const inode_csum = (inode: Inode, raw: Uint8Array): number => {
  const copy = raw.slice()
  poke(ext4_inode, copy, 'l_i_checksum_lo', 0)
  if (has_high(raw)) poke(ext4_inode, copy, 'i_checksum_hi', 0)
  return ext4_chksum(ext4_inode_seed(inode), copy)
}

/** Is there room for the upper half? */
const has_high = (raw: Uint8Array): boolean =>
  raw.length > EXT4_GOOD_OLD_INODE_SIZE && peek(ext4_inode, raw, 'i_extra_isize') >= 4

export function ext4_inode_csum_set(inode: Inode, raw: Uint8Array): void {
  if (!has_csum(inode.i_sb)) return
  const csum = inode_csum(inode, raw)
  poke(ext4_inode, raw, 'l_i_checksum_lo', csum & 0xffff)
  if (has_high(raw)) poke(ext4_inode, raw, 'i_checksum_hi', csum >>> 16)
}

export function ext4_inode_csum_verify(inode: Inode, raw: Uint8Array): boolean {
  if (!has_csum(inode.i_sb)) return true
  const csum = inode_csum(inode, raw)
  const low = peek(ext4_inode, raw, 'l_i_checksum_lo')
  return has_high(raw) ? csum === ((peek(ext4_inode, raw, 'i_checksum_hi') << 16) | low) >>> 0 : (csum & 0xffff) === low
}

/** Bytes of a block of a folder that are entries: behind them may be a checksum. */
export const dir_end = (sb: SuperBlock): number => sb.s_blocksize - (has_csum(sb) ? EXT4_DIR_TAIL_SIZE : 0)

/** The checksum's entry, as one of no inode. */
export function ext4_initialize_dirent_tail(sb: SuperBlock, block: Uint8Array): void {
  if (!has_csum(sb)) return
  const at = dir_end(sb)
  block.fill(0, at)
  view(block).setUint16(at + 4, EXT4_DIR_TAIL_SIZE, true)
  block[at + 7] = EXT4_FT_DIR_CSUM
}

export function ext4_dirblock_csum_set(dir: Inode, block: Uint8Array): void {
  if (!has_csum(dir.i_sb)) return
  const at = dir_end(dir.i_sb)
  view(block).setUint32(at + 8, ext4_chksum(ext4_inode_seed(dir), block.subarray(0, at)), true)
}

/** Is the block one of entries, and what its checksum says? */
export function ext4_dirblock_csum_verify(dir: Inode, block: Uint8Array): boolean {
  if (!has_csum(dir.i_sb)) return true
  const at = dir_end(dir.i_sb)
  if (block[at + 7] !== EXT4_FT_DIR_CSUM || view(block).getUint16(at + 4, true) !== EXT4_DIR_TAIL_SIZE) return false
  return view(block).getUint32(at + 8, true) === ext4_chksum(ext4_inode_seed(dir), block.subarray(0, at))
}

/** Where the checksum of a block of extents stands: behind as many as could be in it. */
const extent_tail = (block: Uint8Array): number => 12 + 12 * view(block).getUint16(4, true)

export function ext4_extent_block_csum_set(inode: Inode, block: Uint8Array): void {
  if (!has_csum(inode.i_sb)) return
  const at = extent_tail(block)
  view(block).setUint32(at, ext4_chksum(ext4_inode_seed(inode), block.subarray(0, at)), true)
}

export function ext4_extent_block_csum_verify(inode: Inode, block: Uint8Array): boolean {
  if (!has_csum(inode.i_sb)) return true
  const at = extent_tail(block)
  if (at + 4 > block.length) return false
  return view(block).getUint32(at, true) === ext4_chksum(ext4_inode_seed(inode), block.subarray(0, at))
}
