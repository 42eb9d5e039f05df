/**
 * drivers/nvdimm/dimm_devs.c, dimm.c: DIMMs and their label areas.
 *
 * A label area is present with a size and is blank. Left out: labels themselves, locking, security, health.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { struct } from '../../../sim/struct.ts'
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
  commands: [],
  flush_wpq: [],
  busy: 0,
})

/** Size of one label; 256 bytes unless a valid index says otherwise. */
const labelSize = (k: Kernel): number => (k.has('labels_v1_2') ? 256 : 128)

/** Labels that fit besides the two index blocks. */
function nvdimm_num_label_slots(k: Kernel, config_size: number): number {
  const guess = Math.floor(config_size / (labelSize(k) + 1))
  const index = Math.ceil((72 + Math.ceil(guess / 8)) / 256) * 256
  return Math.floor((config_size - 2 * index) / labelSize(k))
}

const dimm_attributes: readonly DeviceAttribute[] = [
  { name: 'state', mode: 0o444, show: (_k, dev) => (to_nvdimm(dev).busy > 0 ? 'active' : 'idle') },
  {
    name: 'flags',
    mode: 0o444,
    show: (_k, dev) => `${to_nvdimm(dev).aliasing ? 'alias ' : ''}${to_nvdimm(dev).labeling ? 'label ' : ''}`,
  },
  {
    name: 'commands',
    mode: 0o444,
    show: (_k, dev) =>
      to_nvdimm(dev)
        .commands.map((command) => `${command} `)
        .join(''),
  },
  {
    name: 'available_slots',
    mode: 0o444,
    show: (k, dev) => {
      const size = to_nvdimm(dev).config_size
      return size === 0 ? -ENXIO : String(nvdimm_num_label_slots(k, size) - 1)
    },
  },
]

const nvdimm_device_type: DeviceType = { name: 'nvdimm', attributes: [...dimm_attributes, ...nd_device_attributes] }

export interface NvdimmDescriptor {
  readonly unarmed: boolean
  readonly aliasing: boolean
  readonly commands: readonly string[]
  readonly flush_wpq: readonly Spa[]
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
    const { unarmed, aliasing, commands, flush_wpq } = desc
    const config_size = k.options.labelSizes?.[name] ?? 0
    const created = nvdimm.create(k.journal, { number: bus.dimms, unarmed, aliasing, commands, flush_wpq, config_size })
    bus.dimms++
    created.dev = device.create(k.journal, {
      name,
      parent: bus.dev,
      kind: nvdimm_device_type,
      groups: desc.groups,
      bus: nvdimm_bus_type,
      container: created,
    })
    const { list } = k.global(provider)
    k.global(provider).list = [...list, { nvdimm: created, provider_data: desc.provider_data }]
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
const nvdimm_probe = kfunc('drivers/nvdimm/dimm.c', function* nvdimm_probe(_k: Kernel, dev: Device) {
  to_nvdimm(dev).labeling = false
  yield* []
  return 0
})

export const nvdimm_driver: DeviceDriver = {
  name: 'nvdimm',
  bus: nvdimm_bus_type,
  types: 1 << ND_DEVICE_DIMM,
  probe: nvdimm_probe,
}
