/**
 * drivers/nvdimm/dimm_devs.c, dimm.c: DIMMs and their label areas.
 *
 * What is in a label area is read by the label module (`label_support.ts`); without it nobody looks. Left out:
 * locking, security, health.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { struct } from '../../../sim/struct.ts'
import { cdev_add } from '../../fs/char_dev.ts'
import {
  type Device,
  type DeviceAttribute,
  type DeviceDriver,
  type DeviceType,
  device,
} from '../../include/linux/device.ts'
import { ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg } from '../base/core.ts'
import { type NvdimmBus, nd_device_register, nd_synchronize, nvdimm_bus_type } from './bus.ts'
import { ND_DEVICE_DIMM, type Nvdimm, nd_device_attributes, to_nvdimm } from './nd.ts'

const nvdimm = struct<Omit<Nvdimm, 'id' | 'type'>>('nvdimm', {
  dev: undefined as never,
  number: 0,
  unarmed: false,
  aliasing: false,
  labeling: false,
  config_size: 0,
  area: undefined,
  ndd: undefined,
  commands: [],
  flush_wpq: [],
  num_flush: 0,
  busy: 0,
})

const dimm_attributes: readonly DeviceAttribute[] = [
  { name: 'state', mode: 0o444, show: (_k, dev) => (to_nvdimm(dev).busy > 0 ? 'active' : 'idle') },
  {
    name: 'flags',
    mode: 0o444,
    show: (k, dev) => {
      const { aliasing, labeling } = to_nvdimm(dev)
      // One flag stood for both before labels no longer needed aliasing.
      if (!k.has('labels_without_aliasing')) return aliasing || labeling ? 'alias ' : ''
      return `${aliasing ? 'alias ' : ''}${labeling ? 'label ' : ''}`
    },
  },
  {
    name: 'commands',
    mode: 0o444,
    show: (_k, dev) =>
      to_nvdimm(dev)
        .commands.map((command) => `${command} `)
        .join(''),
  },
  { name: 'dev', mode: 0o444, show: (_k, dev) => dev.devt },
  {
    name: 'available_slots',
    mode: 0o444,
    show: (k, dev) => {
      const { ndd } = to_nvdimm(dev)
      const free = ndd && k.options.labels?.nd_label_nfree(ndd)
      return free === undefined ? -ENXIO : String(Math.max(0, free - 1))
    },
  },
]

/** Handed out at boot; this is what the captures have. */
const nvdimm_major = 245

const nvdimm_device_type: DeviceType = { name: 'nvdimm', attributes: [...dimm_attributes, ...nd_device_attributes] }

export interface NvdimmDescriptor {
  readonly unarmed: boolean
  readonly aliasing: boolean
  readonly commands: readonly string[]
  readonly flush_wpq: readonly Spa[]
  readonly num_flush: number
  readonly groups: readonly DeviceAttribute[]
  /** What the provider knows of the DIMM; its attributes read it. */
  readonly provider_data: unknown
}

interface NvdimmDevice {
  readonly nvdimm: Nvdimm
  readonly provider_data: unknown
}

const provider = struct<{ list: readonly NvdimmDevice[] }>('nvdimm_provider_data', { list: [] })

export const nvdimm_provider_data = (k: Kernel, own: Nvdimm): unknown =>
  k.global(provider).list.find((entry) => entry.nvdimm === own)?.provider_data

/** `nmemN` as it will be called. */
const next_nvdimm_name = (bus: NvdimmBus): string => `nmem${bus.dimms}`

export const nvdimm_create = kfunc(
  'drivers/nvdimm/dimm_devs.c',
  function* nvdimm_create(k: Kernel, bus: NvdimmBus, desc: NvdimmDescriptor) {
    const name = next_nvdimm_name(bus)
    const { unarmed, aliasing, commands, flush_wpq, num_flush } = desc
    const area = k.options.labelAreas?.[name]
    const config_size = area?.size ?? 0
    const own = { number: bus.dimms, unarmed, aliasing, commands, flush_wpq, num_flush, config_size, area }
    const created = nvdimm.create(k.journal, own)
    bus.dimms++
    created.dev = device.create(k.journal, {
      name,
      parent: bus.dev,
      kind: nvdimm_device_type,
      groups: desc.groups,
      bus: nvdimm_bus_type,
      devt: `${nvdimm_major}:${own.number}`,
      container: created,
    })
    const { list } = k.global(provider)
    k.global(provider).list = [...list, { nvdimm: created, provider_data: desc.provider_data }]
    cdev_add(k, {
      name,
      devt: created.dev.devt,
      ops: k.options.labels?.nvdimm_fops ?? { name: 'nvdimm_fops' },
      private_data: created,
    })
    nd_device_register(k, created.dev)
    yield* []
    return created
  },
)

export const nvdimm_bus_check_dimm_count = kfunc(
  'drivers/nvdimm/dimm_devs.c',
  function* nvdimm_bus_check_dimm_count(k: Kernel, bus: NvdimmBus, dimm_count: number) {
    yield* nd_synchronize(k)
    const count = bus.dev.children.filter((child) => child.kind === nvdimm_device_type).length
    dev_dbg(k, bus.dev, `count: ${count}`)
    return count === dimm_count ? 0 : -ENXIO
  },
)

/** A blank area has no valid index: the DIMM works without labels. */
const nvdimm_probe = kfunc('drivers/nvdimm/dimm.c', function* nvdimm_probe(k: Kernel, dev: Device) {
  const { labels } = k.options
  if (labels !== undefined && to_nvdimm(dev).config_size > 0) return yield* labels.nvdimm_probe(k, dev)
  to_nvdimm(dev).labeling = false
  return 0
})

const nvdimm_remove = kfunc('drivers/nvdimm/dimm.c', function* nvdimm_remove(_k: Kernel, dev: Device) {
  to_nvdimm(dev).ndd = undefined
  yield* []
})

export const nvdimm_driver: DeviceDriver = {
  name: 'nvdimm',
  bus: nvdimm_bus_type,
  types: 1 << ND_DEVICE_DIMM,
  probe: nvdimm_probe,
  remove: nvdimm_remove,
}
