/**
 * drivers/nvdimm/btt.c: the block translation table, which makes the write of a sector all or nothing.
 *
 * A write goes to a free block, then into the log, then into the map; the block that the map named before is the
 * lane's next free one. `btt_locks.ts` keeps several users apart.
 *
 * Left out: integrity metadata, arenas that are written only when first used, the lock under which a free block is
 * cleared (upstream gives its lane back first, here it stays taken).
 */

import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { is_bad } from '../../block/badblocks.ts'
import type { SubmitBio } from '../../block/blk-core.ts'
import { blk_alloc_disk, del_gendisk, device_add_disk, type Gendisk } from '../../block/genhd.ts'
import type { Device } from '../../include/linux/device.ts'
import { EIO, ENODEV, ENOMEM, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_err, dev_info, dev_warn } from '../base/core.ts'
import {
  ARENA_MAX_SIZE,
  type Arena,
  alloc_arena,
  arena_clear_freelist_error,
  arena_read_bytes,
  arena_write_bytes,
  btt_arena_write_layout,
  btt_flog_write,
  btt_freelist_init,
  btt_map_read,
  btt_map_write,
  log_set_indices,
  parse_arena_meta,
  sector_size,
  set_free,
  to_namespace_offset,
} from './btt_arena.ts'
import { ARENA_MIN_SIZE, BTT_SB_SIZE, initial_offset } from './btt_devs.ts'
import {
  lock_map,
  nd_region_acquire_lane,
  nd_region_release_lane,
  set_rtt,
  unlock_map,
  wait_for_readers,
} from './btt_locks.ts'
import { type BttSb, decode_btt_sb, type Mapping, set_e_flag } from './btt_sb.ts'
import { devm_nsio_enable, nvdimm_read_bytes } from './claim.ts'
import { NIL_UUID } from './core.ts'
import { nd_dev_to_uuid, nvdimm_namespace_disk_name } from './namespace_devs.ts'
import { type NdNamespace, type NdPfn, type NvdimmBtt, to_nd_pfn, to_nd_region } from './nd.ts'

const BTT = 'drivers/nvdimm/btt.c'
const SECTOR = 512
const ERROR_MASK = 1

type Outcome<R> = Generator<Request, R, unknown>

interface BttFields {
  nd_btt: NdPfn
  arenas: readonly Arena[]
  disk: Gendisk
}

type Btt = BttFields & Identity

const btt_type = struct<BttFields>('btt', { nd_btt: undefined as never, arenas: [], disk: undefined as never })

const btts = struct<{ list: readonly Btt[] }>('btts', { list: [] })

/** Every table in use. */
export const btt_tables: NvdimmBtt['tables'] = (k) =>
  k.global(btts).list.flatMap(({ nd_btt, arenas, disk }) => {
    const { ndns } = nd_btt
    if (ndns === undefined) return []
    const { disk_name, logical_block_size } = disk
    const range = { start: ndns.start, size: ndns.size, base: ndns.start + initial_offset(nd_btt) }
    return [{ disk_name, sector_size: logical_block_size, ...range, arenas }]
  })

/** An info block that belongs to this namespace. */
export function nd_btt_arena_is_valid(ndns: NdNamespace, sb: BttSb | undefined): sb is BttSb {
  return sb !== undefined && (sb.parent_uuid === NIL_UUID || sb.parent_uuid === nd_dev_to_uuid(ndns))
}

