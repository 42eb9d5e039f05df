/**
 * arch/x86/kernel/e820.c, pmem.c: persistent memory in the map that firmware hands over, and by `memmap=nn!ss`.
 *
 * Type 12 is that of platforms older than the NFIT; type 7 is an NFIT's range, and means nothing without one. Ranges
 * of type 12 are never merged. Source: reference/kernel.md §9. Left out: every other type, `memmap=` with @ # $ %.
 */

import { printk } from '../../../kernel/printk.ts'
import { insert_resource } from '../../../kernel/resource.ts'
import type { Kernel } from '../../../kernel.ts'

export interface E820Entry {
  /** SPA, bytes. */
  readonly start: number
  readonly size: number
  readonly type: 7 | 12
}

export const PERSISTENT_MEMORY_LEGACY = 'Persistent Memory (legacy)'
const PERSISTENT_MEMORY = 'Persistent Memory'

/** Number with a suffix for binary thousands; undefined when there is none at the start. */
function memparse(text: string): { readonly value: number; readonly rest: string } | undefined {
  const [all, digits, suffix = ''] = /^(0x[0-9a-f]+|\d+)([kmgtpe]?)/i.exec(text) ?? []
  if (all === undefined || digits === undefined) return undefined
  const shift = 'kmgtpe'.indexOf(suffix.toLowerCase()) + 1
  return { value: Number(digits) * 2 ** (suffix === '' ? 0 : 10 * shift), rest: text.slice(all.length) }
}

/** What `memmap=64M!512M,…` adds: the size comes first. Words that are nothing of the kind are passed over. */
export function parse_memmap(cmdline: string): readonly E820Entry[] {
  const entries: E820Entry[] = []
  for (const [, words = ''] of cmdline.matchAll(/(?:^|\s)memmap=(\S+)/g)) {
    for (const word of words.split(',')) {
      const size = memparse(word)
      const start = size?.rest.startsWith('!') ? memparse(size.rest.slice(1)) : undefined
      if (size === undefined || start === undefined || size.value === 0) continue
      entries.push({ start: start.value, size: size.value, type: 12 })
    }
  }
  return entries
}

const at = (n: number): string => `0x${n.toString(16).padStart(16, '0')}`

/** Print and describe the ranges, as the boot loader's map or as the user's. */
export function e820__print_table(k: Kernel, who: 'BIOS-e820' | 'user', entries: readonly E820Entry[]): void {
  for (const { start, size, type } of entries) {
    printk(k, 'info', `${who}: [mem ${at(start)}-${at(start + size - 1)}] persistent (type ${type})`)
    insert_resource(k, start, start + size - 1, type === 12 ? PERSISTENT_MEMORY_LEGACY : PERSISTENT_MEMORY)
  }
}
