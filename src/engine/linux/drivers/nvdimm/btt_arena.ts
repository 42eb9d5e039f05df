/**
 * drivers/nvdimm/btt.c: arenas, laid out, written, found again, and repaired after a power failure.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §3.8; groundtruth captures ops8, ops8b. Repair: a log entry whose
 * map entry still names the old block is a write whose last step is missing; it is made up for. A log padded as before
 * v4.15 is recognised and continued, a new one never is. Left out: debugfs.
 */

import { view } from '../../../../base/bytes.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { EINVAL, EIO, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_err } from '../base/core.ts'
import { BTT_SB_SIZE, initial_offset } from './btt_devs.ts'
import {
  type BttSb,
  decode_log_entry,
  decode_map_entry,
  encode_btt_sb,
  encode_log_entry,
  ent_e_flag,
  ent_is_error,
  ent_lba,
  LOG_ENT_SIZE,
  LOG_GRP_SIZE,
  type LogEntry,
  log_indices,
  MAP_ENT_SIZE,
  type Mapping,
  map_entry,
} from './btt_sb.ts'
import { nvdimm_read_bytes, nvdimm_write_bytes } from './claim.ts'
import { nd_inc_seq } from './label_valid.ts'
import { nd_dev_to_uuid } from './namespace_devs.ts'
import type { NdPfn } from './nd.ts'

const BTT = 'drivers/nvdimm/btt.c'
const PAGE = 4096
const NFREE = 256
const INT_LBASIZE_ALIGNMENT = 64
/** 512 GiB. */
export const ARENA_MAX_SIZE = 2 ** 39
const CHUNK = 0x20_0000

/** What a lane writes next: into data block `block`, entry `sub` of its log, with sequence number `seq`. */
export interface FreeEntry {
  readonly block: number
  readonly sub: number
  readonly seq: number
  readonly has_err: boolean
}

interface ArenaFields {
  nd_btt: NdPfn
  size: number
  external_lba_start: number
  external_lbasize: number
  external_nlba: number
  internal_lbasize: number
  internal_nlba: number
  nfree: number
  flags: number
  /** Offsets in the namespace behind the reserved first page, bytes. */
  nextoff: number
  infooff: number
  dataoff: number
  mapoff: number
  logoff: number
  info2off: number
  /** Which two of a group's four entries are used. */
  log_index: readonly [number, number]
  freelist: readonly FreeEntry[]
  /** Blocks that are being read, by lane: who would overwrite one waits. */
  rtt: readonly (number | undefined)[]
  /** Lanes and locks of map entries that somebody holds. */
  lanes: readonly number[]
  map_locks: readonly number[]
}

export type Arena = ArenaFields & Identity

const arena_info = struct<ArenaFields>('arena_info', {
  nd_btt: undefined as never,
  size: 0,
  external_lba_start: 0,
  external_lbasize: 0,
  external_nlba: 0,
  internal_lbasize: 0,
  internal_nlba: 0,
  nfree: 0,
  flags: 0,
  nextoff: 0,
  infooff: 0,
  dataoff: 0,
  mapoff: 0,
  logoff: 0,
  info2off: 0,
  log_index: [0, 1],
  freelist: [],
  rtt: [],
  lanes: [],
  map_locks: [],
})

export const btt_version = (btt: NdPfn): readonly [number, number] =>
  btt.ndns?.claim_class === 'btt2' ? [2, 0] : [1, 1]

export const sector_size = ({ external_lbasize }: Arena): number => (external_lbasize >= 4096 ? 4096 : 512)

export const arena_read_bytes = kfunc(
  BTT,
  function* arena_read_bytes(k: Kernel, { nd_btt }: Arena, offset: number, length: number) {
    if (nd_btt.ndns === undefined) return undefined
    return yield* nvdimm_read_bytes(k, nd_btt.ndns, offset + initial_offset(nd_btt), length)
  },
)

/** `atomic`: the caller can't sleep, and clears no bad blocks. */
export const arena_write_bytes = kfunc(
  BTT,
  function* arena_write_bytes(k: Kernel, { nd_btt }: Arena, offset: number, bytes: Uint8Array, atomic: boolean) {
    if (nd_btt.ndns === undefined) return -ENXIO
    return yield* nvdimm_write_bytes(k, nd_btt.ndns, offset + initial_offset(nd_btt), bytes, atomic)
  },
)

