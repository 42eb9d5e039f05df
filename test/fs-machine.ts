/** A machine with a file system of the real e2fsprogs on its persistent memory; e2fsck and debugfs look at what is there. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { block_class } from '../src/engine/linux/block/genhd.ts'
import { ext2_fs_type, ext3_fs_type, ext4_fs_type } from '../src/engine/linux/fs/ext4/super.ts'
import { vfs } from '../src/engine/linux/fs/mounted.ts'
import { sys_close, sys_openat } from '../src/engine/linux/fs/open.ts'
import { sys_pread64, sys_pwrite64 } from '../src/engine/linux/fs/read_write.ts'
import { sys_getdents64 } from '../src/engine/linux/fs/readdir.ts'
import { sys_mount, sys_umount } from '../src/engine/linux/fs/super.ts'
import type { Bio } from '../src/engine/linux/include/linux/blk_types.ts'
import { O_CREAT, O_RDWR } from '../src/engine/linux/include/linux/fs.ts'
import { wholeNvdimm } from '../src/engine/whole-nvdimm.ts'
import { type Booted, boot, run } from './flat-machine.ts'
import { Guest } from './guest.ts'
import { capturedTable } from './nfit-tables.ts'

export const tools = spawnSync('mkfs.ext2', ['-V']).error === undefined
// e2fsck syncs what it writes: memory is much quicker than a disk.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ext4-'))
afterAll(() => rmSync(folder, { recursive: true }))
if (!tools) console.warn('e2fsprogs is missing: tests of ext2 and ext4 are skipped')

export const MIB = 1 << 20
const UUID = '00000001-1111-4222-8333-444444444444'

let images = 0
/** `program`: "mkfs.ext2", "mkfs.ext4". */
export const mkfs = (program: string, mib: number, ...options: readonly string[]): Uint8Array => {
  const path = join(folder, `${images++}.img`)
  writeFileSync(path, new Uint8Array(mib * MIB))
  execFileSync(program, ['-q', '-F', ...options, path])
  return readFileSync(path)
}

/** What e2fsck says of an image, and its status. */
export function e2fsck(image: Uint8Array, options: string): readonly [string, number] {
  const path = join(folder, 'now.img')
  writeFileSync(path, image)
  const { stdout, status } = spawnSync('e2fsck', [options, path], { encoding: 'utf8' })
  return [stdout, status ?? -1]
}

export class FsMachine {
  readonly booted: Booted
  private ready = false
  private readonly size: number
  /** Where the disk begins, SPA: a namespace in mode fsdax, whose pages the kernel knows. */
  private readonly start: number

  constructor(image: Uint8Array, release = 'v6.1', onBio?: (bio: Bio) => void) {
    this.booted = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), {
      release,
      ...wholeNvdimm,
      onBio: (bio) => (this.ready ? onBio?.(bio) : undefined),
      vfs,
      filesystems: [ext4_fs_type, ext3_fs_type, ext2_fs_type],
    })
    expect(new Guest(this.k).reconfigure('region0', 'namespace0.0', { mode: 'fsdax', map: 'mem', uuid: UUID })).toBe(0)
    this.size = image.length
    this.start = block_class(this.k).find(({ disk_name }) => disk_name === 'pmem0')?.media?.start ?? 0
    this.booted.cpu.memory.fill(this.start, image)
    this.ready = true
  }

  get k() {
    return this.booted.k
  }

  mount(type = 'ext2', options: readonly string[] = [], rdonly = false): number {
    return run(sys_mount(this.k, { device: '/dev/pmem0', path: '/mnt', type, rdonly, options }))
  }
  umount(): number {
    return run(sys_umount(this.k, '/mnt'))
  }

  image(): Uint8Array {
    return this.booted.cpu.memory.bytes(this.start, this.size)
  }

  /** What e2fsck says of what is on the media now, and its status. */
  fsck(): readonly [string, number] {
    return e2fsck(this.image(), '-fn')
  }

  debugfs(request: string): string {
    const path = join(folder, 'now.img')
    writeFileSync(path, this.image())
    return execFileSync('debugfs', ['-R', request, path], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * MIB,
    })
  }

  write(path: string, bytes: Uint8Array, pos = 0, flags = 0): number {
    const fd = run(sys_openat(this.k, path, O_RDWR | O_CREAT | flags, 0o644))
    if (fd < 0) return fd
    const count = run(sys_pwrite64(this.k, fd, bytes, pos))
    run(sys_close(this.k, fd))
    return count
  }

  read(path: string, length: number, pos = 0): Uint8Array | number {
    const fd = run(sys_openat(this.k, path, 0))
    if (fd < 0) return fd
    const into = new Uint8Array(length)
    const count = run(sys_pread64(this.k, fd, into, pos))
    run(sys_close(this.k, fd))
    return count < 0 ? count : into.subarray(0, count)
  }

  names(path: string): readonly string[] | number {
    const found = run(sys_getdents64(this.k, path))
    return typeof found === 'number' ? found : [...found].sort()
  }
}

export const bytes = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff)
/** Cheaper than to compare arrays of millions one by one. */
export const same = (found: Uint8Array | number, wanted: Uint8Array): boolean =>
  typeof found !== 'number' && Buffer.from(found).equals(wanted)
