/**
 * mm/memory.c: faults. Anonymous memory comes from a page allocator that only gives.
 *
 * Left out: swap, copy on write, mappings of the page cache.
 */

import { ensure } from '../../../base/assert.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { struct } from '../../sim/struct.ts'
import { pmd_has_table, set_pte } from '../arch/x86/include/asm/pgtable.ts'
import { PAGE_SIZE, PMD_SIZE, type VmAreaStruct, type VmFault } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'

const MEMORY = 'mm/memory.c'

/** Map one page frame; shared writable mappings of devices are writable at once. */
export const vmf_insert_mixed = kfunc(
  MEMORY,
  function* vmf_insert_mixed(k: Kernel, address: number, pfn: number, write: boolean) {
    yield* []
    set_pte(k, ensure(k.current.mm, 'a fault has an address space'), address, { pfn, write }, false)
    return 'nopage' as VmFault
  },
)

const free_area = struct<{ pages: number }>('free_area', { pages: 0 })

/** Page frame number of a zeroed page; undefined when RAM is used up. */
export function alloc_page(k: Kernel): number | undefined {
  const { spa, length } = k.options.ram
  const area = k.global(free_area)
  if ((area.pages + 1) * PAGE_SIZE > length) return undefined
  return spa / PAGE_SIZE + area.pages++
}

const do_anonymous_page = kfunc(MEMORY, function* do_anonymous_page(k: Kernel, vma: VmAreaStruct, address: number) {
  const pfn = alloc_page(k)
  if (pfn === undefined) return 'sigbus' as VmFault
  return yield* vmf_insert_mixed(k, address - (address % PAGE_SIZE), pfn, vma.write)
})

/** Offer the fault to the mapping's owner, huge page first. */
export const handle_mm_fault = kfunc(
  MEMORY,
  function* handle_mm_fault(k: Kernel, vma: VmAreaStruct, address: number, write: boolean) {
    if (vma.vm_ops === undefined) return yield* do_anonymous_page(k, vma, address)
    const { mm } = k.current
    if (mm === undefined || !pmd_has_table(mm, address)) {
      const huge = yield* vma.vm_ops.fault(k, vma, address, write, PMD_SIZE)
      if (huge !== 'fallback') return huge
    }
    return yield* vma.vm_ops.fault(k, vma, address, write, PAGE_SIZE)
  },
)