export const to_namespace_offset = ({ dataoff, internal_lbasize }: Arena, block: number): number =>
  dataoff + block * internal_lbasize

export const btt_map_read = kfunc(BTT, function* btt_map_read(k: Kernel, arena: Arena, lba: number) {
  const bytes = yield* arena_read_bytes(k, arena, arena.mapoff + lba * MAP_ENT_SIZE, MAP_ENT_SIZE)
  if (bytes === undefined || lba >= arena.external_nlba) return -EIO
  return decode_map_entry(view(bytes).getUint32(0, true), lba) satisfies Mapping
})

export const btt_map_write = kfunc(
  BTT,
  function* btt_map_write(
    k: Kernel,
    arena: Arena,
    lba: number,
    block: number,
    kind: 'normal' | 'error',
    atomic: boolean,
  ) {
    if (lba >= arena.external_nlba) return -EIO
    const bytes = new Uint8Array(MAP_ENT_SIZE)
    view(bytes).setUint32(0, map_entry(block, kind), true)
    return yield* arena_write_bytes(k, arena, arena.mapoff + lba * MAP_ENT_SIZE, bytes, atomic)
  },
)

/** The entry in two halves, each of them atomic: the second, with the sequence number, makes it count. */
const __btt_log_write = kfunc(
  BTT,
  function* __btt_log_write(k: Kernel, arena: Arena, lane: number, sub: number, entry: LogEntry, atomic: boolean) {
    const bytes = encode_log_entry(entry)
    const half = LOG_ENT_SIZE / 2
    const at = arena.logoff + lane * LOG_GRP_SIZE + (arena.log_index[sub] ?? 0) * LOG_ENT_SIZE
    const rc = yield* arena_write_bytes(k, arena, at, bytes.subarray(0, half), atomic)
    return rc !== 0 ? rc : yield* arena_write_bytes(k, arena, at + half, bytes.subarray(half), atomic)
  },
)

export const set_free = (arena: Arena, lane: number, entry: FreeEntry): void => {
  arena.freelist = arena.freelist.map((old, i) => (i === lane ? entry : old))
}

export const btt_flog_write = kfunc(
  BTT,
  function* btt_flog_write(k: Kernel, arena: Arena, lane: number, entry: LogEntry) {
    const free = arena.freelist[lane]
    if (free === undefined) return -EINVAL
    const rc = yield* __btt_log_write(k, arena, lane, free.sub, entry, true)
    if (rc !== 0) return rc
    const has_err = free.has_err || ent_e_flag(entry.old_map)
    set_free(arena, lane, { block: ent_lba(entry.old_map), sub: 1 - free.sub, seq: nd_inc_seq(free.seq), has_err })
    return 0
  },
)

/** Zero the lane's free block, whose contents could not be read. */
export const arena_clear_freelist_error = kfunc(
  BTT,
  function* arena_clear_freelist_error(k: Kernel, arena: Arena, lane: number) {
    const free = arena.freelist[lane]
    if (free === undefined || !free.has_err) return 0
    const zeros = new Uint8Array(sector_size(arena))
    const rc = yield* arena_write_bytes(k, arena, to_namespace_offset(arena, free.block), zeros, false)
    if (rc === 0) set_free(arena, lane, { ...free, has_err: false })
    return rc
  },
)

/** Which of the two entries is the older one; undefined when their sequence numbers contradict each other. */
function older(a: number, b: number): 0 | 1 | undefined {
  if (a === 0) return 0
  if (a === b || a + b > 5) return undefined
  if (a < b) return b - a === 1 ? 0 : 1
  return a - b === 1 ? 1 : 0
}

