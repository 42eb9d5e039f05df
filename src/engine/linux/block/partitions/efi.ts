/**
 * block/partitions/efi.c: the GUID partition table, its copy at the end of the disk, and the table for old tools in front.
 *
 * Source: torvalds/linux v6.1; UEFI 2.9 §5.3. Left out: names and attributes of partitions, the boot argument `gpt`.
 */

import { view } from '../../../../base/bytes.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { crc32_le } from '../../lib/crc32.ts'
import { filemap_read } from '../../mm/filemap.ts'
import { bd_mapping } from '../bdev.ts'
import { type ParsedPartitions, type Parser, put_partition, read_part_sector } from './check.ts'
import { msdos_magic_present } from './msdos.ts'

const EFI = 'block/partitions/efi.c'
const GPT_HEADER_SIGNATURE = 0x5452415020494645n
const GPT_PRIMARY_PARTITION_TABLE_LBA = 1
const MIN_HEADER = 92
const ENTRY = 128
/** Bytes of entries that are read at most: 256 partitions are far below. */
const MOST_ENTRIES = 1 << 20
const PMBR_TABLE = 446
const PMBR_TYPE = 0xee

interface GptHeader {
  /** Blocks of the disk. */
  readonly my_lba: bigint
  readonly alternate_lba: bigint
  readonly first_usable_lba: bigint
  readonly last_usable_lba: bigint
  readonly partition_entry_lba: bigint
  readonly num_partition_entries: number
}

interface Gpt {
  readonly header: GptHeader
  readonly entries: Uint8Array
}

/** Checksum as UEFI has it: all bits inverted before and after. */
const efi_crc32 = (bytes: Uint8Array): number => (crc32_le(0xffff_ffff, bytes) ^ 0xffff_ffff) >>> 0

const per_block = ({ bdev }: ParsedPartitions): number => bdev.bd_disk.logical_block_size / SECTOR_SIZE

const last_lba = (state: ParsedPartitions): bigint =>
  BigInt(Math.floor(state.bdev.bd_nr_sectors / per_block(state))) - 1n

/** Is there, for tools that know only the old table, one entry over the whole disk? */
function is_pmbr_valid(sector: Uint8Array): boolean {
  if (!msdos_magic_present(sector)) return false
  const starts_right = (i: number): boolean => {
    const at = PMBR_TABLE + i * 16
    return sector[at + 4] === PMBR_TYPE && view(sector).getUint32(at + 8, true) === GPT_PRIMARY_PARTITION_TABLE_LBA
  }
  return [0, 1, 2, 3].some(starts_right)
}

/** Header and entries at a block, or undefined: it is none, or something is wrong, which goes to the debug log. */
const is_gpt_valid = kfunc(EFI, function* is_gpt_valid(k: Kernel, state: ParsedPartitions, lba: bigint) {
  const refuse = (text: string): undefined => printk(k, 'debug', text) as undefined
  if (lba > last_lba(state)) return undefined
  const block = new Uint8Array(state.bdev.bd_disk.logical_block_size)
  const mapping = bd_mapping(k, state.bdev)
  if ((yield* filemap_read(k, mapping, Number(lba) * block.length, block)) < 0) return undefined
  const data = view(block)
  if (data.getBigUint64(0, true) !== GPT_HEADER_SIGNATURE)
    return refuse('GUID Partition Table Header signature is wrong')
  const size = data.getUint32(12, true)
  if (size > block.length) return refuse('GUID Partition Table Header size is too large')
  if (size < MIN_HEADER) return refuse('GUID Partition Table Header size is too small')
  const checked = block.slice(0, size)
  checked.fill(0, 16, 20)
  if (efi_crc32(checked) !== data.getUint32(16, true)) return refuse('GUID Partition Table Header CRC is wrong')
  const header: GptHeader = {
    my_lba: data.getBigUint64(24, true),
    alternate_lba: data.getBigUint64(32, true),
    first_usable_lba: data.getBigUint64(40, true),
    last_usable_lba: data.getBigUint64(48, true),
    partition_entry_lba: data.getBigUint64(72, true),
    num_partition_entries: data.getUint32(80, true),
  }
  if (header.my_lba !== lba) return refuse('GPT my_lba incorrect')
  const last = last_lba(state)
  if (header.first_usable_lba > last || header.last_usable_lba > last)
    return refuse('GPT: usable blocks are behind the end')
  if (header.last_usable_lba < header.first_usable_lba) return refuse('GPT: last_usable_lba before first_usable_lba')
  if (data.getUint32(84, true) !== ENTRY) return refuse('GUID Partition Entry Size check failed.')
  const bytes = header.num_partition_entries * ENTRY
  if (bytes > MOST_ENTRIES || header.partition_entry_lba > last) return refuse('GPT: too many partition entries')
  const entries = new Uint8Array(bytes)
  if ((yield* filemap_read(k, mapping, Number(header.partition_entry_lba) * block.length, entries)) < 0)
    return undefined
  if (efi_crc32(entries) !== data.getUint32(88, true)) return refuse('GUID Partition Entry Array CRC check failed.')
  return { header, entries } satisfies Gpt
})

