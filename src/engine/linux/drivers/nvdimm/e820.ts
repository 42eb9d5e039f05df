/**
 * drivers/nvdimm/e820.c: a region for each range that the e820 map calls persistent, on platforms older than the NFIT.
 *
 * Nothing is known of DIMMs, hence no flush hints and no set_cookie, and a warning for each disk. Left out: removal.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import {
  type E820Entry,
  e820__print_table,
  PERSISTENT_MEMORY_LEGACY,
  parse_memmap,
} from '../../arch/x86/kernel/e820.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import { ENXIO } from '../../include/linux/errno.ts'
import type { KernelModule } from '../../include/linux/module.ts'
import { described_as } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_err } from '../base/core.ts'
import { driver_register } from '../base/dd.ts'
import { platform_bus_type, platform_device_add } from '../base/platform.ts'
import { type NvdimmBus, nd_synchronize, nvdimm_bus_register, nvdimm_bus_unregister } from './bus.ts'
import { nvdimm_pmem_region_create } from './region_devs.ts'

const E820 = 'drivers/nvdimm/e820.c'

const e820_register_one = kfunc(
  E820,
  function* e820_register_one(k: Kernel, bus: NvdimmBus, start: number, size: number) {
    const region = yield* nvdimm_pmem_region_create(k, bus, {
      start,
      size,
      mappings: [],
      nd_set: undefined,
      persistence: undefined,
      numa_node: 0,
      target_node: 0,
      groups: [],
      pagemap: true,
    })
    return region === undefined ? -ENXIO : 0
  },
)

const e820_pmem_probe = kfunc(E820, function* e820_pmem_probe(k: Kernel, dev: Device) {
  const bus = yield* nvdimm_bus_register(k, dev, 'e820', [], '')
  for (const { start, end } of described_as(k, PERSISTENT_MEMORY_LEGACY)) {
    const rc = yield* e820_register_one(k, bus, start, end - start + 1)
    if (rc === 0) continue
    yield* nvdimm_bus_unregister(k, bus)
    dev_err(k, dev, 'failed to register legacy persistent memory ranges')
    return rc
  }
  return 0
})

const e820_pmem_driver: DeviceDriver = { name: 'e820_pmem', bus: platform_bus_type, types: 0, probe: e820_pmem_probe }

/** `firmware`: what the BIOS reports; the command line adds to it. */
export const e820_pmem = (firmware: readonly E820Entry[]): KernelModule => ({
  early(k) {
    e820__print_table(k, 'BIOS-e820', firmware)
    e820__print_table(k, 'user', parse_memmap(k.options.cmdline))
  },
  init: kfunc(E820, function* e820_pmem_init(k: Kernel) {
    yield* driver_register(k, e820_pmem_driver)
    // arch/x86/kernel/pmem.c: one platform device, whatever the number of ranges.
    if (described_as(k, PERSISTENT_MEMORY_LEGACY).length > 0) yield* platform_device_add(k, 'e820_pmem')
    yield* nd_synchronize(k)
  }),
})
