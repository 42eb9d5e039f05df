/**
 * fs/dax.c, faults: pages of a file that is accessed directly are mapped where they are, one by one or 2 MiB at once. An
 * entry of the file's mapping remembers each, and whether it has been stored to.
 *
 * The names are those of v4.12 to v5.9. Source: torvalds/linux v4.12, v4.15 (MAP_SYNC), v6.1; reference/kernel.md §7.2 to
 * §7.6. Left out: huge pages of zeros for holes, locks of entries.
 */

import { spa } from '../../../base/brand.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { loadBytes } from '../../sim/op.ts'
import { struct } from '../../sim/struct.ts'
import { walk, wrprotect_pte, zap } from '../arch/x86/include/asm/pgtable.ts'
import { memcpy } from '../arch/x86/lib/memcpy_64.ts'
import { bdev_dax_pgoff, dax_direct_access } from '../drivers/dax/access.ts'
import type { DaxDevice } from '../drivers/dax/super.ts'
import type { BlockDevice } from '../include/linux/blk_types.ts'
import type { Inode } from '../include/linux/fs.ts'
import { type MmStruct, PAGE_SIZE, PMD_SIZE, type VmAreaStruct, type VmFault } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'
import type { AddressSpace, ByteRange, DaxEntry } from '../mm/filemap.ts'
import { vmf_insert_pfn_pmd } from '../mm/huge_memory.ts'
import { alloc_page, vmf_insert_mixed } from '../mm/memory.ts'
import { dax_iomap_sector, dax_writeback_one, type Iomap, type IomapBegin } from './dax.ts'

const DAX = 'fs/dax.c'
const PMD_PAGES = PMD_SIZE / PAGE_SIZE

/** Take page tables to the pages of a range away, so that the next access faults. */
function unmap_mapping_range(mapping: AddressSpace, from: number, to: number): void {
  for_each_mapping(mapping, (mm, vma) => {
    const start = vma.start + Math.max(0, from - vma.pgoff * PAGE_SIZE)
    const end = Math.min(vma.end, vma.start + to - vma.pgoff * PAGE_SIZE)
    if (start < end) zap(mm, start, end)
  })
}

function for_each_mapping(mapping: AddressSpace, fn: (mm: MmStruct, vma: VmAreaStruct) => void): void {
  for (const mm of mapping.i_mms)
    for (const vma of mm.mmap) if (vma.file?.f_inode?.i_mapping === mapping && vma.shared) fn(mm, vma)
}

function set_entry(mapping: AddressSpace, index: number, entry: DaxEntry | undefined): void {
  const entries = new Map(mapping.dax_entries)
  if (entry === undefined) entries.delete(index)
  else entries.set(index, entry)
  mapping.dax_entries = entries
}

/** The file ends at byte `size` now: nothing behind it is mapped or remembered. */
export function dax_delete_mapping_entries(mapping: AddressSpace, size: number): void {
  const first = Math.ceil(size / PAGE_SIZE)
  unmap_mapping_range(mapping, first * PAGE_SIZE, Number.MAX_SAFE_INTEGER)
  mapping.dax_entries = new Map([...mapping.dax_entries].filter(([index]) => index < first))
}

/** The same of a range of whole pages. */
export function dax_delete_mapping_range(mapping: AddressSpace, from: number, to: number): void {
  unmap_mapping_range(mapping, from, to)
  const gone = (index: number): boolean => index >= from / PAGE_SIZE && index < to / PAGE_SIZE
  mapping.dax_entries = new Map([...mapping.dax_entries].filter(([index]) => !gone(index)))
}

/** Zero pages that stood for holes give way to blocks that were written. */
export function invalidate_holes(mapping: AddressSpace, { offset, length }: Iomap): void {
  const first = Math.floor(offset / PAGE_SIZE)
  for (let index = first; index * PAGE_SIZE < offset + length; index++) {
    if (mapping.dax_entries.get(index)?.kaddr !== 0) continue
    unmap_mapping_range(mapping, index * PAGE_SIZE, (index + 1) * PAGE_SIZE)
    set_entry(mapping, index, undefined)
  }
}

