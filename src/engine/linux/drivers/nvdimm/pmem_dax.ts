/**
 * drivers/nvdimm/pmem.c: what a pmem disk offers to who accesses its memory directly.
 *
 * Source: torvalds/linux 3c1cebff23cd, v4.19; reference/kernel.md §4.5. Left out: struct pages, recovery
 * writes, reads that survive a machine check (->copy_to_iter, v4.18 to v5.16).
 */

import { type Spa, spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { arch_wb_cache_pmem } from '../../arch/x86/lib/usercopy_64.ts'
import { is_bad } from '../../block/badblocks.ts'
import { EIO } from '../../include/linux/errno.ts'
import { wb_cache_pmem } from '../../include/linux/pmem.ts'
import type { Kernel } from '../../kernel.ts'
import { copy_from_iter_flushcache, type IovIter } from '../../lib/iov_iter.ts'
import type { DaxDevice, DaxOperations } from '../dax/super.ts'
import type { PmemDevice } from './pmem.ts'
import { pmem_do_write } from './pmem_io.ts'

const PMEM = 'drivers/nvdimm/pmem.c'
const PAGE = 4096

const pmem_of = (dax: DaxDevice): PmemDevice => dax.private as PmemDevice

/** Pages from `pgoff` to the end, or no more than were asked for while any sector is bad; -EIO over a bad one. */
const pmem_dax_direct_access = kfunc(
  PMEM,
  function* pmem_dax_direct_access(_k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number) {
    yield* []
    const { disk, phys_addr, data_offset, size } = pmem_of(dax)
    if (is_bad(disk.bb, pgoff * PAGE, nr_pages * PAGE)) return -EIO
    const offset = pgoff * PAGE + data_offset
    const pages = disk.bb.length > 0 ? nr_pages : Math.max(0, Math.floor((size - offset) / PAGE))
    return { pages, kaddr: spa(phys_addr + offset) }
  },
)

const pmem_copy_from_iter = kfunc(
  PMEM,
  function* pmem_copy_from_iter(k: Kernel, _dax: DaxDevice, _pgoff: number, addr: Spa, bytes: number, iter: IovIter) {
    return yield* copy_from_iter_flushcache(k, addr, bytes, iter)
  },
)

const pmem_dax_flush = kfunc(
  PMEM,
  function* pmem_dax_flush(k: Kernel, _dax: DaxDevice, _pgoff: number, addr: Spa, size: number) {
    if (k.has('wb_cache_pmem_in_driver')) {
      if (k.config('ARCH_HAS_PMEM_API')) yield* arch_wb_cache_pmem(k, addr, size)
    } else yield* wb_cache_pmem(k, addr, size)
  },
)

/** A write of zeros: past the cache, and over bad sectors it clears them. */
const pmem_dax_zero_page_range = kfunc(
  PMEM,
  function* pmem_dax_zero_page_range(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number) {
    return yield* pmem_do_write(k, pmem_of(dax).disk, pgoff * PAGE, new Uint8Array(nr_pages * PAGE))
  },
)

export const pmem_dax_ops = (k: Kernel): DaxOperations => ({
  name: 'pmem_dax_ops',
  direct_access: pmem_dax_direct_access,
  ...(k.has('memcpy_flushcache') && !k.has('dax_nocache') ? { copy_from_iter: pmem_copy_from_iter } : {}),
  ...(k.has('pmem_dax_flush') && !k.has('dax_flush_without_op') ? { flush: pmem_dax_flush } : {}),
  ...(k.has('dax_zero_page_range') ? { zero_page_range: pmem_dax_zero_page_range } : {}),
})
