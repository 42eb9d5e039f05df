/**
 * drivers/md/dm-log-writes.c: a device whose writes are also noted on another one, in the order in which they became
 * durable, so that they can be replayed up to any point.
 *
 * What was written is noted when the flush behind it is done, what was written with FUA at once. The log begins with a
 * super sector; an entry is a sector that says what was written where, and the data behind it. The number of entries in the
 * super sector is brought up to date behind an entry with FUA and behind a mark only. The log device is never flushed.
 * A write with FUA comes before an older one that waits for its flush, also where both are to one sector.
 *
 * Ours: the log's thread works in the context of who wakes it, before that goes on; one at a time, as upstream. So a write has
 * been logged when the call that waited for it returns, and where upstream the log would lag behind, it does not here.
 * Copies into the thread's own pages are no steps.
 *
 * Source: torvalds/linux v6.1 (047218ec904d), 98d82f48f198 as it stood in v5.4, and v4.9; reference/peers.md B5. Since when
 * sectors are blocks of the device is recalled: v4.14 or v4.15. Before, METADATA and its like were not noted; nothing here
 * submits such bios yet. The number in "Error writing log block" is that of v4.13 and later. Left out: ioctls of the device
 * below (prepare_ioctl).
 */

import type { Spa } from '../../../../base/brand.ts'
import { view } from '../../../../base/bytes.ts'
import { kfunc, microOp, type Request } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { bdev_max_discard_sectors, type QueueLimits } from '../../block/blk-settings.ts'
import { type Bio, new_bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EINVAL, EOPNOTSUPP } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { type IovIter, iov_iter_count } from '../../lib/iov_iter.ts'
import { dax_copy_from_iter, dax_direct_access, dax_zero_page_range } from '../dax/access.ts'
import { DMERR, DMWARN, type DmDev, type DmTarget, type TargetType } from './dm-core.ts'
import { leg_dax_pgoff, PAGE_SECTORS, whole_pages } from './dm-dax.ts'
import { dm_get_device, dm_put_device } from './dm-device.ts'

const DM_LOG_WRITES = 'drivers/md/dm-log-writes.c'
const PAGE = 4096
/** Bytes of a bio, at most: BIO_MAX_VECS pages. */
const MOST = 256 * PAGE

const LOG_FLUSH_FLAG = 1
const LOG_FUA_FLAG = 2
const LOG_DISCARD_FLAG = 4
const LOG_MARK_FLAG = 8
const LOG_METADATA_FLAG = 16

const WRITE_LOG_VERSION = 1
const WRITE_LOG_MAGIC = 0x6a736677736872n
const WRITE_LOG_SUPER_SECTOR = 0

/** sizeof(struct log_write_super), sizeof(struct log_write_entry). */
const SUPER_BYTES = 32
const ENTRY_BYTES = 32

/** UINT_MAX >> SECTOR_SHIFT */
const MAX_DISCARD_SECTORS = 2 ** 23 - 1
const BLK_STS_NOTSUPP = 1
const BLK_STS_IOERR = 10

/** struct pending_block: something that was asked for, and is not in the log yet. */
interface PendingBlock {
  /** In blocks of the device. */
  readonly sector: number
  readonly nr_sectors: number
  readonly flags: number
  /** Text of a mark, or what was copied through direct access. */
  readonly data: Uint8Array | undefined
  /** What a bio wrote. */
  readonly vecs: Uint8Array | undefined
  /** Of a flush: what was done when it was asked for. */
  readonly list: readonly PendingBlock[]
}

const BLOCK: PendingBlock = { sector: 0, nr_sectors: 0, flags: 0, data: undefined, vecs: undefined, list: [] }

interface LogWritesCFields {
  dev: DmDev
  logdev: DmDev
  logged_entries: number
  /** Bytes. */
  sectorsize: number
  /** Where the next entry begins, and the log device ends: 512-byte sectors. */
  next_sector: number
  end_sector: number
  logging_enabled: boolean
  device_supports_discard: boolean
  /** Done, and no flush has been asked for since; on its way into the log. */
  unflushed_blocks: readonly PendingBlock[]
  logging_blocks: readonly PendingBlock[]
  /** The thread is at work. */
  log_kthread: boolean
}

