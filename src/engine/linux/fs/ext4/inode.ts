/**
 * fs/ext4/inode.c: inodes between disk and memory, the pages of a file, truncation.
 *
 * Source: torvalds/linux v6.1. Left out: extents, extended attributes, inline data, delayed allocation.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { blkdev_issue_zeroout } from '../../block/blk-lib.ts'
import { dax_get_by_host } from '../../drivers/dax/super.ts'
import { new_bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EFBIG, EIO, ESTALE, EUCLEAN } from '../../include/linux/errno.ts'
import { type Inode, is_dir, is_lnk, is_reg, type SuperBlock } from '../../include/linux/fs.ts'
import { PAGE_SIZE } from '../../include/linux/mm_types.ts'
import type { Kernel } from '../../kernel.ts'
import { type AddressSpaceOperations, address_space, filemap_get_pages, filemap_truncate } from '../../mm/filemap.ts'
import { type BufferHead, b_data, mark_buffer_dirty, sb_bread, sync_dirty_buffer } from '../buffer.ts'
import { __dax_zero_page_range, dax_delete_mapping_entries, type Iomap } from '../dax.ts'
import { current_time, forget_inode, insert_inode, mark_inode_dirty } from '../inode.ts'
import { ext4_free_inode } from './ialloc.ts'
import { ext4_ind_map_blocks, ext4_ind_truncate } from './indirect.ts'
import { BG, EXT4_EXTENTS_FL, EXT4_GOOD_OLD_INODE_SIZE, EXT4_N_BLOCKS, I, put16, put32, u16, u32 } from './raw.ts'
import { bg_u32, EXT4_I, EXT4_SB, ext4_error, ext4_get_group_desc, ext4_inode_info } from './sb.ts'

const INODE = 'fs/ext4/inode.c'

/** The block that has an inode, and where in it that begins; undefined when it can't be read. */
const ext4_get_inode_loc = kfunc(INODE, function* __ext4_get_inode_loc(k: Kernel, sb: SuperBlock, ino: number) {
  const { s_inodes_per_group, s_inode_size } = EXT4_SB(sb)
  const desc = yield* ext4_get_group_desc(k, sb, Math.floor((ino - 1) / s_inodes_per_group))
  if (desc === undefined) return undefined
  const offset = ((ino - 1) % s_inodes_per_group) * s_inode_size
  const block = bg_u32(desc, BG.inode_table) + Math.floor(offset / sb.s_blocksize)
  const bh = yield* sb_bread(k, sb, block)
  return bh && { bh, at: offset % sb.s_blocksize }
})

const raw_of = ({ bh, at }: { readonly bh: BufferHead; readonly at: number }): Uint8Array =>
  b_data(bh).subarray(at, at + EXT4_GOOD_OLD_INODE_SIZE)

/** Bytes that a file with blocks of numbers can have. */
const max_size = ({ s_blocksize }: SuperBlock): number => {
  const ptrs = s_blocksize / 4
  return (12 + ptrs + ptrs ** 2 + ptrs ** 3) * s_blocksize
}

/** The inode, from memory or from disk; or -EIO, -EUCLEAN, -ESTALE. */
export const ext4_iget = kfunc(INODE, function* __ext4_iget(k: Kernel, sb: SuperBlock, ino: number) {
  const known = sb.s_inodes.get(ino)
  if (known !== undefined) return known
  const bad = (text: string): number => {
    ext4_error(k, sb, 'ext4_iget', `inode #${ino}: ${text}`)
    return -EUCLEAN
  }
  if (ino < 1 || ino > EXT4_SB(sb).s_inodes_count) return bad('illegal inode number')
  const loc = yield* ext4_get_inode_loc(k, sb, ino)
  if (loc === undefined) return -EIO
  const raw = raw_of(loc)
  const i_mode = u16(raw, I.mode)
  const i_nlink = u16(raw, I.links_count)
  if (i_nlink === 0) return -ESTALE
  const flags = u32(raw, I.flags)
  if ((flags & EXT4_EXTENTS_FL) !== 0) return bad('extents are not carried out yet')
  const size = u32(raw, I.size_lo) + (i_mode >> 12 === 8 ? u32(raw, I.size_high) * 2 ** 32 : 0)
  if (size > max_size(sb)) return bad(`bad i_size value: ${size}`)
  const inode = insert_inode(k, sb, ino)
  inode.i_mode = i_mode
  inode.i_nlink = i_nlink
  inode.i_size = size
  inode.i_blocks = u32(raw, I.blocks_lo)
  inode.i_atime = u32(raw, I.atime)
  inode.i_mtime = u32(raw, I.mtime)
  inode.i_ctime = u32(raw, I.ctime)
  inode.i_private = ext4_inode_info.create(k.journal, {
    i_data: Array.from({ length: EXT4_N_BLOCKS }, (_, i) => u32(raw, I.block + 4 * i)),
    i_flags: flags,
    i_goal: goal_of(sb, ino),
  })
  if (set_operations(k, inode)) return inode
  forget_inode(inode)
  return bad(`bogus i_mode (${i_mode.toString(8)})`)
})

