/**
 * drivers/nvdimm/btt.h: the info block of an arena, entries of its map and of its log, as bytes.
 *
 * An arena is an info block, data blocks, the map (4 bytes a sector), the log (64 bytes a lane) and a copy of the info
 * block. Offsets in the block count from the arena's start.
 */

import { view } from '../../../../base/bytes.ts'
import { BTT_SB_SIZE } from './btt_devs.ts'
import { nd_fletcher64, uuid_bytes, uuid_text } from './core.ts'
import { signatureIs } from './pfn_sb.ts'

const BTT_SIG = 'BTT_ARENA_INFO'
export const MAP_ENT_SIZE = 4
export const LOG_ENT_SIZE = 16
/** Two entries in use, two for padding. */
export const LOG_GRP_SIZE = 64
const CHECKSUM = 4088

export interface BttSb {
  readonly uuid: string
  readonly parent_uuid: string
  readonly flags: number
  readonly version_major: number
  readonly version_minor: number
  readonly external_lbasize: number
  readonly external_nlba: number
  readonly internal_lbasize: number
  readonly internal_nlba: number
  readonly nfree: number
  /** Bytes to the next arena; 0: this is the last one. */
  readonly nextoff: number
  readonly dataoff: number
  readonly mapoff: number
  readonly logoff: number
  readonly info2off: number
}

const words = [
  ['external_lbasize', 56],
  ['external_nlba', 60],
  ['internal_lbasize', 64],
  ['internal_nlba', 68],
  ['nfree', 72],
] as const
const offsets = [
  ['nextoff', 80],
  ['dataoff', 88],
  ['mapoff', 96],
  ['logoff', 104],
  ['info2off', 112],
] as const

export function encode_btt_sb(sb: BttSb): Uint8Array {
  const bytes = new Uint8Array(BTT_SB_SIZE)
  const data = view(bytes)
  for (let i = 0; i < BTT_SIG.length; i++) bytes[i] = BTT_SIG.charCodeAt(i)
  bytes.set(uuid_bytes(sb.uuid) ?? [], 16)
  bytes.set(uuid_bytes(sb.parent_uuid) ?? [], 32)
  data.setUint32(48, sb.flags, true)
  data.setUint16(52, sb.version_major, true)
  data.setUint16(54, sb.version_minor, true)
  for (const [name, at] of words) data.setUint32(at, sb[name], true)
  data.setUint32(76, BTT_SB_SIZE, true)
  for (const [name, at] of offsets) data.setBigUint64(at, BigInt(sb[name]), true)
  data.setBigUint64(CHECKSUM, nd_fletcher64(bytes), true)
  return bytes
}

/** undefined when there is no such block: wrong signature or checksum. */
export function decode_btt_sb(bytes: Uint8Array): BttSb | undefined {
  const data = view(bytes)
  if (!signatureIs(bytes, BTT_SIG)) return undefined
  const blank = bytes.slice()
  blank.fill(0, CHECKSUM, CHECKSUM + 8)
  if (data.getBigUint64(CHECKSUM, true) !== nd_fletcher64(blank)) return undefined
  const u32 = (at: number): number => data.getUint32(at, true)
  const u64 = (at: number): number => Number(data.getBigUint64(at, true))
  return {
    uuid: uuid_text(bytes.subarray(16, 32)),
    parent_uuid: uuid_text(bytes.subarray(32, 48)),
    flags: u32(48),
    version_major: data.getUint16(52, true),
    version_minor: data.getUint16(54, true),
    external_lbasize: u32(56),
    external_nlba: u32(60),
    internal_lbasize: u32(64),
    internal_nlba: u32(68),
    nfree: u32(72),
    nextoff: u64(80),
    dataoff: u64(88),
    mapoff: u64(96),
    logoff: u64(104),
    info2off: u64(112),
  }
}

/** What a write was about: sector `lba` moves from block `old_map` to `new_map`. */
export interface LogEntry {
  readonly lba: number
  readonly old_map: number
  readonly new_map: number
  /** 1, 2, 3, 1 …; 0: never written. */
  readonly seq: number
}

export function encode_log_entry({ lba, old_map, new_map, seq }: LogEntry): Uint8Array {
  const bytes = new Uint8Array(LOG_ENT_SIZE)
  const data = view(bytes)
  for (const [i, word] of [lba, old_map, new_map, seq].entries()) data.setUint32(4 * i, word, true)
  return bytes
}

/** Entry `i` of a group. */
export function decode_log_entry(group: Uint8Array, i: number): LogEntry {
  const u32 = (word: number): number => view(group).getUint32(i * LOG_ENT_SIZE + 4 * word, true)
  return { lba: u32(0), old_map: u32(1), new_map: u32(2), seq: u32(3) }
}

/**
 * Which two of the four entries of each group are in use; the others are padding, all zero: 0 and 1, before v4.15 0
 * and 2. A group in which only one is used says nothing, unless it is the wrong one.
 */
export function log_indices(log: Uint8Array): readonly [number, number] | 'contradictory' | 'unknown' {
  const used: number[] = []
  let pristine = true
  for (let group = 0; group < log.length; group += LOG_GRP_SIZE) {
    let padding = 0
    for (let i = 0; i < LOG_GRP_SIZE / LOG_ENT_SIZE; i++) {
      const at = group + i * LOG_ENT_SIZE
      const blank = log.subarray(at, at + LOG_ENT_SIZE).every((byte) => byte === 0)
      if (used.length < 2) {
        if (blank) padding++
        else if (used[0] !== i) used.push(i)
      } else if (i === used[0] ? blank : i !== used[1] && !blank) return 'contradictory'
    }
    pristine &&= padding >= 3
  }
  const [first, other] = used
  const second = pristine ? 1 : other
  return first === 0 && (second === 1 || second === 2) ? [first, second] : 'unknown'
}

const LBA_MASK = 0x3fff_ffff
const TRIM = 2
const ERROR = 1
const NORMAL = 3

export const ent_lba = (entry: number): number => (entry & LBA_MASK) >>> 0
const ent_flags = (entry: number): number => entry >>> 30
/** The entry says that its block can't be read (and is not a normal one, which has both flags). */
export const ent_is_error = (entry: number): boolean => ent_flags(entry) === ERROR
export const ent_e_flag = (entry: number): boolean => (ent_flags(entry) & ERROR) !== 0
export const set_e_flag = (entry: number): number => (entry | (ERROR << 30)) >>> 0

export const map_entry = (block: number, kind: 'normal' | 'error'): number =>
  (ent_lba(block) | ((kind === 'normal' ? NORMAL : ERROR) << 30)) >>> 0

export interface Mapping {
  readonly block: number
  readonly trim: boolean
  readonly error: boolean
}

/** What map entry `entry` of sector `lba` says; one that was never written maps a sector to itself. */
export function decode_map_entry(entry: number, lba: number): Mapping {
  const flags = ent_flags(entry)
  return { block: flags === 0 ? lba : ent_lba(entry), trim: flags === TRIM, error: flags === ERROR }
}
