/** lib/ext2fs/alloc_tables.c: where each group has its bitmaps and its table of inodes. */

import { err, ok, type Result } from '../../../../base/result.ts'
import { block_alloc_stats, type Fs, get_free_blocks, groupAt, groupFirst, groupLast } from './filesys.ts'
import { EXT2_ET } from './said.ts'

/** The groups whose tables stand together. */
interface Flex {
  readonly size: number
  readonly last: number
  /** From this group to the last. */
  readonly left: number
}

function flexOf(fs: Fs, group: number): Flex | undefined {
  if (fs.logGroupsPerFlex === 0) return undefined
  const size = 2 ** fs.logGroupsPerFlex
  const last = Math.min(group - (group % size) + size - 1, fs.groupCount - 1)
  return { size, last, left: last - group + 1 }
}

/** Blocks from the first bitmap of blocks to that of inodes: the last tables are as close together as they are few. */
const apartIn = (fs: Fs, { size, last }: Flex): number =>
  last !== fs.groupCount - 1 || last % size === 0 ? size : (last % size) + 1

/** Where to look for what has `each` blocks a group: behind what the group before has, or where all of them fit. */
function flexbg_offset(fs: Fs, group: number, { size, last, left }: Flex, behind: number, each: number): number {
  const all = Math.min(left * each, Math.floor(fs.blocksPerGroup / 4))
  if (behind !== 0 && behind < fs.blocks) {
    const near = get_free_blocks(fs, behind, behind + all, each)
    if (near !== undefined) return near
  }
  const start = groupFirst(fs, group - (group % size))
  const end = groupLast(fs, last)
  return (
    get_free_blocks(fs, start, end, all) ??
    get_free_blocks(fs, start, end, each) ??
    get_free_blocks(fs, 0, end, each) ??
    0
  )
}

/** Blocks that are in no group's free count yet, unless tables stand together: then they are counted where they are. */
function take(fs: Fs, flex: Flex | undefined, block: number, count: number): void {
  if (flex === undefined) fs.blockMap.mark(block, count)
  else block_alloc_stats(fs, block, count)
}

/** Bitmaps that a RAID wants on different disks. */
function strideStart(fs: Fs, group: number): number | undefined {
  const first = groupFirst(fs, group)
  const last = groupLast(fs, group)
  const free = get_free_blocks(fs, first, last, 1)
  if (free === undefined) return undefined
  const behind = free + fs.inodeBlocks
  const start = behind + ((fs.stride * group) % (last - behind + 1))
  return start >= last ? first : start
}

/** undefined: there is no room. */
function allocate_group_table(fs: Fs, group: number): true | undefined {
  const flex = flexOf(fs, group)
  const desc = groupAt(fs, group)
  const inside = flex !== undefined && group % flex.size !== 0
  const before = inside ? groupAt(fs, group - 1) : undefined
  const first = groupFirst(fs, group)
  const last = groupLast(fs, flex?.last ?? group)
  const apart = flex === undefined ? 0 : apartIn(fs, flex)

  const bitmap = (start: number): number | undefined => {
    const block = get_free_blocks(fs, start, last, 1) ?? get_free_blocks(fs, first, last, 1)
    if (block !== undefined) take(fs, flex, block, 1)
    return block
  }
  let start: number | undefined = first
  if (flex !== undefined) start = flexbg_offset(fs, group, flex, before === undefined ? 0 : before.blockBitmap + 1, 1)
  else if (fs.stride > 0) start = strideStart(fs, group)
  const blockBitmap = start === undefined ? undefined : bitmap(start)
  if (start === undefined || blockBitmap === undefined) return undefined
  desc.blockBitmap = blockBitmap

  if (flex !== undefined)
    start = flexbg_offset(fs, group, flex, before === undefined ? blockBitmap + apart : before.inodeBitmap + 1, 1)
  const inodeBitmap = bitmap(start)
  if (inodeBitmap === undefined) return undefined
  desc.inodeBitmap = inodeBitmap

  const behind = before === undefined ? inodeBitmap + apart : before.inodeTable + fs.inodeBlocks
  const from = flex === undefined ? first : flexbg_offset(fs, group, flex, behind, fs.inodeBlocks)
  const table = get_free_blocks(fs, from, last, fs.inodeBlocks)
  if (table === undefined) return undefined
  take(fs, flex, table, fs.inodeBlocks)
  desc.inodeTable = table
  return true
}

export function allocate_tables(fs: Fs): Result<true, string> {
  for (let group = 0; group < fs.groupCount; group++)
    if (allocate_group_table(fs, group) === undefined) return err(EXT2_ET.blockAlloc)
  return ok(true)
}