/** The arenas on media: none, or a negative error number. */
const discover_arenas = kfunc(
  BTT,
  function* discover_arenas(k: Kernel, btt: NdPfn, ndns: NdNamespace, rawsize: number) {
    const arenas: Arena[] = []
    let start = 0
    for (let offset = 0; offset < rawsize; ) {
      const bytes = yield* nvdimm_read_bytes(k, ndns, offset + initial_offset(btt), BTT_SB_SIZE)
      if (bytes === undefined) return -EIO
      const sb = decode_btt_sb(bytes)
      const room = rawsize - offset
      const arena = nd_btt_arena_is_valid(ndns, sb) ? parse_arena_meta(k, btt, sb, { start, offset, room }) : undefined
      if (arena === undefined) {
        if (offset === 0 && !nd_btt_arena_is_valid(ndns, sb)) {
          dev_info(k, btt.dev, 'No existing arenas')
          return arenas
        }
        dev_err(k, btt.dev, 'Found corrupted metadata!')
        return -ENODEV
      }
      const scheme = yield* log_set_indices(k, arena)
      if (scheme !== 0) {
        dev_err(k, btt.dev, 'Unable to deduce log/padding indices')
        return scheme
      }
      const rc = yield* btt_freelist_init(k, arena)
      if (rc !== 0) return rc
      arenas.push(arena)
      start += arena.external_nlba
      offset += arena.size
      if (arena.nextoff === 0) break
    }
    return arenas
  },
)

const create_arenas = kfunc(BTT, function* create_arenas(k: Kernel, btt: NdPfn, rawsize: number) {
  yield* []
  const arenas: Arena[] = []
  let start = 0
  for (let offset = 0; offset < rawsize; ) {
    const size = Math.min(ARENA_MAX_SIZE, rawsize - offset)
    if (size < ARENA_MIN_SIZE) break
    const arena = alloc_arena(k, btt, size, start, offset)
    start += arena.external_nlba
    offset += size
    if (rawsize - offset >= ARENA_MIN_SIZE) arena.nextoff = size
    arenas.push(arena)
  }
  return arenas
})

const btt_meta_init = kfunc(BTT, function* btt_meta_init(k: Kernel, arenas: readonly Arena[]) {
  for (const arena of arenas) {
    const written = yield* btt_arena_write_layout(k, arena)
    if (written !== 0) return written
    const rc = yield* btt_freelist_init(k, arena)
    if (rc !== 0) return rc
  }
  return 0
})

const btt_init = kfunc(BTT, function* btt_init(k: Kernel, nd_btt: NdPfn, ndns: NdNamespace, rawsize: number) {
  const region = nd_btt.dev.parent && to_nd_region(nd_btt.dev.parent)
  const found = yield* discover_arenas(k, nd_btt, ndns, rawsize)
  if (typeof found === 'number') {
    dev_err(k, nd_btt.dev, `init: error in arena_discover: ${found}`)
    return undefined
  }
  let arenas: readonly Arena[] = found
  if (arenas.length === 0) {
    if (region?.ro === true) {
      dev_warn(k, nd_btt.dev, `${region.dev.name} is read-only, unable to init btt metadata`)
      return undefined
    }
    dev_dbg(k, nd_btt.dev, `init: ${Math.ceil(rawsize / ARENA_MAX_SIZE)} arenas for ${rawsize} rawsize`)
    arenas = yield* create_arenas(k, nd_btt, rawsize)
    const rc = yield* btt_meta_init(k, arenas)
    if (rc !== 0) {
      dev_err(k, nd_btt.dev, `init: error in meta_init: ${rc}`)
      return undefined
    }
  }
  const size = nd_btt.lbasize >= 4096 ? 4096 : SECTOR
  const bytes = arenas.reduce((sum, { external_nlba }) => sum + external_nlba, 0) * size
  const disk = blk_alloc_disk(k, {
    disk_name: nvdimm_namespace_disk_name(ndns),
    sectors: bytes / SECTOR,
    logical_block_size: size,
    physical_block_size: size,
    ro: region?.ro === true,
    // What stands beside the data of a block belongs to it.
    settings: nd_btt.lbasize > size ? { 'queue/stable_writes': '1' } : {},
    submit_bio: btt_submit_bio,
  })
  nd_btt.size = bytes
  const btt = btt_type.create(k.journal, { nd_btt, arenas, disk })
  disk.private_data = btt
  yield* device_add_disk(k, nd_btt.dev, disk, [])
  return btt
})

