/**
 * fs/ext4/inode.c: inodes between disk and memory, the pages of a file, truncation.
 *
 * Source: torvalds/linux v6.1. Left out: extended attributes, inline data.
 */

import { decode, encode } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { get_random_bytes } from '../../drivers/char/random.ts'
import { dax_get_by_host } from '../../drivers/dax/super.ts'
import { new_bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EFBIG, EIO, ENOSPC, EOPNOTSUPP, ESTALE, EUCLEAN } from '../../include/linux/errno.ts'
import { type Inode, is_dir, is_lnk, is_reg, type SuperBlock } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import { PAGE_SIZE } from '../../include/linux/mm_types.ts'
import type { Kernel } from '../../kernel.ts'
import {
  type AddressSpaceOperations,
  address_space,
  dirty_blocks,
  filemap_get_pages,
  filemap_truncate,
  filemap_write_and_wait_range,
} from '../../mm/filemap.ts'
import { type BufferHead, b_data, mark_buffer_dirty, sb_bread, sync_dirty_buffer } from '../buffer.ts'
import { __dax_zero_page_range, type Iomap } from '../dax.ts'
import { dax_delete_mapping_entries } from '../dax-fault.ts'
import { current_time, forget_inode, insert_inode, mark_inode_dirty } from '../inode.ts'
import { jbd2_journal_inode_ranged_write } from '../jbd2/transaction.ts'
import { count_groups } from './balloc.ts'
import { ext4_inode_csum_set, ext4_inode_csum_verify } from './csum.ts'
import {
  EXT4_DAX_FL,
  EXT4_EXTENTS_FL,
  EXT4_EXTRA_ISIZE,
  EXT4_GOOD_OLD_INODE_SIZE,
  EXT4_N_BLOCKS,
  EXT4_ROOT_INO,
  ext4_inode,
} from './ext4.ts'
import { ext4_handle_dirty_metadata, ext4_journal_start, ext4_journal_stop } from './ext4_jbd2.ts'
import {
  ext4_convert_unwritten_extents,
  ext4_ext_map_blocks,
  ext4_ext_remove_space,
  issue_zeroout,
  type MapMode,
  type MappedBlocks,
} from './extents.ts'
import { ext4_ext_tree_init } from './extents-tree.ts'
import { bg_get, ext4_get_group_desc } from './group.ts'
import { ext4_free_inode } from './ialloc.ts'
import { ext4_ind_map_blocks, ext4_ind_truncate } from './indirect.ts'
import { ext4_orphan_add, ext4_orphan_del } from './orphan.ts'
import { u32 } from './raw.ts'
import { EXT4_I, EXT4_SB, ext4_error, ext4_has_feature, ext4_inode_info } from './sb.ts'

const INODE = 'fs/ext4/inode.c'
const EFSBADCRC = 74
const WORD = 2 ** 32

interface InodeLoc {
  readonly bh: BufferHead
  readonly at: number
}

/** The block that has an inode, and where in it that begins; undefined when it can't be read. */
const ext4_get_inode_loc = kfunc(INODE, function* __ext4_get_inode_loc(k: Kernel, sb: SuperBlock, ino: number) {
  const { s_inodes_per_group, s_inode_size } = EXT4_SB(sb)
  const desc = yield* ext4_get_group_desc(k, sb, Math.floor((ino - 1) / s_inodes_per_group))
  if (desc === undefined) return undefined
  const offset = ((ino - 1) % s_inodes_per_group) * s_inode_size
  const block = bg_get(desc, 'inode_table') + Math.floor(offset / sb.s_blocksize)
  const bh = yield* sb_bread(k, sb, block)
  return bh && ({ bh, at: offset % sb.s_blocksize } satisfies InodeLoc)
})

const raw_of = ({ bh, at }: InodeLoc): Uint8Array => b_data(bh).subarray(at, at + EXT4_SB(bh.sb).s_inode_size)

export const has_extents = (inode: Inode): boolean => (EXT4_I(inode).i_flags & EXT4_EXTENTS_FL) !== 0

/** Bytes that a file can have: by extents, or by blocks of numbers. */
const max_size = ({ s_blocksize }: SuperBlock, extents: boolean): number => {
  const ptrs = s_blocksize / 4
  return (extents ? WORD - 1 : 12 + ptrs + ptrs ** 2 + ptrs ** 3) * s_blocksize
}

