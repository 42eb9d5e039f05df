/**
 * init/main.c: boot. Drivers register, then ACPI finds the NVDIMM root device and everything follows from its table.
 *
 * Left out: what has nothing to do with persistent memory.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { acpi_nfit_driver, acpi_scan_nvdimm_root } from '../drivers/acpi/nfit/core.ts'
import { driver_register } from '../drivers/base/dd.ts'
import { dax_bus_init } from '../drivers/dax/bus.ts'
import { device_dax_driver } from '../drivers/dax/device.ts'
import { dax_pmem_driver } from '../drivers/dax/pmem.ts'
import { nvdimm_driver } from '../drivers/nvdimm/dimm_devs.ts'
import { nd_pmem_driver } from '../drivers/nvdimm/pmem.ts'
import { nd_region_driver } from '../drivers/nvdimm/region.ts'
import type { DeviceDriver } from '../include/linux/device.ts'
import type { Kernel } from '../kernel.ts'

const initcalls: readonly DeviceDriver[] = [
  nvdimm_driver,
  nd_region_driver,
  device_dax_driver,
  dax_pmem_driver,
  nd_pmem_driver,
  acpi_nfit_driver,
]

const do_initcalls = kfunc('init/main.c', function* do_initcalls(k: Kernel) {
  dax_bus_init(k)
  for (const driver of initcalls) yield* driver_register(k, driver)
  yield* acpi_scan_nvdimm_root(k)
})

export const start_kernel = kfunc('init/main.c', function* start_kernel(k: Kernel) {
  const modules = k.options.modules ?? []
  for (const module of modules) module.early?.(k)
  yield* do_initcalls(k)
  for (const module of modules) yield* module.init(k)
})
