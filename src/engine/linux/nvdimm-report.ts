/**
 * What a booted kernel made of its NFIT, in the words of sysfs: regions, DIMMs, disks, namespaces.
 *
 * Values are as printed, sizes as numbers, an attribute that does not exist is null.
 */

import { nfit_probe_result } from './drivers/acpi/nfit/core.ts'
import { all_devices, device_path } from './drivers/base/core.ts'
import { device_attributes } from './fs/sysfs/dir.ts'
import { sysfsTree } from './fs/sysfs/tree.ts'
import type { Device } from './include/linux/device.ts'
import type { Kernel } from './kernel.ts'

type Text = string | null

interface RegionReport {
  readonly dev: string
  readonly devtype: Text
  readonly nstype: Text
  readonly size: number | null
  readonly resource: Text
  readonly set_cookie: Text
  readonly persistence_domain: Text
  readonly deep_flush: Text
  readonly read_only: Text
  readonly numa_node: Text
  readonly target_node: Text
  readonly align: Text
  readonly mappings: readonly {
    readonly dimm: string
    readonly start: number
    readonly size: number
    readonly position: number | null
  }[]
}

interface DimmReport {
  readonly dev: string
  readonly handle: Text
  readonly phys_id: Text
  readonly id: Text
  readonly serial: Text
  readonly flags: Text
}

interface DiskReport {
  readonly name: string
  readonly sectors: number | null
  readonly ro: Text
  readonly write_cache: Text
  readonly fua: Text
  readonly dax: Text
  readonly dax_write_cache: Text
}

interface NamespaceReport {
  readonly dev: string
  readonly nstype: Text
  readonly mode: Text
  readonly size: number | null
  readonly resource: Text
  readonly uuid: Text
  readonly alt_name: Text
  readonly sector_size: Text
  readonly force_raw: Text
}

export interface NvdimmReport {
  /** Result of the driver's probe: 0, or a negative error number. */
  readonly probe: number
  readonly regions: readonly RegionReport[]
  readonly dimms: readonly DimmReport[]
  readonly disks: readonly DiskReport[]
  readonly namespaces: readonly NamespaceReport[]
  /** Path → value of every readable attribute. */
  readonly sysfs: Readonly<Record<string, string>>
}

export function describeNvdimms(k: Kernel): NvdimmReport {
  const devices = [...all_devices(k)]
  const like = (pattern: RegExp): readonly Device[] => devices.filter((dev) => pattern.test(device_path(dev)))
  return {
    probe: nfit_probe_result(k) ?? 0,
    regions: like(/\/ndbus\d+\/region\d+$/).map((dev) => regionOf(k, dev)),
    dimms: like(/\/nmem\d+$/).map((dev) => dimmOf(k, dev)),
    disks: like(/\/block\/[^/]+$/).map((dev) => diskOf(k, dev)),
    namespaces: like(/\/namespace[\d.]+$/).map((dev) => namespaceOf(k, dev)),
    sysfs: everything(k),
  }
}

function everything(k: Kernel): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { path, show } of sysfsTree(k)) {
    const shown = show()
    if (shown !== undefined) values[path] = shown
  }
  return values
}

function value(k: Kernel, dev: Device, name: string): Text {
  const attribute = device_attributes(dev).find((each) => each.name === name)
  if (attribute?.show === undefined || attribute.visible?.(k, dev) === 0) return null
  const shown = attribute.show(k, dev)
  return typeof shown === 'number' ? null : shown
}

function sizeOf(k: Kernel, dev: Device): number | null {
  const size = value(k, dev, 'size')
  return size === null ? null : Number(size)
}

function regionOf(k: Kernel, dev: Device): RegionReport {
  const get = (name: string): Text => value(k, dev, name)
  const count = Number(get('mappings') ?? 0)
  return {
    dev: dev.name,
    devtype: get('devtype'),
    nstype: get('nstype'),
    size: sizeOf(k, dev),
    resource: get('resource'),
    set_cookie: get('set_cookie'),
    persistence_domain: get('persistence_domain'),
    deep_flush: get('deep_flush'),
    read_only: get('read_only'),
    numa_node: get('numa_node'),
    target_node: get('target_node'),
    align: get('align'),
    mappings: Array.from({ length: count }, (_, n) => {
      const [dimm = '', start = '0', size = '0', position] = (get(`mapping${n}`) ?? '').split(',')
      return {
        dimm,
        start: Number(start),
        size: Number(size),
        position: position === undefined ? null : Number(position),
      }
    }),
  }
}

const dimmOf = (k: Kernel, dev: Device): DimmReport => ({
  dev: dev.name,
  handle: value(k, dev, 'nfit/handle'),
  phys_id: value(k, dev, 'nfit/phys_id'),
  id: value(k, dev, 'nfit/id'),
  serial: value(k, dev, 'nfit/serial'),
  flags: value(k, dev, 'nfit/flags'),
})

const diskOf = (k: Kernel, dev: Device): DiskReport => ({
  name: dev.name,
  sectors: sizeOf(k, dev),
  ro: value(k, dev, 'ro'),
  write_cache: value(k, dev, 'queue/write_cache'),
  fua: value(k, dev, 'queue/fua'),
  dax: value(k, dev, 'queue/dax'),
  dax_write_cache: value(k, dev, 'dax/write_cache'),
})

const namespaceOf = (k: Kernel, dev: Device): NamespaceReport => ({
  dev: dev.name,
  nstype: value(k, dev, 'nstype'),
  mode: value(k, dev, 'mode'),
  size: sizeOf(k, dev),
  resource: value(k, dev, 'resource'),
  uuid: value(k, dev, 'uuid'),
  alt_name: value(k, dev, 'alt_name'),
  sector_size: value(k, dev, 'sector_size'),
  force_raw: value(k, dev, 'force_raw'),
})
