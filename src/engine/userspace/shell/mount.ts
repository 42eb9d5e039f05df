/** mount and umount of util-linux. */

import { decode } from '../../../base/layout.ts'
import {
  EXT4_FEATURE_COMPAT_HAS_JOURNAL,
  EXT4_FEATURE_INCOMPAT_FILETYPE,
  EXT4_FEATURE_INCOMPAT_META_BG,
  EXT4_FEATURE_INCOMPAT_RECOVER,
  EXT4_FEATURE_RO_COMPAT_LARGE_FILE,
  EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER,
  EXT4_SUPER_MAGIC,
  EXT4_SUPER_OFFSET,
  ext4_super_block,
} from '../../linux/fs/ext4/ext4.ts'
import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_pread64 } from '../../linux/fs/read_write.ts'
import { mounts, sys_mount, sys_umount } from '../../linux/fs/super.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { entering, strerror } from './files.ts'
import { optionsOf } from './options.ts'
import { absolute, type Surroundings } from './session.ts'
import { done, failed } from './tool.ts'

const ENOENT = 2
const ENOTBLK = 15
const EBUSY = 16
const ENODEV = 19
const ENOTDIR = 20
const EINVAL = 22
const BTREE_DIR = 0x4
const O_RDONLY = 0
/** Features that ext2 and ext3 know; what has more is ext4. */
const OLD_INCOMPAT = EXT4_FEATURE_INCOMPAT_FILETYPE | EXT4_FEATURE_INCOMPAT_RECOVER | EXT4_FEATURE_INCOMPAT_META_BG
const OLD_RO_COMPAT = EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT4_FEATURE_RO_COMPAT_LARGE_FILE | BTREE_DIR

/** What blkid takes a disk for; undefined: nothing that it knows. */
const guess = kfunc('shell: util-linux/libblkid', function* blkid_do_probe(k: Kernel, device: string) {
  const fd = yield* sys_openat(entering(k), device, O_RDONLY)
  if (fd < 0) return 'ext4'
  const raw = new Uint8Array(ext4_super_block.size)
  const count = yield* sys_pread64(entering(k), fd, raw, EXT4_SUPER_OFFSET)
  yield* sys_close(entering(k), fd)
  const es = decode(ext4_super_block, raw)
  if (count < raw.length || es.s_magic !== EXT4_SUPER_MAGIC) return undefined
  if ((es.s_feature_incompat & ~OLD_INCOMPAT) !== 0 || (es.s_feature_ro_compat & ~OLD_RO_COMPAT) !== 0) return 'ext4'
  return (es.s_feature_compat & EXT4_FEATURE_COMPAT_HAS_JOURNAL) === 0 ? 'ext2' : 'ext3'
})

/** What mount(8) says of an error number. */
function complaint(rc: number, type: string, source: string, target: string): string {
  const why: Readonly<Record<number, string>> = {
    [ENOENT]: `special device ${source} does not exist`,
    [ENOTBLK]: `${source} is not a block device`,
    [EBUSY]: `${source} already mounted or mount point busy`,
    [ENODEV]: `unknown filesystem type '${type}'`,
    [ENOTDIR]: 'mount point is not a directory',
    [EINVAL]: `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error`,
  }
  const text = why[-rc] ?? `mount(2) system call failed: ${strerror(rc)}`
  const hint = rc === -EINVAL ? '\n       dmesg(1) may have more information after failed mount system call.' : ''
  return `mount: ${target}: ${text}.${hint}`
}

const listed = (k: Kernel): string =>
  mounts(k)
    .map(({ mnt_devname, mnt_mountpoint, mnt_sb }) => {
      const options = [mnt_sb.s_rdonly ? 'ro' : 'rw', 'relatime', ...mnt_sb.s_op.show_options(mnt_sb)]
      return `${mnt_devname} on ${mnt_mountpoint} type ${mnt_sb.s_type.name} (${options.join(',')})\n`
    })
    .join('')

export const mount = kfunc(
  'shell: util-linux/mount.c',
  function* mount(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('mount', args, 'rwv', 'to')
    if (!options.ok) return failed(options.error, 1)
    const { flags, values, rest } = options.value
    if (rest.length === 0) return done(listed(k))
    const [source, target] = rest
    if (source === undefined || target === undefined || rest.length > 2) return failed('mount: bad usage', 1)
    if (k.options.filesystems === undefined)
      return failed('mount: this kernel was built without file systems: say `mount` in `setup:`', 1)
    const said = (values.get('o') ?? '').split(',').filter((each) => each !== '')
    const request = {
      device: absolute(around.session, source),
      path: absolute(around.session, target),
      rdonly: flags.has('r') || said.includes('ro'),
      options: said.filter((each) => each !== 'ro' && each !== 'rw'),
    }
    let rc = -EINVAL
    let type = ''
    const found = values.get('t') ?? (yield* guess(k, request.device))
    for (type of found?.split(',') ?? []) {
      rc = yield* sys_mount(entering(k), { ...request, type })
      if (rc !== -EINVAL) break
    }
    return rc === 0 ? done('') : failed(complaint(rc, type, source, target), 32)
  },
)

export const umount = kfunc(
  'shell: util-linux/umount.c',
  function* umount(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('umount', args, 'v')
    if (!options.ok) return failed(options.error, 1)
    const { rest } = options.value
    if (rest.length === 0) return failed('umount: bad usage', 1)
    const errors: string[] = []
    for (const target of rest) {
      const rc = yield* sys_umount(entering(k), absolute(around.session, target))
      if (rc === -EBUSY) errors.push(`umount: ${target}: target is busy.`)
      else if (rc === -EINVAL) errors.push(`umount: ${target}: not mounted.`)
      else if (rc < 0) errors.push(`umount: ${target}: ${strerror(rc)}.`)
    }
    return errors.length === 0 ? done('') : failed(errors.join('\n'), 32)
  },
)