type LogWritesC = LogWritesCFields & Identity

const log_writes_c = struct<LogWritesCFields>('log_writes_c', {
  dev: undefined as never,
  logdev: undefined as never,
  logged_entries: 0,
  sectorsize: SECTOR_SIZE,
  next_sector: 0,
  end_sector: 0,
  logging_enabled: true,
  device_supports_discard: true,
  unflushed_blocks: [],
  logging_blocks: [],
  log_kthread: false,
})

const context = (ti: DmTarget): LogWritesC => ti.private as LogWritesC

const bio_to_dev_sectors = ({ sectorsize }: LogWritesC, sectors: number): number =>
  Math.floor((sectors * SECTOR_SIZE) / sectorsize)

const dev_to_bio_sectors = ({ sectorsize }: LogWritesC, sectors: number): number => (sectors * sectorsize) / SECTOR_SIZE

/** submit_bio() to the log device, and log_end_io(): a bio that fails ends the logging. */
function* log_bio(k: Kernel, lc: LogWritesC, sector: number, data: Uint8Array): Generator<Request, void, unknown> {
  const rc = yield* submit_bio(k, new_bio(lc.logdev.bdev, 'write', sector, data))
  if (rc === 0) return
  const status = rc === -EOPNOTSUPP ? BLK_STS_NOTSUPP : BLK_STS_IOERR
  DMERR(k, 'log-writes', `Error writing log block, error=${status}`)
  lc.logging_enabled = false
}

/** A sector of numbers, and what of `data` belongs into it. */
const write_metadata = kfunc(
  DM_LOG_WRITES,
  function* write_metadata(k: Kernel, lc: LogWritesC, entry: Uint8Array, data: Uint8Array | undefined, sector: number) {
    const bytes = new Uint8Array(lc.sectorsize)
    bytes.set(entry)
    if (data !== undefined) bytes.set(data, entry.length)
    yield* log_bio(k, lc, sector, bytes)
  },
)

/** Data of a bio, or what was copied through direct access, filled up to whole sectors. */
const write_inline_data = kfunc(
  DM_LOG_WRITES,
  function* write_inline_data(k: Kernel, lc: LogWritesC, data: Uint8Array, sector: number) {
    const bytes = new Uint8Array(Math.ceil(data.length / lc.sectorsize) * lc.sectorsize)
    bytes.set(data)
    for (let at = 0; at < bytes.length; at += MOST)
      yield* log_bio(k, lc, sector + at / SECTOR_SIZE, bytes.subarray(at, at + MOST))
  },
)

const log_one_block = kfunc(
  DM_LOG_WRITES,
  function* log_one_block(k: Kernel, lc: LogWritesC, block: PendingBlock, sector: number) {
    const { data, vecs } = block
    const entry = new Uint8Array(ENTRY_BYTES)
    const numbers = [block.sector, block.nr_sectors, block.flags, data?.length ?? 0]
    for (const [i, number] of numbers.entries()) view(entry).setBigUint64(8 * i, BigInt(number), true)
    const mark = (block.flags & LOG_MARK_FLAG) !== 0
    yield* write_metadata(k, lc, entry, mark ? data : undefined, sector)
    const behind = sector + dev_to_bio_sectors(lc, 1)
    if (data !== undefined && data.length > 0 && !mark) yield* write_inline_data(k, lc, data, behind)
    else
      for (let at = 0; at < (vecs?.length ?? 0); at += MOST)
        yield* log_bio(k, lc, behind + at / SECTOR_SIZE, (vecs as Uint8Array).subarray(at, at + MOST))
  },
)

