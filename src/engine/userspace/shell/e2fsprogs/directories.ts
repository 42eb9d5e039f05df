/** lib/ext2fs/mkdir.c, expanddir.c: the root, and /lost+found with room for what a check finds. */

import { view } from '../../../../base/bytes.ts'
import { encode } from '../../../../base/layout.ts'
import { ok, type Result } from '../../../../base/result.ts'
import {
  EXT4_BG_BLOCK_UNINIT,
  EXT4_BG_INODE_UNINIT,
  EXT4_DIR_ENTRY_HEAD,
  EXT4_DIR_TAIL_SIZE,
  EXT4_FT_DIR,
  EXT4_FT_DIR_CSUM,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_NDIR_BLOCKS,
  EXT4_ROOT_INO,
  ext4_dir_entry_2,
  S_IFDIR,
} from '../../../linux/fs/ext4/ext4.ts'
import { crc32c_le } from '../../../linux/lib/crc32.ts'
import { has, has_group_desc_csum } from './features.ts'
import {
  block_alloc_stats,
  type Fs,
  find_inode_goal,
  groupAt,
  inode_alloc_stats,
  inodeSeed,
  new_block,
  sectorsOf,
  write_inode,
  writeBlock,
} from './filesys.ts'
import { BlockMap, Extents } from './mapping.ts'
import { com_err, EXT2_ET } from './said.ts'

const LOST_FOUND = 'lost+found'
/** Bytes of /lost+found, if it needs no more than an inode's own blocks. */
const LOST_FOUND_BYTES = 16 * 1024

interface Entry {
  /** 0: nothing but room. */
  readonly ino: number
  readonly name: string
}

/** One block of a directory; the last entry has all the room that is left. */
function dirBlock(fs: Fs, owner: number, entries: readonly Entry[]): Uint8Array {
  const bytes = new Uint8Array(fs.blockSize)
  const csum = has(fs.features, 'metadata_csum')
  const end = fs.blockSize - (csum ? EXT4_DIR_TAIL_SIZE : 0)
  let at = 0
  for (const [i, { ino, name }] of entries.entries()) {
    const length = EXT4_DIR_ENTRY_HEAD + Math.ceil(name.length / 4) * 4
    const rec_len = i === entries.length - 1 ? end - at : length
    const file_type = ino !== 0 && has(fs.features, 'filetype') ? EXT4_FT_DIR : 0
    // 64 KiB do not fit into two bytes.
    const stored = rec_len === 65536 ? 65535 : rec_len
    encode(ext4_dir_entry_2, { inode: ino, rec_len: stored, name_len: name.length, file_type }, bytes.subarray(at))
    bytes.set(new TextEncoder().encode(name), at + EXT4_DIR_ENTRY_HEAD)
    at += rec_len
  }
  if (!csum) return bytes
  encode(
    ext4_dir_entry_2,
    { inode: 0, rec_len: EXT4_DIR_TAIL_SIZE, name_len: 0, file_type: EXT4_FT_DIR_CSUM },
    bytes.subarray(end),
  )
  view(bytes).setUint32(end + EXT4_DIR_ENTRY_HEAD, crc32c_le(inodeSeed(fs, owner), bytes.subarray(0, end)), true)
  return bytes
}

interface Directory {
  readonly ino: number
  readonly mode: number
  readonly links: number
  readonly owner: readonly [uid: number, gid: number]
  readonly blocks: readonly number[]
}

function writeDirectory(fs: Fs, { ino, mode, links, owner: [uid, gid], blocks }: Directory): void {
  const map = has(fs.features, 'extent') ? new Extents(fs, ino) : new BlockMap(fs, 0)
  for (const block of blocks) map.append(block)
  const { inode } = map.finish()
  write_inode(fs, ino, {
    ...inode,
    i_mode: S_IFDIR | mode,
    i_links_count: links,
    i_size_lo: blocks.length * fs.blockSize,
    i_blocks_lo: sectorsOf(fs, blocks.length),
    i_uid: uid & 0xffff,
    l_i_uid_high: uid >>> 16,
    i_gid: gid & 0xffff,
    l_i_gid_high: gid >>> 16,
  })
}

/** The first free inode that is nobody's. */
function new_inode(fs: Fs): number | undefined {
  const ino = fs.inodeMap.free(EXT4_GOOD_OLD_FIRST_INO)
  if (ino === undefined) return undefined
  const desc = groupAt(fs, Math.floor((ino - 1) / fs.inodesPerGroup))
  if (has_group_desc_csum(fs.features)) desc.flags &= ~(EXT4_BG_INODE_UNINIT | EXT4_BG_BLOCK_UNINIT)
  return ino
}

/** One more block, taken, behind `goal`. */
function blockFor(fs: Fs, goal: number): number | undefined {
  const block = new_block(fs, goal)
  if (block !== undefined) block_alloc_stats(fs, block)
  return block
}

export function create_directories(fs: Fs, rootOwner: readonly [number, number]): Result<true, string> {
  const root = blockFor(fs, find_inode_goal(fs, EXT4_ROOT_INO))
  if (root === undefined) return com_err('ext2fs_mkdir', EXT2_ET.blockAlloc, 'while creating root dir')
  inode_alloc_stats(fs, EXT4_ROOT_INO, true)

  const ino = new_inode(fs)
  if (ino === undefined) return com_err('ext2fs_mkdir', EXT2_ET.inodeAlloc, 'while creating /lost+found')
  const first = blockFor(fs, find_inode_goal(fs, ino))
  if (first === undefined) return com_err('ext2fs_mkdir', EXT2_ET.blockAlloc, 'while creating /lost+found')
  inode_alloc_stats(fs, ino, true)
  const blocks = [first]
  while (blocks.length < EXT4_NDIR_BLOCKS && (blocks.length * fs.blockSize < LOST_FOUND_BYTES || blocks.length < 2)) {
    const block = blockFor(fs, blocks.at(-1) as number)
    if (block === undefined) return com_err('ext2fs_expand_dir', EXT2_ET.blockAlloc, 'while expanding /lost+found')
    blocks.push(block)
  }

  const up = { ino: EXT4_ROOT_INO, name: '..' }
  const rootEntries = [{ ino: EXT4_ROOT_INO, name: '.' }, up, { ino, name: LOST_FOUND }]
  writeBlock(fs, root, dirBlock(fs, EXT4_ROOT_INO, rootEntries))
  writeBlock(fs, first, dirBlock(fs, ino, [{ ino, name: '.' }, up]))
  for (const block of blocks.slice(1)) writeBlock(fs, block, dirBlock(fs, ino, [{ ino: 0, name: '' }]))
  writeDirectory(fs, { ino: EXT4_ROOT_INO, mode: 0o755, links: 3, owner: rootOwner, blocks: [root] })
  writeDirectory(fs, { ino, mode: 0o700, links: 2, owner: [0, 0], blocks })
  return ok(true)
}
