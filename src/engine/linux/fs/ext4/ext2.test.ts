/** A file system of the real mkfs.ext2, used by the driver here; e2fsck and debugfs are the judges. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Booted, boot, run } from '../../../../../test/flat-machine.ts'
import { capturedTable } from '../../../../../test/nfit-tables.ts'
import { runs } from '../../../../../test/runs.ts'
import { wholeNvdimm } from '../../../whole-nvdimm.ts'
import { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC } from '../../include/linux/fs.ts'
import { sys_link, sys_mkdir, sys_rename, sys_rmdir, sys_symlink, sys_truncate, sys_unlink, vfs } from '../mounted.ts'
import { sys_close, sys_openat } from '../open.ts'
import { sys_pread64, sys_pwrite64, sys_write } from '../read_write.ts'
import { sys_getdents64, sys_newfstatat } from '../readdir.ts'
import { sys_mount, sys_umount } from '../super.ts'
import { sys_fsync, sys_sync } from '../sync.ts'
import { ext2_fs_type, ext4_fs_type } from './super.ts'

const tools = spawnSync('mkfs.ext2', ['-V']).error === undefined
const folder = mkdtempSync(join(tmpdir(), 'ext2-'))
afterAll(() => rmSync(folder, { recursive: true }))
if (!tools) console.warn('e2fsprogs is missing: tests of ext2 are skipped')

const MIB = 1 << 20
const BASE = 0x1_0000_0000

let images = 0
const mkfs = (mib: number, ...options: readonly string[]): Uint8Array => {
  const path = join(folder, `${images++}.img`)
  writeFileSync(path, new Uint8Array(mib * MIB))
  execFileSync('mkfs.ext2', ['-q', '-F', ...options, path])
  return readFileSync(path)
}

class Machine {
  readonly booted: Booted
  private readonly size: number

  constructor(image: Uint8Array, release = 'v6.1') {
    this.booted = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), {
      release,
      ...wholeNvdimm,
      vfs,
      filesystems: [ext4_fs_type, ext2_fs_type],
    })
    this.size = image.length
    const { memory } = this.booted.cpu
    for (let i = 0; i < image.length; i++) if (image[i] !== 0) memory.write(BASE + i, image[i] as number)
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
    return this.booted.cpu.memory.bytes(BASE, this.size)
  }

  /** What e2fsck says of what is on the media now, and its status. */
  fsck(): readonly [string, number] {
    const path = join(folder, 'now.img')
    writeFileSync(path, this.image())
    const { stdout, status } = spawnSync('e2fsck', ['-fn', path], { encoding: 'utf8' })
    return [stdout, status ?? -1]
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

const bytes = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff)
/** Cheaper than to compare arrays of millions one by one. */
const same = (found: Uint8Array | number, wanted: Uint8Array): boolean =>
  typeof found !== 'number' && Buffer.from(found).equals(wanted)

