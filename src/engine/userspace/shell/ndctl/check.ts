/**
 * `ndctl check-namespace`: is a block translation table consistent, and what of it can be repaired?
 *
 * Source: ndctl 76 (ndctl/check.c): which checks in which order, and their messages; layout: drivers/nvdimm/btt.h. The
 * real tool maps the raw namespace, this one reads it. Left out: the log written anew (--rewrite-log), what --verbose
 * adds beyond the steps of the check.
 */

import { view } from '../../../../base/bytes.ts'
import { type BttSb, decode_btt_sb, LOG_GRP_SIZE, log_indices } from '../../../linux/drivers/nvdimm/btt_sb.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import { sys_pread64, sys_pwrite64 } from '../../../linux/fs/read_write.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { entering } from '../files.ts'
import {
  DEVICES,
  EBUSY,
  ENXIO,
  get,
  NO_UUID,
  ndctl_namespace_disable_invalidate,
  ndctl_namespace_disable_safe,
  ndctl_namespace_enable,
  ndctl_namespace_get_size,
  ndctl_namespace_is_active,
  ndctl_namespace_set_raw_mode,
  reason,
  type Said,
  sysfs_device_parse,
} from './lib.ts'

const CHECK = 'shell: ndctl/check.c'
const O_RDONLY = 0
const O_EXCL = 0o200
const O_RDWR = 2
const INFO_SIZE = 4096
/** Where a table begins: version 1.1, and version 2.0. */
const START_OFFSETS = [4096, 0] as const
const ARENA_MAX_SIZE = 2 ** 39
const ARENA_MIN_SIZE = 2 ** 24
const NORMAL = 0xc000_0000
const LBA_MASK = 0x3fff_ffff
const EINVAL = 22

export interface CheckOptions {
  readonly force: boolean
  readonly repair: boolean
  readonly verbose: boolean
}

interface Checking extends CheckOptions {
  readonly k: Kernel
  readonly said: Said
  readonly ns: string
  readonly fd: number
  readonly rawsize: number
  readonly parent: string
}

interface Arena {
  readonly number: number
  readonly at: number
  readonly internal_nlba: number
  readonly external_nlba: number
  readonly nfree: number
  /** From the start of the namespace, bytes. */
  readonly mapoff: number
  readonly logoff: number
  readonly info2off: number
  readonly size: number
  readonly last: boolean
  readonly info: Uint8Array
}

const told = ({ said, ns }: Checking, where: string, text: string): void => said.line(`${ns}: ${where}: ${text}`)
const detail = (c: Checking, where: string, text: string): void => {
  if (c.verbose) told(c, where, text)
}
const hex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)

/** Whole sectors around a range; a negative error number when they can't be read. */
const readAt = kfunc(CHECK, function* btt_read(c: Checking, at: number, length: number) {
  const bytes = new Uint8Array(length)
  const count = yield* sys_pread64(entering(c.k), c.fd, bytes, at)
  return count < 0 ? count : count < length ? -ENXIO : bytes
})

interface Info {
  readonly bytes: Uint8Array
  readonly sb: BttSb
}

/** An info block that is valid; undefined: it isn't; or a negative error number. */
const btt_read_info = kfunc(CHECK, function* btt_read_info(c: Checking, at: number) {
  if (at < 0 || at + INFO_SIZE > c.rawsize) return undefined
  const block = yield* readAt(c, at, INFO_SIZE)
  if (typeof block === 'number') {
    told(c, 'btt_read_info', `unable to read first info block: ${reason(block)}`)
    return block
  }
  const sb = decode_btt_sb(block)
  const own = sb !== undefined && (sb.parent_uuid === NO_UUID || sb.parent_uuid === c.parent)
  return own ? ({ bytes: block, sb } as Info) : undefined
})

const btt_write_info = kfunc(CHECK, function* btt_write_info(c: Checking, { bytes }: Info, at: number) {
  if (!c.repair) {
    told(c, 'btt_write_info', `BTT info block at offset ${hex(at)} needs to be restored`)
    detail(c, 'repair_msg', '  Run with --repair to make the changes')
    return -1
  }
  detail(c, 'btt_write_info', `Restoring BTT info block at offset ${hex(at)}`)
  const written = yield* sys_pwrite64(entering(c.k), c.fd, bytes, at)
  return written === INFO_SIZE ? 0 : Math.min(written, -ENXIO)
})

