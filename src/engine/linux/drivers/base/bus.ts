/** drivers/base/bus.c: the bind and unbind files of a driver. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { DeviceDriver } from '../../include/linux/device.ts'
import { ENODEV } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { all_devices } from './core.ts'
import { device_driver_attach, device_release_driver } from './dd.ts'

function bus_find_device(k: Kernel, drv: DeviceDriver, name: string) {
  for (const dev of all_devices(k)) if (dev.bus === drv.bus && dev.name === name.trim()) return dev
  return undefined
}

export const bind_store = kfunc('drivers/base/bus.c', function* bind_store(k: Kernel, drv: DeviceDriver, name: string) {
  const dev = bus_find_device(k, drv, name)
  return dev === undefined ? -ENODEV : yield* device_driver_attach(k, drv, dev)
})

export const unbind_store = kfunc(
  'drivers/base/bus.c',
  function* unbind_store(k: Kernel, drv: DeviceDriver, name: string) {
    const dev = bus_find_device(k, drv, name)
    if (dev === undefined || dev.driver !== drv) return -ENODEV
    yield* device_release_driver(k, dev)
    return 0
  },
)
