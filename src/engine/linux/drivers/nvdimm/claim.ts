/**
 * drivers/nvdimm/claim.c: who holds a namespace, and raw access to its bytes before there is a block device.
 *
 * Left out: machine checks of loads.
 */

import { spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { loadBytes } from '../../../sim/op.ts'
import { memcpy_flushcache } from '../../arch/x86/lib/usercopy_64.ts'
import { is_bad } from '../../block/badblocks.ts'
import type { Device } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, EIO, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import { memcpy_to_pmem } from '../../include/linux/pmem.ts'
import { devm_release_mem_region, devm_request_mem_region, print_resource } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_warn } from '../base/core.ts'
import { is_namespace, type NdNamespace, type NdPfn, nsio_res, to_nd_region, to_ndns } from './nd.ts'
import { nvdimm_flush } from './region_devs.ts'

const CLAIM = 'drivers/nvdimm/claim.c'
/** Info blocks live in the first 8 KiB. */
const INFO_BLOCK_RESERVE = 0x2000
/** The smallest namespace that a personality is put on. */
const MIN_HOST = 0x100_0000

/** Take the namespace for a btt, pfn or dax device; false when it is taken. */
export function nd_attach_ndns(holder: NdPfn, ndns: NdNamespace): boolean {
  if (ndns.claim !== undefined) return false
  ndns.claim = holder.dev
  holder.ndns = ndns
  return true
}

export function nd_detach_ndns(holder: NdPfn): void {
  if (holder.ndns === undefined) return
  holder.ndns.claim = undefined
  holder.ndns = undefined
}

/** Whose info blocks may go on a namespace that says what it is meant for. */
const hosts = (ndns: NdNamespace, personality: Device): boolean =>
  ndns.claim_class === '' || `nd_${ndns.claim_class.replace('btt2', 'btt')}` === personality.kind.name

/** Store to the `namespace` attribute of a personality: attach by name. */
export function nd_namespace_store(k: Kernel, holder: NdPfn, name: string): number {
  const { dev } = holder
  if (!name.startsWith('namespace')) return -EINVAL
  if (holder.ndns !== undefined) {
    dev_dbg(k, dev, `namespace already set to: ${holder.ndns.dev.name}`)
    return -EBUSY
  }
  const found = dev.parent?.children.find((child: Device) => is_namespace(child) && child.name === name)
  if (found === undefined) {
    dev_dbg(k, dev, `'${name}' not found under ${dev.parent?.name}`)
    return -ENODEV
  }
  const ndns = to_ndns(found)
  if (!hosts(ndns, dev)) return -EBUSY
  if (ndns.size < MIN_HOST) {
    dev_dbg(k, dev, `${name} too small to host`)
    return -ENXIO
  }
  if (nd_attach_ndns(holder, ndns)) return 0
  dev_dbg(k, dev, `${name} already claimed`)
  return -EBUSY
}

/** Map the info blocks, or `wanted` bytes, for `nsio_rw_bytes`; `dev` is the device being probed. */
export const devm_nsio_enable = kfunc(
  CLAIM,
  function* devm_nsio_enable(k: Kernel, dev: Device, ndns: NdNamespace, wanted: number = INFO_BLOCK_RESERVE) {
    const size = Math.min(wanted, ndns.size)
    if (devm_request_mem_region(k, dev, ndns.start, size, ndns.dev.name) === undefined) {
      dev_warn(k, dev, `could not reserve region ${print_resource(nsio_res(ndns))}`)
      return -EBUSY
    }
    ndns.bb = k.options.poison?.nvdimm_badblocks_populate(k, dev, ndns.start, ndns.size) ?? []
    ndns.io_enabled = true
    yield* []
    return 0
  },
)

export function devm_nsio_disable(k: Kernel, dev: Device, ndns: NdNamespace): void {
  devm_release_mem_region(k, dev, ndns.start)
  ndns.io_enabled = false
}

/** undefined when the range lies outside of the namespace (upstream: -EFAULT) or on a bad sector (-EIO). */
export const nvdimm_read_bytes = kfunc(
  CLAIM,
  function* nsio_rw_bytes(k: Kernel, ndns: NdNamespace, offset: number, length: number) {
    if (!ndns.io_enabled || offset + length > ndns.size || is_bad(ndns.bb, offset, length)) return undefined
    return yield* loadBytes(k, spa(ndns.start + offset), length)
  },
)

/**
 * Every metadata write is deep-flushed, so that an info block is on media when this returns. Whole sectors that are
 * bad are cleared first, unless the caller can't sleep (`atomic`).
 */
export const nvdimm_write_bytes = kfunc(
  CLAIM,
  function* nsio_rw_bytes(k: Kernel, ndns: NdNamespace, offset: number, bytes: Uint8Array, atomic: boolean = false) {
    if (!ndns.io_enabled || offset + bytes.length > ndns.size) return -EIO
    const to = spa(ndns.start + offset)
    const { poison } = k.options
    const bad = poison !== undefined && is_bad(ndns.bb, offset, bytes.length)
    const rc = bad ? yield* poison.nsio_clear_poison(k, ndns, offset, bytes.length, atomic) : 0
    if (k.has('memcpy_flushcache')) yield* memcpy_flushcache(k, to, bytes)
    else yield* memcpy_to_pmem(k, to, bytes)
    if (ndns.dev.parent !== undefined) yield* nvdimm_flush(k, to_nd_region(ndns.dev.parent))
    return rc
  },
)