/** First page and entry of what remembers page `index`: of its own, or of the 2 MiB around it. */
function entry_of(mapping: AddressSpace, index: number): readonly [number, DaxEntry] | undefined {
  const own = mapping.dax_entries.get(index)
  if (own !== undefined) return [index, own]
  const first = index - (index % PMD_PAGES)
  const huge = mapping.dax_entries.get(first)
  return huge?.size === PMD_SIZE ? [first, huge] : undefined
}

const zero_page = struct<{ pfn: number }>('empty_zero_page', { pfn: 0 })

/** A page of zeros that stands for holes; -1 when RAM is used up. */
function hole_page(k: Kernel): number {
  const shared = k.global(zero_page)
  if (shared.pfn === 0) shared.pfn = alloc_page(k) ?? -1
  return shared.pfn
}

/** A fault as the file system hands it down. */
export interface DaxFault {
  readonly vma: VmAreaStruct
  readonly address: number
  readonly write: boolean
  readonly begin: IomapBegin
  /** Bytes that the file has. */
  readonly size: number
}

const pos_of = ({ vma }: DaxFault, page: number): number => (vma.pgoff + (page - vma.start) / PAGE_SIZE) * PAGE_SIZE

/** A store to a mapping with MAP_SYNC whose metadata could still be lost: the file has to be synced first. */
const dax_fault_is_synchronous = ({ vma, write }: DaxFault, { dirty }: Iomap): boolean =>
  write && vma.sync && dirty === true

/** From when on an entry counts as stored to. In v6.1 a load of a shared mapping is enough. */
const dirties = (k: Kernel, { vma, write }: DaxFault): boolean =>
  vma.shared && (write || k.has('dax_read_fault_dirties'))

function remember_mm(k: Kernel, mapping: AddressSpace): void {
  const { mm } = k.current
  if (mm !== undefined && !mapping.i_mms.includes(mm)) mapping.i_mms = [...mapping.i_mms, mm]
}

/** A private mapping is stored to: the page becomes the program's own, in RAM. */
const dax_fault_cow_page = kfunc(DAX, function* dax_fault_cow_page(k: Kernel, fault: DaxFault, page: number) {
  const pfn = alloc_page(k)
  if (pfn === undefined) return 'sigbus' as VmFault
  const iomap = yield* fault.begin(k, pos_of(fault, page), PAGE_SIZE, false)
  if (typeof iomap === 'number') return 'sigbus' as VmFault
  if (iomap.hole !== true) {
    const pgoff = bdev_dax_pgoff(iomap.bdev, dax_iomap_sector(iomap, pos_of(fault, page)), PAGE_SIZE)
    const found = pgoff < 0 ? pgoff : yield* dax_direct_access(k, iomap.dax_dev, pgoff, 1)
    if (typeof found === 'number') return 'sigbus' as VmFault
    yield* memcpy(k, spa(pfn * PAGE_SIZE), yield* loadBytes(k, found.kaddr, PAGE_SIZE))
  }
  return yield* vmf_insert_mixed(k, page, pfn, true)
})

const is_mapped = ({ current: { mm } }: Kernel, va: number): boolean => mm !== undefined && walk(mm, va) !== undefined

