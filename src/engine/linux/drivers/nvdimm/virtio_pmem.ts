/**
 * drivers/nvdimm/virtio_pmem.c, nd_virtio.c: memory of the host that a guest maps. Its flush is a request to the host,
 * which syncs the file behind it.
 *
 * The request is modelled as one store to the device's doorbell, between fences; the answer has arrived when the second
 * fence has. Left out: virtqueues, resets, the child bio, sleeping until the host answers.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { writeq } from '../../../sim/op.ts'
import { wmb } from '../../arch/x86/include/asm/barrier.ts'
import { type Device, type DeviceDriver, device } from '../../include/linux/device.ts'
import { EIO, ENXIO } from '../../include/linux/errno.ts'
import type { KernelModule } from '../../include/linux/module.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_err, device_add } from '../base/core.ts'
import { device_attach, driver_register } from '../base/dd.ts'
import { plain_bus } from '../base/platform.ts'
import { nd_synchronize, nvdimm_bus_register } from './bus.ts'
import type { NdRegion } from './nd.ts'
import { nvdimm_pmem_region_create } from './region_devs.ts'

const VIRTIO_PMEM = 'drivers/nvdimm/virtio_pmem.c'
const ND_VIRTIO = 'drivers/nvdimm/nd_virtio.c'

export interface VirtioPmem {
  /** SPA, bytes. */
  readonly start: number
  readonly size: number
  /** Where the device is told that there is a request. */
  readonly doorbell: Spa
}

const virtio_bus = plain_bus('virtio', () => true)

const virtio_pmem_flush = kfunc(ND_VIRTIO, function* virtio_pmem_flush(k: Kernel, { doorbell }: VirtioPmem) {
  yield* wmb(k)
  yield* writeq(k, doorbell, 0n)
  yield* wmb(k)
  return 0
})

const async_pmem_flush = kfunc(ND_VIRTIO, function* async_pmem_flush(k: Kernel, _region: NdRegion, virtio: VirtioPmem) {
  return (yield* virtio_pmem_flush(k, virtio)) === 0 ? 0 : -EIO
})

const virtio_pmem_probe = kfunc(VIRTIO_PMEM, function* virtio_pmem_probe(k: Kernel, dev: Device) {
  const virtio = dev.container as VirtioPmem
  const bus = yield* nvdimm_bus_register(k, dev, 'virtio-pmem', [], '')
  const region = yield* nvdimm_pmem_region_create(k, bus, {
    start: virtio.start,
    size: virtio.size,
    mappings: [],
    nd_set: undefined,
    persistence: undefined,
    numa_node: -1,
    target_node: 0,
    groups: [],
    pagemap: true,
    flush: (context, own) => async_pmem_flush(context, own, virtio),
  })
  if (region !== undefined) return 0
  dev_err(k, dev, 'failed to create nvdimm region')
  return -ENXIO
})

const virtio_pmem_driver: DeviceDriver = { name: 'virtio_pmem', bus: virtio_bus, types: 0, probe: virtio_pmem_probe }

/** The devices on the PCI bus, and since v5.3 their driver. */
export const virtio_pmem = (devices: readonly VirtioPmem[]): KernelModule => ({
  init: kfunc(VIRTIO_PMEM, function* virtio_pmem_init(k: Kernel) {
    if (k.has('virtio_pmem')) yield* driver_register(k, virtio_pmem_driver)
    for (const [i, container] of devices.entries()) {
      const slot = (i + 1).toString(16).padStart(2, '0')
      const folder = `pci0000:00/0000:00:${slot}.0`
      const dev = device.create(k.journal, { name: `virtio${i}`, folder, bus: virtio_bus, container })
      device_add(k, dev)
      yield* device_attach(k, dev)
    }
    yield* nd_synchronize(k)
  }),
})
