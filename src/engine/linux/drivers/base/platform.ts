/** drivers/base/platform.c: devices that no bus can find; whoever knows of them registers them. */

import { kfunc } from '../../../sim/kfunc.ts'
import { type BusType, type Device, type DeviceDriver, device } from '../../include/linux/device.ts'
import type { Kernel } from '../../kernel.ts'
import { device_add } from './core.ts'
import { device_attach } from './dd.ts'

/** A bus whose drivers serve what `match` says; platform drivers serve the device of their name. */
export const plain_bus = (name: string, match: BusType['match']): BusType => ({
  name,
  match,
  probe: (k, dev) => (dev.driver as DeviceDriver).probe(k, dev),
  remove: kfunc('drivers/base/platform.c', function* platform_remove(k: Kernel, dev: Device) {
    if (dev.driver?.remove !== undefined) yield* dev.driver.remove(k, dev)
  }),
})

export const platform_bus_type = plain_bus('platform', (dev, drv) => dev.name === drv.name)

export const platform_device_add = kfunc(
  'drivers/base/platform.c',
  function* platform_device_add(k: Kernel, name: string) {
    const dev = device.create(k.journal, { name, folder: 'platform', bus: platform_bus_type })
    device_add(k, dev)
    yield* device_attach(k, dev)
  },
)
