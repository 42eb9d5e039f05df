/**
 * fs/namei.c: from a path to what can be opened. /sys and /dev, which devtmpfs fills.
 *
 * Left out: mounted file systems, links but those of sysfs, permissions.
 */

import { def_blk_fops } from '../block/fops.ts'
import { block_devices } from '../block/genhd.ts'
import { mem_fops } from '../drivers/char/mem.ts'
import { dax_bus_devices } from '../drivers/dax/bus.ts'
import { dax_fops } from '../drivers/dax/device.ts'
import { bdev_name } from '../include/linux/blk_types.ts'
import type { FileOperations } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { cdevs } from './char_dev.ts'
import { sysfs_lookup } from './sysfs/dir.ts'
import { sysfs_file_kfops } from './sysfs/file.ts'

interface Found {
  readonly f_op: FileOperations
  readonly private_data: unknown
}

/** What device mapper has made, by its name. */
function mapped_lookup(k: Kernel, name: string): Found | undefined {
  const { dm } = k.options
  if (name === 'control') return dm && { f_op: dm.control, private_data: undefined }
  const disk = dm?.devices(k).find((each) => each.name === name)?.disk
  return disk && { f_op: def_blk_fops, private_data: disk.part0 }
}

export function path_lookup(k: Kernel, path: string): Found | undefined {
  if (path.startsWith('/sys/')) {
    return sysfs_lookup(k, path) && { f_op: sysfs_file_kfops, private_data: undefined }
  }
  const [, mapped] = /^\/dev\/mapper\/([^/]+)$/.exec(path) ?? []
  if (mapped !== undefined) return mapped_lookup(k, mapped)
  const [, name = ''] = /^\/dev\/([^/]+)$/.exec(path) ?? []
  if (Object.hasOwn(mem_fops, name)) return { f_op: mem_fops[name] as FileOperations, private_data: undefined }
  const dax = dax_bus_devices(k).find(({ dev }) => dev.name === name && dev.driver !== undefined)
  if (dax !== undefined) return { f_op: dax_fops, private_data: dax }
  const cdev = cdevs(k).find((each) => each.name === name)
  if (cdev !== undefined) return { f_op: cdev.ops, private_data: cdev.private_data }
  const bdev = block_devices(k).find((each) => bdev_name(each) === name)
  return bdev && { f_op: def_blk_fops, private_data: bdev }
}
