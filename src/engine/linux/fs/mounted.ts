/**
 * fs/namei.c, open.c, the part for mounted file systems: from a path to an inode, and what changes the names in a folder.
 * `namei.ts` serves /sys and /dev.
 *
 * Source: torvalds/linux v6.1. Left out: permissions of users, locks of folders, a cache of names (each is looked up
 * anew), relative paths.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { SECTOR_SIZE } from '../include/linux/blk_types.ts'
import {
  EBADF,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENAMETOOLONG,
  ENODEV,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  EXDEV,
} from '../include/linux/errno.ts'
import { fget } from '../include/linux/file.ts'
import {
  type Cached,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_ZERO_RANGE,
  type File,
  file as file_struct,
  type Inode,
  is_dir,
  is_lnk,
  is_reg,
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  S_IFDIR,
  S_IFREG,
  type Stat,
  type Vfs,
} from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'
import { ihold, iput, iput_final } from './inode.ts'
import { type Mount, mount_of, mounts, sync_filesystem } from './super.ts'

const NAMEI = 'fs/namei.c'
const NAME_MAX = 255
const PATH_MAX = 4096
const MAXSYMLINKS = 40
/** Every process's. */
const UMASK = 0o022

/** Without empty parts and dots; what ".." says is taken by the letter. */
function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Where a path ends. */
interface Place {
  readonly mount: Mount
  /** The folder that has, or would have, the last part; undefined for the root of the file system. */
  readonly dir: Inode | undefined
  readonly name: string
  /** undefined: there is nothing of that name. */
  readonly inode: Inode | undefined
  /** A slash stood at the end: it must be a folder. */
  readonly slash: boolean
}

/** `follow`: a link at the end, too. A negative error number where the way there is broken. */
const path_lookupat = kfunc(NAMEI, function* path_lookupat(k: Kernel, path: string, follow: boolean) {
  if (path.length >= PATH_MAX) return -ENAMETOOLONG
  let links = 0
  let start = mount_of(k, normal(path))
  if (start === undefined) return -ENOENT
  let waiting = start.rest.split('/').filter((part) => part !== '')
  let way: Inode[] = [start.mount.mnt_sb.s_root]
  let last = ''
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const at = way.at(-1) as Inode
    if (!is_dir(at)) return -ENOTDIR
    if (part === '.') continue
    if (part === '..') {
      if (way.length > 1) way.pop()
      continue
    }
    if (part.length > NAME_MAX) return -ENAMETOOLONG
    const found: Inode | number = (yield* at.i_op.lookup?.(k, at, part) ?? []) ?? -ENOTDIR
    if (found === -ENOENT && waiting.length === 0)
      return { mount: start.mount, dir: at, name: part, inode: undefined, slash: path.endsWith('/') } satisfies Place
    if (typeof found === 'number') return found
    if (is_lnk(found) && (follow || waiting.length > 0 || path.endsWith('/'))) {
      if (++links > MAXSYMLINKS) return -ELOOP
      const target: string | number = (yield* found.i_op.readlink?.(k, found) ?? []) ?? -EINVAL
      if (typeof target === 'number') return target
      if (target.startsWith('/')) {
        start = mount_of(k, normal(target))
        if (start === undefined) return -ENOENT
        way = [start.mount.mnt_sb.s_root]
        waiting = [...start.rest.split('/').filter((each) => each !== ''), ...waiting]
      } else waiting = [...target.split('/').filter((each) => each !== ''), ...waiting]
      continue
    }
    last = part
    way.push(found)
  }
  const inode = way.at(-1) as Inode
  if (path.endsWith('/') && !is_dir(inode)) return -ENOTDIR
  return { mount: start.mount, dir: way.at(-2), name: last, inode, slash: path.endsWith('/') } satisfies Place
})

/** May names of it change? 0 or why not. */
const writable = ({ mount }: Place): number => (mount.mnt_sb.s_rdonly ? -EROFS : 0)

