/** arch/x86/include/asm/pgtable.h: page tables of four levels, 512 entries each. */

import { assert, ensure } from '../../../../../../base/assert.ts'
import { type MmStruct, type PageTable, type Pte, page_table } from '../../../../include/linux/mm_types.ts'
import type { Kernel } from '../../../../kernel.ts'

/** Bytes that one entry of each level maps: 512 GiB, 1 GiB, 2 MiB, 4 KiB. */
const levels = [2 ** 39, 2 ** 30, 2 ** 21, 2 ** 12] as const
const PTRS = 512

const isTable = (entry: Pte | PageTable | undefined): entry is PageTable => entry !== undefined && 'entries' in entry

const index = (va: number, span: number): number => Math.floor(va / span) % PTRS

interface Walk {
  readonly pte: Pte
  /** Bytes that the entry maps. */
  readonly size: number
}

/** What the MMU finds for `va`; undefined: not present. */
export function walk(mm: MmStruct, va: number): Walk | undefined {
  let table = mm.pgd
  for (const span of levels) {
    const entry = table?.entries[index(va, span)]
    if (entry === undefined) return undefined
    if (!isTable(entry)) return { pte: entry, size: span }
    table = entry
  }
  return undefined
}

/** Does the entry of 2 MiB at `va` lead to a table of pages? Then there is no room for a huge one. */
export function pmd_has_table(mm: MmStruct, va: number): boolean {
  let table = mm.pgd
  for (const span of levels.slice(0, 3)) {
    const entry: Pte | PageTable | undefined = table?.entries[index(va, span)]
    if (!isTable(entry)) return false
    table = entry
  }
  return true
}

function set(mm: MmStruct, table: PageTable, at: number, entry: Pte | PageTable | undefined): void {
  table.entries = Array.from({ length: PTRS }, (_, i) => (i === at ? entry : table.entries[i]))
  mm.tlb_gen = {}
}

/** Map a page, or with `huge` 2 MiB, at `va`. */
export function set_pte(k: Kernel, mm: MmStruct, va: number, pte: Pte, huge: boolean): void {
  mm.pgd ??= page_table.create(k.journal)
  let table = mm.pgd
  for (const span of levels.slice(0, huge ? 2 : 3)) {
    const entry = table.entries[index(va, span)]
    assert(entry === undefined || isTable(entry), 'a huge page is not split')
    const next = entry ?? page_table.create(k.journal)
    if (entry === undefined) set(mm, table, index(va, span), next)
    table = next
  }
  set(mm, table, index(va, ensure(levels[huge ? 2 : 3], 'there are four levels')), pte)
}

/** Make a page that is mapped read-only; true: it was writable. */
export function wrprotect_pte(k: Kernel, mm: MmStruct, va: number): boolean {
  const found = walk(mm, va)
  if (found === undefined || !found.pte.write) return false
  set_pte(k, mm, va, { ...found.pte, write: false }, found.size > levels[3])
  return true
}

/** Unmap what lies in `start` … `end`. */
export function zap(mm: MmStruct, start: number, end: number): void {
  for (let va = start; va < end; ) {
    let span: number = levels[0]
    let table = mm.pgd
    for (const next of levels) {
      span = next
      const entry: Pte | PageTable | undefined = table?.entries[index(va, span)]
      if (table === undefined || entry === undefined) break
      if (isTable(entry)) table = entry
      else set(mm, table, index(va, span), undefined)
    }
    va += span - (va % span)
  }
}