/** What the two tables do not agree on. */
function compare_gpts(k: Kernel, primary: Gpt, alternate: Gpt, last: bigint): void {
  const warn = (text: string): void => printk(k, 'warn', text)
  const [p, a] = [primary.header, alternate.header]
  let bad = false
  const differs = (what: string, one: bigint, other: bigint, say: string): void => {
    if (one === other) return
    bad = true
    warn(`GPT:${what}`)
    warn(`GPT:${say}`)
  }
  differs(
    'Primary header LBA != Alt. header alternate_lba',
    p.my_lba,
    a.alternate_lba,
    `${p.my_lba} != ${a.alternate_lba}`,
  )
  differs(
    'Primary header alternate_lba != Alt. header my_lba',
    p.alternate_lba,
    a.my_lba,
    `${p.alternate_lba} != ${a.my_lba}`,
  )
  if (p.alternate_lba !== last) {
    bad = true
    warn('GPT:Primary header thinks Alt. header is not at the end of the disk.')
    warn(`GPT:${p.alternate_lba} != ${last}`)
  }
  if (bad) warn('GPT: Use GNU Parted to correct GPT errors.')
}

const find_valid_gpt = kfunc(EFI, function* find_valid_gpt(k: Kernel, state: ParsedPartitions) {
  const sector = yield* read_part_sector(k, state, 0)
  if (sector === undefined || !is_pmbr_valid(sector)) return undefined
  const last = last_lba(state)
  const primary = yield* is_gpt_valid(k, state, BigInt(GPT_PRIMARY_PARTITION_TABLE_LBA))
  const alternate = yield* is_gpt_valid(k, state, primary?.header.alternate_lba ?? last)
  if (primary !== undefined && alternate !== undefined) compare_gpts(k, primary, alternate, last)
  if (primary === undefined && alternate === undefined) return undefined
  if (alternate === undefined) printk(k, 'warn', 'Alternate GPT is invalid, using primary GPT.')
  if (primary === undefined) printk(k, 'warn', 'Primary GPT is invalid, using alternate GPT.')
  return primary ?? alternate
})

export const efi_partition: Parser = kfunc(EFI, function* efi_partition(k: Kernel, state: ParsedPartitions) {
  const gpt = yield* find_valid_gpt(k, state)
  if (gpt === undefined) return 0
  const scale = per_block(state)
  const last = last_lba(state)
  for (let i = 0; i < gpt.header.num_partition_entries; i++) {
    const entry = gpt.entries.subarray(i * ENTRY, (i + 1) * ENTRY)
    const data = view(entry)
    const [first, end] = [data.getBigUint64(32, true), data.getBigUint64(40, true)]
    const unused = entry.subarray(0, 16).every((byte) => byte === 0)
    if (unused || first > last || end > last || end < first) continue
    put_partition(state, i + 1, Number(first) * scale, Number(end - first + 1n) * scale)
  }
  return 1
})
