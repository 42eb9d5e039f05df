/**
 * fs/sysfs/dir.c, symlink.c: the tree under /sys, computed from the devices whenever somebody looks.
 *
 * Folders are those of devices and drivers; links are followed for devices of a bus or class, `driver` and
 * `subsystem`. Left out: modules, firmware, kernel parameters, listing folders.
 */

import type { Op } from '../../../sim/kfunc.ts'
import { is_disk, is_partition } from '../../block/genhd.ts'
import { bind_store, unbind_store } from '../../drivers/base/bus.ts'
import { all_devices, device_path } from '../../drivers/base/core.ts'
import { registered_drivers } from '../../drivers/base/dd.ts'
import type { Device, DeviceAttribute, DeviceDriver } from '../../include/linux/device.ts'
import type { Kernel } from '../../kernel.ts'

export interface SysfsFile {
  readonly path: string
  readonly mode: number
  /** Text without the final newline, or a negative error number; absent when it can't be read. */
  show?(): string | number
  settle?(k: Kernel): Op<void>
  store?(k: Kernel, text: string): Op<number>
}

export const device_attributes = (dev: Device): readonly DeviceAttribute[] => [...dev.kind.attributes, ...dev.groups]

function file_of(k: Kernel, dev: Device, attribute: DeviceAttribute): SysfsFile | undefined {
  const mode = attribute.visible === undefined ? attribute.mode : attribute.visible(k, dev)
  if (mode === 0) return undefined
  const { show, store, settle } = attribute
  return {
    path: `${device_path(dev)}/${attribute.name}`,
    mode,
    ...(show === undefined ? {} : { show: () => show(k, dev) }),
    ...(settle === undefined ? {} : { settle }),
    ...(store === undefined ? {} : { store: (context: Kernel, text: string) => store(context, dev, text) }),
  }
}

const driver_path = (drv: DeviceDriver): string => `/sys/bus/${drv.bus.name}/drivers/${drv.name}`

function* driver_files(drv: DeviceDriver): Generator<SysfsFile> {
  const path = driver_path(drv)
  yield { path: `${path}/bind`, mode: 0o200, store: (k, text) => bind_store(k, drv, text) }
  yield { path: `${path}/unbind`, mode: 0o200, store: (k, text) => unbind_store(k, drv, text) }
}

/** Every file, by its real path. */
export function* sysfs_files(k: Kernel): Generator<SysfsFile> {
  for (const dev of all_devices(k))
    for (const attribute of device_attributes(dev)) {
      const file = file_of(k, dev, attribute)
      if (file !== undefined) yield file
    }
  for (const drv of registered_drivers(k)) yield* driver_files(drv)
}

/** undefined: no such file (it may be a folder). */
export function sysfs_lookup(k: Kernel, path: string): SysfsFile | undefined {
  const real = follow(k, normal(path))
  for (const file of sysfs_files(k)) if (file.path === real) return file
  return undefined
}

/** Names in the folder `drivers` of a bus, in the order of registration. */
export const bus_drivers = (k: Kernel, bus: string): readonly string[] =>
  registered_drivers(k)
    .filter((drv) => drv.bus.name === bus)
    .map((drv) => drv.name)

/** Without empty, `.` and `..` components. */
function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Links on the way: a device's own links may follow one another. */
const MAX_LINKS = 8

function follow(k: Kernel, path: string): string {
  let at = path
  for (let i = 0; i < MAX_LINKS; i++) {
    const next = link(k, at)
    if (next === undefined) return at
    at = next
  }
  return at
}

/** `path` with its first link replaced; undefined when there is none. */
function link(k: Kernel, path: string): string | undefined {
  const [, bus, name = '', rest = ''] = /^\/sys\/bus\/([^/]+)\/devices\/([^/]+)(.*)$/.exec(path) ?? []
  if (bus !== undefined) return to_device(k, (dev) => dev.bus?.name === bus && dev.name === name, rest)
  const [, all, disk, below = ''] = /^\/sys\/(class\/)?block\/([^/]+)(.*)$/.exec(path) ?? []
  const belongs = (dev: Device): boolean => is_disk(dev) || (all !== undefined && is_partition(dev))
  if (disk !== undefined) return to_device(k, (dev) => belongs(dev) && dev.name === disk, below)
  const [, of, own, bound = ''] = /^\/sys\/bus\/[^/]+\/drivers\/([^/]+)\/([^/]+)(.*)$/.exec(path) ?? []
  if (own !== undefined) return to_device(k, (dev) => dev.driver?.name === of && dev.name === own, bound)
  const [, before, file = ''] = /^(\/sys\/devices\/.*)\/driver(\/.*)?$/.exec(path) ?? []
  for (const dev of before === undefined ? [] : all_devices(k))
    if (device_path(dev) === before && dev.driver !== undefined) return driver_path(dev.driver) + file
  return undefined
}

function to_device(k: Kernel, wanted: (dev: Device) => boolean, rest: string): string | undefined {
  for (const dev of all_devices(k)) if (wanted(dev)) return device_path(dev) + rest
  return undefined
}
