/**
 * drivers/nvdimm/pmem.c: reads and writes of a pmem disk, page by page.
 *
 * A write that covers bad sectors clears them first. Left out: bios that merge, statistics, discard.
 */

import { spa } from '../../../../base/brand.ts'
import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { loadBytes } from '../../../sim/op.ts'
import { memcpy_flushcache } from '../../arch/x86/lib/usercopy_64.ts'
import { badblocks_clear, is_bad } from '../../block/badblocks.ts'
import type { Gendisk } from '../../block/genhd.ts'
import { EINVAL, EIO, EROFS } from '../../include/linux/errno.ts'
import { type File, type FileOperations, O_DSYNC } from '../../include/linux/fs.ts'
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
    const cleared = yield* poison.nvdimm_clear_poison(k, disk.media.start + offset, length)
    if (cleared < 0) return -EIO
    disk.bb = badblocks_clear(disk.bb, Math.floor(offset / SECTOR), Math.floor(cleared / SECTOR))
    return cleared < length ? -EIO : 0
  },
)

const pmem_do_write = kfunc(PMEM, function* pmem_do_write(k: Kernel, disk: Gendisk, offset: number, bytes: Uint8Array) {
  if (disk.media === undefined) return -EIO
  if (is_bad(disk.bb, offset, bytes.length)) {
    const rc = yield* pmem_clear_poison(k, disk, offset, bytes.length)
    if (rc !== 0) return rc
  }
  const to = spa(disk.media.start + offset)
  if (k.has('memcpy_flushcache')) yield* memcpy_flushcache(k, to, bytes)
  else yield* memcpy_to_pmem(k, to, bytes)
  return 0
})

const inside = (disk: Gendisk, sector: number, length: number): boolean =>
  length > 0 && length % SECTOR === 0 && sector >= 0 && sector + length / SECTOR <= disk.sectors

/** Pieces of a request: none crosses a page of the caller's buffer. */
function* pages(length: number): Generator<readonly [number, number]> {
  for (let at = 0; at < length; at += PAGE) yield [at, Math.min(PAGE, length - at)]
}

const disk_of = (file: File): Gendisk => file.private_data as Gendisk

/** Bytes that arrived; when none did, a negative error number. */
const pmem_read = kfunc(
  PMEM,
  function* pmem_submit_bio(k: Kernel, disk: Gendisk, sector: number, into: Uint8Array): Generator<Request, number> {
    if (!inside(disk, sector, into.length)) return -EIO
    for (const [at, piece] of pages(into.length)) {
      const found = yield* pmem_do_read(k, disk, sector * SECTOR + at, piece)
      if (typeof found === 'number') return at > 0 ? at : found
      into.set(found, at)
    }
    return into.length
  },
)

const deep_flush = function* (k: Kernel, disk: Gendisk) {
  const region = disk.dev.parent?.parent
  if (region !== undefined) yield* nvdimm_flush(k, to_nd_region(region))
}

/** `fua`: what it writes is durable when it returns. */
const pmem_write = kfunc(
  PMEM,
  function* pmem_submit_bio(k: Kernel, disk: Gendisk, sector: number, bytes: Uint8Array, fua: boolean) {
    if (!inside(disk, sector, bytes.length)) return -EIO
    for (const [at, piece] of pages(bytes.length)) {
      const rc = yield* pmem_do_write(k, disk, sector * SECTOR + at, bytes.subarray(at, at + piece))
      if (rc !== 0) return rc
    }
    if (fua) yield* deep_flush(k, disk)
    return bytes.length
  },
)

/** Direct I/O is by logical blocks. */
const aligned = ({ logical_block_size }: Gendisk, pos: number, length: number): boolean =>
  pos % logical_block_size === 0 && length % logical_block_size === 0

/** What programs can do with the disk's device file: direct I/O, whole blocks. For `KernelOptions.pmemFops`. */
export const pmem_fops: FileOperations = {
  name: 'pmem_fops',
  *read(k, file, into, pos) {
    const disk = disk_of(file)
    if (!aligned(disk, pos, into.length)) return -EINVAL
    return yield* pmem_read(k, disk, pos / SECTOR, into)
  },
  *write(k, file, bytes, pos) {
    const disk = disk_of(file)
    // Without a write cache the block layer strips PREFLUSH and FUA from every bio.
    const sync = (file.flags & O_DSYNC) !== 0 && disk.write_cache
    if (disk.ro) return -EROFS
    if (!aligned(disk, pos, bytes.length)) return -EINVAL
    const written = yield* pmem_write(k, disk, pos / SECTOR, bytes, sync)
    // The write itself is forced out where the disk can; then comes the flush of a synchronous write.
    if (written > 0 && sync) yield* deep_flush(k, disk)
    return written
  },
}
