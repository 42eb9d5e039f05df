/**
 * drivers/nvdimm/bus.c, claim.c: a write that covers bad sectors clears them. For `KernelOptions.poison`.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §3.9; groundtruth capture ops10.
 */

import { type Spa, spa } from '../../../../base/brand.ts'
import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { arch_invalidate_pmem } from '../../arch/x86/mm/pageattr.ts'
import { badblocks_clear } from '../../block/badblocks.ts'
import { EIO, ENXIO } from '../../include/linux/errno.ts'
import { invalidate_pmem } from '../../include/linux/pmem.ts'
import type { Kernel } from '../../kernel.ts'
import { all_devices } from '../base/core.ts'
import { badrange, withoutRange } from './badrange.ts'
import { has_badblocks, type NdNamespace, to_nd_region } from './nd.ts'

const SECTOR = 512

/** Bytes cleared, or a negative error number; the region's sectors are good again, its caller sees to its own. */
export const nvdimm_clear_poison = kfunc(
  'drivers/nvdimm/bus.c',
  function* nvdimm_clear_poison(k: Kernel, start: number, length: number) {
    yield* []
    const media = k.options.mediaErrors
    // Without firmware that could clear, a write is believed to have done it.
    if (media === undefined) return length
    if (start % media.clear_err_unit !== 0 || length % media.clear_err_unit !== 0) return -ENXIO
    media.records = withoutRange(media.records, start, length)
    const known = k.global(badrange)
    known.list = withoutRange(known.list, start, length)
    for (const dev of all_devices(k)) {
      if (!has_badblocks(k, dev)) continue
      const region = to_nd_region(dev)
      const at = Math.floor((start - region.ndr_start) / SECTOR)
      region.bb = badblocks_clear(region.bb, at, Math.floor(length / SECTOR))
    }
    return length
  },
)

/** What caches hold of a range that was cleared behind their back is stale: nothing on an architecture without the API. */
export function* invalidate_cleared(k: Kernel, addr: Spa, length: number): Generator<Request, void, unknown> {
  if (!k.has('invalidate_pmem_in_driver')) yield* invalidate_pmem(k, addr, length)
  else if (k.config('ARCH_HAS_PMEM_API')) yield* arch_invalidate_pmem(k, addr, length)
}

/** What nsio_rw_bytes() does about bad sectors: only whole ones can be cleared, and not by who can't sleep. */
export const nsio_clear_poison = kfunc(
  'drivers/nvdimm/claim.c',
  function* nsio_clear_poison(k: Kernel, ndns: NdNamespace, offset: number, length: number, atomic: boolean) {
    if (offset % SECTOR !== 0 || length % SECTOR !== 0 || atomic) return -EIO
    const cleared = yield* nvdimm_clear_poison(k, ndns.start + offset, length)
    if (cleared > 0) ndns.bb = badblocks_clear(ndns.bb, offset / SECTOR, Math.floor(cleared / SECTOR))
    yield* invalidate_cleared(k, spa(ndns.start + offset), length)
    return cleared < length ? -EIO : 0
  },
)
