/**
 * arch/x86/mm/fault.c, and the walk that the MMU makes for each access.
 *
 * Left out: faults of the kernel itself, protection keys.
 */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { kfunc } from '../../../../sim/kfunc.ts'
import { type MmStruct, PAGE_SIZE } from '../../../include/linux/mm_types.ts'
import type { Kernel, TlbEntry } from '../../../kernel.ts'
import { handle_mm_fault } from '../../../mm/memory.ts'
import { find_vma } from '../../../mm/mmap.ts'
import { walk } from '../include/asm/pgtable.ts'

/** include/uapi/asm-generic/signal.h */
export const SIGBUS = 7
const SIGSEGV = 11

const FAULT = 'arch/x86/mm/fault.c'

/**
 * SPA of a user address; undefined when the access faults. The page tables of the current task decide. Called for
 * every access to mapped memory, so the last piece is remembered.
 */
export function translate(k: Kernel, va: number, write: boolean): Spa | undefined {
  const { tlb } = k
  const { mm } = k.current
  const hit = va >= tlb.start && va < tlb.end && tlb.mm === mm && mm !== undefined && tlb.gen === mm.tlb_gen
  if (!hit && !fill(tlb, mm, va)) return undefined
  return write && !tlb.write ? undefined : spa(tlb.base + (va - tlb.start))
}

function fill(tlb: TlbEntry, mm: MmStruct | undefined, va: number): boolean {
  const found = mm === undefined ? undefined : walk(mm, va)
  if (mm === undefined || found === undefined) return false
  tlb.mm = mm
  tlb.gen = mm.tlb_gen
  tlb.start = va - (va % found.size)
  tlb.end = tlb.start + found.size
  tlb.base = found.pte.pfn * PAGE_SIZE
  tlb.write = found.pte.write
  return true
}

const do_user_addr_fault = kfunc(FAULT, function* do_user_addr_fault(k: Kernel, address: number, write: boolean) {
  const { mm } = k.current
  const vma = mm === undefined ? undefined : find_vma(mm, address)
  if (vma === undefined || (write ? !vma.write : !vma.read && !vma.write)) return SIGSEGV
  // As do_sigbus does: there is a mapping, but nothing behind it, as past the end of a device.
  return (yield* handle_mm_fault(k, vma, address, write)) === 'nopage' ? 0 : SIGBUS
})

const exc_page_fault = kfunc(FAULT, function* exc_page_fault(k: Kernel, address: number, write: boolean) {
  return yield* do_user_addr_fault(k, address, write)
})

/** Resolve a fault of user space. 0: try the access again; else the signal that the program gets. */
export const asm_exc_page_fault = kfunc(
  'arch/x86/entry/entry_64.S',
  function* asm_exc_page_fault(k: Kernel, va: number, write: boolean) {
    return yield* exc_page_fault(k, va, write)
  },
)
