/** lib/ext2fs/res_gdt.c: the inode that has the blocks for more descriptors, so that a file system may grow. */

import { view } from '../../../../base/bytes.ts'
import { ok, type Result } from '../../../../base/result.ts'
import {
  EXT4_DIND_BLOCK,
  EXT4_N_BLOCKS,
  EXT4_NDIR_BLOCKS,
  EXT4_RESIZE_INO,
  S_IFREG,
} from '../../../linux/fs/ext4/ext4.ts'
import { withFeature } from './features.ts'
import { alloc_block, bg_has_super, type Fs, sectorsOf, write_inode, writeBlock, zeroBlocks } from './filesys.ts'
import { com_err, EXT2_ET } from './said.ts'

/**
 * Its one doubly indirect block names, by their distance from the first descriptors, the reserved blocks of the first
 * group; each of these names those that stand at the same place in groups with a copy.
 */
export function create_resize_inode(fs: Fs): Result<true, string> {
  const perBlock = fs.blockSize / 4
  const goal = fs.firstDataBlock + fs.descBlocks + fs.reservedGdtBlocks + 2 + fs.inodeBlocks
  const dindir = alloc_block(fs, goal)
  if (dindir === undefined)
    return com_err('ext2fs_create_resize_inode', EXT2_ET.blockAlloc, 'while reserving blocks for online resize')
  zeroBlocks(fs, dindir, 1)
  const copies = Array.from({ length: fs.groupCount }, (_, group) => group).filter(
    (group) => group > 0 && bg_has_super(fs, group),
  )
  const top = new Uint8Array(fs.blockSize)
  for (let i = 0; i < fs.reservedGdtBlocks; i++) {
    const primary = fs.firstDataBlock + 1 + fs.descBlocks + i
    const bytes = new Uint8Array(fs.blockSize)
    for (const [at, group] of copies.entries()) view(bytes).setUint32(at * 4, primary + group * fs.blocksPerGroup, true)
    view(top).setUint32(((fs.descBlocks + i) % perBlock) * 4, primary, true)
    writeBlock(fs, primary, bytes)
  }
  writeBlock(fs, dindir, top)
  const size = (perBlock ** 2 + perBlock + EXT4_NDIR_BLOCKS) * fs.blockSize
  if (size >= 2 ** 32) fs.features = withFeature(fs.features, 'large_file')
  write_inode(fs, EXT4_RESIZE_INO, {
    i_mode: S_IFREG | 0o600,
    i_links_count: 1,
    i_size_lo: size % 2 ** 32,
    i_size_high: Math.floor(size / 2 ** 32),
    i_blocks_lo: sectorsOf(fs, 1 + fs.reservedGdtBlocks * (1 + copies.length)),
    i_block: Array.from({ length: EXT4_N_BLOCKS }, (_, i) => (i === EXT4_DIND_BLOCK ? dindir : 0)),
  })
  return ok(true)
}
