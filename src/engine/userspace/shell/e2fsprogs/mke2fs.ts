/**
 * What mke2fs of e2fsprogs writes: a new file system of blocks of numbers, without a journal, as bytes.
 *
 * Inodes, block size and reserve follow Debian's mke2fs.conf. Left out: room to grow (resize_inode), journals, extents,
 * everything of ext4; the real tool puts bitmaps and tables at the same places without them.
 */

import { view } from '../../../../base/bytes.ts'
import { err, ok, type Result } from '../../../../base/result.ts'
import {
  BG,
  DIRENT_HEAD,
  EXT4_FEATURE_INCOMPAT_FILETYPE,
  EXT4_FEATURE_RO_COMPAT_LARGE_FILE,
  EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_MIN_DESC_SIZE,
  EXT4_ROOT_INO,
  EXT4_SUPER_MAGIC,
  EXT4_VALID_FS,
  FILE_TYPES,
  I,
  put16,
  put32,
  S,
  SUPER_OFFSET,
} from '../../../linux/fs/ext4/raw.ts'

/** What has to be written where; bytes. What is not named is zeros. */
interface Piece {
  readonly at: number
  readonly bytes: Uint8Array
}

export interface MakeOptions {
  /** Bytes; by the size of the disk unless given. */
  readonly blockSize?: number | undefined
  readonly inodes?: number | undefined
  readonly label: string
  readonly uuid: Uint8Array
  readonly hashSeed: Uint8Array
  /** Seconds since 1970. */
  readonly now: number
}

/** What was made. */
export interface Made {
  readonly pieces: readonly Piece[]
  readonly blockSize: number
  readonly blocks: number
  readonly inodes: number
  readonly groups: number
  /** Groups that have a copy of the super block, by its first block. */
  readonly backups: readonly number[]
  /** Byte ranges that must be zeros. */
  readonly zeros: readonly { readonly at: number; readonly length: number }[]
}

const MIB = 1 << 20
const INODE_SIZE = 256
const RESERVED_PERCENT = 5
const SMALL = 512 * MIB
const FEATURE_COMPAT_EXT_ATTR = 0x8
const FEATURE_COMPAT_DIR_INDEX = 0x20
const LOST_FOUND = 16_384
const EXTRA_ISIZE = 32
/** Fewer have no room for the tables. */
const FEWEST_BLOCKS = 60

const isPowerOf = (n: number, base: number): boolean => {
  let power = base
  while (power < n) power *= base
  return power === n
}

/** sparse_super: groups 0, 1, and powers of 3, 5 and 7 have copies. */
const hasSuper = (group: number): boolean => group <= 1 || [3, 5, 7].some((base) => isPowerOf(group, base))

interface Geometry {
  readonly size: number
  readonly blocks: number
  readonly first: number
  readonly perGroup: number
  readonly groups: number
  readonly inodesPerGroup: number
  readonly tableBlocks: number
  readonly descBlocks: number
}

function geometryOf(bytes: number, options: MakeOptions): Result<Geometry, string> {
  const size = options.blockSize ?? (bytes < SMALL ? 1024 : 4096)
  const blocks = Math.floor(bytes / size)
  if (blocks < FEWEST_BLOCKS)
    return err('mke2fs: Not enough space to build proposed filesystem while setting up superblock')
  const first = size === 1024 ? 1 : 0
  const perGroup = size * 8
  let groups = Math.ceil((blocks - first) / perGroup)
  const wanted = options.inodes ?? Math.floor(bytes / (bytes < SMALL ? 4096 : 16_384))
  const perBlock = size / INODE_SIZE
  const unit = Math.max(8, perBlock)
  const shape = (): Geometry => {
    const inodesPerGroup = Math.min(size * 8, Math.max(16, Math.ceil(wanted / groups / unit) * unit))
    return {
      size,
      blocks: Math.min(blocks, first + groups * perGroup),
      first,
      perGroup,
      groups,
      inodesPerGroup,
      tableBlocks: inodesPerGroup / perBlock,
      descBlocks: Math.ceil((groups * EXT4_MIN_DESC_SIZE) / size),
    }
  }
  // A last group that has no room for its own tables is left out.
  const last = blocks - first - (groups - 1) * perGroup
  const { tableBlocks, descBlocks } = shape()
  if (groups > 1 && last < tableBlocks + 2 + (hasSuper(groups - 1) ? 1 + descBlocks : 0) + 50) groups--
  const geometry = shape()
  if (geometry.tableBlocks + 20 > Math.min(perGroup, geometry.blocks))
    return err(`mke2fs: too many inodes (${wanted}), raise inode ratio?`)
  return ok(geometry)
}

