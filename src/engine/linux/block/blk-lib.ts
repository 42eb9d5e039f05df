/** block/blk-lib.c: discarding sectors, and filling them with zeros. No disk here has a command for either. */

import { kfunc } from '../../sim/kfunc.ts'
import { type BlockDevice, new_bio, SECTOR_SIZE } from '../include/linux/blk_types.ts'
import { EINVAL, EOPNOTSUPP, EPERM } from '../include/linux/errno.ts'
import type { Kernel } from '../kernel.ts'
import { submit_bio } from './blk-core.ts'

const BLK_LIB = 'block/blk-lib.c'
const PAGE = 4096
/** Pages of a bio, at most. */
const BIO_MAX_VECS = 256

const blocks = ({ bd_disk }: BlockDevice): number => bd_disk.logical_block_size / SECTOR_SIZE

/** -EOPNOTSUPP: nothing here knows what to do with it. */
export const blkdev_issue_discard = kfunc(
  BLK_LIB,
  function* blkdev_issue_discard(_k: Kernel, { bd_disk }: BlockDevice) {
    yield* []
    return bd_disk.ro ? -EPERM : -EOPNOTSUPP
  },
)

/** Written page by page: 0, or a negative error number. */
const __blkdev_issue_zero_pages = kfunc(
  BLK_LIB,
  function* __blkdev_issue_zero_pages(k: Kernel, bdev: BlockDevice, sector: number, nr_sects: number) {
    const most = (BIO_MAX_VECS * PAGE) / SECTOR_SIZE
    for (let done = 0; done < nr_sects; done += most) {
      const zeros = new Uint8Array(Math.min(most, nr_sects - done) * SECTOR_SIZE)
      const rc = yield* submit_bio(k, new_bio(bdev, 'write', sector + done, zeros))
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
