/**
 * drivers/dax/super.c: devices whose memory can be accessed directly. What file systems call is in `access.ts`.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Device, DeviceAttribute } from '../../include/linux/device.ts'
import { EINVAL, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import { kstrtobool } from '../../lib/kstrtox.ts'

/** Where pages of a device are. */
export interface DaxAccess {
  /** So many follow each other there. */
  readonly pages: number
  /** SPA, bytes: the kernel maps all of memory one to one. */
  readonly kaddr: Spa
}

/** struct dax_operations. An operation that a release does not have, or a driver does not need, is absent. */
export interface DaxOperations {
  readonly name: string
  /** Page number and a number of pages → pages, or a negative error number. */
  direct_access(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number): Op<DaxAccess | number>
  /** Bytes copied. */
  copy_from_iter?(k: Kernel, dax: DaxDevice, pgoff: number, addr: Spa, bytes: number, iter: IovIter): Op<number>
  flush?(k: Kernel, dax: DaxDevice, pgoff: number, addr: Spa, size: number): Op<void>
  /** 0, or a negative error number. */
  zero_page_range?(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number): Op<number>
}

interface DaxDeviceFields {
  /** Disk it belongs to; empty for device-dax. */
  host: string
  alive: boolean
  /** DAXDEV_WRITE_CACHE: dirty lines must be written back on msync. */
  write_cache: boolean
  /** DAXDEV_SYNC: what has left the caches is durable, nobody else has to be told. */
  synchronous: boolean
  /** DAXDEV_NOCACHE: copies into it pass the cache by. */
  nocache: boolean
  ops: DaxOperations | undefined
  /** The driver's own. */
  private: unknown
}

export type DaxDevice = DaxDeviceFields & Identity

const dax_device = struct<DaxDeviceFields>('dax_device', {
  host: '',
  alive: false,
  write_cache: false,
  synchronous: true,
  nocache: false,
  ops: undefined,
  private: undefined,
})

const dax_hosts = struct<{ list: readonly DaxDevice[] }>('dax_hosts', { list: [] })

export function alloc_dax(k: Kernel, host: string, ops?: DaxOperations): DaxDevice {
  const dax = dax_device.create(k.journal, { host, alive: true, ops })
  if (host !== '') k.global(dax_hosts).list = [...k.global(dax_hosts).list, dax]
  return dax
}

export function kill_dax(k: Kernel, dax: DaxDevice): void {
  dax.alive = false
  k.global(dax_hosts).list = k.global(dax_hosts).list.filter((other) => other !== dax)
}

export const dax_get_by_host = (k: Kernel, host: string): DaxDevice | undefined =>
  k.global(dax_hosts).list.find((dax) => dax.host === host)

const write_cache_store = kfunc(
  'drivers/dax/super.c',
  function* write_cache_store(k: Kernel, dev: Device, text: string) {
    yield* []
    const wanted = kstrtobool(text)
    const dax = dax_get_by_host(k, dev.name)
    if (wanted === undefined) return -EINVAL
    if (dax === undefined) return -ENXIO
    dax.write_cache = wanted
    return 0
  },
)

/** `dax/write_cache` of a disk. */
export const dax_attributes: readonly DeviceAttribute[] = [
  {
    name: 'dax/write_cache',
    mode: 0o644,
    visible: (k) => (k.has('dax_write_cache') ? 0o644 : 0),
    show: (k, dev) => {
      const dax = dax_get_by_host(k, dev.name)
      if (dax === undefined) return -ENXIO
      return dax.write_cache ? '1' : '0'
    },
    store: write_cache_store,
  },
]
