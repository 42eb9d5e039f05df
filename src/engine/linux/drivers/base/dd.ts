/** drivers/base/dd.c: bringing drivers and devices together. Left out: deferred probing, modules on demand. */

import { kfunc } from '../../../sim/kfunc.ts'
import { struct } from '../../../sim/struct.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import { EBUSY, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import { printk } from '../../kernel/printk.ts'
import { release_all_regions } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { all_devices } from './core.ts'

const drivers = struct<{ list: readonly DeviceDriver[] }>('drivers_kset', { list: [] })

export const registered_drivers = (k: Kernel): readonly DeviceDriver[] => k.global(drivers).list

const really_probe = kfunc('drivers/base/dd.c', function* really_probe(k: Kernel, dev: Device, drv: DeviceDriver) {
  dev.driver = drv
  const rc = yield* drv.bus.probe(k, dev)
  if (rc === 0) return 0
  release_all_regions(k, dev)
  dev.driver = undefined
  // "I am not for this device" is an answer, not an error.
  if (rc !== -ENODEV && rc !== -ENXIO) printk(k, 'warn', `${drv.name}: probe of ${dev.name} failed with error ${rc}`)
  return rc
})

/** Offer a new device to the drivers of its bus. */
export const device_attach = kfunc('drivers/base/dd.c', function* device_attach(k: Kernel, dev: Device) {
  for (const drv of registered_drivers(k)) {
    if (dev.driver !== undefined || !dev.registered) return
    if (drv.bus === dev.bus && drv.bus.match(dev, drv) && (yield* really_probe(k, dev, drv)) === 0) return
  }
})

/** `echo DEVICE > /sys/bus/BUS/drivers/DRIVER/bind`. */
export const device_driver_attach = kfunc(
  'drivers/base/dd.c',
  function* device_driver_attach(k: Kernel, drv: DeviceDriver, dev: Device) {
    if (dev.driver !== undefined) return -EBUSY
    if (!drv.bus.match(dev, drv)) return -ENODEV
    return yield* really_probe(k, dev, drv)
  },
)

export const device_release_driver = kfunc(
  'drivers/base/dd.c',
  function* device_release_driver(k: Kernel, dev: Device) {
    if (dev.driver === undefined) return
    yield* dev.driver.bus.remove(k, dev)
    release_all_regions(k, dev)
    dev.driver = undefined
  },
)

export const driver_register = kfunc('drivers/base/driver.c', function* driver_register(k: Kernel, drv: DeviceDriver) {
  k.global(drivers).list = [...registered_drivers(k), drv]
  for (const dev of [...all_devices(k)]) if (dev.bus === drv.bus) yield* device_attach(k, dev)
})
