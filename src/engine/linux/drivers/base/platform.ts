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

/** A node of the device tree, as far as a driver of a platform device asks for it. */
export interface DeviceNode {
  /** Of the device: "40000000.dma-memory". */
  readonly name: string
  readonly type: string
  readonly full_name: string
  /** SPA and length in bytes. */
  readonly reg: { readonly start: number; readonly size: number }
}

/** undefined for a device that was registered by name. */
export const of_node = ({ container }: Device): DeviceNode | undefined => container as DeviceNode | undefined

/** A driver serves nodes of the types in its table, and the device of its name. */
export const platform_bus_type = plain_bus(
  'platform',
  (dev, drv) => dev.name === drv.name || drv.of_match_table?.some(({ type }) => type === of_node(dev)?.type) === true,
)

export const platform_device_add = kfunc(
  'drivers/base/platform.c',
  function* platform_device_add(k: Kernel, name: string, node?: DeviceNode) {
    const dev = device.create(k.journal, { name, folder: 'platform', bus: platform_bus_type, container: node })
    device_add(k, dev)
    yield* device_attach(k, dev)
  },
)

/** A device for a node of the device tree. */
export const of_platform_device_create = kfunc(
  'drivers/of/platform.c',
  function* of_platform_device_create(k: Kernel, node: DeviceNode) {
    yield* platform_device_add(k, node.name, node)
  },
)
