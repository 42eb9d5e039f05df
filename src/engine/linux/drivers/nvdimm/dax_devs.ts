/** drivers/nvdimm/dax_devs.c, pfn_devs.c: looking on media for the info block of a personality. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device } from '../../include/linux/device.ts'
import { ENODEV, ENOMEM } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg } from '../base/core.ts'
import { nd_device_register } from './bus.ts'
import { type NdNamespace, to_nd_region } from './nd.ts'
import { nd_pfn_alloc, nd_pfn_release, personalities } from './pfn_attributes.ts'
import { nd_pfn_validate } from './pfn_devs.ts'

const look = function* (k: Kernel, dev: Device, ndns: NdNamespace, personality: 'pfn' | 'dax') {
  if (ndns.force_raw || dev.parent === undefined) return -ENODEV
  if (ndns.claim_class !== '' && ndns.claim_class !== personality) return -ENODEV
  const region = to_nd_region(dev.parent)
  const pfn = nd_pfn_alloc(k, region, personalities[personality], ndns)
  if (pfn === undefined) return -ENOMEM
  const rc = yield* nd_pfn_validate(k, pfn)
  dev_dbg(k, dev, `${personality}: ${rc === 0 ? pfn.dev.name : '<none>'}`)
  if (rc < 0) nd_pfn_release(region, personalities[personality], pfn)
  else nd_device_register(k, pfn.dev)
  return rc
}

export const nd_pfn_probe = kfunc(
  'drivers/nvdimm/pfn_devs.c',
  function* nd_pfn_probe(k: Kernel, dev: Device, ndns: NdNamespace) {
    return yield* look(k, dev, ndns, 'pfn')
  },
)

export const nd_dax_probe = kfunc(
  'drivers/nvdimm/dax_devs.c',
  function* nd_dax_probe(k: Kernel, dev: Device, ndns: NdNamespace) {
    return yield* look(k, dev, ndns, 'dax')
  },
)
