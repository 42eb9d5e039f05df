/**
 * drivers/md/dm.c, the part for direct access: from a page of a mapped device to the target that has it.
 *
 * Source: torvalds/linux abebfbe2f731, c3ca015fab6d, v6.1; reference/kernel.md §6.3, §6.6.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { EIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { copy_from_iter, type IovIter } from '../../lib/iov_iter.ts'
import { bdev_dax_pgoff } from '../dax/access.ts'
import type { DaxDevice, DaxOperations } from '../dax/super.ts'
import type { DmDev, DmTable, DmTarget, MappedDevice } from './dm-core.ts'

const DM = 'drivers/md/dm.c'
const PAGE = 4096
export const PAGE_SECTORS = 8

export const whole_pages = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE

/**
 * linear_dax_pgoff(), stripe_dax_pgoff(): the page that holds a sector of a leg. Up to v5.16 -EINVAL for a sector in the
 * middle of one; since then nobody looks, and the page begins before it.
 */
export function leg_dax_pgoff(k: Kernel, { bdev }: DmDev, sector: number, size: number): number {
  if (!k.has('dax_start_off')) return bdev_dax_pgoff(bdev, sector, size)
  return Math.floor((bdev.bd_start_sect + sector) / PAGE_SECTORS)
}

export const dm_table_find_target = (table: DmTable, sector: number): DmTarget | undefined =>
  table.targets.find(({ begin, len }) => sector >= begin && sector < begin + len)

/** Sectors from `sector` on that one bio to the target may have. */
export function max_io_len({ begin, len, max_io_len: most }: DmTarget, sector: number): number {
  const offset = sector - begin
  return most === 0 ? len - offset : Math.min(len - offset, most - (offset % most))
}

const dm_dax_get_live_target = ({ private: md }: DaxDevice, sector: number): DmTarget | undefined => {
  const { map } = md as MappedDevice
  return map && dm_table_find_target(map, sector)
}

/** -EIO also where the target ends, or its chunk, before the page does. */
const dm_dax_direct_access = kfunc(
  DM,
  function* dm_dax_direct_access(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number) {
    const sector = pgoff * PAGE_SECTORS
    const ti = dm_dax_get_live_target(dax, sector)
    if (ti?.target_type.direct_access === undefined) return -EIO
    const pages = Math.floor(max_io_len(ti, sector) / PAGE_SECTORS)
    if (pages < 1) return -EIO
    return yield* ti.target_type.direct_access(k, ti, pgoff, Math.min(pages, nr_pages))
  },
)

/** The whole copy goes to the target of its first page. */
const dm_dax_copy_from_iter = kfunc(
  DM,
  function* dm_dax_copy_from_iter(k: Kernel, dax: DaxDevice, pgoff: number, addr: Spa, bytes: number, iter: IovIter) {
    const ti = dm_dax_get_live_target(dax, pgoff * PAGE_SECTORS)
    if (ti === undefined) return 0
    const own = ti.target_type.dax_copy_from_iter
    return yield* own === undefined ? copy_from_iter(k, addr, bytes, iter) : own(k, ti, pgoff, addr, bytes, iter)
  },
)

/** The whole range goes to the target of its first page. */
const dm_dax_flush = kfunc(
  DM,
  function* dm_dax_flush(k: Kernel, dax: DaxDevice, pgoff: number, addr: Spa, size: number) {
    const ti = dm_dax_get_live_target(dax, pgoff * PAGE_SECTORS)
    yield* ti?.target_type.dax_flush?.(k, ti, pgoff, addr, size) ?? []
  },
)

/** -EIO where the target cannot. */
const dm_dax_zero_page_range = kfunc(
  DM,
  function* dm_dax_zero_page_range(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number) {
    const ti = dm_dax_get_live_target(dax, pgoff * PAGE_SECTORS)
    return (yield* ti?.target_type.dax_zero_page_range?.(k, ti, pgoff, nr_pages) ?? []) ?? -EIO
  },
)

export const dm_dax_ops = (k: Kernel): DaxOperations => ({
  name: 'dm_dax_ops',
  direct_access: dm_dax_direct_access,
  ...(k.has('dm_dax_copy_from_iter') && !k.has('dax_nocache') ? { copy_from_iter: dm_dax_copy_from_iter } : {}),
  ...(k.has('dm_dax_flush') && !k.has('dax_flush_without_op') ? { flush: dm_dax_flush } : {}),
  ...(k.has('dax_zero_page_range') ? { zero_page_range: dm_dax_zero_page_range } : {}),
})
