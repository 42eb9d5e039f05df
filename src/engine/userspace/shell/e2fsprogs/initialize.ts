/** lib/ext2fs/initialize.c: how many groups, inodes and descriptors; a file system with nothing in it. */

import { err, ok, type Result } from '../../../../base/result.ts'
import {
  EXT4_BG_BLOCK_UNINIT,
  EXT4_BG_INODE_UNINIT,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_MIN_DESC_SIZE,
  EXT4_MIN_DESC_SIZE_64BIT,
} from '../../../linux/fs/ext4/ext4.ts'
import { crc32c_le } from '../../../linux/lib/crc32.ts'
import { Bitmap } from './bitmap.ts'
import { has, has_group_desc_csum, withFeature } from './features.ts'
import {
  bg_has_super,
  descBytes,
  type Fs,
  type Geometry,
  type Group,
  groupFirst,
  groupLast,
  super_and_bgd_loc,
} from './filesys.ts'
import type { Params } from './parameters.ts'
import { EXT2_ET } from './said.ts'

const MAX_BLOCKS_PER_GROUP = 65536 - 8
/** A last group with fewer blocks than its tables and these is not made. */
const TOO_FEW = 50
/** Reserved for growth to so many times the size. */
const GROWTH = 1024

/** Inodes of a group: whole blocks of them, and whole bytes of their bitmap. */
function inodesPerGroup(wanted: number, blockSize: number, inodeSize: number): number {
  const full = Math.floor((Math.ceil((wanted * inodeSize) / blockSize) * blockSize) / inodeSize)
  return Math.max(full, 8) & ~7
}

function calc_reserved_gdt_blocks(params: Params, g: Geometry): number {
  const max_blocks = g.blocks < Math.floor((2 ** 32 - 1) / GROWTH) ? g.blocks * GROWTH : 2 ** 32 - 1
  const groups = Math.ceil((max_blocks - g.firstDataBlock) / g.blocksPerGroup)
  const blocks = Math.ceil(groups / (params.blockSize / descBytes(g))) - g.descBlocks
  return Math.min(Math.max(blocks, 0), params.blockSize / 4)
}

/** The same part of fewer blocks. */
const reservedOf = (params: Params, blocks: number): number =>
  Math.floor((((100 * params.reservedBlocks) / params.blocks) * blocks) / 100)

/** What is tried. */
interface Size {
  readonly blocks: number
  readonly perGroup: number
  readonly reserved: number
}

/** Sizes for so many blocks; how many blocks fewer, or fewer in a group, have to be tried instead. */
type Trial = { readonly geometry: Geometry } | { readonly blocks?: number; readonly perGroup?: number } | string

function trial(params: Params, { blocks, perGroup, reserved: reservedBlocks }: Size): Trial {
  const { blockSize, inodeSize, logGroupsPerFlex, stride } = params
  const firstDataBlock = blockSize === 1024 ? 1 : 0
  const groupCount = Math.ceil((blocks - firstDataBlock) / perGroup)
  if (groupCount <= 0) return EXT2_ET.toosmall
  const descSize = has(params.features, '64bit') ? EXT4_MIN_DESC_SIZE_64BIT : 0
  const asked = params.inodes || Math.floor(blocks / Math.max(4096 / blockSize, 1))
  const wanted = Math.ceil(Math.max(asked, EXT4_GOOD_OLD_FIRST_INO + 1) / groupCount)
  if (wanted > blockSize * 8) return perGroup >= 256 ? { perGroup: perGroup - 8 } : EXT2_ET.tooManyInodes
  const most = 65536 - blockSize / inodeSize
  const each = inodesPerGroup(Math.min(wanted, most), blockSize, inodeSize)
  const bare: Geometry = {
    features: params.features,
    blockSize,
    inodeSize,
    descSize,
    firstDataBlock,
    blocks,
    reservedBlocks,
    blocksPerGroup: perGroup,
    groupCount,
    inodesPerGroup: each,
    inodes: each * groupCount,
    inodeBlocks: Math.ceil((each * inodeSize) / blockSize),
    descBlocks: Math.ceil(groupCount / (blockSize / (descSize || EXT4_MIN_DESC_SIZE))),
    reservedGdtBlocks: 0,
    logGroupsPerFlex,
    stride,
  }
  const usual = has(bare.features, 'resize_inode') ? calc_reserved_gdt_blocks(params, bare) : 0
  const reserved = params.reservedGdtBlocks || usual
  if (reserved > blockSize / 4) return EXT2_ET.resGdt
  const meta = reserved + bare.descBlocks > Math.floor((perGroup * 3) / 4)
  const features = meta ? withFeature(withFeature(bare.features, 'meta_bg'), 'resize_inode', false) : bare.features
  const geometry: Geometry = { ...bare, features, reservedGdtBlocks: meta ? 0 : reserved }
  return fits(geometry)
}