const do_filp_open = kfunc('fs/open.c', function* do_filp_open(k: Kernel, path: string, flags: number, mode: number) {
  const place = yield* path_lookupat(
    k,
    path,
    (flags & O_NOFOLLOW) === 0 && (flags & (O_CREAT | O_EXCL)) !== (O_CREAT | O_EXCL),
  )
  if (typeof place === 'number') return place
  let { inode } = place
  const writes = (flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0
  if (inode === undefined) {
    if ((flags & O_CREAT) === 0) return -ENOENT
    if (place.slash || place.dir === undefined) return -EISDIR
    if (writable(place) !== 0) return -EROFS
    const made: Inode | number =
      (yield* place.dir.i_op.create?.(k, place.dir, place.name, S_IFREG | (mode & 0o7777 & ~UMASK)) ?? []) ??
      -EOPNOTSUPP
    if (typeof made === 'number') return made
    inode = made
  } else {
    if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return -EEXIST
    if (is_lnk(inode)) return -ELOOP
    if (is_dir(inode) && (writes || (flags & O_CREAT) !== 0)) return -EISDIR
    if (!is_dir(inode) && (flags & O_DIRECTORY) !== 0) return -ENOTDIR
    if (writes && writable(place) !== 0) return -EROFS
    if ((flags & O_TRUNC) !== 0) {
      const rc: number = (yield* inode.i_op.truncate?.(k, inode, 0) ?? []) ?? 0
      if (rc < 0) return rc
    }
  }
  ihold(inode)
  inode.i_path = path
  const opened = file_struct.create(k.journal, { path, flags, f_op: inode.i_fop, f_inode: inode })
  const rc = (yield* inode.i_fop.open?.(k, opened) ?? []) ?? 0
  if (rc < 0) yield* iput(k, inode)
  return rc < 0 ? rc : opened
})

const stat_of = (inode: Inode, path: string, target?: string): Stat => ({
  kind: is_dir(inode) ? 'folder' : is_lnk(inode) ? 'link' : 'file',
  mode: inode.i_mode & 0o7777,
  size: inode.i_size,
  path,
  ino: inode.i_ino,
  nlink: inode.i_nlink,
  blocks: inode.i_blocks,
  mtime: Math.floor(inode.i_mtime),
  times: { atime: inode.i_atime, mtime: inode.i_mtime, ctime: inode.i_ctime },
  fs: { device: inode.i_sb.s_bdev.bd_device.devt ?? '0:0', blksize: inode.i_sb.s_blocksize },
  ...(target === undefined ? {} : { target }),
})

const vfs_stat = kfunc('fs/stat.c', function* vfs_statx(k: Kernel, path: string, follow: boolean) {
  const place = yield* path_lookupat(k, path, follow)
  if (typeof place === 'number') return place
  const { inode } = place
  if (inode === undefined) return -ENOENT
  const target = is_lnk(inode) ? yield* inode.i_op.readlink?.(k, inode) ?? [] : undefined
  return stat_of(inode, normal(path), typeof target === 'string' ? target : undefined)
})

const iterate_dir = kfunc('fs/readdir.c', function* iterate_dir(k: Kernel, path: string) {
  const place = yield* path_lookupat(k, path, true)
  if (typeof place === 'number') return place
  if (place.inode === undefined) return -ENOENT
  if (!is_dir(place.inode)) return -ENOTDIR
  const names = (yield* place.inode.i_op.readdir?.(k, place.inode) ?? []) ?? -EOPNOTSUPP
  return typeof names === 'number' ? names : names.filter((name) => name !== '.' && name !== '..')
})

/** What a call that makes a name begins with: the folder and the name, or why not. */
const to_make = function* (k: Kernel, path: string, folder: boolean) {
  const place = yield* path_lookupat(k, path, false)
  if (typeof place === 'number') return place
  if (place.inode !== undefined) return -EEXIST
  if (place.dir === undefined || (place.slash && !folder)) return -ENOENT
  const rc = writable(place)
  return rc === 0 ? { ...place, dir: place.dir } : rc
}

export const sys_mkdir = kfunc(NAMEI, function* do_mkdirat(k: Kernel, path: string, mode: number) {
  const place = yield* to_make(k, path, true)
  if (typeof place === 'number') return place
  return (yield* place.dir.i_op.mkdir?.(k, place.dir, place.name, S_IFDIR | (mode & 0o7777)) ?? []) ?? -EPERM
})

export const sys_symlink = kfunc(NAMEI, function* do_symlinkat(k: Kernel, target: string, path: string) {
  if (target === '') return -ENOENT
  const place = yield* to_make(k, path, false)
  if (typeof place === 'number') return place
  return (yield* place.dir.i_op.symlink?.(k, place.dir, place.name, target) ?? []) ?? -EPERM
})

export const sys_link = kfunc(NAMEI, function* do_linkat(k: Kernel, old: string, path: string) {
  const from = yield* path_lookupat(k, old, false)
  if (typeof from === 'number') return from
  if (from.inode === undefined) return -ENOENT
  const place = yield* to_make(k, path, false)
  if (typeof place === 'number') return place
  if (place.mount !== from.mount) return -EXDEV
  if (is_dir(from.inode)) return -EPERM
  return (yield* place.dir.i_op.link?.(k, from.inode, place.dir, place.name) ?? []) ?? -EPERM
})

/** What a call that takes a name away begins with. */
const to_remove = function* (k: Kernel, path: string) {
  const place = yield* path_lookupat(k, path, false)
  if (typeof place === 'number') return place
  if (place.inode === undefined) return -ENOENT
  if (place.dir === undefined) return -EBUSY
  const rc = writable(place)
  return rc === 0 ? { ...place, dir: place.dir, inode: place.inode } : rc
}

export const sys_unlink = kfunc(NAMEI, function* do_unlinkat(k: Kernel, path: string) {
  const place = yield* to_remove(k, path)
  if (typeof place === 'number') return place
  const { dir, name, inode } = place
  if (is_dir(inode)) return -EISDIR
  const rc = (yield* dir.i_op.unlink?.(k, dir, name, inode) ?? []) ?? -EPERM
  if (rc === 0) yield* iput_final(k, inode)
  return rc
})

export const sys_rmdir = kfunc(NAMEI, function* do_rmdir(k: Kernel, path: string) {
  const place = yield* to_remove(k, path)
  if (typeof place === 'number') return place
  const { dir, name, inode } = place
  if (!is_dir(inode)) return -ENOTDIR
  const rc = (yield* dir.i_op.rmdir?.(k, dir, name, inode) ?? []) ?? -EPERM
  if (rc === 0) yield* iput_final(k, inode)
  return rc
})

/** Is `inode` the folder `dir`, or above it? */
const above = function* (k: Kernel, inode: Inode, dir: Inode) {
  for (let at = dir; ; ) {
    if (at === inode) return true
    if (at === at.i_sb.s_root) return false
    const next: Inode | number = (yield* at.i_op.lookup?.(k, at, '..') ?? []) ?? -ENOENT
    if (typeof next === 'number') return false
    at = next
  }
}

export const sys_rename = kfunc(NAMEI, function* do_renameat2(k: Kernel, old: string, path: string) {
  const from = yield* to_remove(k, old)
  if (typeof from === 'number') return from
  const to = yield* path_lookupat(k, path, false)
  if (typeof to === 'number') return to
  if (to.mount !== from.mount) return -EXDEV
  if (to.dir === undefined) return -EBUSY
  if (to.inode === from.inode) return 0
  if (is_dir(from.inode) && (yield* above(k, from.inode, to.dir))) return -EINVAL
  if (to.inode !== undefined) {
    if (is_dir(to.inode) && !is_dir(from.inode)) return -EISDIR
    if (!is_dir(to.inode) && is_dir(from.inode)) return -ENOTDIR
    if (is_dir(to.inode) && (yield* above(k, to.inode, from.dir))) return -ENOTEMPTY
  } else if (to.slash && !is_dir(from.inode)) return -ENOTDIR
  const rc = (yield* from.dir.i_op.rename?.(k, from.dir, from.name, to.dir, to.name) ?? []) ?? -EPERM
  if (rc === 0 && to.inode !== undefined) yield* iput_final(k, to.inode)
  return rc
})

/** 0, or a negative error number; a file may grow this way, too. */
export const sys_truncate = kfunc('fs/open.c', function* do_sys_truncate(k: Kernel, path: string, size: number) {
  if (size < 0) return -EINVAL
  const place = yield* path_lookupat(k, path, true)
  if (typeof place === 'number') return place
  const { inode } = place
  if (inode === undefined) return -ENOENT
  if (is_dir(inode)) return -EISDIR
  const rc = writable(place)
  return rc === 0 ? ((yield* inode.i_op.truncate?.(k, inode, size) ?? []) ?? -EINVAL) : rc
})

/** Like it, of an open file: -EINVAL when it is not open for writing. */
export const vfs_truncate_file = kfunc('fs/open.c', function* do_sys_ftruncate(k: Kernel, opened: File, size: number) {
  const { f_inode: inode, flags } = opened
  if (inode === undefined || size < 0 || (flags & O_ACCMODE) === O_RDONLY || !is_reg(inode)) return -EINVAL
  return (yield* inode.i_op.truncate?.(k, inode, size) ?? []) ?? -EINVAL
})

/** 0, or a negative error number: room for a range of a file, or a hole in its place. */
const vfs_fallocate = kfunc(
  'fs/open.c',
  function* vfs_fallocate(k: Kernel, opened: File, mode: number, offset: number, length: number) {
    const { f_inode: inode, flags } = opened
    if (offset < 0 || length <= 0) return -EINVAL
    const punch = (mode & FALLOC_FL_PUNCH_HOLE) !== 0
    if (punch && (mode & (FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE)) !== FALLOC_FL_KEEP_SIZE) return -EOPNOTSUPP
    if (inode === undefined || !is_reg(inode)) return -ENODEV
    if ((flags & O_ACCMODE) === O_RDONLY) return -EBADF
    return (yield* inode.i_op.fallocate?.(k, inode, mode, offset, length) ?? []) ?? -EOPNOTSUPP
  },
)

export const sys_fallocate = kfunc(
  'fs/open.c',
  function* __x64_sys_fallocate(k: Kernel, fd: number, mode: number, offset: number, length: number) {
    const opened = fget(k, fd)
    return opened === undefined ? -EBADF : yield* vfs_fallocate(k, opened, mode, offset, length)
  },
)

const sync_filesystems = kfunc('fs/sync.c', function* iterate_supers(k: Kernel) {
  for (const { mnt_sb } of mounts(k)) yield* sync_filesystem(k, mnt_sb)
})

/** Only files that were opened are known by a path. */
function file_of(k: Kernel, at: number): { readonly file: string; readonly offset: number } | undefined {
  for (const { mnt_sb: sb } of mounts(k)) {
    const { bd_disk, bd_start_sect, bd_nr_sectors } = sb.s_bdev
    if (bd_disk.media === undefined) continue
    const byte = at - bd_disk.media.start - bd_start_sect * SECTOR_SIZE
    if (byte < 0 || byte >= bd_nr_sectors * SECTOR_SIZE) continue
    const size = sb.s_blocksize
    for (const inode of sb.s_inodes.values()) {
      if (!is_reg(inode) || inode.i_path === '') continue
      const block = sb.s_op.file_block(inode, Math.floor(byte / size))
      if (block !== undefined) return { file: inode.i_path, offset: block * size + (byte % size) }
    }
  }
  return undefined
}

/** Addresses of a disk that holds a mounted file system, as blocks of that. */
function block_of(k: Kernel, at: number): number | undefined {
  for (const { mnt_sb } of mounts(k)) {
    const { bd_disk, bd_start_sect, bd_nr_sectors } = mnt_sb.s_bdev
    if (bd_disk.media === undefined) continue
    const byte = at - bd_disk.media.start - bd_start_sect * SECTOR_SIZE
    if (byte >= 0 && byte < bd_nr_sectors * SECTOR_SIZE) return Math.floor(byte / mnt_sb.s_blocksize)
  }
  return undefined
}

function cached(k: Kernel): readonly Cached[] {
  const all: Cached[] = []
  for (const { mnt_sb: sb } of mounts(k)) {
    const { s_blocksize: blocksize, s_bdev } = sb
    for (const inode of sb.s_inodes.values()) {
      const { i_mapping: mapping, i_path: file, i_size: size } = inode
      if (is_reg(inode) && mapping.nrpages > 0) all.push({ mapping, file, size, blocksize })
    }
    const { bd_mapping: mapping, bd_nr_sectors } = s_bdev
    if (mapping !== undefined) all.push({ mapping, size: bd_nr_sectors * SECTOR_SIZE, blocksize })
  }
  return all
}

export const vfs: Vfs = {
  covers: (k, path) => mount_of(k, normal(path)) !== undefined,
  open: do_filp_open,
  stat: vfs_stat,
  fstat: stat_of,
  getdents: iterate_dir,
  sync: sync_filesystems,
  syncfs: sync_filesystem,
  put: iput,
  fileOf: file_of,
  blockOf: block_of,
  cached,
}
