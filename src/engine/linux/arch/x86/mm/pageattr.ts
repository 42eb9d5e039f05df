/** arch/x86/mm/pageattr.c: throwing a range out of the caches. */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { kfunc } from '../../../../sim/kfunc.ts'
import { clflush, clflushopt, mfence } from '../../../../sim/op.ts'
import type { Kernel } from '../../../kernel.ts'

const PAGEATTR = 'arch/x86/mm/pageattr.c'
const CACHE_LINE = 64

/** Every line of the range is written back and gone when it returns; unordered flushes need the barriers around. */
const clflush_cache_range = kfunc(PAGEATTR, function* clflush_cache_range(k: Kernel, addr: Spa, size: number) {
  const { clflushopt: unordered = true } = k.options.cpuFeatures ?? {}
  yield* mfence(k)
  for (let line = addr - (addr % CACHE_LINE); line < addr + size; line += CACHE_LINE)
    yield* unordered ? clflushopt(k, spa(line)) : clflush(k, spa(line))
  yield* mfence(k)
})

/** After media errors were cleared behind the processor's back, what its caches hold of them is stale. */
export const arch_invalidate_pmem = kfunc(PAGEATTR, function* arch_invalidate_pmem(k: Kernel, addr: Spa, size: number) {
  yield* clflush_cache_range(k, addr, size)
})
