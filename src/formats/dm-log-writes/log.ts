/** A log of dm-log-writes. Source: reference/peers.md B5; drivers/md/dm-log-writes.c; josefbacik/log-writes (log-writes.c). */

export const MAGIC = 0x6a736677736872n
export const VERSION = 1
/** Bytes of the fields of the super sector, and of an entry; what follows in their sector is zeros, or a mark's text. */
export const SUPER_BYTES = 28
export const ENTRY_BYTES = 32
/** Bytes of a sector, at least and at most: no disk has smaller ones, and the kernel puts an entry into one page. */
export const LEAST_SECTOR = 512
export const MOST_SECTOR = 4096

export const FLUSH = 1n
export const FUA = 2n
export const DISCARD = 4n
export const MARK = 8n
const METADATA = 16n

export interface LogEntry {
  /** In sectors of the log. */
  readonly sector: number
  readonly nrSectors: number
  readonly flags: bigint
  /** Of a mark, of its text; of a copy through direct access, how much of `data` it wrote; otherwise 0. Bytes. */
  readonly dataLength: number
  /** Of a mark. */
  readonly text: Uint8Array | undefined
  /** Whole sectors; none of a discard. */
  readonly data: Uint8Array
}

export interface Log {
  /** Bytes. */
  readonly sectorsize: number
  readonly entries: readonly LogEntry[]
}

/** The text of a mark, up to a NUL. */
export function markOf({ text }: LogEntry): string | undefined {
  const end = text?.indexOf(0) ?? -1
  return text === undefined ? undefined : new TextDecoder().decode(end < 0 ? text : text.subarray(0, end))
}

const NAMES: readonly (readonly [bigint, string])[] = [
  [FLUSH, 'FLUSH'],
  [FUA, 'FUA'],
  [DISCARD, 'DISCARD'],
  [MARK, 'MARK'],
  [METADATA, 'METADATA'],
]

/** "FLUSH|FUA", "UNKNOWN.32", "NONE" */
export function flagNames(flags: bigint): string {
  const known = NAMES.filter(([bit]) => (flags & bit) !== 0n)
  const rest = known.reduce((left, [bit]) => left & ~bit, flags)
  const names = [...known.map(([, name]) => name), ...(rest === 0n ? [] : [`UNKNOWN.${rest}`])]
  return names.length === 0 ? 'NONE' : names.join('|')
}

/** What replay-log prints of an entry that it replays. */
export const replayingLine = (index: number, { sector, nrSectors, flags }: LogEntry, sectorsize: number): string =>
  `replaying ${index}: sector ${sector}, size ${nrSectors * sectorsize}, flags ${flags}(${flagNames(flags)})`

/** What it prints of one that it passes by. */
export const seekLine = (index: number, { sector, nrSectors, flags }: LogEntry): string =>
  `seek entry ${index}: ${sector}, size ${nrSectors}, flags ${flags}`
