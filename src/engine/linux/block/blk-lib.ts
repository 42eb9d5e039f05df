/** block/blk-lib.c: discarding sectors, which some mapped devices take, and filling them with zeros, page by page. */

import { kfunc } from '../../sim/kfunc.ts'
import { type BlockDevice, new_bio, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EINVAL, EOPNOTSUPP, EPERM } from '../include/linux/errno.ts'
import type { Kernel } from '../kernel.ts'
import { submit_bio } from './blk-core.ts'
import { bdev_max_discard_sectors } from './blk-settings.ts'

const BLK_LIB = 'block/blk-lib.c'
const PAGE = 4096
/** Pages of a bio, at most. */
const BIO_MAX_VECS = 256

const blocks = ({ bd_disk }: BlockDevice): number => bd_disk.logical_block_size / SECTOR_SIZE

export const blkdev_issue_discard = kfunc(
  BLK_LIB,
  function* blkdev_issue_discard(k: Kernel, bdev: BlockDevice, sector: number, nr_sectors: number) {
    const { bd_disk } = bdev
    if (bd_disk.ro) return -EPERM
    if (bdev_max_discard_sectors(bd_disk) === 0) return -EOPNOTSUPP
    if ((sector | nr_sectors) % blocks(bdev) !== 0 || nr_sectors === 0) return -EINVAL
    const rc = yield* submit_bio(k, { ...new_bio(bdev, 'discard', sector), nr_sectors })
    return rc === -EOPNOTSUPP ? 0 : rc
  },
)

/** Written page by page: 0, or a negative error number. */
const __blkdev_issue_zero_pages = kfunc(
  BLK_LIB,
  function* __blkdev_issue_zero_pages(k: Kernel, bdev: BlockDevice, sector: number, nr_sects: number) {
    const most = (BIO_MAX_VECS * PAGE) / SECTOR_SIZE
    for (let done = 0; done < nr_sects; done += most) {
      const zeros = new Uint8Array(Math.min(most, nr_sects - done) * SECTOR_SIZE)
      // Only the last is waited for: submit_bio_wait() marks it.
      const sync = done + most >= nr_sects
      const rc = yield* submit_bio(k, new_bio(bdev, 'write', sector + done, zeros, sync ? { sync } : {}))
      if (rc !== 0) return rc
    }
    return 0
  },
)

export const blkdev_issue_zeroout = kfunc(
  BLK_LIB,
  function* blkdev_issue_zeroout(k: Kernel, bdev: BlockDevice, sector: number, nr_sects: number) {
    if ((sector | nr_sects) % blocks(bdev) !== 0) return -EINVAL
    if (bdev.bd_disk.ro) return -EPERM
    return yield* __blkdev_issue_zero_pages(k, bdev, sector, nr_sects)
  },
)