/** What the caller says of the inode: one of the file system's own, or one that no folder names any more. */
interface IgetFlags {
  readonly special?: boolean
  readonly orphan?: boolean
}

/** The inode, from memory or from disk; or -EIO, -EUCLEAN, -ESTALE, -EFSBADCRC. */
export const ext4_iget = kfunc(
  INODE,
  function* __ext4_iget(k: Kernel, sb: SuperBlock, ino: number, flags: IgetFlags = {}) {
    const known = sb.s_inodes.get(ino)
    if (known !== undefined) return known
    const bad = (text: string): number => {
      ext4_error(k, sb, 'ext4_iget', `inode #${ino}: ${text}`)
      return -EUCLEAN
    }
    const { s_inodes_count, s_first_ino, s_inode_size } = EXT4_SB(sb)
    const own = ino < s_first_ino && ino !== EXT4_ROOT_INO
    if (ino < 1 || ino > s_inodes_count || (own && flags.special !== true)) return bad('illegal inode number')
    const loc = yield* ext4_get_inode_loc(k, sb, ino)
    if (loc === undefined) return -EIO
    const raw = decode(ext4_inode, raw_of(loc))
    if (raw.i_links_count === 0 && (raw.i_mode === 0 || flags.orphan !== true)) return -ESTALE
    const large = s_inode_size > EXT4_GOOD_OLD_INODE_SIZE
    if (large && (EXT4_GOOD_OLD_INODE_SIZE + raw.i_extra_isize > s_inode_size || raw.i_extra_isize % 4 !== 0))
      return bad(`iget: bad extra_isize ${raw.i_extra_isize} (inode size ${s_inode_size})`)
    const extents = (raw.i_flags & EXT4_EXTENTS_FL) !== 0
    if (extents && !ext4_has_feature(sb, 'extents')) return bad("extents, which the file system doesn't have")
    const size = raw.i_size_lo + (raw.i_mode >> 12 === 8 ? raw.i_size_high * WORD : 0)
    if (size > max_size(sb, extents)) return bad(`bad i_size value: ${size}`)
    const inode = insert_inode(k, sb, ino)
    inode.i_mode = raw.i_mode
    inode.i_nlink = raw.i_links_count
    inode.i_size = size
    inode.i_blocks = raw.i_blocks_lo + (ext4_has_feature(sb, 'huge_file') ? raw.l_i_blocks_high * WORD : 0)
    inode.i_atime = time_of(raw.i_atime, large ? raw.i_atime_extra : 0)
    inode.i_mtime = time_of(raw.i_mtime, large ? raw.i_mtime_extra : 0)
    inode.i_ctime = time_of(raw.i_ctime, large ? raw.i_ctime_extra : 0)
    inode.i_private = ext4_inode_info.create(k.journal, {
      i_data: raw.i_block,
      i_flags: raw.i_flags,
      i_dtime: raw.i_dtime,
      i_generation: raw.i_generation,
      i_extra_isize: large ? raw.i_extra_isize : 0,
      i_crtime: time_of(raw.i_crtime, large ? raw.i_crtime_extra : 0),
      i_disksize: size,
      i_goal: goal_of(sb, ino),
      i_reserved: new Set<number>(),
    })
    if (!ext4_inode_csum_verify(inode, raw_of(loc))) {
      forget_inode(inode)
      bad('iget: checksum invalid')
      return -EFSBADCRC
    }
    if (set_operations(k, inode) || flags.special === true) return inode
    forget_inode(inode)
    return bad(`bogus i_mode (${raw.i_mode.toString(8)})`)
  },
)

/** Blocks of a file are looked for from the start of its inode's group. */
const goal_of = (sb: SuperBlock, ino: number): number => {
  const { s_first_data_block, s_blocks_per_group, s_inodes_per_group } = EXT4_SB(sb)
  return s_first_data_block + Math.floor((ino - 1) / s_inodes_per_group) * s_blocks_per_group
}

