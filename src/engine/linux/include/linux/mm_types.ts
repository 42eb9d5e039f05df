/** include/linux/mm_types.h: address spaces. Left out: reverse mappings, accounting, counters. */

import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'
import type { File } from './fs.ts'

export const PAGE_SIZE = 4096
export const PMD_SIZE = 0x20_0000

/** A present page-table entry. */
export interface Pte {
  /** Page frame number: SPA / 4 KiB. */
  readonly pfn: number
  readonly write: boolean
}

/** One page-table page: 512 entries, each absent, a leaf, or the next level's page. */
interface PageTableFields {
  entries: readonly (Pte | PageTable | undefined)[]
}

export type PageTable = PageTableFields & Identity

export const page_table = struct<PageTableFields>('page_table', { entries: [] })

export type VmFault = 'nopage' | 'fallback' | 'sigbus' | 'needdsync'

export interface VmOperations {
  readonly name: string
  /** Maps the page (or the huge page) that holds `address`. */
  fault(k: Kernel, vma: VmAreaStruct, address: number, write: boolean, size: number): Op<VmFault>
  /** The smallest size that the mapping can be split at. */
  pagesize?(vma: VmAreaStruct): number
}

interface VmAreaStructFields {
  /** Virtual addresses, bytes; `end` is the first after it. */
  start: number
  end: number
  read: boolean
  write: boolean
  shared: boolean
  /** VM_SYNC: what says where a page is becomes durable before it can be stored to. */
  sync: boolean
  /** Offset in the file of `start`, pages. */
  pgoff: number
  file: File | undefined
  /** undefined: anonymous memory. */
  vm_ops: VmOperations | undefined
}

export type VmAreaStruct = VmAreaStructFields & Identity

export const vm_area_struct = struct<VmAreaStructFields>('vm_area_struct', {
  start: 0,
  end: 0,
  read: false,
  write: false,
  shared: false,
  sync: false,
  pgoff: 0,
  file: undefined,
  vm_ops: undefined,
})

interface MmStructFields {
  /** By address. */
  mmap: readonly VmAreaStruct[]
  /** Top of the page tables; undefined until the first page. */
  pgd: PageTable | undefined
  /** Another object after each change of the page tables: a cached translation is good as long as it stays. */
  tlb_gen: object | undefined
}

export type MmStruct = MmStructFields & Identity

export const mm_struct = struct<MmStructFields>('mm_struct', { mmap: [], pgd: undefined, tlb_gen: undefined })
