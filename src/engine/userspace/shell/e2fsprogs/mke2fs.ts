/**
 * mke2fs of e2fsprogs 1.47.0, also called mkfs.ext2, mkfs.ext3 and mkfs.ext4: makes a file system on a disk.
 *
 * Its UUID and the seed of its directories' hashes are the kernel's random bytes, its times the kernel's clock, in whole
 * seconds. It asks nobody: a file system that is there already is overwritten, and where a person would be asked, the
 * answer is no.
 */

import { uuid_bytes } from '../../../linux/drivers/nvdimm/core.ts'
import { sys_ioctl } from '../../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import { sys_pread64, sys_pwrite64 } from '../../../linux/fs/read_write.ts'
import { sys_newfstatat } from '../../../linux/fs/readdir.ts'
import { mounts } from '../../../linux/fs/super.ts'
import { sys_fsync } from '../../../linux/fs/sync.ts'
import { ktime_get_real } from '../../../linux/kernel/time/timekeeping.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { entering, readText, strerror } from '../files.ts'
import { uuid_generate } from '../ndctl/lib.ts'
import { absolute, type ShellTool, type Surroundings } from '../session.ts'
import type { Outcome } from '../tool.ts'
import { type Arguments, parseArguments } from './arguments.ts'
import type { Write } from './filesys.ts'
import { makeFileSystem } from './image.ts'
import type { Device } from './parameters.ts'
import { Said } from './said.ts'

const MKE2FS = 'shell: e2fsprogs/misc/mke2fs.c'
const O_RDONLY = 0
const O_RDWR = 2
const O_EXCL = 0o200
const EBUSY = 16
const ENOENT = 2
/** Bytes that are looked at before they are filled with zeros. */
const STRETCH = 64 * 1024
const NSEC_PER_SEC = 1_000_000_000n

const outcome = ({ out, err }: Said, problem?: string): Outcome => ({
  output: out,
  error: (err + (problem ?? '')).replace(/\n$/, ''),
  status: problem === undefined ? 0 : 1,
})

/** The path behind links. */
const real = kfunc(MKE2FS, function* realpath(k: Kernel, path: string) {
  const stat = yield* sys_newfstatat(k, path, true)
  return typeof stat === 'number' ? path : stat.path
})

/** Why no file system can be made here now. */
const check_mount = kfunc(MKE2FS, function* check_mount(k: Kernel, args: Arguments, path: string) {
  const place = yield* real(k, path)
  for (const { mnt_devname } of mounts(k))
    if ((yield* real(k, mnt_devname)) === place) return `${args.device} is mounted; `
  const fd = yield* sys_openat(entering(k), path, O_RDONLY | O_EXCL)
  if (fd >= 0) yield* sys_close(entering(k), fd)
  return fd === -EBUSY ? `${args.device} is apparently in use by the system; ` : undefined
})

/** A number of a disk's queue, also for a partition of it; 0 where there is none. */
const queueOf = kfunc(MKE2FS, function* blkid_get_topology(k: Kernel, name: string, attribute: string) {
  for (const queue of ['queue', '../queue']) {
    const text = yield* readText(k, `/sys/class/block/${name}/${queue}/${attribute}`)
    if (typeof text === 'string') return Number(text)
  }
  return 0
})

