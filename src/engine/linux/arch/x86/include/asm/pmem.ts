/**
 * arch/x86/include/asm/pmem.h, up to v4.12: the API for persistent memory that the series of June 2017 takes apart.
 *
 * Source: torvalds/linux 0fcc3ab23d73; reference/kernel.md §1.6.
 */

import { type Spa, spa } from '../../../../../../base/brand.ts'
import { kfunc } from '../../../../../sim/kfunc.ts'
import type { Kernel } from '../../../../kernel.ts'
import { copy_from_iter_nocache, type IovIter } from '../../../../lib/iov_iter.ts'
import { __copy_user_nocache } from '../../lib/copy_user_64.ts'
import { memset } from '../../lib/memcpy_64.ts'
import { clean_cache_range } from '../../lib/usercopy_64.ts'

const PMEM_H = 'arch/x86/include/asm/pmem.h'
const CACHE_LINE = 64

/** The copy for user space, on two pointers of the kernel: unaligned edges stay dirty in the cache. */
export const arch_memcpy_to_pmem = kfunc(PMEM_H, function* arch_memcpy_to_pmem(k: Kernel, dst: Spa, bytes: Uint8Array) {
  yield* __copy_user_nocache(k, dst, { bytes })
})

export const arch_wb_cache_pmem = kfunc(PMEM_H, function* arch_wb_cache_pmem(k: Kernel, addr: Spa, size: number) {
  yield* clean_cache_range(k, addr, size)
})

/**
 * Bytes copied. The lines to be written back are guessed once for the whole range, so that edges of inner segments of a
 * writev() stay dirty; other memory than that of user space goes through the cache, and all of it is written back.
 */
export const arch_copy_from_iter_pmem = kfunc(
  PMEM_H,
  function* arch_copy_from_iter_pmem(k: Kernel, addr: Spa, bytes: number, iter: IovIter) {
    const copied = yield* copy_from_iter_nocache(k, addr, bytes, iter)
    if (iter.type !== 'iovec') yield* arch_wb_cache_pmem(k, addr, bytes)
    else if (bytes < 8) {
      if (addr % 4 !== 0 || bytes !== 4) yield* arch_wb_cache_pmem(k, addr, bytes)
    } else {
      let flushed = 0
      if (addr % 8 !== 0) {
        yield* arch_wb_cache_pmem(k, addr, 1)
        flushed = Math.ceil(addr / CACHE_LINE) * CACHE_LINE - addr
      }
      if (bytes > flushed && (bytes - flushed) % 8 !== 0) yield* arch_wb_cache_pmem(k, spa(addr + bytes - 1), 1)
    }
    return copied
  },
)

export const arch_clear_pmem = kfunc(PMEM_H, function* arch_clear_pmem(k: Kernel, addr: Spa, size: number) {
  yield* memset(k, addr, 0, size)
  yield* arch_wb_cache_pmem(k, addr, size)
})