/** Blocks of a file are looked for from the start of its inode's group. */
const goal_of = (sb: SuperBlock, ino: number): number => {
  const { s_first_data_block, s_blocks_per_group, s_inodes_per_group } = EXT4_SB(sb)
  return s_first_data_block + Math.floor((ino - 1) / s_inodes_per_group) * s_blocks_per_group
}

/** false: no kind of inode that there is. */
function set_operations(k: Kernel, inode: Inode): boolean {
  const { i_sb } = inode
  inode.i_mapping = address_space(k, { host: inode, a_ops: ext4_aops, blocksize: i_sb.s_blocksize })
  const { s_operations, s_mount_opt } = EXT4_SB(i_sb)
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
  inode.i_dax = is_reg(inode) && s_mount_opt.includes('dax')
  return true
}

/** A new inode, in memory: `ino` is its own by now. */
export function ext4_init_inode(k: Kernel, sb: SuperBlock, ino: number, mode: number): Inode {
  const now = current_time(k)
  const inode = insert_inode(k, sb, ino)
  inode.i_mode = mode
  inode.i_nlink = 1
  inode.i_atime = now
  inode.i_mtime = now
  inode.i_ctime = now
  inode.i_private = ext4_inode_info.create(k.journal, {
    i_data: Array.from({ length: EXT4_N_BLOCKS }, () => 0),
    i_goal: goal_of(sb, ino),
  })
  set_operations(k, inode)
  mark_inode_dirty(inode)
  return inode
}

function ext4_fill_raw_inode(raw: Uint8Array, inode: Inode): void {
  const { i_data, i_flags, i_dtime } = EXT4_I(inode)
  put16(raw, I.mode, inode.i_mode)
  put32(raw, I.size_lo, inode.i_size % 2 ** 32)
  put32(raw, I.atime, inode.i_atime)
  put32(raw, I.ctime, inode.i_ctime)
  put32(raw, I.mtime, inode.i_mtime)
  put32(raw, I.dtime, i_dtime)
  put16(raw, I.links_count, inode.i_nlink)
  put32(raw, I.blocks_lo, inode.i_blocks)
  put32(raw, I.flags, i_flags)
  for (const [i, word] of i_data.entries()) put32(raw, I.block + 4 * i, word)
  if (is_reg(inode)) put32(raw, I.size_high, Math.floor(inode.i_size / 2 ** 32))
}

/** From memory into its block; `sync`: and that to the disk. 0, or -EIO. */
export const ext4_write_inode = kfunc(INODE, function* ext4_write_inode(k: Kernel, inode: Inode, sync: boolean) {
  const { i_sb, i_ino } = inode
  if (i_sb.s_rdonly) return 0
  const loc = yield* ext4_get_inode_loc(k, i_sb, i_ino)
  if (loc === undefined) return -EIO
  const { bh, at } = loc
  // What lies behind the old part of a large inode belongs to whoever had it before.
  const fresh = u16(raw_of(loc), I.links_count) === 0
  if (inode.i_dirty !== 'clean')
    mark_buffer_dirty(bh, (bytes) => {
      if (fresh) bytes.fill(0, at, at + EXT4_SB(i_sb).s_inode_size)
      ext4_fill_raw_inode(bytes.subarray(at, at + EXT4_GOOD_OLD_INODE_SIZE), inode)
    })
  inode.i_dirty = 'clean'
  return sync ? yield* sync_dirty_buffer(k, bh) : 0
})

/** Nobody names or holds it any more. */
export const ext4_evict_inode = kfunc(INODE, function* ext4_evict_inode(k: Kernel, inode: Inode) {
  if (inode.i_sb.s_rdonly) return
  filemap_truncate(inode.i_mapping, 0)
  inode.i_size = 0
  if (!is_lnk(inode) || inode.i_blocks > 0) yield* ext4_ind_truncate(k, inode, 0)
  inode.i_assoc = []
  EXT4_I(inode).i_dtime = current_time(k)
  mark_inode_dirty(inode)
  yield* ext4_write_inode(k, inode, false)
  yield* ext4_free_inode(k, inode)
})