/** The lane's newest entry and its place, or -EIO. */
const btt_log_read = kfunc(BTT, function* btt_log_read(k: Kernel, arena: Arena, lane: number) {
  const group = yield* arena_read_bytes(k, arena, arena.logoff + lane * LOG_GRP_SIZE, LOG_GRP_SIZE)
  if (group === undefined) return -EIO
  const [first, second] = arena.log_index.map((i) => decode_log_entry(group, i))
  if (first === undefined || second === undefined) return -EIO
  const old = older(first.seq, second.seq)
  if (old === undefined) {
    const seqs = `seq [${first.seq | 0}, ${second.seq | 0}]`
    dev_err(k, arena.nd_btt.dev, `log corruption (${-EINVAL}): lane ${lane} ${seqs}`)
    return -EIO
  }
  return { at: 1 - old, entry: old === 0 ? second : first }
})

/** From the log: the free block of each lane; and writes that lack their last step get it. */
export const btt_freelist_init = kfunc(BTT, function* btt_freelist_init(k: Kernel, arena: Arena) {
  for (let lane = 0; lane < arena.nfree; lane++) {
    const newest = yield* btt_log_read(k, arena, lane)
    if (typeof newest === 'number') return newest
    const { at, entry } = newest
    const old_map = ent_lba(entry.old_map)
    const new_map = ent_lba(entry.new_map)
    const has_err = ent_is_error(entry.old_map)
    const free: FreeEntry = { block: old_map, sub: 1 - at, seq: nd_inc_seq(entry.seq), has_err }
    arena.freelist = [...arena.freelist.slice(0, lane), free]
    if (has_err && (yield* arena_clear_freelist_error(k, arena, lane)) !== 0)
      dev_err(k, arena.nd_btt.dev, 'Unable to clear known errors')
    if (old_map === new_map) continue
    const mapping = yield* btt_map_read(k, arena, entry.lba)
    if (typeof mapping === 'number') return mapping
    if (mapping.block === new_map || mapping.block !== old_map) continue
    const rc = yield* btt_map_write(k, arena, entry.lba, new_map, 'normal', false)
    if (rc !== 0) return rc
  }
  return 0
})

/** Which two entries of each log group are in use. -ENXIO when no known scheme fits. */
export const log_set_indices = kfunc(BTT, function* log_set_indices(k: Kernel, arena: Arena) {
  const log = new Uint8Array(arena.nfree * LOG_GRP_SIZE)
  for (let at = 0; at < log.length; at += LOG_GRP_SIZE) {
    const group = yield* arena_read_bytes(k, arena, arena.logoff + at, LOG_GRP_SIZE)
    if (group === undefined) return -EIO
    log.set(group, at)
  }
  const indices = log_indices(log)
  if (indices === 'unknown') dev_err(k, arena.nd_btt.dev, 'Found an unknown padding scheme')
  if (typeof indices === 'string') return -ENXIO
  arena.log_index = indices
  dev_dbg(k, arena.nd_btt.dev, `log_index_0 = ${indices[0]}`)
  dev_dbg(k, arena.nd_btt.dev, `log_index_1 = ${indices[1]}`)
  return 0
})

const up = (n: number, to: number): number => Math.ceil(n / to) * to

/** A new arena of `size` bytes at `infooff`, not yet on media. */
export function alloc_arena(k: Kernel, nd_btt: NdPfn, size: number, start: number, infooff: number): Arena {
  const logsize = up(NFREE * LOG_GRP_SIZE, PAGE)
  // Two info blocks, the log; data and map share the rest.
  const available = size - (size % PAGE) - 2 * PAGE - logsize
  const internal_lbasize = up(nd_btt.lbasize, INT_LBASIZE_ALIGNMENT)
  const internal_nlba = Math.floor((available - PAGE) / (internal_lbasize + MAP_ENT_SIZE))
  const external_nlba = internal_nlba - NFREE
  const mapsize = up(external_nlba * MAP_ENT_SIZE, PAGE)
  const dataoff = infooff + PAGE
  const mapoff = dataoff + available - mapsize
  return arena_info.create(k.journal, {
    nd_btt,
    size,
    external_lba_start: start,
    external_lbasize: nd_btt.lbasize,
    external_nlba,
    internal_lbasize,
    internal_nlba,
    nfree: NFREE,
    infooff,
    dataoff,
    mapoff,
    logoff: mapoff + mapsize,
    info2off: mapoff + mapsize + logsize,
  })
}

