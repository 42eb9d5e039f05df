/**
 * drivers/nvdimm/bus.c: the nd bus, to which DIMMs, regions, namespaces and their personalities are attached.
 *
 * Requests of user space are in nd_ioctl.ts and bus_ioctl.ts, where regions and disks hear of bad ranges, too.
 */

import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { block_class, type Gendisk } from '../../block/genhd.ts'
import { cdev_add, cdev_del, cdevs } from '../../fs/char_dev.ts'
import type { BusType, Device, DeviceAttribute, DeviceDriver } from '../../include/linux/device.ts'
import { device } from '../../include/linux/device.ts'
import { EOPNOTSUPP } from '../../include/linux/errno.ts'
import { async_schedule, async_synchronize_full } from '../../kernel/async.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_info, device_add, device_del } from '../base/core.ts'
import { device_attach, device_release_driver } from '../base/dd.ts'
import { to_nd_device_type, to_nd_region } from './nd.ts'

interface NvdimmBusFields {
  dev: Device
  provider: string
  /** Commands that its firmware answers, as sysfs lists them. */
  commands: string
  /** DIMMs numbered so far. */
  dimms: number
}

export type NvdimmBus = NvdimmBusFields & Identity

const nvdimm_bus = struct<NvdimmBusFields>('nvdimm_bus', {
  dev: undefined as never,
  provider: '',
  commands: '',
  dimms: 0,
})

const buses = struct<{ list: readonly NvdimmBus[]; regions: number }>('nvdimm_bus_list', { list: [], regions: 0 })

const nvdimm_bus_list = (k: Kernel): readonly NvdimmBus[] => k.global(buses).list

/** Regions are numbered across buses. */
export const next_region_number = (k: Kernel): number => k.global(buses).regions++

const bus_attributes: readonly DeviceAttribute[] = [
  { name: 'commands', mode: 0o444, show: (_k, dev) => (dev.container as NvdimmBus).commands },
  { name: 'wait_probe', mode: 0o444, show: () => '1', settle: (k) => async_synchronize_full(k) },
  { name: 'provider', mode: 0o444, show: (_k, dev) => (dev.container as NvdimmBus).provider },
]

const bus_device = (dev: Device): Device =>
  dev.parent === undefined || dev.kind.name === 'nd_bus' ? dev : bus_device(dev.parent)

const nvdimm_bus_match = (dev: Device, drv: DeviceDriver): boolean => (drv.types & (1 << to_nd_device_type(dev))) !== 0

const nvdimm_bus_probe = kfunc('drivers/nvdimm/bus.c', function* nvdimm_bus_probe(k: Kernel, dev: Device) {
  const drv = dev.driver as DeviceDriver
  const bus = bus_device(dev)
  dev_dbg(k, bus, `START: ${drv.name}.probe(${dev.name})`)
  const rc = yield* drv.probe(k, dev)
  const above = dev.parent?.driver
  // -EOPNOTSUPP: the settings don't fit, and the next one starts afresh.
  if ((rc === 0 || rc === -EOPNOTSUPP) && dev.parent !== undefined && above?.childBound !== undefined)
    yield* above.childBound(k, dev.parent, dev)
  dev_dbg(k, bus, `END: ${drv.name}.probe(${dev.name}) = ${rc}`)
  return rc
})

const nvdimm_bus_remove = kfunc('drivers/nvdimm/bus.c', function* nvdimm_bus_remove(k: Kernel, dev: Device) {
  if (dev.driver?.remove !== undefined) yield* dev.driver.remove(k, dev)
})

export const nvdimm_bus_type: BusType = {
  name: 'nd',
  match: nvdimm_bus_match,
  probe: nvdimm_bus_probe,
  remove: nvdimm_bus_remove,
}

/** Handed out at boot; this is what the captures have. */
const nvdimm_bus_major = 246