/** ext4_should_enable_dax(): by the mount's word, or by the inode's. */
function enable_dax(inode: Inode): boolean {
  const { s_mount_opt } = EXT4_SB(inode.i_sb)
  if (!is_reg(inode) || s_mount_opt.includes('dax=never')) return false
  if (s_mount_opt.includes('dax=always')) return true
  return s_mount_opt.includes('dax_inode') && (EXT4_I(inode).i_flags & EXT4_DAX_FL) !== 0
}

/** false: no kind of inode that there is. */
function set_operations(k: Kernel, inode: Inode): boolean {
  const { i_sb } = inode
  inode.i_mapping = address_space(k, { host: inode, a_ops: ext4_aops, blocksize: i_sb.s_blocksize })
  const { s_operations } = EXT4_SB(i_sb)
  const own = is_reg(inode)
    ? s_operations.file
    : is_dir(inode)
      ? s_operations.dir
      : is_lnk(inode)
        ? s_operations.symlink
        : undefined
  if (own === undefined) return false
  inode.i_op = own.i_op
  inode.i_fop = own.i_fop
  inode.i_dax = enable_dax(inode)
  return true
}

/** A new inode, in memory: `ino` is its own by now, and `dir` will name it. */
export function ext4_init_inode(k: Kernel, dir: Inode, ino: number, mode: number): Inode {
  const sb = dir.i_sb
  const now = current_time(k)
  const inode = insert_inode(k, sb, ino)
  inode.i_mode = mode
  inode.i_nlink = 1
  inode.i_atime = now
  inode.i_mtime = now
  inode.i_ctime = now
  inode.i_private = ext4_inode_info.create(k.journal, {
    i_data: Array.from({ length: EXT4_N_BLOCKS }, () => 0),
    i_flags: EXT4_I(dir).i_flags & EXT4_DAX_FL,
    i_generation: u32(get_random_bytes(k, 4), 0),
    i_extra_isize: EXT4_SB(sb).s_inode_size > EXT4_GOOD_OLD_INODE_SIZE ? EXT4_EXTRA_ISIZE : 0,
    i_crtime: now,
    i_goal: goal_of(sb, ino),
    i_reserved: new Set<number>(),
  })
  set_operations(k, inode)
  if (ext4_has_feature(sb, 'extents') && !is_lnk(inode)) ext4_use_extents(inode)
  mark_inode_dirty(inode)
  return inode
}

/** Its blocks will be told by extents. */
export function ext4_use_extents(inode: Inode): void {
  EXT4_I(inode).i_flags |= EXT4_EXTENTS_FL
  ext4_ext_tree_init(inode)
}

/** EXT4_EPOCH_BITS: below the nanoseconds stand two bits of seconds. */
const EPOCH_BITS = 2
const nanoseconds = (time: number): number => Math.round((time - Math.floor(time)) * 1e9)
const extra = (time: number): number =>
  ((nanoseconds(time) << EPOCH_BITS) | (Math.floor(time / WORD) & ((1 << EPOCH_BITS) - 1))) >>> 0
const time_of = (seconds: number, more: number): number => seconds + (more >>> EPOCH_BITS) / 1e9

/** What of an inode's times its old part has no room for. */
const extra_times = ({ i_ctime, i_mtime, i_atime }: Inode, i_crtime: number) => ({
  i_ctime_extra: extra(i_ctime),
  i_mtime_extra: extra(i_mtime),
  i_atime_extra: extra(i_atime),
  i_crtime_extra: extra(i_crtime),
})

function ext4_fill_raw_inode(raw: Uint8Array, inode: Inode): void {
  const { i_data, i_flags, i_dtime, i_generation, i_extra_isize, i_crtime, i_disksize } = EXT4_I(inode)
  const size = is_reg(inode) ? i_disksize : inode.i_size
  const end = EXT4_GOOD_OLD_INODE_SIZE + i_extra_isize
  encode(
    ext4_inode,
    {
      i_mode: inode.i_mode,
      i_size_lo: size % WORD,
      ...(is_reg(inode) ? { i_size_high: Math.floor(size / WORD) } : {}),
      i_atime: Math.floor(inode.i_atime) % WORD,
      i_ctime: Math.floor(inode.i_ctime) % WORD,
      i_mtime: Math.floor(inode.i_mtime) % WORD,
      i_dtime,
      i_links_count: inode.i_nlink,
      i_blocks_lo: inode.i_blocks % WORD,
      i_flags,
      i_block: i_data,
      i_generation,
      ...(i_extra_isize > 0
        ? { i_extra_isize, i_crtime: Math.floor(i_crtime) % WORD, ...extra_times(inode, i_crtime) }
        : {}),
    },
    raw.subarray(0, Math.min(raw.length, end)),
  )
  ext4_inode_csum_set(inode, raw)
}