/** Copy back what stands at the end of the first arena: where the table begins, or a negative error number. */
const btt_recover_first_sb = kfunc(CHECK, function* btt_recover_first_sb(c: Checking) {
  let rc = -ENXIO
  for (const start of START_OFFSETS) {
    rc = yield* recover_at(c, start)
    if (rc === 0) return start as number
  }
  return rc
})

const down = (at: number): number => Math.floor(at / INFO_SIZE) * INFO_SIZE

const recover_at = kfunc(CHECK, function* __btt_recover_first_sb(c: Checking, start: number) {
  const room = c.rawsize - start
  if (room < ARENA_MIN_SIZE) return -EINVAL
  const several = room > ARENA_MAX_SIZE
  const rest = several && room % ARENA_MAX_SIZE < ARENA_MIN_SIZE ? room % ARENA_MAX_SIZE : 0
  const end = several ? ARENA_MAX_SIZE + start : down(c.rawsize - rest)
  detail(c, 'btt_recover_first_sb', `Attempting recover info-block from end-of-arena offset ${hex(end - INFO_SIZE)}`)
  const backup = yield* btt_read_info(c, end - INFO_SIZE)
  if (typeof backup === 'number') return backup
  if (backup !== undefined) {
    const expected = backup.sb.version_major === 2 ? 0 : 4096
    return expected === start ? yield* btt_write_info(c, backup, start) : -ENXIO
  }
  const broken = yield* readAt(c, start, INFO_SIZE)
  if (typeof broken === 'number') return broken
  const info2off = Number(view(broken).getBigUint64(112, true))
  if (info2off === 0 || info2off > Math.min(c.rawsize, ARENA_MAX_SIZE + start) - INFO_SIZE) return -ENXIO
  detail(c, 'btt_recover_first_sb', `Attempting to recover info-block from info2 offset ${hex(info2off)}`)
  const second = yield* btt_read_info(c, info2off + start)
  if (second === undefined) return -ENXIO
  return typeof second === 'number' ? second : yield* btt_write_info(c, second, start)
})

const btt_discover_arenas = kfunc(CHECK, function* btt_discover_arenas(c: Checking, start: number) {
  const arenas: Arena[] = []
  for (let at = start; at < c.rawsize; ) {
    let info = yield* btt_read_info(c, at)
    if (info === undefined) {
      const left = c.rawsize - at
      const backup = (left <= ARENA_MAX_SIZE ? down(c.rawsize) : at + ARENA_MAX_SIZE) - INFO_SIZE
      detail(c, 'btt_discover_arenas', `Arena ${arenas.length}: Attempting recover info-block using info2`)
      info = yield* btt_read_info(c, backup)
      if (info === undefined) {
        told(c, 'btt_discover_arenas', `Backup info block (offset ${hex(backup)}) verification failed`)
        return -ENXIO
      }
      if (typeof info !== 'number') {
        const rc = yield* btt_write_info(c, info, at)
        if (rc !== 0) {
          told(c, 'btt_discover_arenas', `Restoration of the info block failed: ${rc}`)
          return rc
        }
      }
    }
    if (typeof info === 'number') return info
    const arena = btt_parse_meta(info, at, arenas.length)
    if (arena === undefined) {
      told(c, 'btt_discover_arenas', `Problem parsing arena[${arenas.length}] metadata`)
      return -ENXIO
    }
    arenas.push(arena)
    at += arena.size
    if (arena.last) break
  }
  detail(c, 'btt_discover_arenas', `found ${arenas.length} BTT arena${arenas.length > 1 ? 's' : ''}`)
  return arenas
})

function btt_parse_meta({ bytes, sb }: Info, at: number, number: number): Arena | undefined {
  const { internal_nlba, external_nlba, nfree, nextoff } = sb
  if ((sb.flags & 1) !== 0 || internal_nlba - external_nlba !== nfree) return undefined
  return {
    number,
    at,
    internal_nlba,
    external_nlba,
    nfree,
    mapoff: at + sb.mapoff,
    logoff: at + sb.logoff,
    info2off: at + sb.info2off,
    size: nextoff > 0 ? nextoff : sb.info2off + INFO_SIZE,
    last: nextoff === 0,
    info: bytes,
  }
}

interface LogEntry {
  readonly lba: number
  readonly old_map: number
  readonly new_map: number
  readonly seq: number
}

const entriesOf = (log: Uint8Array, lane: number): readonly LogEntry[] => {
  const data = view(log)
  return [0, 1, 2, 3].map((i) => {
    const word = (n: number): number => data.getUint32(lane * LOG_GRP_SIZE + i * 16 + n * 4, true)
    return { lba: word(0), old_map: word(1), new_map: word(2), seq: word(3) }
  })
}

