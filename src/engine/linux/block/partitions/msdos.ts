/**
 * block/partitions/msdos.c: the table in the first sector of a PC's disk, and the chain of extended ones.
 *
 * Source: torvalds/linux v6.1. Left out: what other systems put inside a partition (BSD, Solaris, Minix, UnixWare).
 */

import { view } from '../../../../base/bytes.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import type { Kernel } from '../../kernel.ts'
import { DISK_MAX_PARTS, type ParsedPartitions, type Parser, put_partition, read_part_sector } from './check.ts'

const MSDOS = 'block/partitions/msdos.c'
const TABLE = 446
const ENTRY = 16
const EFI_PMBR_OSTYPE_EFI_GPT = 0xee
const EXTENDED: readonly number[] = [0x05, 0x0f, 0x85]
/** Links of a chain that name no partition; more of them are a loop. */
const MOST_LINKS = 100

interface Entry {
  readonly boot_ind: number
  readonly sys_ind: number
  /** Sectors. */
  readonly start: number
  readonly count: number
}

export const msdos_magic_present = (sector: Uint8Array): boolean => sector[510] === 0x55 && sector[511] === 0xaa

const entries = (sector: Uint8Array): readonly Entry[] =>
  [0, 1, 2, 3].map((i) => {
    const at = TABLE + i * ENTRY
    const data = view(sector)
    return {
      boot_ind: data.getUint8(at),
      sys_ind: data.getUint8(at + 4),
      start: data.getUint32(at + 8, true),
      count: data.getUint32(at + 12, true),
    }
  })

const is_extended_partition = ({ sys_ind }: Entry): boolean => EXTENDED.includes(sys_ind)

/** Logical partitions, numbered from 5: each table names one, and the next table. */
const parse_extended = kfunc(
  MSDOS,
  function* parse_extended(k: Kernel, state: ParsedPartitions, first_sector: number, first_size: number) {
    let this_sector = first_sector
    let this_size = first_size
    let next = 5
    for (let loopct = 0; loopct <= MOST_LINKS && next < DISK_MAX_PARTS; loopct++) {
      const sector = yield* read_part_sector(k, state, this_sector)
      if (sector === undefined || !msdos_magic_present(sector)) return
      const table = entries(sector)
      for (const [i, p] of table.entries()) {
        if (p.count === 0 || is_extended_partition(p)) continue
        const from = this_sector + p.start
        // The last two are used by nobody; what is there must lie inside.
        if (i >= 2) {
          if (p.start + p.count > this_size) continue
          if (from < first_sector || from + p.count > first_sector + first_size) continue
        }
        put_partition(state, next++, from, p.count)
        loopct = 0
        if (next === DISK_MAX_PARTS) return
      }
      const link = table.find((p) => p.count > 0 && is_extended_partition(p))
      if (link === undefined) return
      this_sector = first_sector + link.start
      this_size = link.count
    }
  },
)

/** A file system of DOS without a table also ends in 55 AA. */
const is_fat = (sector: Uint8Array): boolean =>
  (sector[0] === 0xeb || sector[0] === 0xe9) && (sector[11] ?? 0) === 0 && [2, 4, 8, 16].includes(sector[12] ?? 0)

export const msdos_partition: Parser = kfunc(MSDOS, function* msdos_partition(k: Kernel, state: ParsedPartitions) {
  const sector = yield* read_part_sector(k, state, 0)
  if (sector === undefined) return -1
  if (!msdos_magic_present(sector)) return 0
  const table = entries(sector)
  for (const [i, { boot_ind }] of table.entries())
    if (boot_ind !== 0 && boot_ind !== 0x80) return i === 0 && is_fat(sector) ? 1 : 0
  if (table.some(({ sys_ind }) => sys_ind === EFI_PMBR_OSTYPE_EFI_GPT)) return 0
  for (const [i, p] of table.entries()) {
    if (p.count === 0) continue
    if (!is_extended_partition(p)) {
      put_partition(state, i + 1, p.start, p.count)
      continue
    }
    // Enough for a boot loader, and no more: nobody should write over the tables.
    put_partition(state, i + 1, p.start, Math.min(p.count, 2))
    state.pp_buf += ' <'
    yield* parse_extended(k, state, p.start, p.count)
    state.pp_buf += ' >'
  }
  return 1
})
