/** mkfs.ext2 of e2fsprogs as a command: what is written, and what it says. */

import { get_random_bytes } from '../../../linux/drivers/char/random.ts'
import { sys_ioctl } from '../../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import { sys_pread64, sys_pwrite64 } from '../../../linux/fs/read_write.ts'
import { sys_fsync } from '../../../linux/fs/sync.ts'
import { ktime_get_real } from '../../../linux/kernel/time/timekeeping.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { entering, strerror } from '../files.ts'
import { optionsOf } from '../options.ts'
import { absolute, type Surroundings } from '../session.ts'
import { done, failed } from '../tool.ts'
import { type Made, mke2fs } from './mke2fs.ts'

const O_RDWR = 2
const O_EXCL = 0o200
const BANNER = 'mke2fs 1.47.0 (5-Feb-2023)'
/** Bytes of zeros that are written at once. */
const STRETCH = 64 * 1024

const uuidText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte, i) => `${[4, 6, 8, 10].includes(i) ? '-' : ''}${byte.toString(16).padStart(2, '0')}`).join(
    '',
  )

function uuidOf(k: Kernel, said: string | undefined): Uint8Array | undefined {
  if (said === undefined || said === 'random') {
    const bytes = get_random_bytes(k, 16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes
  }
  if (!/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(said)) return undefined
  return Uint8Array.from(said.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** 0, or the first negative error number. Zeros are written only where there is something else. */
function* writeAll(k: Kernel, fd: number, made: Made): Generator<Request, number, unknown> {
  const write = function* (at: number, bytes: Uint8Array): Generator<Request, number, unknown> {
    const rc = yield* sys_pwrite64(entering(k), fd, bytes, at)
    return rc < 0 ? rc : rc === bytes.length ? 0 : -28
  }
  for (const { at, length } of made.zeros)
    for (let from = 0; from < length; from += STRETCH) {
      const zeros = new Uint8Array(Math.min(STRETCH, length - from))
      const there = zeros.slice()
      const read = yield* sys_pread64(entering(k), fd, there, at + from)
      if (read === zeros.length && there.every((byte) => byte === 0)) continue
      const rc = yield* write(at + from, zeros)
      if (rc !== 0) return rc
    }
  for (const { at, bytes } of made.pieces) {
    const rc = yield* write(at, bytes)
    if (rc !== 0) return rc
  }
  return yield* sys_fsync(entering(k), fd)
}

const report = ({ blockSize, blocks, inodes, backups }: Made, uuid: Uint8Array): string => {
  const kilo = blockSize / 1024
  const stored = backups.length === 0 ? '' : `Superblock backups stored on blocks: \n\t${backups.join(', ')}\n\n`
  return `Creating filesystem with ${blocks} ${kilo}k blocks and ${inodes} inodes
Filesystem UUID: ${uuidText(uuid)}
${stored}Allocating group tables: done                            
Writing inode tables: done                            
Writing superblocks and filesystem accounting information: done

`
}

export const mkfsExt2 = kfunc(
  'shell: e2fsprogs/mke2fs.c',
  function* mkfs_ext2(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('mkfs.ext2', args, 'qFv', 'bNLUmtE')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const [device] = rest
    if (device === undefined)
      return failed('Usage: mkfs.ext2 [-b block-size] [-N number-of-inodes] [-L label] [-U UUID] [-q] device')
    const blockSize = values.has('b') ? Number(values.get('b')) : undefined
    if (blockSize !== undefined && ![1024, 2048, 4096].includes(blockSize))
      return failed(`mkfs.ext2: invalid block size - ${values.get('b')}`)
    const uuid = uuidOf(k, values.get('U'))
    if (uuid === undefined) return failed(`mkfs.ext2: could not parse UUID: ${values.get('U')}`)
    const path = absolute(around.session, device)
    const fd = yield* sys_openat(entering(k), path, O_RDWR | O_EXCL)
    if (fd === -16) return failed(`${BANNER}\n${device} is mounted; will not make a filesystem here!`)
    if (fd < 0) return failed(`${BANNER}\nmkfs.ext2: ${strerror(fd)} while trying to determine filesystem size`)
    const size: { value?: number } = {}
    const asked = yield* sys_ioctl(entering(k), fd, 'BLKGETSIZE64', size)
    const made =
      asked < 0
        ? undefined
        : mke2fs(size.value ?? 0, {
            blockSize,
            inodes: values.has('N') ? Number(values.get('N')) : undefined,
            label: values.get('L') ?? '',
            uuid,
            hashSeed: get_random_bytes(k, 16),
            now: Number(ktime_get_real(k) / 1_000_000_000n),
          })
    let problem =
      made === undefined ? `mkfs.ext2: ${strerror(asked)} while trying to determine filesystem size` : undefined
    if (made !== undefined && !made.ok) problem = made.error
    if (made?.ok === true) {
      const rc = yield* writeAll(k, fd, made.value)
      if (rc < 0) problem = `mkfs.ext2: ${strerror(rc)} while writing out and closing file system`
    }
    yield* sys_close(entering(k), fd)
    if (problem !== undefined) return failed(`${BANNER}\n${problem}`)
    return done(flags.has('q') || made?.ok !== true ? '' : report(made.value, uuid))
  },
)