const dax_iomap_pte_fault = kfunc(DAX, function* dax_iomap_pte_fault(k: Kernel, inode: Inode, fault: DaxFault) {
  const { address, write, vma, begin } = fault
  const page = address - (address % PAGE_SIZE)
  const pos = pos_of(fault, page)
  if (pos >= fault.size) return 'sigbus' as VmFault
  if (write && !vma.shared) return yield* dax_fault_cow_page(k, fault, page)
  const mapping = inode.i_mapping
  remember_mm(k, mapping)
  const index = pos / PAGE_SIZE
  const known = entry_of(mapping, index)
  // Up to v4.14 a page that is mapped may just be written to now: dax_pfn_mkwrite().
  if (write && known !== undefined && known[1].kaddr !== 0 && !k.has('dax_insert_writable') && is_mapped(k, page)) {
    const [first, entry] = known
    set_entry(mapping, first, { ...entry, dirty: true })
    return yield* vmf_insert_mixed(k, page, entry.kaddr / PAGE_SIZE + index - first, true)
  }
  const iomap = yield* begin(k, pos, PAGE_SIZE, write)
  if (typeof iomap === 'number') return 'sigbus' as VmFault
  if (iomap.hole === true) {
    const pfn = hole_page(k)
    if (pfn < 0) return 'sigbus' as VmFault
    set_entry(mapping, index, { kaddr: 0, sector: 0, size: PAGE_SIZE, dirty: false })
    return yield* vmf_insert_mixed(k, page, pfn, false)
  }
  const sector = dax_iomap_sector(iomap, pos)
  const pgoff = bdev_dax_pgoff(iomap.bdev, sector, PAGE_SIZE)
  const found = pgoff < 0 ? pgoff : yield* dax_direct_access(k, iomap.dax_dev, pgoff, 1)
  if (typeof found === 'number') return 'sigbus' as VmFault
  if (known?.[1].kaddr === 0) unmap_mapping_range(mapping, pos, pos + PAGE_SIZE)
  const sync = dax_fault_is_synchronous(fault, iomap)
  const dirty = (dirties(k, fault) && !sync) || known?.[1].dirty === true
  if (known?.[1].size !== PMD_SIZE) set_entry(mapping, index, { kaddr: found.kaddr, sector, size: PAGE_SIZE, dirty })
  else if (dirty) set_entry(mapping, known[0], { ...known[1], dirty })
  if (sync) return 'needdsync' as VmFault
  // Up to v4.14 a page that is written to is mapped read-only first, and faults once more.
  const writable = write && k.has('dax_insert_writable')
  return yield* vmf_insert_mixed(k, page, found.kaddr / PAGE_SIZE, writable)
})

/** Can 2 MiB be mapped at once? Mapping, file and what is known of it have to fit. */
function fits_pmd(inode: Inode, fault: DaxFault, page: number): boolean {
  const { vma, write, size } = fault
  if (page < vma.start || page + PMD_SIZE > vma.end || (write && !vma.shared)) return false
  const pos = pos_of(fault, page)
  if (pos % PMD_SIZE !== 0 || pos + PMD_SIZE > Math.ceil(size / PAGE_SIZE) * PAGE_SIZE) return false
  const { dax_entries } = inode.i_mapping
  const first = pos / PAGE_SIZE
  const own = dax_entries.get(first)
  if (own !== undefined) return own.size === PMD_SIZE
  return ![...dax_entries.keys()].some((index) => index > first && index < first + PMD_PAGES)
}

const dax_iomap_pmd_fault = kfunc(DAX, function* dax_iomap_pmd_fault(k: Kernel, inode: Inode, fault: DaxFault) {
  const { address, write, begin } = fault
  const page = address - (address % PMD_SIZE)
  if (!fits_pmd(inode, fault, page)) return 'fallback' as VmFault
  const mapping = inode.i_mapping
  const pos = pos_of(fault, page)
  const index = pos / PAGE_SIZE
  const known = mapping.dax_entries.get(index)
  const iomap = yield* begin(k, pos, PMD_SIZE, write)
  if (typeof iomap === 'number' || iomap.hole === true) return 'fallback' as VmFault
  if (iomap.offset > pos || iomap.offset + iomap.length < pos + PMD_SIZE) return 'fallback' as VmFault
  const sector = dax_iomap_sector(iomap, pos)
  const pgoff = bdev_dax_pgoff(iomap.bdev, sector, PMD_SIZE)
  const found = pgoff < 0 ? pgoff : yield* dax_direct_access(k, iomap.dax_dev, pgoff, PMD_PAGES)
  if (typeof found === 'number' || found.pages < PMD_PAGES || found.kaddr % PMD_SIZE !== 0) return 'fallback' as VmFault
  remember_mm(k, mapping)
  const sync = dax_fault_is_synchronous(fault, iomap)
  const dirty = (dirties(k, fault) && !sync) || known?.dirty === true
  set_entry(mapping, index, { kaddr: found.kaddr, sector, size: PMD_SIZE, dirty })
  if (sync) return 'needdsync' as VmFault
  return yield* vmf_insert_pfn_pmd(k, page, found.kaddr / PAGE_SIZE, write)
})

