/** Attributes of the kernel's devices, as anybody may read them in sysfs. */

import { is_disk } from '../linux/block/genhd.ts'
import { device_path } from '../linux/drivers/base/core.ts'
import { device_attributes } from '../linux/fs/sysfs/dir.ts'
import type { Device } from '../linux/include/linux/device.ts'
import type { Kernel } from '../linux/kernel.ts'

interface Attribute {
  readonly name: string
  readonly path: string
  readonly mode: number
  /** Its text, or a negative error number; absent when it cannot be read. */
  readonly shown?: string | number
}

/** Those that are there at the moment. */
export function attributesOf(k: Kernel, dev: Device): readonly Attribute[] {
  const path = shortPath(dev)
  return device_attributes(dev).flatMap((attribute): readonly Attribute[] => {
    const { name, show } = attribute
    const mode = attribute.visible === undefined ? attribute.mode : attribute.visible(k, dev)
    if (mode === 0) return []
    const own = { name, path: `${path}/${name}`, mode }
    return [show === undefined ? own : { ...own, shown: show(k, dev) }]
  })
}

/** The shortest name that a shell can use. */
function shortPath(dev: Device): string {
  if (is_disk(dev)) return `/sys/block/${dev.name}`
  return dev.bus === undefined ? device_path(dev) : `/sys/bus/${dev.bus.name}/devices/${dev.name}`
}