/** Block of the disk behind a block of the file, 0 for a hole; or a negative error number. */
export const ext4_map_blocks = kfunc(
  INODE,
  function* ext4_map_blocks(k: Kernel, inode: Inode, iblock: number, create: boolean) {
    return yield* ext4_ind_map_blocks(k, inode, iblock, create)
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
      const found = yield* ext4_map_blocks(k, inode, pos / size, false)
      if (typeof found === 'number') return found
      if (found.block === 0) continue
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
    const found = yield* ext4_map_blocks(k, inode, (index * PAGE_SIZE + at) / size, true)
    if (typeof found === 'number') return found
    const bio = new_bio(inode.i_sb.s_bdev, 'write', sector_of(inode, found.block), bytes.slice(at, at + size), {
      sync: true,
    })
    return yield* submit_bio(k, bio)
  },
}

/** Blocks for every block that a range of bytes touches: 0, or a negative error number. */
export const ext4_allocate_range = function* (k: Kernel, inode: Inode, pos: number, length: number) {
  const size = inode.i_sb.s_blocksize
  for (let block = Math.floor(pos / size); block * size < pos + length; block++) {
    const found = yield* ext4_map_blocks(k, inode, block, true)
    if (typeof found === 'number') return found
  }
  return 0
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
    const end = Math.ceil((pos + length) / size)
    const start = yield* ext4_map_blocks(k, inode, first, write)
    if (typeof start === 'number') return start
    const { block, fresh } = start
    let count = 1
    for (; first + count < end; count++) {
      const next = yield* ext4_map_blocks(k, inode, first + count, write && fresh)
      if (typeof next === 'number' || next.fresh !== fresh) break
      if (block === 0 ? next.block !== 0 : next.block !== block + count) break
    }
    const iomap = { bdev, dax_dev, offset: first * size, length: count * size }
    if (block === 0) return { ...iomap, addr: 0, hole: true } satisfies Iomap
    if (fresh) {
      const rc = yield* blkdev_issue_zeroout(k, bdev, sector_of(inode, block), (count * size) / SECTOR_SIZE)
      if (rc !== 0) return rc
    }
    return { ...iomap, addr: block * size, fresh } satisfies Iomap
  },
)

/** Zeros from `from` to the end of its block, if there is one: what is cut off must not come back when the file grows. */
const ext4_dax_zero_tail = function* (k: Kernel, inode: Inode, from: number) {
  const iomap: Iomap | number = yield* ext4_iomap_begin(k, inode, from, 1, false)
  if (typeof iomap === 'number') return iomap
  if (iomap.hole === true) return 0
  const page = from - (from % PAGE_SIZE)
  const sector = (iomap.addr + page - iomap.offset) / SECTOR_SIZE
  return yield* __dax_zero_page_range(k, { ...iomap, sector }, from % PAGE_SIZE, PAGE_SIZE - (from % PAGE_SIZE))
}

const ext4_block_truncate_page = kfunc(
  INODE,
  function* ext4_block_truncate_page(k: Kernel, inode: Inode, from: number) {
    const size = inode.i_sb.s_blocksize
    if (from % size === 0) return 0
    if (inode.i_dax) return yield* ext4_dax_zero_tail(k, inode, from)
    const found = yield* ext4_map_blocks(k, inode, Math.floor(from / size), false)
    if (typeof found === 'number') return found
    if (found.block === 0) return 0
    const folio = yield* filemap_get_pages(k, inode.i_mapping, Math.floor(from / PAGE_SIZE))
    if (typeof folio === 'number') return folio
    const at = from % PAGE_SIZE
    const end = Math.ceil(at / size) * size
    const bytes = folio.bytes.slice()
    bytes.fill(0, at, end)
    folio.bytes = bytes
    folio.dirty |= 1 << Math.floor(at / size)
    return 0
  },
)

/** Pages and blocks behind the end of the file, which a write that failed has left. */
export const ext4_truncate_failed_write = kfunc(
  'fs/ext4/truncate.h',
  function* ext4_truncate_failed_write(k: Kernel, inode: Inode) {
    filemap_truncate(inode.i_mapping, inode.i_size)
    yield* ext4_ind_truncate(k, inode, Math.ceil(inode.i_size / inode.i_sb.s_blocksize))
  },
)

/** 0, or a negative error number. Shorter: what is behind is given back. Longer: a hole. */
export const ext4_setattr_size = kfunc(INODE, function* ext4_setattr(k: Kernel, inode: Inode, size: number) {
  if (size > max_size(inode.i_sb)) return -EFBIG
  if (size !== inode.i_size) {
    if (size < inode.i_size) {
      const rc = yield* ext4_block_truncate_page(k, inode, size)
      if (rc !== 0) return rc
      filemap_truncate(inode.i_mapping, size)
      if (inode.i_dax) dax_delete_mapping_entries(inode.i_mapping, size)
      inode.i_size = size
      yield* ext4_ind_truncate(k, inode, Math.ceil(size / inode.i_sb.s_blocksize))
    }
    inode.i_size = size
  }
  inode.i_mtime = current_time(k)
  inode.i_ctime = inode.i_mtime
  mark_inode_dirty(inode)
  return 0
})