/** From memory into its block. */
function ext4_do_update_inode(handle: Handle | undefined, inode: Inode, { bh, at }: InodeLoc): void {
  const size = EXT4_SB(inode.i_sb).s_inode_size
  // What lies behind the old part of a large inode belongs to whoever had it before.
  const fresh = decode(ext4_inode, raw_of({ bh, at })).i_links_count === 0
  const change = (bytes: Uint8Array): void => {
    if (fresh) bytes.fill(0, at, at + size)
    ext4_fill_raw_inode(bytes.subarray(at, at + size), inode)
  }
  if (handle === undefined) mark_buffer_dirty(bh, change)
  else ext4_handle_dirty_metadata(handle, undefined, bh, change)
}

/** It becomes a part of the handle: 0, or -EIO. */
export const ext4_mark_inode_dirty = kfunc(
  INODE,
  function* __ext4_mark_inode_dirty(k: Kernel, handle: Handle, inode: Inode) {
    const loc = yield* ext4_get_inode_loc(k, inode.i_sb, inode.i_ino)
    if (loc === undefined) return -EIO
    const info = EXT4_I(inode)
    const tid = handle.h_transaction?.t_tid ?? 0
    info.i_sync_tid = tid
    if (inode.i_dirty !== 'times') info.i_datasync_tid = tid
    ext4_do_update_inode(handle, inode, loc)
    inode.i_dirty = 'clean'
    return 0
  },
)

/** From memory into its block; `sync`: and that to the disk. With a journal the next commit does it. 0, or -EIO. */
export const ext4_write_inode = kfunc(INODE, function* ext4_write_inode(k: Kernel, inode: Inode, sync: boolean) {
  const { i_sb, i_ino } = inode
  if (i_sb.s_rdonly) return 0
  if (EXT4_SB(i_sb).s_journal !== undefined) {
    const handle = yield* ext4_journal_start(k, i_sb)
    return typeof handle === 'number' ? handle : yield* ext4_journal_stop(k, i_sb, handle)
  }
  const loc = yield* ext4_get_inode_loc(k, i_sb, i_ino)
  if (loc === undefined) return -EIO
  if (inode.i_dirty !== 'clean') ext4_do_update_inode(undefined, inode, loc)
  inode.i_dirty = 'clean'
  return sync ? yield* sync_dirty_buffer(k, loc.bh) : 0
})

const has_blocks = (inode: Inode): boolean => !is_lnk(inode) || inode.i_blocks > 0

/** Blocks of the file from `first` on, and nodes that told them, are free: 0, or a negative error number. */
const truncate_blocks = function* (k: Kernel, handle: Handle | undefined, inode: Inode, first: number) {
  if (has_extents(inode)) return yield* ext4_ext_remove_space(k, handle, inode, first)
  yield* ext4_ind_truncate(k, handle, inode, first)
  return 0
}

/** Nobody names or holds it any more. */
export const ext4_evict_inode = kfunc(INODE, function* ext4_evict_inode(k: Kernel, inode: Inode) {
  const { i_sb } = inode
  if (i_sb.s_rdonly) return
  filemap_truncate(inode.i_mapping, 0)
  release_reserved(inode, 0)
  const handle = yield* ext4_journal_start(k, i_sb)
  if (typeof handle === 'number') return
  inode.i_size = 0
  EXT4_I(inode).i_disksize = 0
  if (has_blocks(inode)) yield* truncate_blocks(k, handle, inode, 0)
  inode.i_assoc = []
  yield* ext4_orphan_del(k, handle, inode)
  EXT4_I(inode).i_dtime = Math.floor(current_time(k))
  mark_inode_dirty(inode)
  if (handle === undefined) yield* ext4_write_inode(k, inode, false)
  else yield* ext4_mark_inode_dirty(k, handle, inode)
  yield* ext4_free_inode(k, handle, inode)
  yield* ext4_journal_stop(k, i_sb, handle)
})

