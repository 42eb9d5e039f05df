/** drivers/nvdimm/btt_devs.c: sector-atomic namespaces. Left out: everything but the seed and looking for one. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device } from '../../include/linux/device.ts'
import { ENODEV } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_warn } from '../base/core.ts'
import { nvdimm_read_bytes } from './claim.ts'
import { type NdNamespace, to_nd_region } from './nd.ts'
import { nd_pfn_alloc, nd_pfn_release, personalities } from './pfn_attributes.ts'
import { PFN_SB_OFFSET, PFN_SB_SIZE, signatureIs } from './pfn_sb.ts'

const BTT_SIG = 'BTT_ARENA_INFO'

export const nd_btt_probe = kfunc(
  'drivers/nvdimm/btt_devs.c',
  function* nd_btt_probe(k: Kernel, dev: Device, ndns: NdNamespace) {
    if (ndns.force_raw || dev.parent === undefined) return -ENODEV
    const region = to_nd_region(dev.parent)
    const btt = nd_pfn_alloc(k, region, personalities.btt, ndns)
    if (btt === undefined) return -ENODEV
    const bytes = yield* nvdimm_read_bytes(k, ndns, PFN_SB_OFFSET, PFN_SB_SIZE)
    if (bytes !== undefined && signatureIs(bytes, BTT_SIG))
      dev_warn(k, dev, 'BTT info block found: not modelled, ignored')
    dev_dbg(k, dev, 'btt: <none>')
    nd_pfn_release(region, personalities.btt, btt)
    return -ENODEV
  },
)