/** How many entries there are, for who reads the log. */
const log_super = kfunc(DM_LOG_WRITES, function* log_super(k: Kernel, lc: LogWritesC) {
  const bytes = new Uint8Array(SUPER_BYTES)
  const fields = view(bytes)
  fields.setBigUint64(0, WRITE_LOG_MAGIC, true)
  fields.setBigUint64(8, BigInt(WRITE_LOG_VERSION), true)
  fields.setBigUint64(16, BigInt(lc.logged_entries), true)
  fields.setUint32(24, lc.sectorsize, true)
  yield* write_metadata(k, lc, bytes, undefined, WRITE_LOG_SUPER_SECTOR)
})

/** Room for a block in the log, or undefined when it is full, which ends the logging. */
function place_of(k: Kernel, lc: LogWritesC, { flags, nr_sectors }: PendingBlock): number | undefined {
  const sector = lc.next_sector
  const data = (flags & LOG_DISCARD_FLAG) === 0 ? nr_sectors : 0
  lc.next_sector = sector + dev_to_bio_sectors(lc, data + 1)
  if (lc.end_sector === 0) lc.end_sector = lc.logdev.bdev.bd_nr_sectors
  if (lc.end_sector === 0 || lc.next_sector < lc.end_sector) {
    lc.logged_entries++
    return sector
  }
  DMERR(k, 'log-writes', 'Ran out of space on the logdev')
  lc.logging_enabled = false
  return undefined
}

/** Logs what there is to log. There is one such thread: while it is at work it finds what is added, too. */
const log_writes_kthread = kfunc(DM_LOG_WRITES, function* log_writes_kthread(k: Kernel, lc: LogWritesC) {
  if (lc.log_kthread) return
  lc.log_kthread = true
  for (let block = lc.logging_blocks[0]; block !== undefined; block = lc.logging_blocks[0]) {
    lc.logging_blocks = lc.logging_blocks.slice(1)
    if (!lc.logging_enabled) continue
    const sector = place_of(k, lc, block)
    if (sector === undefined) continue
    yield* log_one_block(k, lc, block, sector)
    if ((block.flags & (LOG_FUA_FLAG | LOG_MARK_FLAG)) !== 0) yield* log_super(k, lc)
  }
  lc.log_kthread = false
})

const log_writes_ctr = kfunc(DM_LOG_WRITES, function* log_writes_ctr(k: Kernel, ti: DmTarget, argv: readonly string[]) {
  const [devname, logdevname] = argv
  if (devname === undefined || logdevname === undefined) {
    ti.error = 'Invalid argument count'
    return -EINVAL
  }
  const dev = yield* dm_get_device(k, ti, devname)
  if (typeof dev === 'number') {
    ti.error = 'Device lookup failed'
    return dev
  }
  const logdev = yield* dm_get_device(k, ti, logdevname)
  if (typeof logdev === 'number') {
    ti.error = 'Log device lookup failed'
    yield* dm_put_device(k, ti, dev)
    return logdev
  }
  const sectorsize = k.has('dm_log_writes_dax') ? dev.disk.logical_block_size : SECTOR_SIZE
  ti.private = log_writes_c.create(k.journal, {
    dev,
    logdev,
    sectorsize,
    next_sector: sectorsize / SECTOR_SIZE,
    end_sector: logdev.bdev.bd_nr_sectors,
  })
  ti.num_flush_bios = 1
  ti.flush_supported = true
  ti.num_discard_bios = 1
  ti.discards_supported = true
  return 0
})

/** As much of the text as fits behind an entry, and a NUL. */
const log_mark = kfunc(DM_LOG_WRITES, function* log_mark(k: Kernel, lc: LogWritesC, text: string) {
  const data = new TextEncoder().encode(text).subarray(0, lc.sectorsize - ENTRY_BYTES - 1)
  lc.logging_blocks = [...lc.logging_blocks, { ...BLOCK, data, flags: LOG_MARK_FLAG }]
  yield* log_writes_kthread(k, lc)
  return 0
})

