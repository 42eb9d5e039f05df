/**
 * drivers/nvdimm/pmem.c: reads and writes of a pmem disk, page by page.
 *
 * A write that covers bad sectors clears them: first, or up to v5.18 between two writes of the same bytes. Source:
 * torvalds/linux v6.1; reference/kernel.md §4.3, §4.4. Left out: statistics, discard.
 */

import { type Spa, spa } from '../../../../base/brand.ts'
import { kfunc, type Op, type Request } from '../../../sim/kfunc.ts'
import { loadBytes } from '../../../sim/op.ts'
import { memcpy_flushcache } from '../../arch/x86/lib/usercopy_64.ts'
import { badblocks_clear, is_bad } from '../../block/badblocks.ts'
import type { Gendisk } from '../../block/genhd.ts'
import type { Bio } from '../../include/linux/blk_types.ts'
import { EIO } from '../../include/linux/errno.ts'
import { memcpy_to_pmem } from '../../include/linux/pmem.ts'
import type { Kernel } from '../../kernel.ts'
import { to_nd_region } from './nd.ts'
import { nvdimm_flush } from './region_devs.ts'

const PMEM = 'drivers/nvdimm/pmem.c'
const SECTOR = 512
const PAGE = 4096

const pmem_do_read = kfunc(PMEM, function* pmem_do_read(k: Kernel, disk: Gendisk, offset: number, length: number) {
  if (disk.media === undefined || is_bad(disk.bb, offset, length)) return -EIO
  return yield* loadBytes(k, spa(disk.media.start + offset), length)
})

const pmem_clear_poison = kfunc(
  PMEM,
  function* pmem_clear_poison(k: Kernel, disk: Gendisk, offset: number, length: number) {
    const { poison } = k.options
    if (disk.media === undefined || poison === undefined) return -EIO
    const to = spa(disk.media.start + offset)
    const cleared = yield* poison.nvdimm_clear_poison(k, to, length)
    // Up to v5.17 whatever came of it; since, what was cleared.
    if (cleared > 0 || !k.has('pmem_clears_first')) yield* poison.invalidate_cleared(k, to, length)
    if (cleared < 0) return -EIO
    disk.bb = badblocks_clear(disk.bb, Math.floor(offset / SECTOR), Math.floor(cleared / SECTOR))
    return cleared < length ? -EIO : 0
  },
)

const write_pmem = kfunc(PMEM, function* write_pmem(k: Kernel, to: Spa, bytes: Uint8Array) {
  if (k.has('memcpy_flushcache')) yield* memcpy_flushcache(k, to, bytes)
  else yield* memcpy_to_pmem(k, to, bytes)
})

/** 0, or a negative error number. `offset`: bytes from the first of the disk. */
export const pmem_do_write = kfunc(
  PMEM,
  function* pmem_do_write(k: Kernel, disk: Gendisk, offset: number, bytes: Uint8Array) {
    if (disk.media === undefined) return -EIO
    const bad = is_bad(disk.bb, offset, bytes.length)
    const to = spa(disk.media.start + offset)
    const first = k.has('pmem_clears_first')
    if (bad && first) {
      const rc = yield* pmem_clear_poison(k, disk, offset, bytes.length)
      if (rc !== 0) return rc
    }
    yield* write_pmem(k, to, bytes)
    if (!bad || first) return 0
    const rc = yield* pmem_clear_poison(k, disk, offset, bytes.length)
    yield* write_pmem(k, to, bytes)
    return rc
  },
)

/** Pieces of a bio: none crosses a page of the caller's buffer. */
function* segments(length: number): Generator<readonly [number, number]> {
  for (let at = 0; at < length; at += PAGE) yield [at, Math.min(PAGE, length - at)]
}

const pmem_do_bvec = function* (
  k: Kernel,
  disk: Gendisk,
  write: boolean,
  offset: number,
  bytes: Uint8Array,
): Generator<Request, number> {
  if (write) return yield* pmem_do_write(k, disk, offset, bytes)
  const found = yield* pmem_do_read(k, disk, offset, bytes.length)
  if (typeof found === 'number') return found
  bytes.set(found)
  return 0
}

/**
 * 0, or a negative error number. What the queue has let through of PREFLUSH and FUA is obeyed, FUA also behind a write
 * that went wrong; whether the queue has announced FUA is not asked.
 */
function* carry_out(k: Kernel, disk: Gendisk, bio: Bio): Generator<Request, number> {
  const region = disk.dev.parent?.parent
  if (region === undefined) return -EIO
  let rc = bio.preflush === true ? yield* nvdimm_flush(k, to_nd_region(region)) : 0
  for (const [at, length] of segments(bio.data.length)) {
    const piece = bio.data.subarray(at, at + length)
    const done = yield* pmem_do_bvec(k, disk, bio.op === 'write', bio.sector * SECTOR + at, piece)
    if (done !== 0) rc = done
    if (done !== 0) break
  }
  if (bio.fua !== true) return rc
  const flushed = yield* nvdimm_flush(k, to_nd_region(region))
  return flushed === 0 ? rc : flushed
}

const pmem_make_request = kfunc(PMEM, function* pmem_make_request(k: Kernel, disk: Gendisk, bio: Bio) {
  return yield* carry_out(k, disk, bio)
})

const submit = kfunc(PMEM, function* pmem_submit_bio(k: Kernel, disk: Gendisk, bio: Bio) {
  return yield* carry_out(k, disk, bio)
})

/** By the name that the release has for it. */
export const pmem_submit_bio = (k: Kernel, disk: Gendisk, bio: Bio): Op<number> =>
  (k.has('submit_bio_of_drivers') ? submit : pmem_make_request)(k, disk, bio)

/** A page is read without a bio. */
export const pmem_rw_page = kfunc(
  PMEM,
  function* pmem_rw_page(k: Kernel, disk: Gendisk, sector: number, into: Uint8Array): Generator<Request, number> {
    return yield* pmem_do_bvec(k, disk, false, sector * SECTOR, into)
  },
)
