/**
 * drivers/dax/super.c, the part that file systems call: from a page of a device to memory, copies into it, and
 * write-back.
 *
 * Source: torvalds/linux 3c1cebff23cd, c3ca015fab6d, v4.19; reference/kernel.md §5. What v5.17 and later do is recalled.
 * Left out: from v4.15 on dax_flush() does not ask whether the device is alive, which no file system lives to see.
 */

import { type Spa, spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { arch_wb_cache_pmem } from '../../arch/x86/lib/usercopy_64.ts'
import { type BlockDevice, bdev_name } from '../../include/linux/blk_types.ts'
import { EINVAL, EIO, ENXIO, EOPNOTSUPP, ERANGE } from '../../include/linux/errno.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { copy_from_iter, copy_from_iter_flushcache, type IovIter } from '../../lib/iov_iter.ts'
import { type DaxAccess, type DaxDevice, dax_get_by_host } from './super.ts'

const SUPER = 'drivers/dax/super.c'
const SECTOR = 512
const PAGE = 4096

/** The device's page number of a sector of `bdev`; -EINVAL when it, or `size` bytes, are no whole pages. */
export function bdev_dax_pgoff({ bd_start_sect }: BlockDevice, sector: number, size: number): number {
  const at = (bd_start_sect + sector) * SECTOR
  return at % PAGE !== 0 || size % PAGE !== 0 ? -EINVAL : at / PAGE
}

/**
 * Where page `pgoff` is in memory, and how many of `nr_pages` follow it there.
 *
 * -EOPNOTSUPP without a device, -ENXIO for a dead one, -ERANGE when it gives no page, else the driver's error.
 */
export const dax_direct_access = kfunc(
  SUPER,
  function* dax_direct_access(k: Kernel, dax: DaxDevice | undefined, pgoff: number, nr_pages: number) {
    if (dax === undefined) return -EOPNOTSUPP
    if (!dax.alive) return -ENXIO
    if (nr_pages < 0) return -EINVAL
    const found: DaxAccess | number = (yield* dax.ops?.direct_access(k, dax, pgoff, nr_pages) ?? []) ?? -EOPNOTSUPP
    if (typeof found === 'number') return found
    return found.pages === 0 ? -ERANGE : { ...found, pages: Math.min(found.pages, nr_pages) }
  },
)

/** Bytes copied; 0 for a dead device. The driver knows how its memory wants to be written. */
export const dax_copy_from_iter = kfunc(
  SUPER,
  function* dax_copy_from_iter(k: Kernel, dax: DaxDevice, pgoff: number, addr: Spa, bytes: number, iter: IovIter) {
    if (!dax.alive) return 0
    const own = dax.ops?.copy_from_iter
    if (own !== undefined) return yield* own(k, dax, pgoff, addr, bytes, iter)
    if (dax.nocache) return yield* copy_from_iter_flushcache(k, addr, bytes, iter)
    return yield* copy_from_iter(k, addr, bytes, iter)
  },
)

/** The write-back that a sync of a mapping comes to, where the device has something behind its caches. No fence. */
export const dax_flush = kfunc(
  SUPER,
  function* dax_flush(k: Kernel, dax: DaxDevice, pgoff: number, addr: Spa, size: number) {
    if (!dax.alive) return
    if (k.has('dax_write_cache') && !dax.write_cache) return
    if (!k.has('dax_flush_without_op')) {
      const own = dax.ops?.flush
      if (own !== undefined) yield* own(k, dax, pgoff, addr, size)
    } else if (k.config('ARCH_HAS_PMEM_API')) yield* arch_wb_cache_pmem(k, addr, size)
  },
)

/** Zero pages the way that suits the driver's memory: 0, or a negative error number; -EIO for more than one at a time. */
export const dax_zero_page_range = kfunc(
  SUPER,
  function* dax_zero_page_range(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number) {
    if (!dax.alive) return -ENXIO
    if (nr_pages !== 1) return -EIO
    return (yield* dax.ops?.zero_page_range?.(k, dax, pgoff, nr_pages) ?? []) ?? -EIO
  },
)

/** 0 when a file system of `blocksize` bytes can use the device directly; else why not, which the log says too. */
export const bdev_dax_supported = kfunc(
  SUPER,
  function* bdev_dax_supported(k: Kernel, bdev: BlockDevice, blocksize: number) {
    const { disk_name } = bdev.bd_disk
    const refuse = (text: string, errno: number): number => {
      printk(k, k.has('dax_supported_quiet') ? 'debug' : 'err', `VFS (${bdev_name(bdev)}): error: ${text}`)
      return -errno
    }
    // Since v4.18 the queue has to say so; only debugging is told.
    if (k.has('dax_needs_pages') && !bdev.bd_disk.dax) return -EOPNOTSUPP
    if (blocksize !== PAGE) return refuse('unsupported blocksize for dax', EINVAL)
    const pgoff = bdev_dax_pgoff(bdev, 0, PAGE)
    if (pgoff < 0) return refuse('unaligned partition for dax', EINVAL)
    const dax = dax_get_by_host(k, disk_name)
    if (dax?.ops === undefined) return refuse('device does not support dax', EOPNOTSUPP)
    const found = yield* dax_direct_access(k, dax, pgoff, 1)
    if (typeof found !== 'number') return 0
    const rc = found < 0 ? found : -EIO
    return refuse(`dax access failed (${rc})`, -rc)
  },
)

/** Bytes at `addr` of a page that was found, `offset` bytes behind its start. */
export const dax_address = ({ kaddr }: DaxAccess, offset: number): Spa => spa(kaddr + offset)
