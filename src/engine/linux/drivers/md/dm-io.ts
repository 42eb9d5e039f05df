/**
 * drivers/md/dm.c, the part for bios: cut at the ends of targets and chunks, flushes to all of them.
 *
 * What is left of a bio comes back to it, as it does through the list of the task upstream. Source: torvalds/linux v6.1;
 * reference/kernel.md §6.4; groundtruth ops4-dm.
 */

import { kfunc, microOp, type Op, type Request } from '../../../sim/kfunc.ts'
import { submit_bio_noacct } from '../../block/blk-core.ts'
import type { Gendisk } from '../../block/genhd.ts'
import { type Bio, disk_part0, new_bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EIO, EOPNOTSUPP } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { DMERR, type DmTable, type DmTarget, dm_device_name, type MappedDevice } from './dm-core.ts'
import { dm_table_find_target, max_io_len } from './dm-dax.ts'

const DM = 'drivers/md/dm.c'

interface Submitted {
  /** 0, or a negative error number. */
  readonly status: number
  readonly rest?: Bio
}

const __map_bio = kfunc(DM, function* __map_bio(k: Kernel, ti: DmTarget, clone: Bio, nr: number): Generator<
  Request,
  number
> {
  const mapped: Bio | number = yield* ti.target_type.map(k, ti, clone, nr)
  if (typeof mapped === 'number') return mapped
  const rc = yield* submit_bio_noacct(k, mapped)
  yield* ti.target_type.end_io?.(k, ti, mapped, rc) ?? []
  return rc
})

/** To every target, as often as it wants: what was written before may be on any of its devices. */
const __send_empty_flush = kfunc(DM, function* __send_empty_flush(k: Kernel, map: DmTable) {
  const flush = new_bio(disk_part0(map.md.disk), 'write', 0, undefined, { preflush: true, sync: true })
  let status = 0
  for (const ti of map.targets)
    for (let nr = 0; nr < ti.num_flush_bios; nr++) {
      const rc = yield* __map_bio(k, ti, flush, nr)
      if (status === 0) status = rc
    }
  return status
})

/** The first piece, up to where its target wants it cut. */
const __split_and_process_bio = kfunc(
  DM,
  function* __split_and_process_bio(k: Kernel, map: DmTable, bio: Bio): Generator<Request, Submitted> {
    const { sector, nr_sectors, data } = bio
    const ti = dm_table_find_target(map, sector)
    if (ti === undefined) return { status: -EIO }
    if (bio.op === 'discard' && ti.num_discard_bios === 0) return { status: -EOPNOTSUPP }
    const length = Math.min(max_io_len(ti, sector), nr_sectors)
    const bytes = length * SECTOR_SIZE
    const clone = length === nr_sectors ? bio : { ...bio, data: data.subarray(0, bytes), nr_sectors: length }
    const status = yield* __map_bio(k, ti, clone, 0)
    if (length === nr_sectors) return { status }
    const rest = { ...bio, sector: sector + length, data: data.subarray(bytes), nr_sectors: nr_sectors - length }
    return { status, rest }
  },
)

/** A device that is suspended keeps what it is given until it is resumed. */
function* dm_process_bio(k: Kernel, md: MappedDevice, bio: Bio): Generator<Request, Submitted> {
  if (md.suspended && bio.rahead === true) return { status: -EIO }
  yield* microOp(() => !md.suspended)
  const { map } = md
  if (map === undefined) {
    DMERR(k, 'core', `${dm_device_name(md)}: mapping table unavailable, erroring io`)
    return { status: -EIO }
  }
  if (bio.preflush !== true) return yield* __split_and_process_bio(k, map, bio)
  const status = yield* __send_empty_flush(k, map)
  // What the flush came to is forgotten where data follow.
  return bio.nr_sectors === 0 ? { status } : { status: 0, rest: { ...bio, preflush: false } }
}

const dm_make_request = kfunc(DM, function* dm_make_request(k: Kernel, md: MappedDevice, bio: Bio): Generator<
  Request,
  Submitted
> {
  return yield* dm_process_bio(k, md, bio)
})

const submit = kfunc(DM, function* dm_submit_bio(k: Kernel, md: MappedDevice, bio: Bio): Generator<Request, Submitted> {
  return yield* dm_process_bio(k, md, bio)
})

/** By the name that the release has for it. */
const dm_submit_bio = (k: Kernel, md: MappedDevice, bio: Bio): Op<Submitted> =>
  (k.has('submit_bio_of_drivers') ? submit : dm_make_request)(k, md, bio)

/** A mapped device's disk is handed a bio: 0, or the first error of its pieces. */
export function* dm_disk_submit_bio(k: Kernel, disk: Gendisk, bio: Bio): Generator<Request, number> {
  let status = 0
  for (let rest: Bio | undefined = bio; rest !== undefined; ) {
    const done: Submitted = yield* dm_submit_bio(k, disk.private_data as MappedDevice, rest)
    if (status === 0) status = done.status
    rest = done.rest
  }
  return status
}
