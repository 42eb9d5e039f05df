/**
 * include/linux/pmem.h, up to v4.12 (patch 10 of the series removes it): one API for whatever memory a driver has. On an
 * architecture that cannot write caches back its functions are plain copies, and nothing.
 *
 * Source: torvalds/linux v4.9; reference/kernel.md §1.6.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import {
  arch_clear_pmem,
  arch_copy_from_iter_pmem,
  arch_memcpy_to_pmem,
  arch_wb_cache_pmem,
} from '../../arch/x86/include/asm/pmem.ts'
import { memcpy, memset } from '../../arch/x86/lib/memcpy_64.ts'
import { arch_invalidate_pmem } from '../../arch/x86/mm/pageattr.ts'
import type { Kernel } from '../../kernel.ts'
import { copy_from_iter_nocache, type IovIter } from '../../lib/iov_iter.ts'

const PMEM_H = 'include/linux/pmem.h'

const arch_has_pmem_api = (k: Kernel): boolean => k.config('ARCH_HAS_PMEM_API')

/** With an SFENCE, and with unaligned edges left in the cache. */
export const memcpy_to_pmem = kfunc(PMEM_H, function* memcpy_to_pmem(k: Kernel, dst: Spa, bytes: Uint8Array) {
  if (arch_has_pmem_api(k)) yield* arch_memcpy_to_pmem(k, dst, bytes)
  else yield* memcpy(k, dst, bytes)
})

/** Bytes copied. */
export const copy_from_iter_pmem = kfunc(
  PMEM_H,
  function* copy_from_iter_pmem(k: Kernel, addr: Spa, bytes: number, iter: IovIter) {
    if (arch_has_pmem_api(k)) return yield* arch_copy_from_iter_pmem(k, addr, bytes, iter)
    return yield* copy_from_iter_nocache(k, addr, bytes, iter)
  },
)

export const clear_pmem = kfunc(PMEM_H, function* clear_pmem(k: Kernel, addr: Spa, size: number) {
  if (arch_has_pmem_api(k)) yield* arch_clear_pmem(k, addr, size)
  else yield* memset(k, addr, 0, size)
})

export const wb_cache_pmem = kfunc(PMEM_H, function* wb_cache_pmem(k: Kernel, addr: Spa, size: number) {
  if (arch_has_pmem_api(k)) yield* arch_wb_cache_pmem(k, addr, size)
})

export const invalidate_pmem = kfunc(PMEM_H, function* invalidate_pmem(k: Kernel, addr: Spa, size: number) {
  if (arch_has_pmem_api(k)) yield* arch_invalidate_pmem(k, addr, size)
})
