/** drivers/base/core.c: the tree of devices, and messages in their name. Left out: links, uevents, power. */

import { kfunc } from '../../../sim/kfunc.ts'
import { struct } from '../../../sim/struct.ts'
import type { Device } from '../../include/linux/device.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel, LogLevel } from '../../kernel.ts'

/** Devices without a parent. */
const devices = struct<{ roots: readonly Device[] }>('devices_kset', { roots: [] })

const device_roots = (k: Kernel): readonly Device[] => k.global(devices).roots

/** Make the device visible in sysfs. Probing is the bus's business (`bus_probe_device`). */
export function device_add(k: Kernel, dev: Device): void {
  dev.registered = true
  if (dev.parent === undefined) k.global(devices).roots = [...device_roots(k), dev]
  else dev.parent.children = [...dev.parent.children, dev]
}

export function device_del(k: Kernel, dev: Device): void {
  dev.registered = false
  if (dev.parent === undefined) k.global(devices).roots = device_roots(k).filter((other) => other !== dev)
  else dev.parent.children = dev.parent.children.filter((other) => other !== dev)
}

/** Every registered device, parents first. */
export function* all_devices(k: Kernel): Generator<Device> {
  const waiting = [...device_roots(k)]
  for (let dev = waiting.shift(); dev !== undefined; dev = waiting.shift()) {
    yield dev
    waiting.unshift(...dev.children)
  }
}

/** Every driver is told that the machine goes down in order: children before parents, the newest first. */
export const device_shutdown = kfunc('drivers/base/core.c', function* device_shutdown(k: Kernel) {
  for (const dev of [...all_devices(k)].reverse()) yield* dev.driver?.shutdown?.(k, dev) ?? []
})

export function device_path(dev: Device): string {
  const folder = dev.folder === '' ? '' : `${dev.folder}/`
  return `${dev.parent === undefined ? '/sys/devices' : device_path(dev.parent)}/${folder}${dev.name}`
}

/** Driver, or bus while there is none. */
const driver_string = (dev: Device): string => dev.driver?.name ?? dev.bus?.name ?? ''

const dev_printk =
  (level: LogLevel) =>
  (k: Kernel, dev: Device, text: string): void =>
    printk(k, level, `${driver_string(dev)} ${dev.name}: ${text}`)

export const dev_err = dev_printk('err')
export const dev_warn = dev_printk('warn')
export const dev_info = dev_printk('info')
export const dev_dbg = dev_printk('debug')