export const nvdimm_bus_register = kfunc(
  'drivers/nvdimm/bus.c',
  function* nvdimm_bus_register(
    k: Kernel,
    parent: Device,
    provider: string,
    groups: readonly DeviceAttribute[],
    commands: string,
  ) {
    const list = nvdimm_bus_list(k)
    const ndctl = { name: `ndctl${list.length}`, devt: `${nvdimm_bus_major}:${list.length}` }
    const bus = nvdimm_bus.create(k.journal, { provider, commands })
    bus.dev = device.create(k.journal, {
      name: `ndbus${list.length}`,
      parent,
      kind: { name: 'nd_bus', attributes: bus_attributes },
      groups: [
        ...groups,
        { name: `nd/${ndctl.name}/dev`, mode: 0o444, show: () => ndctl.devt },
        ...(k.options.mediaErrors === undefined ? [] : (k.options.poison?.bus_attributes ?? [])),
      ],
      bus: nvdimm_bus_type,
      driver: nd_bus_driver,
      container: bus,
    })
    k.global(buses).list = [...list, bus]
    cdev_add(k, {
      ...ndctl,
      ops: k.options.poison?.nvdimm_bus_fops ?? { name: 'nvdimm_bus_fops' },
      private_data: bus,
    })
    device_add(k, bus.dev)
    dev_dbg(k, bus.dev, `START: nd_bus.probe(${bus.dev.name})`)
    dev_dbg(k, bus.dev, `END: nd_bus.probe(${bus.dev.name}) = 0`)
    yield* []
    return bus
  },
)

/** The disk becomes what its region is. */
export function nvdimm_check_and_set_ro(k: Kernel, disk: Gendisk): void {
  const dev = disk.dev.parent
  if (dev?.parent === undefined) return
  const region = to_nd_region(dev.parent)
  if (disk.ro === region.ro || !(region.ro || k.has('region_ro_revalidate'))) return
  const access = region.ro ? 'read-only' : 'read-write'
  dev_info(k, dev, `${region.dev.name} ${access}, marking ${disk.disk_name} ${access}`)
  disk.ro = region.ro
}

/** What NVDIMM_REVALIDATE_REGION makes the drivers of a region's disks do. */
export function revalidate_read_only(k: Kernel, region: Device): void {
  for (const disk of block_class(k)) if (disk.dev.parent?.parent === region) nvdimm_check_and_set_ro(k, disk)
}

/** The driver of the bus device itself. */
const nd_bus_driver: DeviceDriver = {
  name: 'nd_bus',
  bus: nvdimm_bus_type,
  types: 0,
  probe: kfunc('drivers/nvdimm/bus.c', function* nd_bus_probe() {
    yield* []
    return 0
  }),
}

const nd_async_device_register = kfunc(
  'drivers/nvdimm/bus.c',
  function* nd_async_device_register(k: Kernel, dev: Device) {
    device_add(k, dev)
    yield* device_attach(k, dev)
  },
)

/** Add a device to the bus and have it probed, soon. */
export function nd_device_register(k: Kernel, dev: Device): void {
  async_schedule(k, { run: (context) => nd_async_device_register(context, dev) })
}

export const nd_synchronize = async_synchronize_full

const nd_device_unregister = kfunc('drivers/nvdimm/bus.c', function* nd_device_unregister(k: Kernel, dev: Device) {
  yield* device_release_driver(k, dev)
  device_del(k, dev)
})

/** Take the bus away with everything on it, the youngest device first. */
export const nvdimm_bus_unregister = kfunc(
  'drivers/nvdimm/bus.c',
  function* nvdimm_bus_unregister(k: Kernel, bus: NvdimmBus) {
    yield* nd_synchronize(k)
    yield* nd_unregister_children(k, bus.dev)
    k.global(buses).list = nvdimm_bus_list(k).filter((other) => other !== bus)
    for (const cdev of cdevs(k)) if (/^(ndctl|nmem)\d+$/.test(cdev.name)) cdev_del(k, cdev.name)
    device_del(k, bus.dev)
  },
)

/** Everything below a device of the bus, the youngest first. */
export const nd_unregister_children = function* (k: Kernel, dev: Device): Generator<Request, void, unknown> {
  for (const child of [...dev.children].reverse()) {
    if (!child.registered) continue
    yield* nd_unregister_children(k, child)
    if (child.bus === nvdimm_bus_type) yield* nd_device_unregister(k, child)
  }
}