/** Blocks of numbers, one by one, as long as they follow each other on the disk. */
const ind_map = function* (
  k: Kernel,
  handle: Handle | undefined,
  inode: Inode,
  first: number,
  count: number,
  create: boolean,
) {
  const start = yield* ext4_ind_map_blocks(k, handle, inode, first, create)
  if (typeof start === 'number') return start
  const { block, fresh } = start
  let found = 1
  for (; found < count; found++) {
    const next = yield* ext4_ind_map_blocks(k, handle, inode, first + found, create && fresh)
    if (typeof next === 'number' || next.fresh !== fresh) break
    if (block === 0 ? next.block !== 0 : next.block !== block + found) break
  }
  return { ...start, count: found } satisfies MappedBlocks
}

/** A stretch of the disk behind up to `count` blocks of the file from `first` on; or a negative error number. */
export const ext4_map_blocks = kfunc(
  INODE,
  function* ext4_map_blocks(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    first: number,
    count: number,
    mode: MapMode,
    zero?: boolean,
  ) {
    if (!has_extents(inode) && mode === 'unwritten') return -EOPNOTSUPP
    const found = has_extents(inode)
      ? yield* ext4_ext_map_blocks(k, handle, inode, first, count, mode)
      : yield* ind_map(k, handle, inode, first, count, mode === 'create')
    if (typeof found === 'number' || zero !== true || !found.fresh || found.unwritten) return found
    const rc = yield* issue_zeroout(k, inode, found.block, found.count)
    return rc === 0 ? found : rc
  },
)

const sector_of = ({ i_sb }: Inode, block: number): number => (block * i_sb.s_blocksize) / SECTOR_SIZE

const inode_of = (host: unknown): Inode => host as Inode

const ext4_aops: AddressSpaceOperations = {
  *read_folio(k, mapping, index) {
    const inode = inode_of(mapping.host)
    const size = inode.i_sb.s_blocksize
    const bytes = new Uint8Array(PAGE_SIZE)
    for (let at = 0; at < PAGE_SIZE; at += size) {
      const pos = index * PAGE_SIZE + at
      if (pos >= inode.i_size) break
      const found = yield* ext4_map_blocks(k, undefined, inode, pos / size, 1, 'find')
      if (typeof found === 'number') return found
      if (found.block === 0 || found.unwritten) continue
      const own = bytes.subarray(at, at + size)
      const rc = yield* submit_bio(k, new_bio(inode.i_sb.s_bdev, 'read', sector_of(inode, found.block), own))
      if (rc !== 0) return rc
    }
    // What stands behind the end of the file is nobody's.
    bytes.fill(0, Math.max(0, Math.min(PAGE_SIZE, inode.i_size - index * PAGE_SIZE)))
    return bytes
  },
  *writepage(k, mapping, { index, bytes }, at) {
    const inode = inode_of(mapping.host)
    const size = inode.i_sb.s_blocksize
    const found = yield* ext4_map_blocks(k, undefined, inode, (index * PAGE_SIZE + at) / size, 1, 'find')
    if (typeof found === 'number') return found
    // ext4_writepages() gives it a place before.
    if (found.block === 0) return 'later'
    const bio = new_bio(inode.i_sb.s_bdev, 'write', sector_of(inode, found.block), bytes.slice(at, at + size), {
      sync: true,
    })
    return yield* submit_bio(k, bio)
  },
}

/** Does it get its blocks only when it is written back? */
export const ext4_delalloc = (inode: Inode): boolean => EXT4_SB(inode.i_sb).s_mount_opt.includes('delalloc')

/** Blocks of the file from `first` on will not be written. */
export function release_reserved(inode: Inode, first: number, end = Number.POSITIVE_INFINITY): void {
  const info = EXT4_I(inode)
  const left = [...info.i_reserved].filter((block) => block < first || block >= end)
  EXT4_SB(inode.i_sb).s_dirtyclusters -= info.i_reserved.size - left.length
  if (left.length < info.i_reserved.size) info.i_reserved = new Set(left)
}