/** Serve a namespace in sector mode through the personality `dev`. */
export const nvdimm_namespace_attach_btt = kfunc(
  BTT,
  function* nvdimm_namespace_attach_btt(k: Kernel, dev: Device, ndns: NdNamespace) {
    const nd_btt = to_nd_pfn(dev)
    if (nd_btt.uuid === undefined || nd_btt.lbasize === 0) {
      dev_dbg(k, dev, 'incomplete btt configuration')
      return -ENODEV
    }
    const rc = yield* devm_nsio_enable(k, dev, ndns, ndns.size)
    if (rc !== 0) return rc
    const rawsize = ndns.size - initial_offset(nd_btt)
    if (rawsize < ARENA_MIN_SIZE) {
      dev_dbg(k, dev, `${ndns.dev.name} must be at least ${ARENA_MIN_SIZE + initial_offset(nd_btt)} bytes`)
      return -ENXIO
    }
    const btt = yield* btt_init(k, nd_btt, ndns, rawsize)
    if (btt === undefined) return -ENOMEM
    k.global(btts).list = [...k.global(btts).list, btt]
    return 0
  },
)

export function nvdimm_namespace_detach_btt(k: Kernel, dev: Device): void {
  const all = k.global(btts)
  const own = all.list.find(({ nd_btt }) => nd_btt.dev === dev)
  if (own === undefined) return
  if (own.nd_btt.ndns !== undefined) own.nd_btt.ndns.io_enabled = false
  own.nd_btt.size = undefined
  del_gendisk(k, own.disk)
  all.list = all.list.filter((other) => other !== own)
}

/** The arena of a sector, and the sector's number in it. */
function lba_to_arena({ arenas }: Btt, sector: number): readonly [Arena, number] | undefined {
  for (const arena of arenas) {
    const lba = Math.floor((sector * SECTOR) / sector_size(arena)) - arena.external_lba_start
    if (lba < arena.external_nlba) return [arena, lba]
  }
  return undefined
}

const btt_read_pg = kfunc(BTT, function* btt_read_pg(k: Kernel, btt: Btt, sector: number) {
  const [arena, premap] = lba_to_arena(btt, sector) ?? []
  if (arena === undefined || premap === undefined) return -EIO
  const lane = yield* nd_region_acquire_lane(k, arena)
  const result = yield* read_by(k, btt, arena, premap, lane)
  set_rtt(arena, lane, undefined)
  nd_region_release_lane(arena, lane)
  return result
})

function* read_by(k: Kernel, btt: Btt, arena: Arena, premap: number, lane: number): Outcome<Uint8Array | number> {
  const length = sector_size(arena)
  const first = yield* btt_map_read(k, arena, premap)
  if (typeof first === 'number') return first
  let mapping: Mapping = first
  for (;;) {
    if (mapping.trim) return new Uint8Array(length)
    if (mapping.error) return -EIO
    set_rtt(arena, lane, mapping.block)
    // The block may have been given away before it was announced that it is being read.
    const again: Mapping | number = yield* btt_map_read(k, arena, premap)
    if (typeof again === 'number') return again
    if (again.block === mapping.block && !again.trim && !again.error) break
    mapping = again
  }
  const bytes = yield* arena_read_bytes(k, arena, to_namespace_offset(arena, mapping.block), length)
  if (bytes !== undefined) return bytes
  if ((yield* btt_map_write(k, arena, premap, mapping.block, 'error', true)) !== 0)
    dev_warn(k, btt.nd_btt.dev, `Error persistently tracking bad blocks at 0x${premap.toString(16)}`)
  return -EIO
}

const btt_write_pg = kfunc(BTT, function* btt_write_pg(k: Kernel, btt: Btt, sector: number, bytes: Uint8Array) {
  const [arena, premap] = lba_to_arena(btt, sector) ?? []
  if (arena === undefined || premap === undefined || (arena.flags & ERROR_MASK) !== 0) return -EIO
  const lane = yield* nd_region_acquire_lane(k, arena)
  const result = yield* write_by(k, btt, arena, premap, lane, bytes)
  const replaced = typeof result === 'object' && result.error
  const rc = replaced ? yield* arena_clear_freelist_error(k, arena, lane) : 0
  nd_region_release_lane(arena, lane)
  return typeof result === 'number' ? result : rc
})

