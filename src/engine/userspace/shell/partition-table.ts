/** A table of partitions as bytes, in the two forms that a disk of a PC may have. Sizes in 512-byte sectors. */

import { view } from '../../../base/bytes.ts'
import { crc32_le } from '../../linux/lib/crc32.ts'

const SECTOR = 512

export interface WantedPart {
  readonly start: number
  readonly size: number
  /** DOS: a number; GPT: a GUID's 16 bytes. */
  readonly type: number | Uint8Array
  readonly bootable: boolean
}

/** What has to be written where; bytes. */
export interface Piece {
  readonly at: number
  readonly bytes: Uint8Array
}

const ENTRIES = 128
const ENTRY = 128
const TABLE_SECTORS = (ENTRIES * ENTRY) / SECTOR

/** First and last sector that a partition may have. */
export const usable = (label: 'dos' | 'gpt', sectors: number): readonly [number, number] =>
  label === 'dos' ? [1, Math.min(sectors, 2 ** 32) - 1] : [2 + TABLE_SECTORS, sectors - TABLE_SECTORS - 2]

function mbr(
  entries: readonly { bootable: boolean; type: number; start: number; size: number }[],
  id: number,
): Uint8Array {
  const bytes = new Uint8Array(SECTOR)
  const data = view(bytes)
  data.setUint32(440, id, true)
  for (const [i, { bootable, type, start, size }] of entries.entries()) {
    const at = 446 + i * 16
    data.setUint8(at, bootable ? 0x80 : 0)
    // Cylinders, heads and sectors have no meaning any more: the largest there are.
    bytes.set([0xfe, 0xff, 0xff], at + 1)
    data.setUint8(at + 4, type)
    bytes.set([0xfe, 0xff, 0xff], at + 5)
    data.setUint32(at + 8, start, true)
    data.setUint32(at + 12, size, true)
  }
  bytes.set([0x55, 0xaa], 510)
  return bytes
}

export const dosTable = (parts: readonly WantedPart[], id: number): readonly Piece[] => [
  {
    at: 0,
    bytes: mbr(
      parts.map((part) => ({ ...part, type: Number(part.type) })),
      id,
    ),
  },
]

const crc = (bytes: Uint8Array): number => (crc32_le(0xffff_ffff, bytes) ^ 0xffff_ffff) >>> 0

/** `guids`: of the disk, then of each partition. */
export function gptTable(
  parts: readonly WantedPart[],
  sectors: number,
  guids: readonly Uint8Array[],
): readonly Piece[] {
  const entries = new Uint8Array(ENTRIES * ENTRY)
  for (const [i, { start, size, type }] of parts.entries()) {
    const at = i * ENTRY
    entries.set(type as Uint8Array, at)
    entries.set(guids[i + 1] as Uint8Array, at + 16)
    view(entries).setBigUint64(at + 32, BigInt(start), true)
    view(entries).setBigUint64(at + 40, BigInt(start + size - 1), true)
  }
  const last = sectors - 1
  const [first_usable, last_usable] = usable('gpt', sectors)
  const header = (my: number, alternate: number, table: number): Uint8Array => {
    const bytes = new Uint8Array(SECTOR)
    const data = view(bytes)
    bytes.set(new TextEncoder().encode('EFI PART'))
    data.setUint32(8, 0x10000, true)
    data.setUint32(12, 92, true)
    for (const [at, value] of [
      [24, my],
      [32, alternate],
      [40, first_usable],
      [48, last_usable],
      [72, table],
    ] as const)
      data.setBigUint64(at, BigInt(value), true)
    bytes.set(guids[0] as Uint8Array, 56)
    data.setUint32(80, ENTRIES, true)
    data.setUint32(84, ENTRY, true)
    data.setUint32(88, crc(entries), true)
    data.setUint32(16, crc(bytes.subarray(0, 92)), true)
    return bytes
  }
  const over = { bootable: false, type: 0xee, start: 1, size: Math.min(last, 2 ** 32 - 1) }
  return [
    { at: 0, bytes: mbr([over], 0) },
    { at: SECTOR, bytes: header(1, last, 2) },
    { at: 2 * SECTOR, bytes: entries },
    { at: (last - TABLE_SECTORS) * SECTOR, bytes: entries },
    { at: last * SECTOR, bytes: header(last, 1, last - TABLE_SECTORS) },
  ]
}