/** Room for the blocks that a range of bytes touches, without a place yet: 0, -ENOSPC or another error. */
export const ext4_da_reserve_space = kfunc(
  INODE,
  function* ext4_da_reserve_space(k: Kernel, inode: Inode, pos: number, length: number) {
    const sbi = EXT4_SB(inode.i_sb)
    const size = inode.i_sb.s_blocksize
    for (let block = Math.floor(pos / size); block * size < pos + length; block++) {
      const info = EXT4_I(inode)
      if (info.i_reserved.has(block)) continue
      const found = yield* ext4_map_blocks(k, undefined, inode, block, 1, 'find')
      if (typeof found === 'number') return found
      if (found.block !== 0) continue
      const free = yield* count_groups(k, inode.i_sb, 'free_blocks_count')
      if (free - sbi.s_freed.size - sbi.s_dirtyclusters < 1) return -ENOSPC
      info.i_reserved = new Set([...info.i_reserved, block])
      sbi.s_dirtyclusters++
    }
    return 0
  },
)

/**
 * Blocks for every block that a range of bytes touches, as ext4_write_begin() gets them: 0, or a negative error number.
 * In ordered mode the data goes to the disk before the commit.
 */
export const ext4_allocate_range = function* (
  k: Kernel,
  handle: Handle | undefined,
  inode: Inode,
  pos: number,
  length: number,
) {
  const size = inode.i_sb.s_blocksize
  const end = Math.ceil((pos + length) / size)
  for (let block = Math.floor(pos / size); block < end; ) {
    const found: MappedBlocks | number = yield* ext4_map_blocks(k, handle, inode, block, end - block, 'create')
    if (typeof found === 'number') return found
    if (found.fresh && handle !== undefined) jbd2_journal_inode_ranged_write(handle, inode)
    block += found.count
  }
  return 0
}

/** Unwritten until the data is there: reads meanwhile see zeros. Since v5.6 it is the default (dioread_nolock). */
const writes_unwritten = (k: Kernel, inode: Inode): boolean => has_extents(inode) && k.has('ext4_dioread_nolock')

/** A place for dirty blocks `first` … of the file that have none; how many have one now, or a negative error number. */
const mpage_map_and_submit_extent = kfunc(
  INODE,
  function* mpage_map_and_submit_extent(k: Kernel, inode: Inode, first: number, count: number) {
    const { i_sb } = inode
    const handle = yield* ext4_journal_start(k, i_sb)
    if (typeof handle === 'number') return handle
    const mode = writes_unwritten(k, inode) ? 'unwritten' : 'create'
    const found = yield* ext4_map_blocks(k, handle, inode, first, count, mode)
    if (typeof found !== 'number') {
      release_reserved(inode, first, first + found.count)
      if (mode === 'create' && found.fresh && handle !== undefined) jbd2_journal_inode_ranged_write(handle, inode)
      const reached = Math.min(inode.i_size, (first + found.count) * i_sb.s_blocksize)
      if (reached > EXT4_I(inode).i_disksize) {
        EXT4_I(inode).i_disksize = reached
        mark_inode_dirty(inode)
      }
    }
    const rc = yield* ext4_journal_stop(k, i_sb, handle)
    return typeof found === 'number' ? found : rc < 0 ? rc : found.count
  },
)

/** Stretches of blocks, each with its length. */
function runs(blocks: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = []
  for (const block of blocks) {
    const last = found.at(-1)
    if (last !== undefined && last[0] + last[1] === block) last[1]++
    else found.push([block, 1])
  }
  return found
}

/** Write back what the page cache has: 0, or the first error. Nothing is flushed. */
export const ext4_do_writepages = kfunc(INODE, function* ext4_do_writepages(k: Kernel, inode: Inode) {
  const dirty = dirty_blocks(inode.i_mapping)
  if (dirty.length === 0) return 0
  const unwritten: (readonly [number, number])[] = []
  for (const [first, count] of runs(dirty)) {
    for (let at = first; at < first + count; ) {
      const found = yield* ext4_map_blocks(k, undefined, inode, at, first + count - at, 'find')
      if (typeof found === 'number') return found
      let got = found.count
      if (found.block === 0) {
        const mapped = yield* mpage_map_and_submit_extent(k, inode, at, found.count)
        if (mapped < 0) return mapped
        got = mapped
      }
      if (found.unwritten || (found.block === 0 && writes_unwritten(k, inode))) unwritten.push([at, got])
      at += got
    }
  }
  const rc = yield* filemap_write_and_wait_range(k, inode.i_mapping)
  if (rc !== 0) return rc
  for (const [first, count] of unwritten) {
    const handle = yield* ext4_journal_start(k, inode.i_sb)
    if (typeof handle === 'number') return handle
    const converted = yield* ext4_convert_unwritten_extents(k, handle, inode, first, count)
    const stopped = yield* ext4_journal_stop(k, inode.i_sb, handle)
    if (converted !== 0 || stopped !== 0) return converted || stopped
  }
  return 0
})

