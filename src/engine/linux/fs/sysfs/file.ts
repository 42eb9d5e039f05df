/** fs/sysfs/file.c: reading and writing attributes. */

import { kfunc } from '../../../sim/kfunc.ts'
import { EACCES, EIO } from '../../include/linux/errno.ts'
import { type File, type FileOperations, O_ACCMODE, O_RDONLY } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { type SysfsFile, sysfs_lookup } from './dir.ts'

const FILE = 'fs/sysfs/file.c'

/** The attribute as it is now: what a file shows changes, and so may whether it exists. */
const attribute = (k: Kernel, file: File): SysfsFile | undefined => sysfs_lookup(k, file.path)

const sysfs_open = kfunc('fs/kernfs/file.c', function* kernfs_fop_open(k: Kernel, file: File) {
  yield* []
  const found = attribute(k, file)
  const access = file.flags & O_ACCMODE
  const reads = access !== 1
  const writes = access !== O_RDONLY
  const readable = found?.show !== undefined && (found.mode & 0o444) !== 0
  const writable = found?.store !== undefined && (found.mode & 0o222) !== 0
  return (reads && !readable) || (writes && !writable) ? -EACCES : 0
})

const sysfs_kf_read = kfunc(FILE, function* sysfs_kf_read(k: Kernel, file: File, into: Uint8Array, pos: number) {
  const found = attribute(k, file)
  if (found?.settle !== undefined) yield* found.settle(k)
  const shown = found?.show?.() ?? -EIO
  if (typeof shown === 'number') return shown
  const text = shown === '' && file.path.endsWith('badblocks') ? '' : `${shown}\n`
  const bytes = new TextEncoder().encode(text).subarray(pos, pos + into.length)
  into.set(bytes)
  return bytes.length
})

const sysfs_kf_write = kfunc(FILE, function* sysfs_kf_write(k: Kernel, file: File, bytes: Uint8Array) {
  const store = attribute(k, file)?.store
  if (store === undefined) return -EIO
  const text = new TextDecoder().decode(bytes)
  const rc = yield* store(k, text)
  if (rc < 0) return rc
  k.options.onSysfs(file.path, text)
  return bytes.length
})

export const sysfs_file_kfops: FileOperations = {
  name: 'sysfs_file_kfops',
  open: sysfs_open,
  read: sysfs_kf_read,
  write: sysfs_kf_write,
}
