/**
 * fs/buffer.c: blocks of a disk, in the disk's own page cache. What is written to one is lost with the power until it is
 * written back.
 *
 * A buffer's bytes are never written to in place: a change makes new ones, so that the journal can undo it. Source:
 * torvalds/linux v6.1. Left out: buffers of files, locks, read-ahead.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { bd_mapping } from '../block/bdev.ts'
import { submit_bio } from '../block/blk-core.ts'
import { type BioFlags, new_bio, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EIO } from '../include/linux/errno.ts'
import type { Inode, SuperBlock } from '../include/linux/fs.ts'
import { PAGE_SIZE } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'
import {
  type AddressSpaceOperations,
  type Folio,
  filemap_get_pages,
  filemap_grab,
  filemap_peek,
} from '../mm/filemap.ts'

const BUFFER = 'fs/buffer.c'

/** struct buffer_head: a block, as a piece of a page. */
export interface BufferHead {
  readonly sb: SuperBlock
  readonly b_blocknr: number
  readonly folio: Folio
  /** First byte in the page. */
  readonly at: number
}

const page_of = ({ s_blocksize }: SuperBlock, block: number): readonly [number, number] => {
  const at = block * s_blocksize
  return [Math.floor(at / PAGE_SIZE), at % PAGE_SIZE]
}

/** What the block holds. Not to be written to. */
export const b_data = ({ sb, folio, at }: BufferHead): Uint8Array => folio.bytes.subarray(at, at + sb.s_blocksize)

/** The page around a block of metadata: a bio of its own, marked as such. */
const read_buffers = (sb: SuperBlock): AddressSpaceOperations['read_folio'] =>
  function* (k, _mapping, index) {
    const sector = (index * PAGE_SIZE) / SECTOR_SIZE
    const bytes = new Uint8Array(PAGE_SIZE)
    const there = Math.min(PAGE_SIZE, (sb.s_bdev.bd_nr_sectors - sector) * SECTOR_SIZE)
    if (there <= 0) return -EIO
    const rc = yield* submit_bio(k, new_bio(sb.s_bdev, 'read', sector, bytes.subarray(0, there), { meta: true }))
    return rc === 0 ? bytes : rc
  }

/** The block, read if it is not there; undefined when it can't be read. */
export const sb_bread = kfunc(BUFFER, function* sb_bread(k: Kernel, sb: SuperBlock, block: number) {
  const [index, at] = page_of(sb, block)
  const folio = yield* filemap_get_pages(k, bd_mapping(k, sb.s_bdev), index, read_buffers(sb))
  return typeof folio === 'number' ? undefined : ({ sb, b_blocknr: block, folio, at } satisfies BufferHead)
})

/** The block if it is in the page cache; nothing is read. */
export function peek_block(sb: SuperBlock, block: number): Uint8Array | undefined {
  const [index, at] = page_of(sb, block)
  const { bd_mapping: mapping } = sb.s_bdev
  return (mapping && filemap_peek(mapping, index))?.bytes.subarray(at, at + sb.s_blocksize)
}

const dirty_bit = ({ sb, at }: BufferHead): number => 1 << (at / sb.s_blocksize)

/** What the block holds follows from something else: it needs not be written. */
export function fill_buffer({ folio, at, sb }: BufferHead, change: (bytes: Uint8Array) => void): void {
  const bytes = folio.bytes.slice()
  change(bytes.subarray(at, at + sb.s_blocksize))
  folio.bytes = bytes
}

/** Change the block, and remember that it has to be written: mark_buffer_dirty(). */
export function mark_buffer_dirty(bh: BufferHead, change: (bytes: Uint8Array) => void): void {
  fill_buffer(bh, change)
  bh.folio.dirty |= dirty_bit(bh)
}

/** Change the block; a transaction has it, and writes it to its journal first. */
export function mark_buffer_jbddirty(bh: BufferHead, change: (bytes: Uint8Array) => void): void {
  fill_buffer(bh, change)
  bh.folio.dirty &= ~dirty_bit(bh)
  bh.folio.journaled |= dirty_bit(bh)
}

/** It is in the journal by now, and may be written to its own place; `dirty`: it has to be. */
export function unfile_buffer(bh: BufferHead, dirty: boolean): void {
  bh.folio.journaled &= ~dirty_bit(bh)
  if (dirty) bh.folio.dirty |= dirty_bit(bh)
}

export const buffer_dirty = (bh: BufferHead): boolean => (bh.folio.dirty & dirty_bit(bh)) !== 0
export const buffer_jbddirty = (bh: BufferHead): boolean => (bh.folio.journaled & dirty_bit(bh)) !== 0

/** The same for a block of an inode's metadata: a sync of the inode writes it. */
export function mark_buffer_dirty_inode(bh: BufferHead, inode: Inode, change: (bytes: Uint8Array) => void): void {
  mark_buffer_dirty(bh, change)
  if (!inode.i_assoc.includes(bh.b_blocknr)) inode.i_assoc = [...inode.i_assoc, bh.b_blocknr]
}

/** The block without reading it: a new one, whose bytes mean nothing. */
export const sb_getblk = kfunc(BUFFER, function* sb_getblk(k: Kernel, sb: SuperBlock, block: number) {
  const [index, at] = page_of(sb, block)
  const mapping = bd_mapping(k, sb.s_bdev)
  // The other blocks of the page must be what they are.
  const folio =
    sb.s_blocksize === PAGE_SIZE
      ? filemap_grab(k, mapping, index)
      : yield* filemap_get_pages(k, mapping, index, read_buffers(sb))
  return typeof folio === 'number' ? undefined : ({ sb, b_blocknr: block, folio, at } satisfies BufferHead)
})

/** Forget that the block has to be written: it belongs to nobody any more. */
export const bforget = (bh: BufferHead): void => {
  bh.folio.dirty &= ~dirty_bit(bh)
}

/** Write it now: 0, or -EIO. */
export const submit_bh = kfunc(BUFFER, function* submit_bh(k: Kernel, bh: BufferHead, flags: BioFlags) {
  bh.folio.writeback |= dirty_bit(bh)
  bh.folio.dirty &= ~dirty_bit(bh)
  const sector = (bh.b_blocknr * bh.sb.s_blocksize) / SECTOR_SIZE
  const rc = yield* submit_bio(k, new_bio(bh.sb.s_bdev, 'write', sector, b_data(bh), flags))
  bh.folio.writeback &= ~dirty_bit(bh)
  return rc === 0 ? 0 : -EIO
})

/** The same, if it has changed. */
export const sync_dirty_buffer = kfunc(
  BUFFER,
  function* __sync_dirty_buffer(k: Kernel, bh: BufferHead, flags: BioFlags = { sync: true }) {
    return buffer_dirty(bh) ? yield* submit_bh(k, bh, flags) : 0
  },
)

/** Write the metadata that belongs to an inode: 0, or the first error. */
export const sync_mapping_buffers = kfunc(BUFFER, function* sync_mapping_buffers(k: Kernel, inode: Inode) {
  let error = 0
  const blocks = inode.i_assoc
  if (blocks.length > 0) inode.i_assoc = []
  for (const block of blocks) {
    const bh = yield* sb_bread(k, inode.i_sb, block)
    const rc = bh === undefined ? -EIO : yield* sync_dirty_buffer(k, bh)
    if (rc !== 0 && error === 0) error = rc
  }
  return error
})
