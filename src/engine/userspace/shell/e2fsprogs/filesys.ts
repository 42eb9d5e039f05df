/** A file system in the making: sizes, groups, bitmaps, checksums, and what has to be written in which order. */

import { encode, type Values } from '../../../../base/layout.ts'
import {
  EXT4_BG_BLOCK_UNINIT,
  EXT4_BG_INODE_UNINIT,
  EXT4_EXTRA_ISIZE,
  EXT4_GOOD_OLD_INODE_SIZE,
  EXT4_MIN_DESC_SIZE,
  ext4_inode,
} from '../../../linux/fs/ext4/ext4.ts'
import { crc32c_le } from '../../../linux/lib/crc32.ts'
import type { Bitmap } from './bitmap.ts'
import { type Features, has, has_group_desc_csum } from './features.ts'

/** Bytes at a place, or so many zeros, or so many that nobody needs; or everything so far has to be durable. */
export type Write =
  | { readonly at: number; readonly bytes: Uint8Array }
  | { readonly at: number; readonly zeros: number }
  | { readonly at: number; readonly discard: number }
  | 'fsync'

export interface Group {
  blockBitmap: number
  inodeBitmap: number
  inodeTable: number
  freeBlocks: number
  freeInodes: number
  usedDirs: number
  flags: number
  itableUnused: number
  blockBitmapCsum: number
  inodeBitmapCsum: number
}

/** What the sizes come to. */
export interface Geometry {
  readonly features: Features
  /** Bytes. */
  readonly blockSize: number
  readonly inodeSize: number
  /** Bytes of a descriptor as the superblock says it; 0: 32. */
  readonly descSize: number
  readonly firstDataBlock: number
  readonly blocks: number
  readonly reservedBlocks: number
  readonly blocksPerGroup: number
  readonly groupCount: number
  readonly inodesPerGroup: number
  readonly inodes: number
  /** Of the table of one group. */
  readonly inodeBlocks: number
  /** Of all descriptors. */
  readonly descBlocks: number
  readonly reservedGdtBlocks: number
  readonly logGroupsPerFlex: number
  /** Blocks; of a RAID. */
  readonly stride: number
}

export interface Fs extends Geometry {
  features: Features
  readonly groups: readonly Group[]
  readonly blockMap: Bitmap
  readonly inodeMap: Bitmap
  freeBlocks: number
  freeInodes: number
  readonly csumSeed: number
  readonly uuid: Uint8Array
  /** Seconds since 1970. */
  readonly now: number
  readonly writes: Write[]
  /** Those that are not all zeros, by their numbers. */
  readonly inodeBytes: Map<number, Uint8Array>
  /** What the superblock keeps of the journal: i_block, the high and the low word of the size. */
  journal: readonly number[] | undefined
}

export type Inode = Partial<Values<(typeof ext4_inode)['fields']>>

export const u32 = (value: number): Uint8Array =>
  Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24)

export const groupOfBlock = (g: Geometry, block: number): number =>
  Math.floor((block - g.firstDataBlock) / g.blocksPerGroup)
export const groupFirst = (g: Geometry, group: number): number => g.firstDataBlock + group * g.blocksPerGroup
export const groupLast = (g: Geometry, group: number): number =>
  group === g.groupCount - 1 ? g.blocks - 1 : groupFirst(g, group + 1) - 1
export const descBytes = (g: Geometry): number => g.descSize || EXT4_MIN_DESC_SIZE
export const groupAt = (fs: Fs, group: number): Group => fs.groups[group] as Group

const isPower = (n: number, of: number): boolean => (n === 1 ? true : n % of === 0 && isPower(n / of, of))

/** Has a group the superblock, or a copy of it? */
export const bg_has_super = (g: Pick<Geometry, 'features'>, group: number): boolean =>
  group <= 1 || !has(g.features, 'sparse_super') || [3, 5, 7].some((base) => isPower(group, base))

export interface SuperPlaces {
  readonly superBlock: number | undefined
  /** Of all descriptors one after the other; with meta_bg undefined. */
  readonly oldDesc: number | undefined
  /** With meta_bg, of the one block of descriptors. */
  readonly newDesc: number | undefined
  readonly metaGroup: number
}

/** Where superblock and descriptors stand in a group. */
export function super_and_bgd_loc(g: Geometry, group: number): SuperPlaces {
  const first = groupFirst(g, group)
  const there = bg_has_super(g, group)
  const superBlock = there ? first : undefined
  const perBlock = g.blockSize / descBytes(g)
  const metaGroup = Math.floor(group / perBlock)
  if (!has(g.features, 'meta_bg'))
    return { superBlock, oldDesc: there ? first + 1 : undefined, newDesc: undefined, metaGroup }
  const carries = [0, 1, perBlock - 1].includes(group % perBlock)
  return { superBlock, oldDesc: undefined, newDesc: carries ? first + (there ? 1 : 0) : undefined, metaGroup }
}