/** Map what was touched, where it is; "fallback": not 2 MiB at once; "needdsync": dax_finish_sync_fault() is next. */
export const dax_iomap_fault = kfunc(
  DAX,
  function* dax_iomap_fault(k: Kernel, inode: Inode, fault: DaxFault, pe_size: number) {
    return pe_size === PMD_SIZE
      ? yield* dax_iomap_pmd_fault(k, inode, fault)
      : yield* dax_iomap_pte_fault(k, inode, fault)
  },
)

/** The page may be written to from now on, and counts as dirty. */
const dax_insert_pfn_mkwrite = kfunc(
  DAX,
  function* dax_insert_pfn_mkwrite(k: Kernel, mapping: AddressSpace, page: number, index: number, pe_size: number) {
    const known = entry_of(mapping, index)
    if (known === undefined) return 'nopage' as VmFault
    const [first, entry] = known
    set_entry(mapping, first, { ...entry, dirty: true })
    const pfn = entry.kaddr / PAGE_SIZE + index - first
    return pe_size === PMD_SIZE
      ? yield* vmf_insert_pfn_pmd(k, page, pfn, true)
      : yield* vmf_insert_mixed(k, page, pfn, true)
  },
)

/** With MAP_SYNC: what says where the page is becomes durable, then the store may go on. */
export const dax_finish_sync_fault = kfunc(
  DAX,
  function* dax_finish_sync_fault(k: Kernel, vma: VmAreaStruct, address: number, pe_size: number) {
    const { file } = vma
    const mapping = file?.f_inode?.i_mapping
    if (file === undefined || mapping === undefined) return 'sigbus' as VmFault
    const rc = (yield* file.f_op.fsync?.(k, file, true) ?? []) ?? 0
    if (rc !== 0) return 'sigbus' as VmFault
    const page = address - (address % pe_size)
    const index = vma.pgoff + (page - vma.start) / PAGE_SIZE
    return yield* dax_insert_pfn_mkwrite(k, mapping, page, index, pe_size)
  },
)

/** Every place where the page is mapped becomes read-only, so that the next store is noticed. */
const dax_entry_mkclean = kfunc(
  DAX,
  function* dax_entry_mkclean(k: Kernel, mapping: AddressSpace, index: number, pages: number) {
    yield* []
    for_each_mapping(mapping, (mm, vma) => {
      for (let i = 0; i < pages; i++) {
        const va = vma.start + (index + i - vma.pgoff) * PAGE_SIZE
        if (va >= vma.start && va < vma.end) wrprotect_pte(k, mm, va)
      }
    })
  },
)

/** Entries of a range of bytes that were stored to, in the order of the file. */
export const dirty_entries = (
  { dax_entries }: AddressSpace,
  { from = 0, to = Number.POSITIVE_INFINITY }: ByteRange,
): readonly (readonly [number, DaxEntry])[] =>
  [...dax_entries]
    .filter(([index, { dirty, size }]) => dirty && index * PAGE_SIZE < to && index * PAGE_SIZE + size > from)
    .sort(([a], [b]) => a - b)

/** Write back every page of a range that was stored to: 0, or the first error. No fence. */
export const dax_writeback_mapping_range = kfunc(
  DAX,
  function* dax_writeback_mapping_range(
    k: Kernel,
    mapping: AddressSpace,
    bdev: BlockDevice,
    dax_dev: DaxDevice,
    range: ByteRange,
  ) {
    for (const [index, entry] of dirty_entries(mapping, range)) {
      const { sector, kaddr, size } = entry
      yield* dax_entry_mkclean(k, mapping, index, size / PAGE_SIZE)
      const rc = yield* dax_writeback_one(k, bdev, dax_dev, { sector, kaddr: spa(kaddr), size })
      if (rc !== 0) return rc
      set_entry(mapping, index, { ...entry, dirty: false })
    }
    return 0
  },
)
