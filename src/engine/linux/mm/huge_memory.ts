/** mm/huge_memory.c: 2 MiB mappings. Left out: transparent huge pages of anonymous memory. */

import { ensure } from '../../../base/assert.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { set_pte } from '../arch/x86/include/asm/pgtable.ts'
import type { VmFault } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'

export const vmf_insert_pfn_pmd = kfunc(
  'mm/huge_memory.c',
  function* vmf_insert_pfn_pmd(k: Kernel, address: number, pfn: number, write: boolean) {
    yield* []
    set_pte(k, ensure(k.current.mm, 'a fault has an address space'), address, { pfn, write }, true)
    return 'nopage' as VmFault
  },
)