/** Take `count` blocks from `block` on, and count them where they are. */
export function block_alloc_stats(fs: Fs, block: number, count = 1): void {
  fs.blockMap.mark(block, count)
  fs.freeBlocks -= count
  for (let at = block; at < block + count; ) {
    const group = groupOfBlock(fs, at)
    const here = Math.min(block + count, groupLast(fs, group) + 1) - at
    const desc = groupAt(fs, group)
    desc.freeBlocks -= here
    desc.flags &= ~EXT4_BG_BLOCK_UNINIT
    at += here
  }
}

export function inode_alloc_stats(fs: Fs, ino: number, isDirectory: boolean): void {
  fs.inodeMap.mark(ino)
  fs.freeInodes--
  const group = Math.floor((ino - 1) / fs.inodesPerGroup)
  const desc = groupAt(fs, group)
  desc.freeInodes--
  if (isDirectory) desc.usedDirs++
  desc.flags &= ~EXT4_BG_INODE_UNINIT
  if (has_group_desc_csum(fs.features))
    desc.itableUnused = Math.min(desc.itableUnused, (group + 1) * fs.inodesPerGroup - ino)
}

/** The first free block from `goal` on, or before it; undefined: none is left. Not taken yet. */
export function new_block(fs: Fs, goal: number): number | undefined {
  const from = goal === 0 || goal >= fs.blocks ? fs.firstDataBlock : goal
  const block = fs.blockMap.free(from) ?? fs.blockMap.free(fs.firstDataBlock, from)
  if (block !== undefined) groupAt(fs, groupOfBlock(fs, block)).flags &= ~EXT4_BG_BLOCK_UNINIT
  return block
}

/** The same, taken. */
export function alloc_block(fs: Fs, goal: number): number | undefined {
  const block = new_block(fs, goal)
  if (block !== undefined) block_alloc_stats(fs, block)
  return block
}

/**
 * The first place for `count` free blocks in a row from `start` on; undefined: none before `finish`. A search whose end is
 * not behind its start goes on at the beginning.
 */
export function get_free_blocks(fs: Fs, start: number, finish: number, count: number): number | undefined {
  const wanted = Math.max(count, 1)
  const stop = finish === 0 ? start : finish
  let turns = 0
  for (let at = start === 0 ? fs.firstDataBlock : start; ; ) {
    if (at + wanted - 1 >= fs.blocks) {
      if (stop > start || turns++ > 1) return undefined
      at = fs.firstDataBlock
      if (at + wanted - 1 >= fs.blocks) return undefined
    }
    const taken = fs.blockMap.lastTaken(at, wanted)
    if (taken === undefined) return at
    if (at < stop && stop <= taken + 1) return undefined
    at = taken + 1
  }
}

/** Where the blocks of an inode that has none yet are looked for. */
export function find_inode_goal(fs: Fs, ino: number): number {
  const group = Math.floor((ino - 1) / fs.inodesPerGroup)
  const flex = 2 ** fs.logGroupsPerFlex
  return groupFirst(fs, group - (group % flex))
}

/** What checksums of an inode's own begin with. */
export const inodeSeed = (fs: Fs, ino: number): number => crc32c_le(crc32c_le(fs.csumSeed, u32(ino)), u32(0))

/** Keep an inode; one that is new has all the fields there is room for. */
export function write_inode(fs: Fs, ino: number, inode: Inode, isNew = true): void {
  const large = isNew && fs.inodeSize > EXT4_GOOD_OLD_INODE_SIZE
  const times = isNew ? { i_atime: fs.now, i_ctime: fs.now, i_mtime: fs.now } : {}
  const extra = large ? { i_extra_isize: EXT4_EXTRA_ISIZE, i_crtime: fs.now } : {}
  const bytes = encode(ext4_inode, { ...times, ...inode, ...extra }, new Uint8Array(fs.inodeSize))
  if (has(fs.features, 'metadata_csum')) {
    const csum = crc32c_le(inodeSeed(fs, ino), bytes)
    encode(ext4_inode, { l_i_checksum_lo: csum & 0xffff }, bytes)
    if (large) encode(ext4_inode, { i_checksum_hi: csum >>> 16 }, bytes)
  }
  fs.inodeBytes.set(ino, bytes)
}

export const writeBlock = (fs: Fs, block: number, bytes: Uint8Array): void =>
  void fs.writes.push({ at: block * fs.blockSize, bytes })

export function zeroBlocks(fs: Fs, block: number, count: number): void {
  if (count > 0) fs.writes.push({ at: block * fs.blockSize, zeros: count * fs.blockSize })
}

/** Sectors of 512 bytes, as `i_blocks` counts. */
export const sectorsOf = (fs: Fs, blocks: number): number => blocks * (fs.blockSize / 512)
