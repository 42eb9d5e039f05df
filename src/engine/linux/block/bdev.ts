/**
 * block/bdev.c: opening and closing disks and partitions, who has one to itself, and writing back what the page cache has
 * of one. A partition's pages are its own: what is written through the whole disk is not seen through them.
 *
 * Source: torvalds/linux v6.1. Left out: freezing, media that can be taken out.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { type BlockDevice, bdev_name, disk_part0, new_bio, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EBUSY, EIO } from '../include/linux/errno.ts'
import { PAGE_SIZE } from '../include/linux/mm_types.ts'
import { printk_ratelimited } from '../kernel/printk.ts'
import type { Kernel } from '../kernel.ts'
import {
  type AddressSpace,
  type AddressSpaceOperations,
  address_space,
  filemap_write_and_wait_range,
  truncate_inode_pages,
} from '../mm/filemap.ts'
import { submit_bio } from './blk-core.ts'
import { block_devices } from './genhd.ts'

const BDEV = 'block/bdev.c'

/** Who has a whole disk while its partitions are claimed, by anybody. */
const bd_may_claim = 'bd_may_claim'

const bdev_of = (mapping: AddressSpace): BlockDevice => mapping.host as BlockDevice

const bdev_whole = ({ bd_disk }: BlockDevice): BlockDevice => disk_part0(bd_disk)

/** Bytes. */
export const bdev_nr_bytes = ({ bd_nr_sectors }: BlockDevice): number => bd_nr_sectors * SECTOR_SIZE

/** Bytes of page `index` that the device has. */
const page_bytes = (bdev: BlockDevice, index: number): number =>
  Math.max(0, Math.min(PAGE_SIZE, bdev_nr_bytes(bdev) - index * PAGE_SIZE))

/** A page at a time without a bio, where the driver can. */
const bdev_read_page = kfunc(
  BDEV,
  function* bdev_read_page(k: Kernel, { bd_disk, bd_start_sect }: BlockDevice, sector: number, into: Uint8Array) {
    return bd_disk.rw_page === undefined ? -EIO : yield* bd_disk.rw_page(k, bd_disk, bd_start_sect + sector, into)
  },
)

/** fs/buffer.c: a block of the cache that could not be read, or written, and is forgotten. `at`: its first byte. */
function buffer_io_error(k: Kernel, mapping: AddressSpace, at: number, what: string): void {
  const block = Math.floor(at / mapping.blocksize)
  printk_ratelimited(k, 'err', `Buffer I/O error on dev ${bdev_name(bdev_of(mapping))}, logical block ${block}${what}`)
}

const def_blk_aops: AddressSpaceOperations = {
  *read_folio(k, mapping, index) {
    const bdev = bdev_of(mapping)
    const bytes = new Uint8Array(PAGE_SIZE)
    const own = bytes.subarray(0, page_bytes(bdev, index))
    const sector = (index * PAGE_SIZE) / SECTOR_SIZE
    if (bdev.bd_disk.rw_page !== undefined && (yield* bdev_read_page(k, bdev, sector, own)) === 0) return bytes
    const rc = yield* submit_bio(k, new_bio(bdev, 'read', sector, own))
    if (rc !== 0) buffer_io_error(k, mapping, index * PAGE_SIZE, ', async page read')
    return rc === 0 ? bytes : rc
  },
  *writepage(k, mapping, { index, bytes }, at) {
    const own = bytes.subarray(at, at + mapping.blocksize)
    const sector = (index * PAGE_SIZE + at) / SECTOR_SIZE
    const rc = yield* submit_bio(k, new_bio(bdev_of(mapping), 'write', sector, own, { sync: true }))
    if (rc !== 0) buffer_io_error(k, mapping, index * PAGE_SIZE + at, ', lost async page write')
    return rc
  },
}

/** set_init_blocksize(): as large as the size of the device allows, a page at most. */
function init_blocksize(bdev: BlockDevice): number {
  let size = bdev.bd_disk.logical_block_size
  while (size < PAGE_SIZE && bdev_nr_bytes(bdev) % (2 * size) === 0) size *= 2
  return size
}