function fill(bitmap: Uint8Array, from: number, to: number): void {
  for (let bit = from; bit < to; bit++) bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7))
}

function dirent(block: Uint8Array, at: number, ino: number, length: number, name: string): void {
  put32(block, at, ino)
  put16(block, at + 4, length)
  block[at + 6] = name.length
  block[at + 7] = FILE_TYPES.folder
  block.set(new TextEncoder().encode(name), at + DIRENT_HEAD)
}

function folder(now: number, mode: number, links: number, blocks: readonly number[], size: number): Uint8Array {
  const inode = new Uint8Array(INODE_SIZE)
  put16(inode, I.mode, 0o040000 | mode)
  put32(inode, I.size_lo, blocks.length * size)
  for (const field of [I.atime, I.ctime, I.mtime]) put32(inode, field, now)
  put16(inode, I.links_count, links)
  const numbers = blocks.length > 12 ? 1 : 0
  put32(inode, I.blocks_lo, ((blocks.length + numbers) * size) / 512)
  for (const [i, block] of blocks.slice(0, 12).entries()) put32(inode, I.block + 4 * i, block)
  put16(inode, 128, EXTRA_ISIZE)
  return inode
}

/** `bytes`: of the disk. */
export function mke2fs(bytes: number, options: MakeOptions): Result<Made, string> {
  const found = geometryOf(bytes, options)
  if (!found.ok) return found
  const g = found.value
  const { size, blocks, first, perGroup, groups, inodesPerGroup, tableBlocks, descBlocks } = g
  const pieces: Piece[] = []
  const zeros: { at: number; length: number }[] = []
  const descs = new Uint8Array(descBlocks * size)
  const lost = Math.ceil(LOST_FOUND / size)
  /** Behind the tables of group 0: the root's block, those of lost+found, and the one with their numbers. */
  const extra = lost > 12 ? 1 : 0
  const dataBlocks = 1 + lost + extra
  const inodes = groups * inodesPerGroup
  let free = 0
  const backups: number[] = []
  let data = 0
  for (let group = 0; group < groups; group++) {
    const start = first + group * perGroup
    const count = Math.min(perGroup, blocks - start)
    const head = hasSuper(group) ? 1 + descBlocks : 0
    if (head > 0 && group > 0) backups.push(start)
    const bitmap = start + head
    const table = bitmap + 2
    const used = head + 2 + tableBlocks + (group === 0 ? dataBlocks : 0)
    if (group === 0) data = table + tableBlocks
    const blockBits = new Uint8Array(size)
    fill(blockBits, 0, used)
    fill(blockBits, count, size * 8)
    const inodeBits = new Uint8Array(size)
    const own = group === 0 ? EXT4_GOOD_OLD_FIRST_INO : 0
    fill(inodeBits, 0, own)
    fill(inodeBits, inodesPerGroup, size * 8)
    pieces.push({ at: bitmap * size, bytes: blockBits }, { at: (bitmap + 1) * size, bytes: inodeBits })
    zeros.push({ at: table * size, length: tableBlocks * size })
    const at = group * EXT4_MIN_DESC_SIZE
    put32(descs, at + BG.block_bitmap, bitmap)
    put32(descs, at + BG.inode_bitmap, bitmap + 1)
    put32(descs, at + BG.inode_table, table)
    put16(descs, at + BG.free_blocks_count, count - used)
    put16(descs, at + BG.free_inodes_count, inodesPerGroup - own)
    put16(descs, at + BG.used_dirs_count, group === 0 ? 2 : 0)
    free += count - used
  }
  const root = new Uint8Array(size)
  dirent(root, 0, EXT4_ROOT_INO, 12, '.')
  dirent(root, 12, EXT4_ROOT_INO, 12, '..')
  dirent(root, 24, EXT4_GOOD_OLD_FIRST_INO, size - 24, 'lost+found')
  const lostBlocks = Array.from({ length: lost }, (_, i) => data + 1 + i)
  const lostFirst = new Uint8Array(size)
  dirent(lostFirst, 0, EXT4_GOOD_OLD_FIRST_INO, 12, '.')
  dirent(lostFirst, 12, EXT4_ROOT_INO, size - 12, '..')
  const empty = new Uint8Array(size)
  put16(empty, 4, size)
  pieces.push({ at: data * size, bytes: root })
  for (const [i, block] of lostBlocks.entries()) pieces.push({ at: block * size, bytes: i === 0 ? lostFirst : empty })
  const lostInode = folder(options.now, 0o700, 2, lostBlocks, size)
  if (extra > 0) {
    const numbers = new Uint8Array(size)
    for (const [i, block] of lostBlocks.slice(12).entries()) put32(numbers, 4 * i, block)
    pieces.push({ at: (data + 1 + lost) * size, bytes: numbers })
    put32(lostInode, I.block + 48, data + 1 + lost)
  }
  const table0 = first + 1 + descBlocks + 2
  const inodeAt = (ino: number): number => table0 * size + (ino - 1) * INODE_SIZE
  pieces.push(
    { at: inodeAt(EXT4_ROOT_INO), bytes: folder(options.now, 0o755, 3, [data], size) },
    { at: inodeAt(EXT4_GOOD_OLD_FIRST_INO), bytes: lostInode },
  )
  for (const start of [first, ...backups]) {
    const group = (start - first) / perGroup
    const raw = superBlock(g, options, { inodes, free, group })
    pieces.push({ at: group === 0 ? SUPER_OFFSET : start * size, bytes: raw })
    pieces.push({ at: (start + 1) * size, bytes: descs })
  }
  return ok({ pieces, zeros, blockSize: size, blocks, inodes, groups, backups })
}

