/** lib/ext2fs/mkjournal.c: how long a journal is, where it stands, its first block. */

import { encode } from '../../../../base/layout.ts'
import { err, ok, type Result } from '../../../../base/result.ts'
import { EXT_INIT_MAX_LEN, EXT4_JOURNAL_INO, S_IFREG } from '../../../linux/fs/ext4/ext4.ts'
import {
  JBD2_MAGIC_NUMBER,
  JBD2_MIN_JOURNAL_BLOCKS,
  JBD2_SUPERBLOCK_V2,
  journal_superblock_s,
} from '../../../linux/include/linux/jbd2.ts'
import { has } from './features.ts'
import {
  block_alloc_stats,
  type Fs,
  find_inode_goal,
  groupAt,
  groupFirst,
  groupOfBlock,
  sectorsOf,
  write_inode,
  writeBlock,
  zeroBlocks,
} from './filesys.ts'
import { BlockMap, Extents, type Mapping } from './mapping.ts'
import type { Params } from './parameters.ts'
import { EXT2_ET, type Said } from './said.ts'

const MOST_BLOCKS = 10_240_000
/** From so many blocks of the file system on, so many of the journal. */
const USUAL = [
  [2048, 1024],
  [32768, 4096],
  [262144, 8192],
  [524288, 16384],
  [4194304, 32768],
  [8388608, 65536],
  [16777216, 131072],
  [33554432, 262144],
] as const

/** Blocks; 0: the file system is too small for one. */
export function figure_journal_size(params: Params, fs: Fs, said: Said): Result<number, string> {
  const usual = USUAL.findLast(([from]) => fs.blocks >= from)?.[1]
  if (usual === undefined) {
    said.err += '\nFilesystem too small for a journal\n'
    return ok(0)
  }
  if (params.journalSize <= 0) return ok(usual)
  const blocks = Math.floor((params.journalSize * 1024) / (params.blockSize / 1024))
  if (blocks < JBD2_MIN_JOURNAL_BLOCKS || blocks > MOST_BLOCKS)
    return err(
      `\nThe total requested journal size is ${blocks} blocks; it must be\nbetween ${JBD2_MIN_JOURNAL_BLOCKS} and ${MOST_BLOCKS} blocks.  Aborting.\n`,
    )
  if (blocks > Math.floor(fs.freeBlocks / 2)) return err('\nTotal journal size too big for filesystem.\n')
  return ok(blocks)
}

/** In the middle, where more is free than beside it. */
function get_midpoint_journal_block(fs: Fs): number {
  let group = groupOfBlock(fs, Math.floor((fs.blocks - fs.firstDataBlock) / 2))
  const flex = 2 ** fs.logGroupsPerFlex
  let first = Math.max(group - 1, 0)
  if (flex > 1 && group > flex) {
    group -= group % flex
    while (group < fs.groupCount && groupAt(fs, group).freeBlocks === 0) group++
    if (group === fs.groupCount) group = 0
    first = group
  }
  const last = Math.min(group + 1, fs.groupCount - 1)
  let best = first
  for (let each = first + 1; each <= last; each++)
    if (groupAt(fs, each).freeBlocks > groupAt(fs, best).freeBlocks) best = each
  return groupFirst(fs, best)
}

interface Placed {
  readonly mapping: Mapping
  readonly runs: readonly { readonly start: number; readonly length: number }[]
}

/** As long runs as there are, from the middle on; undefined: not enough blocks are free. */
function placeExtents(fs: Fs, blocks: number): Placed | undefined {
  const extents = new Extents(fs, EXT4_JOURNAL_INO)
  const runs: { start: number; length: number }[] = []
  let from = get_midpoint_journal_block(fs)
  for (let left = blocks; left > 0; ) {
    const start = fs.blockMap.free(from) ?? fs.blockMap.free(fs.firstDataBlock)
    if (start === undefined) return undefined
    const length = fs.blockMap.run(start, Math.min(left, EXT_INIT_MAX_LEN))
    block_alloc_stats(fs, start, length)
    if (!extents.insert(start, length)) return undefined
    runs.push({ start, length })
    left -= length
    from = start + length >= fs.blocks ? fs.firstDataBlock : start + length
  }
  return { mapping: extents.finish(), runs }
}

/** Block after block, near the inode. */
function placeBlocks(fs: Fs, blocks: number): Placed | undefined {
  const map = new BlockMap(fs, find_inode_goal(fs, EXT4_JOURNAL_INO))
  const runs: { start: number; length: number }[] = []
  for (let i = 0; i < blocks; i++) {
    const block = map.next()
    if (block === undefined) return undefined
    const last = runs.at(-1)
    if (last !== undefined && last.start + last.length === block) last.length++
    else runs.push({ start: block, length: 1 })
  }
  return { mapping: map.finish(), runs }
}

/** `lazy`: what was on the device may stay in the journal. */
export function add_journal_inode(fs: Fs, blocks: number, lazy: boolean): Result<true, string> {
  const placed = has(fs.features, 'extent') ? placeExtents(fs, blocks) : placeBlocks(fs, blocks)
  if (placed === undefined) return err(EXT2_ET.blockAlloc)
  const { mapping, runs } = placed
  if (!lazy) for (const { start, length } of runs) zeroBlocks(fs, start, length)
  const size = blocks * fs.blockSize
  write_inode(fs, EXT4_JOURNAL_INO, {
    ...mapping.inode,
    i_mode: S_IFREG | 0o600,
    i_links_count: 1,
    i_size_lo: size % 2 ** 32,
    i_size_high: Math.floor(size / 2 ** 32),
    i_blocks_lo: sectorsOf(fs, blocks + mapping.own),
  })
  const first = encode(
    journal_superblock_s,
    {
      h_magic: JBD2_MAGIC_NUMBER,
      h_blocktype: JBD2_SUPERBLOCK_V2,
      s_blocksize: fs.blockSize,
      s_maxlen: blocks,
      s_first: 1,
      s_sequence: 1,
      s_uuid: fs.uuid,
      s_nr_users: 1,
    },
    new Uint8Array(fs.blockSize),
  )
  writeBlock(fs, (runs[0] as { start: number }).start, first)
  fs.journal = [...(mapping.inode.i_block as readonly number[]), Math.floor(size / 2 ** 32), size % 2 ** 32]
  return ok(true)
}