/** The newer entry of a lane. */
function btt_log_read(log: Uint8Array, lane: number, [a, b]: readonly [number, number]): LogEntry {
  const entries = entriesOf(log, lane)
  const [first, second] = [entries[a], entries[b]] as [LogEntry, LogEntry]
  if (first.seq === 0) return second
  if (first.seq < second.seq) return second.seq - first.seq === 1 ? second : first
  return first.seq - second.seq === 1 ? first : second
}

const lookup = (map: DataView, lba: number): number => {
  const raw = map.getUint32(lba * 4, true)
  // Any of the two bits: the entry has been written.
  return (raw & NORMAL) === 0 ? lba : raw & LBA_MASK
}

/** What is wrong with an arena, in words; undefined: nothing; or a negative error number. */
const btt_check_arena = kfunc(CHECK, function* btt_check_arena(c: Checking, arena: Arena) {
  const { internal_nlba, external_nlba, nfree } = arena
  const log = yield* readAt(c, arena.logoff, Math.ceil((nfree * LOG_GRP_SIZE) / INFO_SIZE) * INFO_SIZE)
  if (typeof log === 'number') return log
  const places = log_indices(log.subarray(0, nfree * LOG_GRP_SIZE))
  if (typeof places === 'string') {
    if (places === 'unknown') told(c, 'log_set_indices', 'Found an unknown padding scheme')
    told(c, 'namespace_check', 'Unable to deduce log/padding indices')
    return -ENXIO
  }
  detail(c, 'log_set_indices', `arena[${arena.number}]: log_index_0 = ${places[0]}`)
  detail(c, 'log_set_indices', `arena[${arena.number}]: log_index_1 = ${places[1]}`)
  detail(c, 'btt_check_arenas', `checking arena ${arena.number}`)
  for (let lane = 0; lane < nfree; lane++) {
    const seqs = places.map((i) => entriesOf(log, lane)[i]?.seq ?? 0)
    if (seqs[0] === seqs[1]) return 'found a pair of log entries with the same sequence number'
    if (seqs.some((seq) => seq > 3)) return 'found a log entry with an out of bounds sequence number'
  }
  const entries = Array.from({ length: nfree }, (_, lane) => btt_log_read(log, lane, places))
  for (const { lba, old_map, new_map } of entries) {
    if (lba >= external_nlba) return 'found a log entry with an out of bounds LBA'
    if (old_map >= internal_nlba) return "found a log entry with an out of bounds 'old' mapping"
    if (new_map >= internal_nlba) return "found a log entry with an out of bounds 'new' mapping"
  }
  const bytes = yield* readAt(c, arena.mapoff, Math.ceil((external_nlba * 4) / INFO_SIZE) * INFO_SIZE)
  if (typeof bytes === 'number') return bytes
  const map = view(bytes)
  for (let lba = 0; lba < external_nlba; lba++)
    if (lookup(map, lba) >= internal_nlba) return 'found a map entry that is out of bounds'
  const late = yield* btt_check_log_map(c, arena, entries, bytes)
  if (late !== undefined) return late
  const rc = yield* btt_check_info2(c, arena)
  return rc < 0 ? rc : btt_check_bitmap(arena, entries, map)
})

/** The log is ahead of the map: power failed between the two. */
const btt_check_log_map = kfunc(
  CHECK,
  function* btt_check_log_map(c: Checking, arena: Arena, entries: readonly LogEntry[], bytes: Uint8Array) {
    const map = view(bytes)
    for (const [lane, { lba, old_map, new_map }] of entries.entries()) {
      const mapping = lookup(map, lba)
      if (new_map === mapping || old_map !== mapping) continue
      detail(
        c,
        'btt_check_log_map',
        `arena ${arena.number}: log[${lane}].new_map (${hex(new_map)}) doesn't match map[${hex(lba)}] (${hex(mapping)})`,
      )
      if (!c.repair) {
        told(c, 'btt_map_write', `Arena ${arena.number}: map[${hex(lba)}] needs to be updated to ${hex(new_map)}`)
        detail(c, 'repair_msg', '  Run with --repair to make the changes')
        continue
      }
      detail(c, 'btt_map_write', `Arena ${arena.number}: Updating map[${hex(lba)}] to ${hex(new_map)}`)
      map.setUint32(lba * 4, (new_map | NORMAL) >>> 0, true)
      const page = down(lba * 4)
      const at = arena.mapoff + page
      const rc = yield* sys_pwrite64(entering(c.k), c.fd, bytes.subarray(page, page + INFO_SIZE), at)
      if (rc < 0) return 'found a log entry that does not match with a map entry'
    }
    return undefined
  },
)

