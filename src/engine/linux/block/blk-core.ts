/**
 * block/blk-core.c: from who wants something of a disk to its driver.
 *
 * Every disk here takes bios as they are and has carried one out when it returns: what a completion would be told is
 * the result. Source: torvalds/linux v6.1; reference/kernel.md §8.1, §14. Left out: request queues, splitting at the queue's limits, cgroups, polling.
 */

import { kfunc, type Op, type Request } from '../../sim/kfunc.ts'
import type { Bio } from '../include/linux/blk_types.ts'
import { EIO, EOPNOTSUPP } from '../include/linux/errno.ts'
import { printk } from '../kernel/printk.ts'
import type { Kernel } from '../kernel.ts'
import { bdev_max_discard_sectors } from './blk-settings.ts'

const BLK_CORE = 'block/blk-core.c'

const isWrite = ({ op }: Bio): boolean => op !== 'read'

/** A disk that is read-only is written to all the same: who opened it was warned. */
function bio_check_ro(k: Kernel, bio: Bio): void {
  const { bd_disk: disk } = bio.bi_bdev
  if (disk.ro && isWrite(bio) && bio.nr_sectors > 0)
    printk(k, 'warn', `Trying to write to read-only block-device ${disk.disk_name}`)
}

function bio_check_eod(k: Kernel, bio: Bio): boolean {
  const { bd_disk, bd_nr_sectors } = bio.bi_bdev
  const { sector, nr_sectors } = bio
  if (nr_sectors === 0 || sector + nr_sectors <= bd_nr_sectors) return true
  const rw = `rw=${isWrite(bio) ? 1 : 0}, sector=${sector}, nr_sectors = ${nr_sectors} limit=${bd_nr_sectors}`
  printk(k, 'info', `${k.current.comm}: attempt to access beyond end of device`)
  printk(k, 'info', `${bd_disk.disk_name}: ${rw}`)
  return false
}

/**
 * Hand a bio to the driver of its disk: 0, or a negative error number.
 *
 * A queue that says "write through" has nothing to flush: PREFLUSH and FUA go no further, and a bio that was nothing
 * else is done.
 */
function* hand_over(k: Kernel, bio: Bio): Generator<Request, number> {
  const { bd_disk: disk, bd_start_sect } = bio.bi_bdev
  bio_check_ro(k, bio)
  if (!bio_check_eod(k, bio)) return -EIO
  const flushes = bio.preflush === true || bio.fua === true
  const stripped = flushes && !disk.write_cache
  const sector = bio.sector + bd_start_sect
  // As blktrace tells it: a partition's sectors are the disk's by now.
  k.options.onBio?.({ ...bio, sector }, stripped)
  if (stripped && bio.nr_sectors === 0) return 0
  if (bio.op === 'write_zeroes' || (bio.op === 'discard' && bdev_max_discard_sectors(disk) === 0)) return -EOPNOTSUPP
  const passed: Bio = stripped ? { ...bio, sector, preflush: false, fua: false } : { ...bio, sector }
  return disk.submit_bio === undefined ? -EIO : yield* disk.submit_bio(k, disk, passed)
}

const generic_make_request = kfunc(BLK_CORE, function* generic_make_request(k: Kernel, bio: Bio): Generator<
  Request,
  number
> {
  return yield* hand_over(k, bio)
})

const noacct = kfunc(BLK_CORE, function* submit_bio_noacct(k: Kernel, bio: Bio): Generator<Request, number> {
  return yield* hand_over(k, bio)
})

/** By the name that the release has for it. */
export const submit_bio_noacct = (k: Kernel, bio: Bio): Op<number> =>
  (k.has('submit_bio_of_drivers') ? noacct : generic_make_request)(k, bio)

export const submit_bio = kfunc(BLK_CORE, function* submit_bio(k: Kernel, bio: Bio): Generator<Request, number> {
  return yield* submit_bio_noacct(k, bio)
})

/** What a driver does with a bio whose sectors count from the first of the disk: 0, or a negative error number. */
export type SubmitBio = (k: Kernel, disk: Bio['bi_bdev']['bd_disk'], bio: Bio) => Op<number>