describe.skipIf(!tools).each([
  ['-b', '1024'],
  ['-b', '4096'],
])('mkfs.ext2 %s %s', (...options) => {
  const image = mkfs(8, ...options)

  test('mounts, says so, and is clean after an unmount without a change', () => {
    const m = new Machine(image)
    expect(m.mount()).toBe(0)
    expect(m.booted.dmesg.slice(-2)).toEqual([
      'info: EXT4-fs (pmem0): mounting ext2 file system using the ext4 subsystem',
      'info: EXT4-fs (pmem0): mounted filesystem without journal. Quota mode: none.',
    ])
    expect(m.names('/mnt')).toEqual(['lost+found'])
    expect(m.debugfs('show_super_stats -h')).toContain('Filesystem state:         not clean')
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
  })

  test('keeps files of every size, and debugfs reads them back', () => {
    const m = new Machine(image)
    m.mount()
    const sizes = [0, 1, 1023, 1024, 4096, 5000, 12 * 1024 + 1, 100_000, 300_000, 5_000_000]
    for (const [i, size] of sizes.entries()) expect(m.write(`/mnt/f${i}`, bytes(size, i))).toBe(size)
    for (const [i, size] of sizes.entries()) expect(same(m.read(`/mnt/f${i}`, size + 10), bytes(size, i))).toBe(true)
    expect(m.umount()).toBe(0)
    expect(m.fsck()).toEqual([expect.stringContaining('Pass 5'), 0])
    for (const [i, size] of sizes.entries())
      expect(Buffer.from(m.debugfs(`cat f${i}`), 'latin1').equals(Buffer.from(bytes(size, i)))).toBe(true)
    const again = new Machine(m.image())
    again.mount()
    for (const [i, size] of sizes.entries())
      expect(same(again.read(`/mnt/f${i}`, size + 10), bytes(size, i))).toBe(true)
  })

  test('folders, links, names: made, moved, removed', () => {
    const m = new Machine(image)
    m.mount()
    const { k } = m
    expect(run(sys_mkdir(k, '/mnt/a', 0o755))).toBe(0)
    expect(run(sys_mkdir(k, '/mnt/a/b', 0o755))).toBe(0)
    expect(m.write('/mnt/a/b/f', bytes(10))).toBe(10)
    expect(run(sys_link(k, '/mnt/a/b/f', '/mnt/hard'))).toBe(0)
    expect(run(sys_symlink(k, 'a/b/f', '/mnt/soft'))).toBe(0)
    expect(run(sys_symlink(k, `/mnt/a/${'./'.repeat(40)}b`, '/mnt/long'))).toBe(0)
    expect(m.read('/mnt/soft', 20)).toEqual(bytes(10))
    expect(m.read('/mnt/long/f', 20)).toEqual(bytes(10))
    expect(run(sys_newfstatat(k, '/mnt/hard', true))).toMatchObject({ nlink: 2, size: 10, kind: 'file' })
    expect(run(sys_rename(k, '/mnt/a/b', '/mnt/c'))).toBe(0)
    expect(m.read('/mnt/c/f', 20)).toEqual(bytes(10))
    expect(m.names('/mnt')).toEqual(['a', 'c', 'hard', 'long', 'lost+found', 'soft'])
    expect(run(sys_unlink(k, '/mnt/hard'))).toBe(0)
    expect(run(sys_rmdir(k, '/mnt/a'))).toBe(0)
    expect(run(sys_rename(k, '/mnt/c/f', '/mnt/soft'))).toBe(0)
    expect(m.read('/mnt/soft', 20)).toEqual(bytes(10))
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
  })

  test('errors are those of Linux', () => {
    const m = new Machine(image)
    m.mount()
    const { k } = m
    m.write('/mnt/f', bytes(3))
    run(sys_mkdir(k, '/mnt/d', 0o755))
    m.write('/mnt/d/g', bytes(3))
    const open = (path: string, flags: number): number => run(sys_openat(k, path, flags))
    expect([open('/mnt/none', O_RDWR), open('/mnt/f/x', 0), open('/mnt/d', O_RDWR)]).toEqual([-2, -20, -21])
    expect(open('/mnt/f', O_RDWR | O_CREAT | O_EXCL)).toBe(-17)
    expect(open(`/mnt/${'n'.repeat(256)}`, O_CREAT)).toBe(-36)
    expect([run(sys_rmdir(k, '/mnt/d')), run(sys_rmdir(k, '/mnt/f')), run(sys_unlink(k, '/mnt/d'))]).toEqual([
      -39, -20, -21,
    ])
    expect(run(sys_mkdir(k, '/mnt/f', 0o755))).toBe(-17)
    expect(run(sys_rename(k, '/mnt/d', '/mnt/d/e'))).toBe(-22)
    expect(run(sys_rename(k, '/mnt/f', '/mnt/d'))).toBe(-21)
    run(sys_symlink(k, 'loop', '/mnt/loop'))
    expect(open('/mnt/loop', 0)).toBe(-40)
    const fd = open('/mnt/f', 0)
    expect(m.umount()).toBe(-16)
    run(sys_close(k, fd))
    expect(m.mount()).toBe(-16)
    expect(m.umount()).toBe(0)
    expect(m.umount()).toBe(-22)
    expect(m.mount('ext3')).toBe(-19)
  })

  test('a file that is unlinked while it is open lives until it is closed', () => {
    const m = new Machine(image)
    m.mount()
    m.write('/mnt/f', bytes(50_000))
    const fd = run(sys_openat(m.k, '/mnt/f', O_RDWR))
    expect(run(sys_unlink(m.k, '/mnt/f'))).toBe(0)
    const into = new Uint8Array(50_000)
    expect(run(sys_pread64(m.k, fd, into, 0))).toBe(50_000)
    expect(same(into, bytes(50_000))).toBe(true)
    run(sys_close(m.k, fd))
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
  })

  test('holes are zeros, appends go to the end, truncation cuts and grows', () => {
    const m = new Machine(image)
    m.mount()
    expect(m.write('/mnt/sparse', bytes(100), 400_000)).toBe(100)
    expect(m.read('/mnt/sparse', 100, 200_000)).toEqual(new Uint8Array(100))
    expect(run(sys_newfstatat(m.k, '/mnt/sparse', true))).toMatchObject({ size: 400_100 })
    m.write('/mnt/log', bytes(5))
    m.write('/mnt/log', bytes(5), 0, O_APPEND)
    expect(m.read('/mnt/log', 100)).toEqual(Uint8Array.from([...bytes(5), ...bytes(5)]))
    m.write('/mnt/cut', bytes(300_000))
    expect(run(sys_truncate(m.k, '/mnt/cut', 150_001))).toBe(0)
    expect(run(sys_truncate(m.k, '/mnt/cut', 200_000))).toBe(0)
    const expected = new Uint8Array(200_000)
    expected.set(bytes(300_000).subarray(0, 150_001))
    expect(same(m.read('/mnt/cut', 300_000), expected)).toBe(true)
    m.write('/mnt/log', bytes(0), 0, O_TRUNC)
    expect(m.read('/mnt/log', 10)).toEqual(new Uint8Array())
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
    const again = new Machine(m.image())
    again.mount()
    expect(same(again.read('/mnt/cut', 300_000), expected)).toBe(true)
  })

  test('a full disk says so, and stays sound', () => {
    const m = new Machine(image)
    m.mount()
    let i = 0
    for (let count = MIB; count === MIB; i++) count = m.write(`/mnt/big${i}`, bytes(MIB, i))
    expect(i).toBeGreaterThan(5)
    expect(m.write('/mnt/more', bytes(MIB))).toBe(-28)
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
  })
})

