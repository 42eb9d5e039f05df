/**
 * drivers/dax/bus.c: the dax bus; a region of memory becomes device-dax instances.
 *
 * Left out: dynamic regions that can be divided, several ranges in one device, kmem.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import {
  type BusType,
  type Device,
  type DeviceAttribute,
  type DeviceDriver,
  type DeviceType,
  device,
} from '../../include/linux/device.ts'
import { ENOMEM, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { device_add, device_del } from '../base/core.ts'
import { device_attach, device_release_driver } from '../base/dd.ts'
import { alloc_dax, type DaxDevice, kill_dax } from './super.ts'

const BUS = 'drivers/dax/bus.c'

interface DevDaxFields {
  dev: Device
  dax_dev: DaxDevice
  /** SPA and length, bytes. */
  start: number
  size: number
  /** Every mapping of the device starts and ends at multiples of this. */
  align: number
}

export type DevDax = DevDaxFields & Identity

const dev_dax = struct<DevDaxFields>('dev_dax', {
  dev: undefined as never,
  dax_dev: undefined as never,
  start: 0,
  size: 0,
  align: 0,
})

interface DaxRegionFields {
  parent: Device
  number: number
  start: number
  size: number
  align: number
}

export type DaxRegion = DaxRegionFields & Identity

const dax_region = struct<DaxRegionFields>('dax_region', {
  parent: undefined as never,
  number: 0,
  start: 0,
  size: 0,
  align: 0,
})

const dax_bus = struct<{ devices: readonly DevDax[]; regions: readonly DaxRegion[]; minors: number }>('dax_bus', {
  devices: [],
  regions: [],
  minors: 0,
})

/** The bus exists from boot on, with nothing on it. */
export function dax_bus_init(k: Kernel): void {
  k.global(dax_bus).devices = []
}

/** Every device-dax instance, in the order of registration. */
export const dax_bus_devices = (k: Kernel): readonly DevDax[] => k.global(dax_bus).devices

export const to_dev_dax = (dev: Device): DevDax => dev.container as DevDax

const dax_bus_probe = kfunc(BUS, function* dax_bus_probe(k: Kernel, dev: Device) {
  if (to_dev_dax(dev).size === 0) return -ENXIO
  return yield* (dev.driver as DeviceDriver).probe(k, dev)
})

const dax_bus_remove = kfunc(BUS, function* dax_bus_remove(k: Kernel, dev: Device) {
  if (dev.driver?.remove !== undefined) yield* dev.driver.remove(k, dev)
})

export const dax_bus_type: BusType = {
  name: 'dax',
  match: (_dev, drv) => drv.name === 'device_dax',
  probe: dax_bus_probe,
  remove: dax_bus_remove,
}

const hex = (n: number): string => `0x${n.toString(16)}`

const dev_dax_type: DeviceType = {
  name: 'dev_dax',
  attributes: [
    { name: 'modalias', mode: 0o444, show: () => 'dax:t0' },
    { name: 'size', mode: 0o444, show: (_k, dev) => String(to_dev_dax(dev).size) },
    { name: 'align', mode: 0o444, show: (_k, dev) => String(to_dev_dax(dev).align) },
    { name: 'resource', mode: 0o400, show: (_k, dev) => hex(to_dev_dax(dev).start) },
    { name: 'numa_node', mode: 0o444, show: (_k, dev) => String(dev.numa_node) },
    { name: 'target_node', mode: 0o444, show: (_k, dev) => String(dev.target_node) },
    { name: 'dev', mode: 0o444, show: (_k, dev) => dev.devt },
    { name: 'mapping0/start', mode: 0o400, show: (_k, dev) => hex(to_dev_dax(dev).start) },
    {
      name: 'mapping0/end',
      mode: 0o400,
      show: (_k, dev) => hex(to_dev_dax(dev).start + to_dev_dax(dev).size - 1),
    },
    { name: 'mapping0/page_offset', mode: 0o400, show: () => '0x0' },
  ],
}

/** `dax_region/…` of the device that the region was made for. */
const region_of = (k: Kernel, dev: Device): DaxRegion | undefined =>
  k.global(dax_bus).regions.find((region) => region.parent === dev)

const region_attribute = (name: string, show: (region: DaxRegion) => number): DeviceAttribute => ({
  name: `dax_region/${name}`,
  mode: 0o444,
  show: (k, dev) => {
    const region = region_of(k, dev)
    return region === undefined ? -ENXIO : String(show(region))
  },
})

const dax_region_attributes: readonly DeviceAttribute[] = [
  region_attribute('id', (region) => region.number),
  region_attribute('size', (region) => region.size),
  region_attribute('align', (region) => region.align),
]

/** undefined when the memory is not aligned as its devices must be. */
export function alloc_dax_region(
  k: Kernel,
  parent: Device,
  number: number,
  memory: { readonly start: number; readonly size: number },
  align: number,
): DaxRegion | undefined {
  const { start, size } = memory
  if (align === 0 || start % align !== 0 || size % align !== 0) return undefined
  const region = dax_region.create(k.journal, { parent, number, start, size, align })
  const bus = k.global(dax_bus)
  bus.regions = [...bus.regions, region]
  parent.groups = [...parent.groups, ...dax_region_attributes]
  return region
}

export const devm_create_dev_dax = kfunc(
  BUS,
  function* devm_create_dev_dax(k: Kernel, region: DaxRegion, id: number, major: number) {
    const bus = k.global(dax_bus)
    const { start, size, align, parent } = region
    const dax_dev = alloc_dax(k, '')
    const created = dev_dax.create(k.journal, { dax_dev, start, size, align })
    created.dev = device.create(k.journal, {
      name: `dax${region.number}.${id}`,
      parent,
      kind: dev_dax_type,
      bus: dax_bus_type,
      numa_node: parent.numa_node,
      target_node: parent.target_node,
      devt: `${major}:${bus.minors}`,
      container: created,
    })
    bus.minors++
    bus.devices = [...bus.devices, created]
    device_add(k, created.dev)
    yield* device_attach(k, created.dev)
    return created.dev.driver === undefined ? -ENOMEM : 0
  },
)

/** Everything that was made for `parent` goes. */
export const unregister_dev_dax = kfunc(BUS, function* unregister_dev_dax(k: Kernel, parent: Device) {
  const bus = k.global(dax_bus)
  for (const own of bus.devices.filter((each) => each.dev.parent === parent)) {
    yield* device_release_driver(k, own.dev)
    kill_dax(k, own.dax_dev)
    device_del(k, own.dev)
  }
  bus.devices = bus.devices.filter((each) => each.dev.parent !== parent)
  bus.regions = bus.regions.filter((region) => region.parent !== parent)
  parent.groups = parent.groups.filter((attribute) => !dax_region_attributes.includes(attribute))
})