/** Before a commit: what has a place already is written. 0, or the first error. */
export const submit_mapped_pages = kfunc('fs/jbd2/commit.c', function* jbd2_submit_inode_data(k: Kernel, inode: Inode) {
  return yield* filemap_write_and_wait_range(k, inode.i_mapping)
})

/** Pages that have no place yet get one, and are written: 0, or a negative error number. */
export const ext4_alloc_da_blocks = kfunc(INODE, function* ext4_alloc_da_blocks(k: Kernel, inode: Inode) {
  return EXT4_I(inode).i_reserved.size > 0 ? yield* ext4_do_writepages(k, inode) : 0
})

/** Blocks with zeros for a stretch of the file: the mapping, or a negative error number. */
const ext4_iomap_alloc = kfunc(
  INODE,
  function* ext4_iomap_alloc(k: Kernel, inode: Inode, first: number, count: number) {
    const handle = yield* ext4_journal_start(k, inode.i_sb)
    if (typeof handle === 'number') return handle
    const found = yield* ext4_map_blocks(k, handle, inode, first, count, 'create', true)
    const rc = yield* ext4_journal_stop(k, inode.i_sb, handle)
    return rc < 0 ? rc : found
  },
)

/** Would a power failure lose what says where the file's blocks are? */
function ext4_inode_datasync_dirty(inode: Inode): boolean {
  const { s_journal } = EXT4_SB(inode.i_sb)
  if (s_journal !== undefined)
    return inode.i_dirty === 'data' || s_journal.j_commit_sequence < EXT4_I(inode).i_datasync_tid
  return inode.i_assoc.length > 0 || inode.i_dirty === 'data'
}

/**
 * What stands at `pos`, and what of `length` follows it on the disk; new blocks are zeroed first, past the cache.
 * -EIO without a device for direct access.
 */
export const ext4_iomap_begin = kfunc(
  INODE,
  function* ext4_iomap_begin(k: Kernel, inode: Inode, pos: number, length: number, write: boolean) {
    const { i_sb } = inode
    const bdev = i_sb.s_bdev
    const dax_dev = dax_get_by_host(k, bdev.bd_disk.disk_name)
    if (dax_dev === undefined) return -EIO
    const size = i_sb.s_blocksize
    const first = Math.floor(pos / size)
    const count = Math.ceil((pos + length) / size) - first
    let found: MappedBlocks | number | undefined
    if (!write || pos + length <= inode.i_size) {
      found = yield* ext4_map_blocks(k, undefined, inode, first, count, 'find')
      if (typeof found === 'number') return found
      if (write && (found.block === 0 || found.unwritten)) found = undefined
    }
    found ??= yield* ext4_iomap_alloc(k, inode, first, count)
    if (typeof found === 'number') return found
    const dirty = write && ext4_inode_datasync_dirty(inode)
    const iomap = { bdev, dax_dev, offset: first * size, length: found.count * size, dirty }
    if (found.block === 0 || found.unwritten) return { ...iomap, addr: 0, hole: true } satisfies Iomap
    return { ...iomap, addr: found.block * size, fresh: found.fresh } satisfies Iomap
  },
)

/** Zeros on the memory of a block that is accessed directly, past `from` and before `to`. */
const ext4_dax_zero = function* (k: Kernel, inode: Inode, from: number, to: number) {
  const iomap: Iomap | number = yield* ext4_iomap_begin(k, inode, from, 1, false)
  if (typeof iomap === 'number') return iomap
  if (iomap.hole === true) return 0
  const page = from - (from % PAGE_SIZE)
  const sector = (iomap.addr + page - iomap.offset) / SECTOR_SIZE
  return yield* __dax_zero_page_range(k, { ...iomap, sector }, from % PAGE_SIZE, to - from)
}