describe.skipIf(!tools)('after a power failure', () => {
  test('what was synced is there, what was not is not', () => {
    const m = new Machine(mkfs(8, '-b', '4096'))
    m.mount()
    const fd = run(sys_openat(m.k, '/mnt/f', O_RDWR | O_CREAT))
    run(sys_write(m.k, fd, bytes(5000)))
    run(sys_fsync(m.k, fd))
    m.write('/mnt/lost', bytes(10))
    const media = new Machine(m.image())
    media.mount()
    expect(media.booted.dmesg.join()).toContain('mounting unchecked fs, running e2fsck is recommended')
    const found = media.names('/mnt')
    expect(found).not.toContain('lost')
    run(sys_sync(m.k))
    const later = new Machine(m.image())
    later.mount()
    expect(later.names('/mnt')).toEqual(['f', 'lost', 'lost+found'])
    expect(later.read('/mnt/f', 6000)).toEqual(bytes(5000))
  })
})

describe.skipIf(!tools)('what can not be mounted is refused by name', () => {
  test.each([
    [['-O', 'has_journal'], /journals/],
    [['-O', 'extent'], /unsupported optional features \(40\)/],
    [['-O', 'metadata_csum'], /RDWR because of unsupported optional features \(400\)/],
  ])('%j', (options, reason) => {
    const m = new Machine(mkfs(8, ...options))
    expect(m.mount('ext4')).toBe(-22)
    expect(m.booted.dmesg.at(-1)).toMatch(reason)
  })

  test('no file system, a disk that is none, an option that is none', () => {
    const m = new Machine(new Uint8Array(MIB))
    expect(m.mount()).toBe(-22)
    expect(m.booted.dmesg.at(-1)).toBe("err: EXT4-fs (pmem0): VFS: Can't find ext4 filesystem")
    expect(run(sys_mount(m.k, { device: '/dev/null', path: '/mnt', type: 'ext2', rdonly: false, options: [] }))).toBe(
      -15,
    )
    expect(new Machine(mkfs(8)).mount('ext2', ['sparkle'])).toBe(-22)
  })
})

