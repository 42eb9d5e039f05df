/**
 * fs/dax.c: what a file system comes to on persistent memory that it accesses directly: copies into a file, write-back
 * of what was stored through a mapping, zeroing.
 *
 * The names are those of v4.12 to v5.9; iterators replaced the first of them later. Source: torvalds/linux v4.12 (before
 * and after the patches of the series), c3ca015fab6d, v4.19; reference/kernel.md §7.1, §7.4, §7.5.
 * Faults are in `dax-fault.ts`.
 */

import { type Spa, spa } from '../../../base/brand.ts'
import { kfunc, type Op } from '../../sim/kfunc.ts'
import { loadBytes } from '../../sim/op.ts'
import { memset } from '../arch/x86/lib/memcpy_64.ts'
import { blkdev_issue_zeroout } from '../block/blk-lib.ts'
import {
  bdev_dax_pgoff,
  dax_address,
  dax_copy_from_iter,
  dax_direct_access,
  dax_flush,
  dax_zero_page_range,
} from '../drivers/dax/access.ts'
import type { DaxDevice } from '../drivers/dax/super.ts'
import { type BlockDevice, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EFAULT, EIO } from '../include/linux/errno.ts'
import { PAGE_SIZE } from '../include/linux/mm_types.ts'
import { clear_pmem, copy_from_iter_pmem, wb_cache_pmem } from '../include/linux/pmem.ts'
import type { Kernel } from '../kernel.ts'
import { type IovIter, iov_iter_advance, iov_iter_count } from '../lib/iov_iter.ts'
import type { AddressSpace } from '../mm/filemap.ts'

const DAX = 'fs/dax.c'

/** struct iomap: a range of a file that is one range of a disk. */
export interface Iomap {
  /** Nothing stands behind it; `addr` means nothing. */
  readonly hole?: boolean
  /** Its blocks have just been allocated, and zeroed: IOMAP_F_NEW. */
  readonly fresh?: boolean
  /** What says where it is could still be lost: IOMAP_F_DIRTY. */
  readonly dirty?: boolean
  readonly bdev: BlockDevice
  readonly dax_dev: DaxDevice
  /** First byte in the file, bytes, and first byte on `bdev`; both on a page. */
  readonly offset: number
  readonly length: number
  readonly addr: number
}

export const dax_iomap_sector = ({ addr, offset }: Iomap, pos: number): number =>
  (addr + pos - (pos % PAGE_SIZE) - offset) / SECTOR_SIZE

/** Up to patch 3 of the series every driver's memory is taken for persistent; since, the driver knows. */
function* copy_into(k: Kernel, dax_dev: DaxDevice, pgoff: number, addr: Spa, bytes: number, iter: IovIter) {
  if (k.has('fs_dax_copy_from_iter')) return yield* dax_copy_from_iter(k, dax_dev, pgoff, addr, bytes, iter)
  return yield* copy_from_iter_pmem(k, addr, bytes, iter)
}

/**
 * Write the bytes of `iter` at `pos` of the file; the number that was written, or a negative error number when none was.
 * One copy for each stretch that follows itself in memory, not for each page.
 */
export const dax_iomap_actor = kfunc(
  DAX,
  function* dax_iomap_actor(k: Kernel, iomap: Iomap, pos: number, length: number, iter: IovIter) {
    const end = Math.min(pos + length, iomap.offset + iomap.length)
    let done = 0
    let rest = iter
    while (pos + done < end) {
      const at = pos + done
      const offset = at % PAGE_SIZE
      const size = Math.ceil((end - at + offset) / PAGE_SIZE) * PAGE_SIZE
      const pgoff = bdev_dax_pgoff(iomap.bdev, dax_iomap_sector(iomap, at), size)
      if (pgoff < 0) return done || pgoff
      const found = yield* dax_direct_access(k, iomap.dax_dev, pgoff, size / PAGE_SIZE)
      if (typeof found === 'number') return done || found
      const room = Math.min(found.pages * PAGE_SIZE - offset, end - at)
      const copied = yield* copy_into(k, iomap.dax_dev, pgoff, dax_address(found, offset), room, rest)
      if (copied <= 0) return done || -EFAULT
      rest = iov_iter_advance(rest, copied)
      done += copied
    }
    return done
  },
)

/** What an entry of a mapping knows of the pages that somebody stored to. */
export interface DaxDirtyEntry {
  /** Sector of the disk, up to v4.14. */
  readonly sector: number
  /** SPA in bytes, which the entry's page frame number says from v4.15 on. */
  readonly kaddr: Spa
  /** 4 KiB, or 2 MiB. */
  readonly size: number
}

/**
 * Start the write-back of a dirty entry; no fence. 0, or a negative error number: of the access that finds the memory, or
 * -EIO when less of it is there than the entry says.
 */