/** An arena that an info block describes; undefined when its parts do not lie inside the `room` that there is. */
export function parse_arena_meta(
  k: Kernel,
  nd_btt: NdPfn,
  sb: BttSb,
  at: { readonly start: number; readonly offset: number; readonly room: number },
): Arena | undefined {
  const { nextoff, dataoff, mapoff, logoff, info2off, nfree, internal_nlba, internal_lbasize, external_nlba } = sb
  const size = nextoff > 0 ? nextoff : info2off + PAGE
  const fits =
    size > 0 &&
    size <= at.room &&
    nfree > 0 &&
    nfree <= NFREE &&
    info2off + BTT_SB_SIZE <= at.room &&
    dataoff + internal_nlba * internal_lbasize <= at.room &&
    mapoff + external_nlba * MAP_ENT_SIZE <= at.room &&
    logoff + nfree * LOG_GRP_SIZE <= at.room
  if (!fits) return undefined
  return arena_info.create(k.journal, {
    nd_btt,
    size,
    external_lba_start: at.start,
    external_lbasize: sb.external_lbasize,
    external_nlba,
    internal_lbasize,
    internal_nlba,
    nfree,
    flags: sb.flags,
    nextoff: nextoff === 0 ? 0 : at.offset + nextoff,
    infooff: at.offset,
    dataoff: at.offset + dataoff,
    mapoff: at.offset + mapoff,
    logoff: at.offset + logoff,
    info2off: at.offset + info2off,
  })
}

const clear = function* (k: Kernel, arena: Arena, from: number, to: number, chunk: number) {
  for (let at = from; at < to; at += chunk) {
    const rc = yield* arena_write_bytes(k, arena, at, new Uint8Array(Math.min(chunk, to - at)), false)
    if (rc !== 0) return rc
  }
  return 0
}

const btt_map_init = kfunc(BTT, function* btt_map_init(k: Kernel, arena: Arena) {
  return yield* clear(k, arena, arena.mapoff, arena.logoff, CHUNK)
})

/** Each lane starts with an entry that frees one of the blocks behind the sectors'. */
const btt_log_init = kfunc(BTT, function* btt_log_init(k: Kernel, arena: Arena) {
  const rc = yield* clear(k, arena, arena.logoff, arena.info2off, PAGE)
  if (rc !== 0) return rc
  for (let lane = 0; lane < arena.nfree; lane++) {
    const block = arena.external_nlba + lane
    const entry: LogEntry = { lba: lane, old_map: block, new_map: block, seq: 1 }
    const written = yield* __btt_log_write(k, arena, lane, 0, entry, false)
    if (written !== 0) return written
  }
  return 0
})

/** The info blocks come last, the copy before the one that counts: without it the arena does not exist. */
export const btt_arena_write_layout = kfunc(BTT, function* btt_arena_write_layout(k: Kernel, arena: Arena) {
  const { nd_btt } = arena
  if (nd_btt.ndns === undefined || nd_btt.uuid === undefined) return -ENXIO
  const map = yield* btt_map_init(k, arena)
  if (map !== 0) return map
  const log = yield* btt_log_init(k, arena)
  if (log !== 0) return log
  const [version_major, version_minor] = btt_version(nd_btt)
  const { external_lbasize, external_nlba, internal_lbasize, internal_nlba, nfree, nextoff, infooff } = arena
  const bytes = encode_btt_sb({
    uuid: nd_btt.uuid,
    parent_uuid: nd_dev_to_uuid(nd_btt.ndns),
    flags: 0,
    version_major,
    version_minor,
    external_lbasize,
    external_nlba,
    internal_lbasize,
    internal_nlba,
    nfree,
    nextoff,
    dataoff: arena.dataoff - infooff,
    mapoff: arena.mapoff - infooff,
    logoff: arena.logoff - infooff,
    info2off: arena.info2off - infooff,
  })
  const copy = yield* arena_write_bytes(k, arena, arena.info2off, bytes, false)
  return copy !== 0 ? copy : yield* arena_write_bytes(k, arena, infooff, bytes, false)
})