test.skipIf(!tools)('random operations: contents equal a plain model, and e2fsck finds nothing', () => {
  const image = mkfs(8, '-b', '1024')
  const name = fc.constantFrom('a', 'b', 'c', 'd/x', 'd/y', 'd/e/z')
  const operation = fc.oneof(
    fc.record({ op: fc.constant('write' as const), name, pos: fc.nat(40_000), length: fc.nat(9000) }),
    fc.record({ op: fc.constant('truncate' as const), name, size: fc.nat(40_000) }),
    fc.record({ op: fc.constant('unlink' as const), name }),
    fc.record({ op: fc.constant('rename' as const), name, to: name }),
    fc.record({ op: fc.constant('link' as const), name, to: name }),
  )
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 30 }), (operations) => {
      const m = new Machine(image)
      m.mount()
      run(sys_mkdir(m.k, '/mnt/d', 0o755))
      run(sys_mkdir(m.k, '/mnt/d/e', 0o755))
      /** One cell for each inode. */
      const model = new Map<string, { data: Uint8Array }>()
      for (const [i, each] of operations.entries()) {
        const path = `/mnt/${each.name}`
        const cell = model.get(each.name)
        if (each.op === 'write') {
          expect(m.write(path, bytes(each.length, i), each.pos)).toBe(each.length)
          const file = cell ?? { data: new Uint8Array() }
          const end = each.length === 0 ? 0 : each.pos + each.length
          const data = new Uint8Array(Math.max(file.data.length, end))
          data.set(file.data)
          data.set(bytes(each.length, i), each.length === 0 ? 0 : each.pos)
          file.data = data
          model.set(each.name, file)
        } else if (each.op === 'truncate') {
          expect(run(sys_truncate(m.k, path, each.size))).toBe(cell === undefined ? -2 : 0)
          if (cell === undefined) continue
          const data = new Uint8Array(each.size)
          data.set(cell.data.subarray(0, each.size))
          cell.data = data
        } else if (each.op === 'unlink') {
          expect(run(sys_unlink(m.k, path))).toBe(cell === undefined ? -2 : 0)
          model.delete(each.name)
        } else if (each.op === 'rename') {
          expect(run(sys_rename(m.k, path, `/mnt/${each.to}`))).toBe(cell === undefined ? -2 : 0)
          if (cell === undefined || model.get(each.to) === cell) continue
          model.set(each.to, cell)
          model.delete(each.name)
        } else {
          const there = model.has(each.to)
          expect(run(sys_link(m.k, path, `/mnt/${each.to}`))).toBe(cell === undefined ? -2 : there ? -17 : 0)
          if (cell !== undefined && !there) model.set(each.to, cell)
        }
      }
      const check = (machine: Machine): void => {
        for (const [path, { data }] of model)
          expect(same(machine.read(`/mnt/${path}`, data.length + 1), data)).toBe(true)
        expect(machine.names('/mnt/d/e')).toEqual(model.has('d/e/z') ? ['z'] : [])
      }
      check(m)
      expect(m.umount()).toBe(0)
      expect(m.fsck()[1]).toBe(0)
      const again = new Machine(m.image())
      again.mount()
      check(again)
    }),
    { numRuns: runs(15) },
  )
})