/** What no flush has followed is logged now, and the mark behind it brings the super sector up to date. */
const log_writes_dtr = kfunc(DM_LOG_WRITES, function* log_writes_dtr(k: Kernel, ti: DmTarget) {
  const lc = context(ti)
  lc.logging_blocks = [...lc.unflushed_blocks, ...lc.logging_blocks]
  lc.unflushed_blocks = []
  yield* log_mark(k, lc, 'dm-log-writes-end')
  yield* microOp(() => !lc.log_kthread)
  yield* dm_put_device(k, ti, lc.dev)
  yield* dm_put_device(k, ti, lc.logdev)
})

/** A piece of the device from the same sector on: the start of the target is not taken off. */
const normal_map_bio = (ti: DmTarget, bio: Bio, block: PendingBlock | undefined): Bio => ({
  ...bio,
  bi_bdev: context(ti).dev.bdev,
  per_bio_data: block,
})

const flags_of = ({ preflush, fua, op, meta }: Bio): number =>
  (preflush === true ? LOG_FLUSH_FLAG : 0) |
  (fua === true ? LOG_FUA_FLAG : 0) |
  (op === 'discard' ? LOG_DISCARD_FLAG : 0) |
  (meta === true ? LOG_METADATA_FLAG : 0)

/** The data are copied: who submitted them may use the memory again as soon as they are written. */
const log_writes_map = kfunc(DM_LOG_WRITES, function* log_writes_map(k: Kernel, ti: DmTarget, bio: Bio) {
  const lc = context(ti)
  const flush = bio.preflush === true
  if (!lc.logging_enabled || bio.op === 'read' || (bio.nr_sectors === 0 && !flush))
    return normal_map_bio(ti, bio, undefined)
  const block: PendingBlock = {
    ...BLOCK,
    flags: flags_of(bio),
    sector: bio_to_dev_sectors(lc, bio.sector),
    nr_sectors: bio_to_dev_sectors(lc, bio.nr_sectors),
  }
  if (bio.op === 'discard') {
    if (lc.device_supports_discard) return normal_map_bio(ti, bio, block)
    yield* normal_end_io(k, ti, normal_map_bio(ti, bio, block))
    return 0
  }
  const vecs = bio.data.length > 0 ? bio.data.slice() : undefined
  if (!flush) return normal_map_bio(ti, bio, { ...block, vecs })
  const list = lc.unflushed_blocks
  lc.unflushed_blocks = []
  return normal_map_bio(ti, bio, { ...block, vecs, list })
})

/** Also of a bio that failed: nobody looks. */
const normal_end_io = kfunc(DM_LOG_WRITES, function* normal_end_io(k: Kernel, ti: DmTarget, bio: Bio) {
  const lc = context(ti)
  const block = bio.per_bio_data as PendingBlock | undefined
  if (block === undefined) return
  if ((block.flags & (LOG_FLUSH_FLAG | LOG_FUA_FLAG)) === 0) lc.unflushed_blocks = [...lc.unflushed_blocks, block]
  else {
    lc.logging_blocks = [...lc.logging_blocks, ...block.list, { ...block, list: [] }]
    yield* log_writes_kthread(k, lc)
  }
})

function log_writes_status(ti: DmTarget, what: 'info' | 'table'): string {
  const { dev, logdev, logged_entries, next_sector, logging_enabled } = context(ti)
  if (what === 'table') return `${dev.name} ${logdev.name}`
  return `${logged_entries} ${next_sector - 1}${logging_enabled ? '' : ' logging_disabled'}`
}

const log_writes_message = kfunc(
  DM_LOG_WRITES,
  function* log_writes_message(k: Kernel, ti: DmTarget, argv: readonly string[]) {
    const [what = '', text = ''] = argv
    if (argv.length !== 2) {
      DMWARN(k, 'log-writes', `Invalid log-writes message arguments, expect 2 arguments, got ${argv.length}`)
      return -EINVAL
    }
    if (what.toLowerCase() === 'mark') return yield* log_mark(k, context(ti), text)
    DMWARN(k, 'log-writes', `Unrecognised log writes target message received: ${what}`)
    return -EINVAL
  },
)