/** What the disk is; sizes are 0 where the file is none. */
const deviceOf = kfunc(MKE2FS, function* get_device_geometry(k: Kernel, fd: number, path: string) {
  const answers: number[] = []
  for (const cmd of ['BLKGETSIZE64', 'BLKSSZGET', 'BLKPBSZGET', 'BLKIOMIN', 'BLKIOOPT', 'BLKALIGNOFF']) {
    const arg: { value?: number } = {}
    const rc = yield* sys_ioctl(entering(k), fd, cmd, arg)
    answers.push(rc < 0 ? 0 : (arg.value ?? 0))
  }
  const [size = 0, logicalSector = 0, physicalSector = 0, minimumIo = 0, optimalIo = 0, alignmentOffset = 0] = answers
  const name = (yield* real(k, path)).replace(/^.*\//, '')
  const found: Device = {
    size,
    logicalSector,
    physicalSector,
    minimumIo,
    optimalIo,
    alignmentOffset,
    dax: (yield* queueOf(k, name, 'dax')) > 0,
    discards: (yield* queueOf(k, name, 'discard_max_bytes')) > 0,
  }
  return found
})

function isZeros(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

/**
 * Zeros, but not where zeros stand already, as far as a read can tell: each 8 bytes that are not written to persistent
 * memory save more than two steps, and a line that is read costs about three. The real one writes them all; after a power
 * failure the difference is to be seen only where zeros that stood there were not durable. What can't be read is written.
 */
const zero_out = kfunc(MKE2FS, function* unix_zeroout(k: Kernel, fd: number, at: number, length: number) {
  const there = new Uint8Array(Math.min(STRETCH, length))
  for (let from = 0; from < length; from += STRETCH) {
    const piece = there.subarray(0, Math.min(STRETCH, length - from))
    const got = yield* sys_pread64(entering(k), fd, piece, at + from)
    if (got === piece.length && isZeros(piece)) continue
    const rc = yield* sys_ioctl(entering(k), fd, 'BLKZEROOUT', { start: at + from, length: piece.length })
    if (rc < 0) return rc
  }
  return 0
})

/** 0, or the negative error number of what failed first. */
const write_out = kfunc(MKE2FS, function* write_out(k: Kernel, fd: number, writes: readonly Write[]) {
  for (const write of writes) {
    let rc = 0
    if (write === 'fsync') rc = yield* sys_fsync(entering(k), fd)
    else if ('bytes' in write) rc = yield* sys_pwrite64(entering(k), fd, write.bytes, write.at)
    else if ('discard' in write)
      yield* sys_ioctl(entering(k), fd, 'BLKDISCARD', { start: write.at, length: write.discard })
    else rc = yield* zero_out(k, fd, write.at, write.zeros)
    if (rc < 0) return rc
  }
  return 0
})

const make = kfunc(MKE2FS, function* main(k: Kernel, program: string, words: readonly string[], around: Surroundings) {
  const said = new Said()
  const parsed = parseArguments(program, words, said)
  if (!parsed.ok) return outcome(said, parsed.error)
  const args = parsed.value
  if (args === undefined) return outcome(said)
  const path = absolute(around.session, args.device)
  const looked = yield* sys_openat(entering(k), path, O_RDONLY)
  if (looked === -ENOENT && args.blocksCount === undefined)
    return outcome(said, `The file ${args.device} does not exist and no size was specified.\n`)
  if (looked < 0) return outcome(said, `Could not open ${args.device}: ${strerror(looked)}\n`)
  const device = yield* deviceOf(k, looked, path)
  yield* sys_close(entering(k), looked)
  const busy = yield* check_mount(k, args, path)
  if (busy !== undefined && args.force < 2) return outcome(said, `${busy}will not make a filesystem here!\n`)
  if (busy !== undefined)
    said.err += `${busy}mke2fs forced anyway.${busy.endsWith('mounted; ') ? '  Hope /etc/mtab is incorrect.' : ''}\n`
  const now = Number(ktime_get_real(k) / NSEC_PER_SEC)
  const uuid = (): Uint8Array => uuid_bytes(uuid_generate(k)) as Uint8Array
  const made = makeFileSystem(args, device, { now, uuid }, said)
  if (!made.ok) return outcome(said, made.error)
  if (args.noAction) return outcome(said)
  const fd = yield* sys_openat(entering(k), path, O_RDWR | (busy === undefined ? O_EXCL : 0))
  if (fd < 0) return outcome({ ...said, out: '' }, `${args.device}: ${strerror(fd)} while setting up superblock\n`)
  const rc = yield* write_out(k, fd, made.value)
  yield* sys_close(entering(k), fd)
  return outcome(said, rc < 0 ? `${program}: ${strerror(rc)} while writing out and closing file system\n` : undefined)
})

/** The tool under one of its names. */
const called =
  (program: string): ShellTool =>
  (k, args, around) =>
    make(k, program, args, around)

export const mke2fs = called('mke2fs')
export const mkfs_ext2 = called('mkfs.ext2')
export const mkfs_ext3 = called('mkfs.ext3')
export const mkfs_ext4 = called('mkfs.ext4')