export const dax_writeback_one = kfunc(
  DAX,
  function* dax_writeback_one(
    k: Kernel,
    bdev: BlockDevice,
    dax_dev: DaxDevice,
    { sector, kaddr, size }: DaxDirtyEntry,
  ) {
    let at = kaddr
    let pgoff = 0
    if (!k.has('dax_entries_of_pfns')) {
      pgoff = bdev_dax_pgoff(bdev, sector, size)
      if (pgoff < 0) return pgoff
      const found = yield* dax_direct_access(k, dax_dev, pgoff, size / PAGE_SIZE)
      if (typeof found === 'number') return found
      if (found.pages < size / PAGE_SIZE) return -EIO
      at = found.kaddr
    }
    if (!k.has('fs_dax_flush')) yield* wb_cache_pmem(k, at, size)
    else if (!k.has('dax_flush_gated_by_queue') || bdev.bd_disk.write_cache)
      yield* dax_flush(k, dax_dev, pgoff, at, size)
    return 0
  },
)

/** Whole logical blocks are for the block layer, which zeroes them past the cache. */
const dax_range_is_aligned = ({ bd_disk }: BlockDevice, offset: number, size: number): boolean =>
  offset % bd_disk.logical_block_size === 0 && size % bd_disk.logical_block_size === 0

/** Zero `size` bytes from byte `offset` of the page at `sector` on: 0, or a negative error number. No fence. */
export const __dax_zero_page_range = kfunc(
  DAX,
  function* __dax_zero_page_range(
    k: Kernel,
    { bdev, dax_dev, sector }: { readonly bdev: BlockDevice; readonly dax_dev: DaxDevice; readonly sector: number },
    offset: number,
    size: number,
  ) {
    const by_driver = k.has('dax_zero_page_range')
    if (!by_driver && dax_range_is_aligned(bdev, offset, size))
      return yield* blkdev_issue_zeroout(k, bdev, sector + offset / SECTOR_SIZE, size / SECTOR_SIZE)
    const pgoff = bdev_dax_pgoff(bdev, sector, PAGE_SIZE)
    if (pgoff < 0) return pgoff
    if (by_driver && offset === 0 && size === PAGE_SIZE) return yield* dax_zero_page_range(k, dax_dev, pgoff, 1)
    const found = yield* dax_direct_access(k, dax_dev, pgoff, 1)
    if (typeof found === 'number') return found
    const at = spa(found.kaddr + offset)
    if (k.has('zeroing_flushes')) {
      yield* memset(k, at, 0, size)
      yield* dax_flush(k, dax_dev, pgoff, at, size)
    } else yield* clear_pmem(k, at, size)
    return 0
  },
)

/** iomap_ops->iomap_begin: what stands at `pos`, and so much of `length` that follows it. `write`: holes get blocks. */
export type IomapBegin = (k: Kernel, pos: number, length: number, write: boolean) => Op<Iomap | number>

/** Bytes read into `into` from `pos` on; a hole is zeros. Or a negative error number. */
export const dax_iomap_read = kfunc(
  DAX,
  function* dax_iomap_rw(k: Kernel, begin: IomapBegin, pos: number, into: Uint8Array) {
    let done = 0
    while (done < into.length) {
      const at = pos + done
      const iomap = yield* begin(k, at, into.length - done, false)
      if (typeof iomap === 'number') return done || iomap
      const length = Math.min(into.length - done, iomap.offset + iomap.length - at)
      const copied = iomap.hole === true ? length : yield* read_extent(k, iomap, at, into.subarray(done, done + length))
      if (copied <= 0) return done || copied
      done += copied
    }
    return done
  },
)

const read_extent = function* (k: Kernel, iomap: Iomap, pos: number, into: Uint8Array) {
  let done = 0
  while (done < into.length) {
    const at = pos + done
    const offset = at % PAGE_SIZE
    const size = Math.ceil((into.length - done + offset) / PAGE_SIZE) * PAGE_SIZE
    const pgoff = bdev_dax_pgoff(iomap.bdev, dax_iomap_sector(iomap, at), size)
    if (pgoff < 0) return done || pgoff
    const found = yield* dax_direct_access(k, iomap.dax_dev, pgoff, size / PAGE_SIZE)
    if (typeof found === 'number') return done || found
    const room = Math.min(found.pages * PAGE_SIZE - offset, into.length - done)
    into.set(yield* loadBytes(k, dax_address(found, offset), room), done)
    done += room
  }
  return done
}

/** Bytes written at `pos`, or a negative error number. `allocated` is told of new blocks. */
export const dax_iomap_write = kfunc(
  DAX,
  function* dax_iomap_rw(
    k: Kernel,
    mapping: AddressSpace,
    begin: IomapBegin,
    pos: number,
    iter: IovIter,
    allocated: (mapping: AddressSpace, iomap: Iomap) => void,
  ) {
    const length = iov_iter_count(iter)
    let done = 0
    let rest = iter
    while (done < length) {
      const iomap = yield* begin(k, pos + done, length - done, true)
      if (typeof iomap === 'number') return done || iomap
      if (iomap.fresh === true) allocated(mapping, iomap)
      const count = yield* dax_iomap_actor(k, iomap, pos + done, length - done, rest)
      if (count <= 0) return done || count
      rest = iov_iter_advance(rest, count)
      done += count
    }
    return done
  },
)
