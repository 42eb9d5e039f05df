/**
 * block/bdev.c: opening and closing disks, who has one to itself, and writing back what the page cache has of one.
 *
 * Left out: partitions, freezing, media that can be taken out.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { disk_part0, new_bio, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EBUSY, EIO } from '../include/linux/errno.ts'
import { PAGE_SIZE } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'
import {
  type AddressSpace,
  type AddressSpaceOperations,
  address_space,
  filemap_write_and_wait_range,
  truncate_inode_pages,
} from '../mm/filemap.ts'
import { submit_bio } from './blk-core.ts'
import { block_class, type Gendisk } from './genhd.ts'

const BDEV = 'block/bdev.c'

const disk_of = (mapping: AddressSpace): Gendisk => mapping.host as Gendisk

/** Bytes of page `index` that the disk has. */
const page_bytes = ({ sectors }: Gendisk, index: number): number =>
  Math.max(0, Math.min(PAGE_SIZE, sectors * SECTOR_SIZE - index * PAGE_SIZE))

/** A page at a time without a bio, where the driver can. */
const bdev_read_page = kfunc(
  BDEV,
  function* bdev_read_page(k: Kernel, disk: Gendisk, sector: number, into: Uint8Array) {
    return disk.rw_page === undefined ? -EIO : yield* disk.rw_page(k, disk, sector, into)
  },
)

const def_blk_aops: AddressSpaceOperations = {
  *read_folio(k, mapping, index) {
    const disk = disk_of(mapping)
    const bytes = new Uint8Array(PAGE_SIZE)
    const own = bytes.subarray(0, page_bytes(disk, index))
    const sector = (index * PAGE_SIZE) / SECTOR_SIZE
    if (disk.rw_page !== undefined && (yield* bdev_read_page(k, disk, sector, own)) === 0) return bytes
    const rc = yield* submit_bio(k, new_bio(disk_part0(disk), 'read', sector, own))
    return rc === 0 ? bytes : rc
  },
  *writepage(k, mapping, { index, bytes }, at) {
    const disk = disk_of(mapping)
    const own = bytes.subarray(at, at + mapping.blocksize)
    return yield* submit_bio(
      k,
      new_bio(disk_part0(disk), 'write', (index * PAGE_SIZE + at) / SECTOR_SIZE, own, { sync: true }),
    )
  },
}

/** set_init_blocksize(): as large as the size of the disk allows, a page at most. */
function init_blocksize({ sectors, logical_block_size }: Gendisk): number {
  let size = logical_block_size
  while (size < PAGE_SIZE && (sectors * SECTOR_SIZE) % (2 * size) === 0) size *= 2
  return size
}

/** The pages of a disk that are cached. */
export function bd_mapping(k: Kernel, disk: Gendisk): AddressSpace {
  disk.bd_mapping ??= address_space(k, { host: disk, a_ops: def_blk_aops, blocksize: init_blocksize(disk) })
  return disk.bd_mapping
}

/** Write back what is dirty: 0, or a negative error number. Nothing is flushed. */
export const sync_blockdev = kfunc(BDEV, function* sync_blockdev(k: Kernel, disk: Gendisk) {
  return disk.bd_mapping === undefined ? 0 : yield* filemap_write_and_wait_range(k, disk.bd_mapping)
})

/** `holder`: who wants the disk for itself. -EBUSY when another has it. */
export const blkdev_get_by_dev = kfunc(BDEV, function* blkdev_get_by_dev(_k: Kernel, disk: Gendisk, holder?: unknown) {
  yield* []
  if (holder !== undefined) {
    if (disk.bd_holder !== undefined && disk.bd_holder !== holder) return -EBUSY
    disk.bd_holder = holder
    disk.bd_holders++
  }
  disk.bd_openers++
  return 0
})

/** The last who closes it takes the cached pages along; what is dirty is written first. */
export const blkdev_put = kfunc(BDEV, function* blkdev_put(k: Kernel, disk: Gendisk, holder?: unknown) {
  if (disk.bd_openers === 1) yield* sync_blockdev(k, disk)
  disk.bd_openers--
  if (holder !== undefined && disk.bd_holder === holder && --disk.bd_holders === 0) disk.bd_holder = undefined
  if (disk.bd_openers === 0 && disk.bd_mapping !== undefined) {
    yield* sync_blockdev(k, disk)
    yield* truncate_inode_pages(k, disk.bd_mapping)
  }
  if (disk.release !== undefined) yield* disk.release(k, disk)
})

/** sync(2) for all disks. */
export const sync_bdevs = kfunc(BDEV, function* sync_bdevs(k: Kernel) {
  for (const disk of block_class(k)) yield* sync_blockdev(k, disk)
})
