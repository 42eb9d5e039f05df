/**
 * drivers/nvdimm/btt_devs.c: looking on media for a block translation table. What its info block means only the BTT
 * module knows (`KernelOptions.btt`), which a kernel without such tables does without.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device } from '../../include/linux/device.ts'
import { ENODEV, ENOMEM, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg } from '../base/core.ts'
import { nd_device_register } from './bus.ts'
import { nvdimm_read_bytes } from './claim.ts'
import { type NdNamespace, type NdPfn, to_nd_region } from './nd.ts'
import { nd_pfn_alloc, nd_pfn_release, personalities } from './pfn_attributes.ts'

const BTT_DEVS = 'drivers/nvdimm/btt_devs.c'
const PAGE = 4096
/** Bytes of an info block. */
export const BTT_SB_SIZE = 4096
export const ARENA_MIN_SIZE = 0x100_0000

/** The first page of the namespace stays free for partition tables, unless labels v1.2 say what it holds. */
export const initial_offset = (btt: NdPfn): number => (btt.ndns?.claim_class === 'btt2' ? 0 : PAGE)

const __nd_btt_probe = kfunc(BTT_DEVS, function* __nd_btt_probe(k: Kernel, btt: NdPfn, ndns: NdNamespace) {
  if (ndns.size < ARENA_MIN_SIZE) return -ENXIO
  const bytes = yield* nvdimm_read_bytes(k, ndns, initial_offset(btt), BTT_SB_SIZE)
  if (bytes === undefined) return -ENXIO
  const info = k.options.btt?.info(btt, ndns, bytes)
  if (info === undefined) return -ENODEV
  btt.lbasize = info.lbasize
  btt.uuid = info.uuid
  nd_device_register(k, btt.dev)
  return 0
})

/** 0: the namespace has a table, and a device for it has been made. */
export const nd_btt_probe = kfunc(BTT_DEVS, function* nd_btt_probe(k: Kernel, dev: Device, ndns: NdNamespace) {
  if (ndns.force_raw || dev.parent === undefined) return -ENODEV
  if (ndns.claim_class === 'pfn' || ndns.claim_class === 'dax' || ndns.claim_class === '<unknown>') return -ENODEV
  const region = to_nd_region(dev.parent)
  const btt = nd_pfn_alloc(k, region, personalities.btt, ndns)
  if (btt === undefined) return -ENOMEM
  const rc = yield* __nd_btt_probe(k, btt, ndns)
  dev_dbg(k, dev, `btt: ${rc === 0 ? btt.dev.name : '<none>'}`)
  if (rc < 0) nd_pfn_release(region, personalities.btt, btt)
  return rc
})