/** Zeros in a part of one block, if there is one: 0, or a negative error number. */
export const ext4_zero_partial = kfunc(
  INODE,
  function* ext4_block_zero_page_range(k: Kernel, handle: Handle | undefined, inode: Inode, from: number, to: number) {
    const size = inode.i_sb.s_blocksize
    if (inode.i_dax) return yield* ext4_dax_zero(k, inode, from, to)
    const block = Math.floor(from / size)
    const found = yield* ext4_map_blocks(k, undefined, inode, block, 1, 'find')
    if (typeof found === 'number') return found
    if (found.block === 0 && !EXT4_I(inode).i_reserved.has(block)) return 0
    const folio = yield* filemap_get_pages(k, inode.i_mapping, Math.floor(from / PAGE_SIZE))
    if (typeof folio === 'number') return folio
    const at = from % PAGE_SIZE
    const bytes = folio.bytes.slice()
    bytes.fill(0, at, at + to - from)
    folio.bytes = bytes
    folio.dirty |= 1 << Math.floor(at / size)
    if (handle !== undefined && found.block !== 0 && !found.unwritten) jbd2_journal_inode_ranged_write(handle, inode)
    return 0
  },
)

/** Zeros from `from` to the end of its block: what is cut off must not come back when the file grows. */
const ext4_block_truncate_page = function* (k: Kernel, handle: Handle | undefined, inode: Inode, from: number) {
  const size = inode.i_sb.s_blocksize
  return from % size === 0 ? 0 : yield* ext4_zero_partial(k, handle, inode, from, Math.ceil(from / size) * size)
}

/** Pages and blocks behind the end of the file are free: 0, or a negative error number. */
export const ext4_truncate = kfunc(INODE, function* ext4_truncate(k: Kernel, inode: Inode) {
  const { i_sb, i_size } = inode
  const handle = yield* ext4_journal_start(k, i_sb)
  if (typeof handle === 'number') return handle
  let rc = yield* ext4_block_truncate_page(k, handle, inode, i_size)
  if (rc === 0) {
    yield* ext4_orphan_add(k, handle, inode)
    rc = yield* truncate_blocks(k, handle, inode, Math.ceil(i_size / i_sb.s_blocksize))
  }
  if (inode.i_nlink > 0) yield* ext4_orphan_del(k, handle, inode)
  inode.i_mtime = current_time(k)
  inode.i_ctime = inode.i_mtime
  mark_inode_dirty(inode)
  const stopped = yield* ext4_journal_stop(k, i_sb, handle)
  return rc || stopped
})

/** Pages and blocks behind the end of the file, which a write that failed has left. */
export const ext4_truncate_failed_write = kfunc(
  'fs/ext4/truncate.h',
  function* ext4_truncate_failed_write(k: Kernel, inode: Inode) {
    filemap_truncate(inode.i_mapping, inode.i_size)
    release_reserved(inode, Math.ceil(inode.i_size / inode.i_sb.s_blocksize))
    yield* ext4_truncate(k, inode)
  },
)

/** 0, or a negative error number. Shorter: what is behind is given back. Longer: a hole. */
export const ext4_setattr_size = kfunc(INODE, function* ext4_setattr(k: Kernel, inode: Inode, size: number) {
  const { i_sb } = inode
  const info = EXT4_I(inode)
  if (size > max_size(i_sb, has_extents(inode))) return -EFBIG
  const shorter = size < inode.i_size
  const handle = yield* ext4_journal_start(k, i_sb)
  if (typeof handle === 'number') return handle
  if (shorter) yield* ext4_orphan_add(k, handle, inode)
  inode.i_mtime = current_time(k)
  inode.i_ctime = inode.i_mtime
  if (size === 0 && inode.i_size > 0) info.i_da_alloc_close = true
  inode.i_size = size
  info.i_disksize = size
  mark_inode_dirty(inode)
  const rc = yield* ext4_journal_stop(k, i_sb, handle)
  if (rc < 0 || !shorter) return rc
  filemap_truncate(inode.i_mapping, size)
  release_reserved(inode, Math.ceil(size / i_sb.s_blocksize))
  if (inode.i_dax) dax_delete_mapping_entries(inode.i_mapping, size)
  return yield* ext4_truncate(k, inode)
})