function superBlock(
  g: Geometry,
  options: MakeOptions,
  { inodes, free, group }: { readonly inodes: number; readonly free: number; readonly group: number },
): Uint8Array {
  const raw = new Uint8Array(1024)
  const { size, blocks, first, perGroup, inodesPerGroup } = g
  put32(raw, S.inodes_count, inodes)
  put32(raw, S.blocks_count, blocks)
  put32(raw, 8, Math.floor((blocks * RESERVED_PERCENT) / 100))
  put32(raw, S.free_blocks_count, free)
  put32(raw, S.free_inodes_count, inodes - EXT4_GOOD_OLD_FIRST_INO)
  put32(raw, S.first_data_block, first)
  put32(raw, S.log_block_size, Math.log2(size / 1024))
  put32(raw, 28, Math.log2(size / 1024))
  put32(raw, S.blocks_per_group, perGroup)
  put32(raw, 36, perGroup)
  put32(raw, S.inodes_per_group, inodesPerGroup)
  put32(raw, S.wtime, options.now)
  put16(raw, 54, 0xffff)
  put16(raw, S.magic, EXT4_SUPER_MAGIC)
  put16(raw, S.state, EXT4_VALID_FS)
  put16(raw, S.errors, 1)
  put32(raw, 64, options.now)
  put32(raw, S.rev_level, 1)
  put32(raw, S.first_ino, EXT4_GOOD_OLD_FIRST_INO)
  put16(raw, S.inode_size, INODE_SIZE)
  put16(raw, 90, group)
  put32(raw, S.feature_compat, FEATURE_COMPAT_EXT_ATTR | FEATURE_COMPAT_DIR_INDEX)
  put32(raw, S.feature_incompat, EXT4_FEATURE_INCOMPAT_FILETYPE)
  put32(raw, S.feature_ro_compat, EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT4_FEATURE_RO_COMPAT_LARGE_FILE)
  raw.set(options.uuid, 104)
  raw.set(new TextEncoder().encode(options.label).subarray(0, 16), 120)
  raw.set(options.hashSeed, 236)
  raw[252] = 1
  put32(raw, S.default_mount_opts, 0xc)
  put32(raw, 264, options.now)
  put16(raw, 348, EXTRA_ISIZE)
  put16(raw, 350, EXTRA_ISIZE)
  view(raw).setUint32(352, 1, true)
  return raw
}
