/**
 * drivers/md/dm-linear.c: a piece of another device.
 *
 * Source: torvalds/linux abebfbe2f731, 00716545c894, v6.1; reference/kernel.md §6.2, §6.3. What v5.17 and later do about
 * the start is recalled, and measured in groundtruth ops11.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import type { Bio } from '../../include/linux/blk_types.ts'
import { EINVAL, EOPNOTSUPP } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import { dax_copy_from_iter, dax_direct_access, dax_flush, dax_zero_page_range } from '../dax/access.ts'
import { type DmDev, type DmTarget, sector_of, type TargetType } from './dm-core.ts'
import { leg_dax_pgoff, PAGE_SECTORS, whole_pages } from './dm-dax.ts'
import { dm_get_device, dm_put_device } from './dm-device.ts'

const DM_LINEAR = 'drivers/md/dm-linear.c'
const PAGE = 4096

/** struct linear_c. */
interface LinearC {
  readonly dev: DmDev
  readonly start: number
}

const linear_c = (ti: DmTarget): LinearC => ti.private as LinearC

const linear_ctr = kfunc(DM_LINEAR, function* linear_ctr(k: Kernel, ti: DmTarget, argv: readonly string[]) {
  const [path, at] = argv
  if (path === undefined || argv.length !== 2) {
    ti.error = 'Invalid argument count'
    return -EINVAL
  }
  const start = sector_of(at)
  if (start === undefined) {
    ti.error = 'Invalid device sector'
    return -EINVAL
  }
  const dev = yield* dm_get_device(k, ti, path)
  if (typeof dev === 'number') {
    ti.error = 'Device lookup failed'
    return dev
  }
  ti.num_flush_bios = 1
  ti.num_discard_bios = 1
  ti.private = { dev, start } satisfies LinearC
  return 0
})

const linear_map_sector = (ti: DmTarget, sector: number): number => linear_c(ti).start + (sector - ti.begin)

const linear_map = kfunc(DM_LINEAR, function* linear_map(_k: Kernel, ti: DmTarget, bio: Bio) {
  yield* []
  const sector = bio.nr_sectors > 0 ? linear_map_sector(ti, bio.sector) : bio.sector
  return { ...bio, bi_bdev: linear_c(ti).dev.bdev, sector } as Bio
})

const linear_dax_direct_access = kfunc(
  DM_LINEAR,
  function* linear_dax_direct_access(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number) {
    const { dev } = linear_c(ti)
    const at = leg_dax_pgoff(k, dev, linear_map_sector(ti, pgoff * PAGE_SECTORS), nr_pages * PAGE)
    return at < 0 ? at : yield* dax_direct_access(k, dev.dax_dev, at, nr_pages)
  },
)

const linear_dax_copy_from_iter = kfunc(
  DM_LINEAR,
  function* linear_dax_copy_from_iter(k: Kernel, ti: DmTarget, pgoff: number, addr: Spa, bytes: number, iter: IovIter) {
    const { dev } = linear_c(ti)
    const at = leg_dax_pgoff(k, dev, linear_map_sector(ti, pgoff * PAGE_SECTORS), whole_pages(bytes))
    return at < 0 || dev.dax_dev === undefined ? 0 : yield* dax_copy_from_iter(k, dev.dax_dev, at, addr, bytes, iter)
  },
)

const linear_dax_flush = kfunc(
  DM_LINEAR,
  function* linear_dax_flush(k: Kernel, ti: DmTarget, pgoff: number, addr: Spa, size: number) {
    const { dev } = linear_c(ti)
    const at = leg_dax_pgoff(k, dev, linear_map_sector(ti, pgoff * PAGE_SECTORS), whole_pages(size))
    if (at >= 0 && dev.dax_dev !== undefined) yield* dax_flush(k, dev.dax_dev, at, addr, size)
  },
)

const linear_dax_zero_page_range = kfunc(
  DM_LINEAR,
  function* linear_dax_zero_page_range(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number) {
    const { dev } = linear_c(ti)
    const at = leg_dax_pgoff(k, dev, linear_map_sector(ti, pgoff * PAGE_SECTORS), nr_pages * PAGE)
    if (at < 0) return at
    return dev.dax_dev === undefined ? -EOPNOTSUPP : yield* dax_zero_page_range(k, dev.dax_dev, at, nr_pages)
  },
)

export const linear_target: TargetType = {
  name: 'linear',
  version: '1.4.0',
  ctr: linear_ctr,
  dtr: (k, ti) => dm_put_device(k, ti, linear_c(ti).dev),
  map: linear_map,
  status: (ti, what) => (what === 'info' ? '' : `${linear_c(ti).dev.name} ${linear_c(ti).start}`),
  iterate_devices: (ti, fn) => fn(linear_c(ti).dev, linear_c(ti).start, ti.len),
  direct_access: linear_dax_direct_access,
  dax_copy_from_iter: linear_dax_copy_from_iter,
  dax_flush: linear_dax_flush,
  dax_zero_page_range: linear_dax_zero_page_range,
}
