/**
 * Where a disk in sector mode keeps its sectors at a step: offset → external LBA → map entry → internal block → SPA, and
 * back. The map is read as loads see it.
 *
 * Both ask about the journal's moment: call them inside `Journal.at`.
 */

import { address, view } from '../base/bytes.ts'
import { visibleBytes } from './inspect/bytes.ts'
import type { Recording } from './inspect/recording.ts'
import type { StateAt } from './inspect/state-at.ts'
import type { Arena } from './linux/drivers/nvdimm/btt_arena.ts'
import type { Mapping } from './linux/drivers/nvdimm/btt_sb.ts'
import type { BttTable } from './linux/drivers/nvdimm/nd.ts'
import type { Kernel } from './linux/kernel.ts'

const LINE = 64
const ENTRY = 4

interface SectorPlace {
  readonly spa: number
  /** "arena 0: sector 5 is in block 7, by the map entry at 0x1_03c0_0014" */
  readonly table: string
}

const fileOf = ({ disk_name }: BttTable): string => `/dev/${disk_name}`

/** One arena, as memory holds it at a step. */
class ArenaAt {
  readonly arena: Arena
  private readonly base: number
  private readonly state: StateAt
  private readonly k: Kernel

  constructor(k: Kernel, state: StateAt, { base }: BttTable, arena: Arena) {
    this.k = k
    this.state = state
    this.base = base
    this.arena = arena
  }

  /** SPA of the map entry of sector `lba`. */
  entry(lba: number): number {
    return this.base + this.arena.mapoff + lba * ENTRY
  }

  /** SPA of an internal block. */
  block(number: number): number {
    return this.base + this.arena.dataoff + number * this.arena.internal_lbasize
  }

  /** What the map says of sector `lba`; memory that nothing has touched is zero. */
  mapping(lba: number): Mapping | undefined {
    const at = this.entry(lba)
    const line = this.state.hw.lines.peek(at)
    const word = line === 0 ? 0 : view(visibleBytes(this.state, line)).getUint32(at % LINE, true)
    return this.k.options.btt?.decode_map_entry(word, lba)
  }

  /** The sector whose map entry names `block`. An entry that was never written maps a sector to itself. */
  sectorIn(block: number, stored: readonly number[]): number | undefined {
    const { external_nlba } = this.arena
    const names = (lba: number): boolean => {
      if (lba >= external_nlba) return false
      const mapping = this.mapping(lba)
      return mapping?.block === block && !mapping.trim
    }
    if (names(block)) return block
    const first = this.entry(0)
    for (const line of stored) {
      const at = this.state.hw.lines.spa(line)
      if (at < first || at >= this.entry(external_nlba)) continue
      for (let i = 0; i < LINE / ENTRY; i++) if (names((at - first) / ENTRY + i)) return (at - first) / ENTRY + i
    }
    return undefined
  }
}

/** Where byte `offset` of a disk in sector mode is, or why it is nowhere; undefined: `file` is no such disk. */
export function placeOfSector(
  recording: Recording,
  step: number,
  k: Kernel,
  { file, offset }: { readonly file: string; readonly offset: number },
): SectorPlace | string | undefined {
  const table = k.options.btt?.tables(k).find((each) => fileOf(each) === file)
  if (table === undefined) return undefined
  const sector = Math.floor(offset / table.sector_size)
  const number = table.arenas.findIndex((each) => sector < each.external_lba_start + each.external_nlba)
  const arena = table.arenas[number]
  if (arena === undefined) {
    const sectors = table.arenas.reduce((sum, { external_nlba }) => sum + external_nlba, 0)
    return `${file} ends at ${sectors * table.sector_size} bytes`
  }
  const lba = sector - arena.external_lba_start
  const at = new ArenaAt(k, recording.at(step), table, arena)
  const mapping = at.mapping(lba)
  if (mapping === undefined) return undefined
  const { block, trim, error } = mapping
  const entry = `the map entry at ${address(at.entry(lba))}`
  const name = `arena ${number}: sector ${lba}`
  if (trim) return `${name} is nowhere: ${entry} says that it was trimmed, and it reads as zeros`
  if (block >= arena.internal_nlba) return `${name}: ${entry} names block ${block} of ${arena.internal_nlba}`
  const spa = at.block(block) + (offset % table.sector_size)
  return { spa, table: `${name} is in block ${block}, by ${entry}${error ? ', which says that it is unreadable' : ''}` }
}

/** What the table of a disk in sector mode keeps at `spa`; undefined when no such disk has the address. */
export function sectorOfPlace(
  recording: Recording,
  step: number,
  k: Kernel,
  spa: number,
): { readonly table: string; readonly file?: string; readonly offset?: number } | undefined {
  const table = k.options.btt?.tables(k).find(({ start, size }) => spa >= start && spa < start + size)
  if (table === undefined) return undefined
  const offset = spa - table.base
  const number = table.arenas.findIndex(({ infooff, size }) => offset >= infooff && offset < infooff + size)
  const arena = table.arenas[number]
  if (arena === undefined) return { table: 'in no arena of the block translation table' }
  const { dataoff, mapoff, logoff, info2off, external_nlba, internal_lbasize, internal_nlba } = arena
  const said = (what: string) => ({ table: `arena ${number}: ${what}` })
  if (offset < dataoff) return said('info block')
  if (offset >= info2off) return said('copy of the info block')
  if (offset >= logoff) return said('log')
  if (offset >= mapoff) {
    const sector = Math.floor((offset - mapoff) / ENTRY)
    return said(sector < external_nlba ? `map entry of sector ${sector}` : 'behind the map')
  }
  const block = Math.floor((offset - dataoff) / internal_lbasize)
  if (block >= internal_nlba) return said('between blocks and map')
  const stored = recording.nvdimmLines()
  const at = new ArenaAt(k, recording.at(step), table, arena)
  const lba = at.sectorIn(block, stored)
  if (lba === undefined) return said(`block ${block}, which no sector is in`)
  const inside = spa - at.block(block)
  const behind = inside >= table.sector_size
  const { table: text } = said(
    `sector ${lba} is in block ${block}, by the map entry at ${address(at.entry(lba))}${behind ? ', and ends before' : ''}`,
  )
  if (behind) return { table: text }
  return { table: text, file: fileOf(table), offset: (arena.external_lba_start + lba) * table.sector_size + inside }
}
