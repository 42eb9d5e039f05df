/**
 * drivers/nvdimm/claim.c: who holds a namespace, and raw access to its bytes before there is a block device.
 *
 * Left out: bad blocks and their clearing.
 */

import { spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { loadBytes } from '../../../sim/op.ts'
import { memcpy_flushcache, memcpy_to_pmem } from '../../arch/x86/lib/usercopy_64.ts'
import type { Device } from '../../include/linux/device.ts'
import { EBUSY, EIO, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import { devm_release_mem_region, devm_request_mem_region, print_resource } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_warn } from '../base/core.ts'
import { is_namespace_io, type NdNamespace, type NdPfn, to_nd_region, to_ndns } from './nd.ts'
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

/** Store to the `namespace` attribute of a personality: attach by name, detach with an empty name. */
export function nd_namespace_store(holder: NdPfn, text: string): number {
  if (holder.dev.driver !== undefined) return -EBUSY
  const name = text.trim()
  if (name === '') {
    nd_detach_ndns(holder)
    return 0
  }
  if (holder.ndns !== undefined) return -EBUSY
  const found = holder.dev.parent?.children.find((child: Device) => is_namespace_io(child) && child.name === name)
  if (found === undefined) return -ENODEV
  const ndns = to_ndns(found)
  if (ndns.size < MIN_HOST) return -ENXIO
  return nd_attach_ndns(holder, ndns) ? 0 : -EBUSY
}

/** Map the info blocks for `nsio_rw_bytes`; `dev` is the device being probed. */
export const devm_nsio_enable = kfunc(CLAIM, function* devm_nsio_enable(k: Kernel, dev: Device, ndns: NdNamespace) {
  const size = Math.min(INFO_BLOCK_RESERVE, ndns.size)
  if (devm_request_mem_region(k, dev, ndns.start, size, ndns.dev.name) === undefined) {
    dev_warn(k, dev, `could not reserve region ${print_resource(ndns.start, ndns.start + ndns.size - 1)}`)
    return -EBUSY
  }
  ndns.io_enabled = true
  yield* []
  return 0
})

export function devm_nsio_disable(k: Kernel, dev: Device, ndns: NdNamespace): void {
  devm_release_mem_region(k, dev, ndns.start)
  ndns.io_enabled = false
}

/** undefined when the range lies outside of the namespace (upstream: -EFAULT). */
export const nvdimm_read_bytes = kfunc(
  CLAIM,
  function* nsio_rw_bytes(k: Kernel, ndns: NdNamespace, offset: number, length: number) {
    if (!ndns.io_enabled || offset + length > ndns.size) return undefined
    return yield* loadBytes(k, spa(ndns.start + offset), length)
  },
)

/** Every metadata write is deep-flushed, so that an info block is on media when this returns. */
export const nvdimm_write_bytes = kfunc(
  CLAIM,
  function* nsio_rw_bytes(k: Kernel, ndns: NdNamespace, offset: number, bytes: Uint8Array) {
    if (!ndns.io_enabled || offset + bytes.length > ndns.size) return -EIO
    const to = spa(ndns.start + offset)
    if (k.has('memcpy_flushcache')) yield* memcpy_flushcache(k, to, bytes)
    else yield* memcpy_to_pmem(k, to, bytes)
    if (ndns.dev.parent !== undefined) yield* nvdimm_flush(k, to_nd_region(ndns.dev.parent))
    return 0
  },
)