/** The pages of a device that are cached. */
export function bd_mapping(k: Kernel, bdev: BlockDevice): AddressSpace {
  bdev.bd_mapping ??= address_space(k, { host: bdev, a_ops: def_blk_aops, blocksize: init_blocksize(bdev) })
  return bdev.bd_mapping
}

/** What is cached goes, and comes again in blocks of `size` bytes. */
export const set_blocksize = kfunc(BDEV, function* set_blocksize(k: Kernel, bdev: BlockDevice, size: number) {
  const mapping = bd_mapping(k, bdev)
  if (mapping.blocksize === size) return
  yield* sync_blockdev(k, bdev)
  yield* truncate_inode_pages(k, mapping)
  mapping.blocksize = size
})

/** Write back what is dirty: 0, or a negative error number. Nothing is flushed. */
export const sync_blockdev = kfunc(BDEV, function* sync_blockdev(k: Kernel, bdev: BlockDevice) {
  return bdev.bd_mapping === undefined ? 0 : yield* filemap_write_and_wait_range(k, bdev.bd_mapping)
})

/** Whether nobody else has the device; of a partition, the whole disk neither, and the other way round. */
function bd_can_claim(bdev: BlockDevice, holder: unknown): boolean {
  const whole = bdev_whole(bdev)
  if (bdev.bd_holder !== undefined) return bdev.bd_holder === holder
  return whole === bdev || whole.bd_holder === undefined || whole.bd_holder === bd_may_claim
}

/** `holder`: who wants the device for itself. -EBUSY when another has it. */
export const blkdev_get_by_dev = kfunc(
  BDEV,
  function* blkdev_get_by_dev(_k: Kernel, bdev: BlockDevice, holder?: unknown) {
    yield* []
    const whole = bdev_whole(bdev)
    if (holder !== undefined) {
      if (!bd_can_claim(bdev, holder)) return -EBUSY
      // Of a whole disk that is claimed itself, both count, and the second name stays.
      whole.bd_holders++
      whole.bd_holder = bd_may_claim
      bdev.bd_holders++
      bdev.bd_holder = holder
    }
    if (whole !== bdev && bdev.bd_openers === 0) {
      whole.bd_openers++
      bdev.bd_disk.open_partitions++
    }
    bdev.bd_openers++
    return 0
  },
)

function bd_end_claim(bdev: BlockDevice): void {
  const whole = bdev_whole(bdev)
  if (--bdev.bd_holders === 0) bdev.bd_holder = undefined
  if (--whole.bd_holders === 0) whole.bd_holder = undefined
}

const blkdev_put_whole = kfunc(BDEV, function* blkdev_put_whole(k: Kernel, whole: BlockDevice) {
  whole.bd_openers--
  if (whole.bd_openers === 0) yield* blkdev_flush_mapping(k, whole)
  const { bd_disk } = whole
  if (bd_disk.release !== undefined) yield* bd_disk.release(k, bd_disk)
})

/** The last who closes it takes the cached pages along; what is dirty is written first. */
const blkdev_flush_mapping = kfunc(BDEV, function* blkdev_flush_mapping(k: Kernel, bdev: BlockDevice) {
  if (bdev.bd_mapping === undefined) return
  yield* sync_blockdev(k, bdev)
  yield* truncate_inode_pages(k, bdev.bd_mapping)
})

export const blkdev_put = kfunc(BDEV, function* blkdev_put(k: Kernel, bdev: BlockDevice, holder?: unknown) {
  if (bdev.bd_openers === 1) yield* sync_blockdev(k, bdev)
  if (holder !== undefined && bdev.bd_holder === holder) bd_end_claim(bdev)
  const whole = bdev_whole(bdev)
  if (whole !== bdev) {
    if (--bdev.bd_openers > 0) return
    yield* blkdev_flush_mapping(k, bdev)
    bdev.bd_disk.open_partitions--
  }
  yield* blkdev_put_whole(k, whole)
})

/** sync(2) for all disks. */
export const sync_bdevs = kfunc(BDEV, function* sync_bdevs(k: Kernel) {
  for (const bdev of block_devices(k)) yield* sync_blockdev(k, bdev)
})