/** Where the device can't discard, a discard is done when it has been noted. */
function log_writes_io_hints(ti: DmTarget, limits: QueueLimits): QueueLimits {
  const lc = context(ti)
  const { disk } = lc.dev
  const { logical_block_size, physical_block_size } = disk
  const blocks = { logical_block_size, physical_block_size, io_min: physical_block_size }
  if (bdev_max_discard_sectors(disk) > 0) return { ...limits, ...blocks }
  lc.device_supports_discard = false
  return { ...limits, ...blocks, discard_granularity: lc.sectorsize, max_discard_sectors: MAX_DISCARD_SECTORS }
}

/** It waits, as a write does, for a flush. It is said to begin where its page does, whatever it writes in it. */
function log_dax(lc: LogWritesC, sector: number, bytes: number, iter: IovIter): void {
  const data = new Uint8Array(Math.min(bytes, iov_iter_count(iter)))
  let at = 0
  for (const segment of iter.segments) {
    const piece = segment.bytes.subarray(0, data.length - at)
    data.set(piece, at)
    at += piece.length
  }
  const nr_sectors = Math.ceil(bytes / lc.sectorsize)
  const block: PendingBlock = { ...BLOCK, sector: bio_to_dev_sectors(lc, sector), nr_sectors, data }
  lc.unflushed_blocks = [...lc.unflushed_blocks, block]
}

const log_writes_dax_direct_access = kfunc(
  DM_LOG_WRITES,
  function* log_writes_dax_direct_access(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number) {
    const { dev } = context(ti)
    const at = leg_dax_pgoff(k, dev, pgoff * PAGE_SECTORS, nr_pages * PAGE)
    return at < 0 ? at : yield* dax_direct_access(k, dev.dax_dev, at, nr_pages)
  },
)

/** Up to v5.16. Since then nobody is asked how to copy, and what is written through direct access is not in the log. */
const log_writes_dax_copy_from_iter = kfunc(
  DM_LOG_WRITES,
  function* log_writes_dax_copy_from_iter(
    k: Kernel,
    ti: DmTarget,
    pgoff: number,
    addr: Spa,
    bytes: number,
    iter: IovIter,
  ) {
    const lc = context(ti)
    const at = leg_dax_pgoff(k, lc.dev, pgoff * PAGE_SECTORS, whole_pages(bytes))
    if (at < 0 || lc.dev.dax_dev === undefined) return 0
    if (lc.logging_enabled && bytes > 0) log_dax(lc, pgoff * PAGE_SECTORS, bytes, iter)
    return yield* dax_copy_from_iter(k, lc.dev.dax_dev, at, addr, bytes, iter)
  },
)

/** Passed on, and not logged. */
const log_writes_dax_zero_page_range = kfunc(
  DM_LOG_WRITES,
  function* log_writes_dax_zero_page_range(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number) {
    const { dev } = context(ti)
    const at = leg_dax_pgoff(k, dev, pgoff * PAGE_SECTORS, nr_pages * PAGE)
    if (at < 0) return at
    return dev.dax_dev === undefined ? -EOPNOTSUPP : yield* dax_zero_page_range(k, dev.dax_dev, at, nr_pages)
  },
)

const log_writes_bios: TargetType = {
  name: 'log-writes',
  version: '1.1.0',
  ctr: log_writes_ctr,
  dtr: log_writes_dtr,
  map: log_writes_map,
  end_io: normal_end_io,
  message: log_writes_message,
  status: log_writes_status,
  iterate_devices: (ti, fn) => fn(context(ti).dev, 0, ti.len),
  io_hints: log_writes_io_hints,
}

const log_writes_dax: TargetType = {
  ...log_writes_bios,
  direct_access: log_writes_dax_direct_access,
  dax_copy_from_iter: log_writes_dax_copy_from_iter,
  dax_zero_page_range: log_writes_dax_zero_page_range,
}

export const log_writes_target = (k: Kernel): TargetType =>
  k.has('dm_log_writes_dax') ? log_writes_dax : log_writes_bios