/** Is there room for the tables in each group, and in the last? */
function fits(geometry: Geometry): Trial {
  const { features, inodeBlocks, descBlocks, reservedGdtBlocks, blocksPerGroup, groupCount, blocks } = geometry
  const descriptors = has(features, 'meta_bg') ? 1 : descBlocks
  if (3 + inodeBlocks + reservedGdtBlocks + descriptors > blocksPerGroup) return EXT2_ET.tooManyInodes
  const copies = bg_has_super(geometry, groupCount - 1) ? 1 + descBlocks + reservedGdtBlocks : 0
  const overhead = 2 + inodeBlocks + copies
  const rest = (blocks - geometry.firstDataBlock) % blocksPerGroup
  if (rest === 0) return { geometry }
  if (groupCount === 1 && rest < overhead) return EXT2_ET.toosmall
  return rest < overhead + TOO_FEW ? { blocks: blocks - rest } : { geometry }
}

function geometryOf(params: Params): Result<Geometry, string> {
  const { blocks, reservedBlocks: reserved, blockSize } = params
  let size: Size = {
    blocks,
    reserved,
    perGroup: Math.min(params.blocksPerGroup || blockSize * 8, MAX_BLOCKS_PER_GROUP),
  }
  for (;;) {
    const tried = trial(params, size)
    if (typeof tried === 'string') return err(tried)
    if ('geometry' in tried) return ok(tried.geometry)
    // Smaller groups begin again with all blocks, but the reserve stays what fewer had.
    if (tried.perGroup !== undefined) size = { ...size, blocks, perGroup: tried.perGroup }
    else if (tried.blocks !== undefined)
      size = { ...size, blocks: tried.blocks, reserved: reservedOf(params, tried.blocks) }
  }
}

/** Take superblock and descriptors of a group, and tell how many blocks they are. */
function reserve_super_and_bgd(g: Geometry, map: Bitmap, group: number): number {
  const { superBlock, oldDesc, newDesc } = super_and_bgd_loc(g, group)
  const taken = (block: number | undefined, count: number): number => {
    if (block === undefined) return 0
    const there = Math.min(count, g.blocks - block)
    map.mark(block, there)
    return there
  }
  return taken(superBlock, 1) + taken(oldDesc, g.descBlocks + g.reservedGdtBlocks) + taken(newDesc, 1)
}

/** Inodes of a group whose place in the table nobody has looked at: all but the reserved ones. */
const unusedInodes = (g: Geometry, group: number): number =>
  Math.min(g.inodesPerGroup, Math.max((group + 1) * g.inodesPerGroup - EXT4_GOOD_OLD_FIRST_INO, 0))

export interface Identity {
  readonly uuid: Uint8Array
  /** Seconds since 1970. */
  readonly now: number
}

/** A file system with superblocks and descriptors, before its tables have their place. */
export function initialize(params: Params, { uuid, now }: Identity): Result<Fs, string> {
  if (params.reservedBlocks >= params.blocks) return err(EXT2_ET.invalid)
  const sizes = geometryOf(params)
  if (!sizes.ok) return sizes
  const g = sizes.value
  const blockMap = new Bitmap(g.firstDataBlock, g.blocks)
  const groups: Group[] = []
  let freeBlocks = 0
  for (let group = 0; group < g.groupCount; group++) {
    const counted = reserve_super_and_bgd(g, blockMap, group) + (g.logGroupsPerFlex > 0 ? 0 : 2 + g.inodeBlocks)
    const free = groupLast(g, group) - groupFirst(g, group) + 1 - counted
    const csum = has_group_desc_csum(g.features)
    // The bitmap of the last group has bits behind the end, which have to be set.
    const blank = group === g.groupCount - 1 ? 0 : EXT4_BG_BLOCK_UNINIT
    freeBlocks += free
    groups.push({
      blockBitmap: 0,
      inodeBitmap: 0,
      inodeTable: 0,
      freeBlocks: free,
      freeInodes: g.inodesPerGroup,
      usedDirs: 0,
      flags: csum ? EXT4_BG_INODE_UNINIT | blank : 0,
      itableUnused: csum ? unusedInodes(g, group) : 0,
      blockBitmapCsum: 0,
      inodeBitmapCsum: 0,
    })
  }
  return ok({
    ...g,
    groups,
    blockMap,
    inodeMap: new Bitmap(1, g.inodes + 1),
    freeBlocks,
    freeInodes: g.inodes,
    csumSeed: crc32c_le(0xffff_ffff, uuid),
    uuid,
    now,
    writes: [],
    inodeBytes: new Map(),
    journal: undefined,
  })
}