const btt_check_info2 = kfunc(CHECK, function* btt_check_info2(c: Checking, arena: Arena) {
  const info2 = yield* readAt(c, arena.info2off, INFO_SIZE)
  if (typeof info2 === 'number') return info2
  if (info2.every((byte, i) => byte === arena.info[i])) return 0
  if (!c.repair) {
    told(c, 'btt_copy_to_info2', `Arena ${arena.number}: BTT info2 needs to be restored`)
    detail(c, 'repair_msg', '  Run with --repair to make the changes')
    return 0
  }
  c.said.out += `Arena ${arena.number}: Restoring BTT info2\n`
  return Math.min(0, yield* sys_pwrite64(entering(c.k), c.fd, arena.info, arena.info2off))
})

/** Every internal block belongs to one sector, or is free in one lane. */
function btt_check_bitmap({ internal_nlba, external_nlba }: Arena, entries: readonly LogEntry[], map: DataView) {
  const taken = new Uint8Array(internal_nlba)
  const wrong = 'bitmap error: internal blocks are incorrectly referenced'
  let count = 0
  const take = (block: number): boolean => {
    if (taken[block] !== 0) return false
    taken[block] = 1
    count++
    return true
  }
  for (let lba = 0; lba < external_nlba; lba++) if (!take(lookup(map, lba))) return wrong
  for (const { old_map } of entries) if (!take(old_map)) return wrong
  return count === internal_nlba ? undefined : wrong
}

const check_raw = kfunc(CHECK, function* check_raw(c: Checking) {
  let start: number = -ENXIO
  for (const offset of START_OFFSETS) {
    const info = yield* btt_read_info(c, offset)
    if (info === undefined || typeof info === 'number') continue
    start = offset
    break
  }
  if (start < 0) {
    start = yield* btt_recover_first_sb(c)
    if (start < 0) {
      told(c, 'namespace_check', 'Unable to recover any BTT info blocks')
      told(c, 'namespace_check', 'This may not be a sector mode namespace')
      return start
    }
  }
  const arenas = yield* btt_discover_arenas(c, start)
  if (typeof arenas === 'number') return arenas
  for (const arena of arenas) {
    const problem = yield* btt_check_arena(c, arena)
    if (typeof problem === 'number') return problem
    if (problem === undefined) continue
    told(c, 'btt_xlat_status', `arena ${arena.number}: ${problem}`)
    return -ENXIO
  }
  return 0
})

/** 0, or a negative error number. */
export const namespace_check = kfunc(
  CHECK,
  function* namespace_check(k: Kernel, said: Said, ns: string, options: CheckOptions) {
    const rawsize = yield* ndctl_namespace_get_size(k, ns)
    const uuid = yield* get(k, ns, 'uuid')
    const parent = uuid === undefined || uuid === '' ? NO_UUID : uuid
    const before = { k, said, ns, fd: -1, rawsize, parent, ...options }
    detail(before, 'namespace_check', `checking ${ns}`)
    let disabled = false
    if (yield* ndctl_namespace_is_active(k, ns)) {
      if (!options.force) {
        told(before, 'namespace_check', `${ns}: check aborted, namespace online`)
        return -EBUSY
      }
      yield* ndctl_namespace_disable_safe(k, ns)
      disabled = true
    }
    yield* ndctl_namespace_set_raw_mode(k, ns, true)
    let rc = yield* ndctl_namespace_enable(k, said, ns)
    if (rc !== 0) told(before, 'namespace_check', `${ns}: failed to enable in raw mode: ${rc}`)
    else {
      const [disk = ''] = yield* sysfs_device_parse(k, `${DEVICES}/${ns}/block`, /^pmem/)
      const fd = yield* sys_openat(entering(k), `/dev/${disk}`, (options.repair ? O_RDWR : O_RDONLY) | O_EXCL)
      if (fd < 0) told(before, 'namespace_check', `unable to open /dev/${disk}: ${reason(fd)}`)
      rc = fd < 0 ? fd : yield* check_raw({ ...before, fd })
      if (fd >= 0) yield* sys_close(entering(k), fd)
    }
    yield* ndctl_namespace_set_raw_mode(k, ns, false)
    yield* ndctl_namespace_disable_invalidate(k, ns)
    if (disabled && (yield* ndctl_namespace_enable(k, said, ns)) < 0)
      told(before, 'namespace_check', `${ns}: failed to re-enable namespace`)
    return rc
  },
)
