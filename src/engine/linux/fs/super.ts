/**
 * fs/super.c, namespace.c: file systems are mounted and unmounted. Left out: mounts over mounts, bind mounts, propagation,
 * several mounts of one file system.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { type Identity, struct } from '../../sim/struct.ts'
import { blkdev_get_by_dev, blkdev_put, sync_blockdev } from '../block/bdev.ts'
import type { BlockDevice } from '../include/linux/blk_types.ts'
import { EBUSY, EINVAL, ENODEV, ENOENT, ENOTBLK, ENOTDIR } from '../include/linux/errno.ts'
import { type FileSystemType, type SuperBlock, super_block } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { path_lookup } from './namei.ts'
import { sys_newfstatat } from './readdir.ts'

const SUPER = 'fs/super.c'
const NAMESPACE = 'fs/namespace.c'

interface MountFields {
  /** Where it is, without a slash at the end. */
  mnt_mountpoint: string
  mnt_sb: SuperBlock
  /** As it was given: "/dev/pmem0". */
  mnt_devname: string
}

export type Mount = MountFields & Identity

const mount_type = struct<MountFields>('mount', { mnt_mountpoint: '', mnt_sb: undefined as never, mnt_devname: '' })
const namespace = struct<{ list: readonly Mount[] }>('mnt_namespace', { list: [] })

/** In the order in which they were mounted. */
export const mounts = (k: Kernel): readonly Mount[] => k.global(namespace).list

/** The mount that a normalised path leads into, and the rest of the path. */
export function mount_of(k: Kernel, path: string): { readonly mount: Mount; readonly rest: string } | undefined {
  for (const mount of [...mounts(k)].reverse()) {
    const { mnt_mountpoint } = mount
    if (path === mnt_mountpoint) return { mount, rest: '' }
    if (path.startsWith(`${mnt_mountpoint}/`)) return { mount, rest: path.slice(mnt_mountpoint.length + 1) }
  }
  return undefined
}

/** The file system on a disk that nobody else has: get_tree_bdev(). */
const mount_bdev = kfunc(
  SUPER,
  function* mount_bdev(
    k: Kernel,
    type: FileSystemType,
    bdev: BlockDevice,
    rdonly: boolean,
    options: readonly string[],
  ) {
    const claimed = yield* blkdev_get_by_dev(k, bdev, type)
    if (claimed !== 0) return claimed
    if (mounts(k).some(({ mnt_sb }) => mnt_sb.s_bdev === bdev)) {
      yield* blkdev_put(k, bdev, type)
      return -EBUSY
    }
    const sb = super_block.create(k.journal, {
      s_type: type,
      s_bdev: bdev,
      s_rdonly: rdonly || bdev.bd_disk.ro,
      s_inodes: new Map(),
    })
    const rc = yield* type.fill_super(k, sb, options)
    if (rc === 0) return sb
    yield* blkdev_put(k, bdev, type)
    return rc
  },
)

export interface MountRequest {
  readonly device: string
  readonly path: string
  readonly type: string
  readonly rdonly: boolean
  readonly options: readonly string[]
}

/** 0, or a negative error number: -ENODEV for an unknown type, -ENOTBLK for what is no disk, -EBUSY where one is mounted. */
export const sys_mount = kfunc(NAMESPACE, function* __x64_sys_mount(k: Kernel, request: MountRequest) {
  const { device, path, type, rdonly, options } = request
  const place = yield* sys_newfstatat(k, path, true)
  if (typeof place === 'number') return place
  if (place.kind !== 'folder') return -ENOTDIR
  const known = k.options.filesystems?.find(({ name }) => name === type)
  if (known === undefined) return -ENODEV
  const node = yield* sys_newfstatat(k, device, true)
  if (typeof node === 'number') return node
  if (node.kind !== 'block') return -ENOTBLK
  const bdev = path_lookup(k, node.path)?.private_data as BlockDevice | undefined
  if (bdev === undefined) return -ENOENT
  const point = place.path.replace(/\/$/, '')
  if (mounts(k).some(({ mnt_mountpoint }) => mnt_mountpoint === point)) return -EBUSY
  const sb = yield* mount_bdev(k, known, bdev, rdonly, options)
  if (typeof sb === 'number') return sb
  const mount = mount_type.create(k.journal, { mnt_mountpoint: point, mnt_sb: sb, mnt_devname: device })
  k.global(namespace).list = [...mounts(k), mount]
  return 0
})

/** Write everything that is dirty: inodes, what the file system keeps in memory, the disk's pages. */
export const sync_filesystem = kfunc('fs/sync.c', function* sync_filesystem(k: Kernel, sb: SuperBlock) {
  if (sb.s_rdonly) return 0
  for (const inode of sb.s_inodes.values()) {
    if (inode.i_mapping.nrpages > 0 || inode.i_mapping.dax_entries.size > 0)
      yield* inode.i_fop.writeback?.(k, inode) ?? []
    if (inode.i_dirty !== 'clean') yield* sb.s_op.write_inode(k, inode, false)
  }
  const rc = yield* sb.s_op.sync_fs(k, sb)
  const written = yield* sync_blockdev(k, sb.s_bdev)
  return rc === 0 ? written : rc
})

/** The mount at a path, or on a device, as umount(8) finds it. */
const mount_at = (k: Kernel, target: string): Mount | undefined =>
  [...mounts(k)]
    .reverse()
    .find(({ mnt_mountpoint, mnt_devname }) => target === mnt_mountpoint || target === mnt_devname)

/** 0, or -EINVAL where nothing is mounted, -EBUSY while a file of it is open. */
export const sys_umount = kfunc(NAMESPACE, function* __x64_sys_umount(k: Kernel, target: string) {
  const mount = mount_at(k, target)
  if (mount === undefined) return -EINVAL
  const { mnt_sb: sb, mnt_mountpoint } = mount
  if ([...sb.s_inodes.values()].some(({ i_count }) => i_count > 0)) return -EBUSY
  if (mounts(k).some((other) => other.mnt_mountpoint.startsWith(`${mnt_mountpoint}/`))) return -EBUSY
  k.global(namespace).list = mounts(k).filter((other) => other !== mount)
  yield* sync_filesystem(k, sb)
  yield* sb.s_op.put_super(k, sb)
  sb.s_inodes = new Map()
  yield* sync_blockdev(k, sb.s_bdev)
  yield* blkdev_put(k, sb.s_bdev, sb.s_type)
  return 0
})
