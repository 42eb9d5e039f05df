/**
 * fs/readdir.c, fs/stat.c: what is in a folder, and what a path is. The tree is computed whenever somebody looks: /sys from
 * the devices and drivers, /dev from those that have a node.
 *
 * Left out: owners but root, times but the boot's, file systems, the links of sysfs that `sysfs/dir.ts` does not follow.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { block_devices, is_disk, is_partition } from '../block/genhd.ts'
import { all_devices, device_path } from '../drivers/base/core.ts'
import { registered_drivers } from '../drivers/base/dd.ts'
import { mem_fops } from '../drivers/char/mem.ts'
import { dax_bus_devices } from '../drivers/dax/bus.ts'
import { bdev_name } from '../include/linux/blk_types.ts'
import { EBADF, ENOENT, ENOTDIR } from '../include/linux/errno.ts'
import { fget } from '../include/linux/file.ts'
import type { Stat } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { cdevs } from './char_dev.ts'
import { sysfs_files } from './sysfs/dir.ts'

/** Links on the way to a file, as the kernel has it. */
const MAXSYMLINKS = 40
/** Bytes that every attribute of sysfs seems to hold. */
const ATTRIBUTE_SIZE = 4096
const MEM_MINORS: Readonly<Record<string, string>> = { null: '1:3', zero: '1:5' }

type Tree = ReadonlyMap<string, Stat>

function tree_of(k: Kernel): Tree {
  const tree = new Map<string, Stat>()
  const add = (stat: Stat): void => {
    for (let at = stat.path.lastIndexOf('/'); at >= 0; at = stat.path.lastIndexOf('/', at - 1)) {
      const path = at === 0 ? '/' : stat.path.slice(0, at)
      if (tree.has(path)) break
      tree.set(path, { kind: 'folder', mode: 0o755, size: 0, path })
      if (at === 0) break
    }
    tree.set(stat.path, stat)
  }
  const folder = (path: string): void => add({ kind: 'folder', mode: 0o755, size: 0, path })
  const link = (path: string, target: string): void => add({ kind: 'link', mode: 0o777, size: 0, path, target })
  for (const path of ['/dev', '/mnt', '/sys/devices', '/sys/bus/nd/devices', '/sys/bus/nd/drivers']) folder(path)
  for (const { path, mode } of sysfs_files(k)) add({ kind: 'file', mode, size: ATTRIBUTE_SIZE, path })
  for (const dev of all_devices(k)) {
    const path = device_path(dev)
    const { bus, driver, name } = dev
    if (!tree.has(path)) folder(path)
    if (bus !== undefined) link(`/sys/bus/${bus.name}/devices/${name}`, path)
    if (is_disk(dev)) link(`/sys/block/${name}`, path)
    if (is_disk(dev) || is_partition(dev)) link(`/sys/class/block/${name}`, path)
    if (driver === undefined) continue
    const drivers = `/sys/bus/${driver.bus.name}/drivers/${driver.name}`
    link(`${path}/driver`, drivers)
    link(`${drivers}/${name}`, path)
  }
  for (const drv of registered_drivers(k)) folder(`/sys/bus/${drv.bus.name}/drivers/${drv.name}`)
  for (const name of Object.keys(mem_fops))
    add({ kind: 'character', mode: 0o666, size: 0, path: `/dev/${name}`, device: MEM_MINORS[name] ?? '1:0' })
  for (const { dev } of dax_bus_devices(k))
    if (dev.driver !== undefined)
      add({ kind: 'character', mode: 0o600, size: 0, path: `/dev/${dev.name}`, device: dev.devt })
  for (const { name, devt } of cdevs(k))
    add({ kind: 'character', mode: 0o600, size: 0, path: `/dev/${name}`, device: devt })
  for (const bdev of block_devices(k))
    add({ kind: 'block', mode: 0o660, size: 0, path: `/dev/${bdev_name(bdev)}`, device: bdev.bd_device.devt })
  if (k.options.dm === undefined) return tree
  add({ kind: 'character', mode: 0o600, size: 0, path: '/dev/mapper/control', device: '10:236' })
  for (const { name, disk, table_devices } of k.options.dm.devices(k)) {
    const { disk_name, dev } = disk
    link(`/dev/mapper/${name}`, `/dev/${disk_name}`)
    for (const { bdev: below } of table_devices) {
      link(`${device_path(dev)}/slaves/${bdev_name(below)}`, device_path(below.bd_device))
      link(`${device_path(below.bd_device)}/holders/${disk_name}`, device_path(dev))
    }
  }
  return tree
}

/** The entry behind an absolute path, or a negative error number. `last`: is a link at the end followed, too? */
function walk(tree: Tree, path: string, last: boolean): Stat | number {
  let links = MAXSYMLINKS
  let at = tree.get('/') as Stat
  const waiting = path.split('/').filter((part) => part !== '' && part !== '.')
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (at.kind !== 'folder') return -ENOTDIR
    const below = part === '..' ? at.path.slice(0, at.path.lastIndexOf('/')) || '/' : join(at.path, part)
    const next = tree.get(below)
    if (next === undefined) return -ENOENT
    if (next.target !== undefined && (last || waiting.length > 0)) {
      if (links-- === 0) return -ENOENT
      waiting.unshift(...next.target.split('/').filter((each) => each !== ''))
      at = tree.get('/') as Stat
    } else at = next
  }
  return path.endsWith('/') && at.kind !== 'folder' ? -ENOTDIR : at
}

const join = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)

export const sys_newfstatat = kfunc(
  'fs/stat.c',
  function* __x64_sys_newfstatat(k: Kernel, path: string, follow: boolean) {
    if (k.options.vfs?.covers(k, path) === true) return yield* k.options.vfs.stat(k, path, follow)
    return walk(tree_of(k), path, follow)
  },
)

export const sys_newfstat = kfunc('fs/stat.c', function* __x64_sys_newfstat(k: Kernel, fd: number) {
  const file = fget(k, fd)
  if (file === undefined) return -EBADF
  const { f_inode, path } = file
  const inode = f_inode && k.options.vfs?.fstat(f_inode, path)
  return inode ?? (yield* sys_newfstatat(k, path, true))
})

/** Names in a folder, without `.` and `..`, in no order that means anything; or a negative error number. */
export const sys_getdents64 = kfunc('fs/readdir.c', function* __x64_sys_getdents64(k: Kernel, path: string) {
  if (k.options.vfs?.covers(k, path) === true) return yield* k.options.vfs.getdents(k, path)
  const tree = tree_of(k)
  const found = walk(tree, path, true)
  if (typeof found === 'number') return found
  if (found.kind !== 'folder') return -ENOTDIR
  const before = found.path === '/' ? '/' : `${found.path}/`
  const names: string[] = []
  for (const each of tree.keys())
    if (each !== '/' && each.startsWith(before) && !each.includes('/', before.length))
      names.push(each.slice(before.length))
  return names as readonly string[]
})