/** What the map said of the sector before, or a negative error number. */
function* write_by(
  k: Kernel,
  btt: Btt,
  arena: Arena,
  premap: number,
  lane: number,
  bytes: Uint8Array,
): Outcome<Mapping | number> {
  const { ndns } = btt.nd_btt
  for (let tries = 0; ; tries++) {
    const free = arena.freelist[lane]
    if (free === undefined || ndns === undefined || tries > arena.nfree) return -EIO
    const at = initial_offset(btt.nd_btt) + to_namespace_offset(arena, free.block)
    if (is_bad(ndns.bb, at, arena.internal_lbasize)) set_free(arena, lane, { ...free, has_err: true })
    else if (!free.has_err) break
    const rc = yield* arena_clear_freelist_error(k, arena, lane)
    if (rc !== 0) return rc
  }
  const { block: new_postmap = 0, seq = 0 } = arena.freelist[lane] ?? {}
  yield* wait_for_readers(arena, new_postmap)
  if (new_postmap >= arena.internal_nlba) return -EIO
  const data = yield* arena_write_bytes(k, arena, to_namespace_offset(arena, new_postmap), bytes, true)
  if (data !== 0) return data
  yield* lock_map(arena, premap)
  const result = yield* remap(k, arena, premap, lane, { new_postmap, seq })
  unlock_map(arena, premap)
  return result
}

/** Log, then map: sector `premap` moves to the block that has just been written. */
function* remap(
  k: Kernel,
  arena: Arena,
  premap: number,
  lane: number,
  { new_postmap, seq }: { readonly new_postmap: number; readonly seq: number },
): Outcome<Mapping | number> {
  const old = yield* btt_map_read(k, arena, premap)
  if (typeof old === 'number') return old
  if (old.block >= arena.internal_nlba) return -EIO
  const old_map = old.error ? set_e_flag(old.block) : old.block
  const logged = yield* btt_flog_write(k, arena, lane, { lba: premap, old_map, new_map: new_postmap, seq })
  if (logged !== 0) return logged
  const mapped = yield* btt_map_write(k, arena, premap, new_postmap, 'normal', true)
  return mapped !== 0 ? mapped : old
}

/** Read `length` bytes at `sector` (of 512 bytes): the bytes, or a negative error number. */
const btt_read = kfunc(BTT, function* btt_submit_bio(k: Kernel, btt: Btt, sector: number, length: number) {
  const size = btt.disk.logical_block_size
  if (length === 0 || length % size !== 0) return unaligned(k, btt, length)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += size) {
    const piece = yield* btt_read_pg(k, btt, sector + at / SECTOR)
    if (typeof piece === 'number') {
      dev_err(k, btt.nd_btt.dev, `io error in READ sector ${sector + at / SECTOR}, len ${size},`)
      return piece
    }
    bytes.set(piece, at)
  }
  return bytes
})

/** Write at `sector` (of 512 bytes); each block of the disk's size is all or nothing. */
const btt_write = kfunc(BTT, function* btt_submit_bio(k: Kernel, btt: Btt, sector: number, bytes: Uint8Array) {
  const size = btt.disk.logical_block_size
  if (bytes.length === 0 || bytes.length % size !== 0) return unaligned(k, btt, bytes.length)
  for (let at = 0; at < bytes.length; at += size) {
    const rc = yield* btt_write_pg(k, btt, sector + at / SECTOR, bytes.subarray(at, at + size))
    if (rc !== 0) {
      dev_err(k, btt.nd_btt.dev, `io error in WRITE sector ${sector + at / SECTOR}, len ${size},`)
      return rc
    }
  }
  return 0
})

function unaligned(k: Kernel, btt: Btt, length: number): number {
  dev_err(k, btt.nd_btt.dev, `unaligned bio segment (len: ${length})`)
  return -EIO
}

const btt_submit_bio: SubmitBio = function* (k, disk, { op, sector, data }) {
  const btt = disk.private_data as Btt
  if (op === 'write') return yield* btt_write(k, btt, sector, data)
  const bytes = yield* btt_read(k, btt, sector, data.length)
  if (typeof bytes === 'number') return bytes
  data.set(bytes)
  return 0
}
