/** Files that are accessed directly, on a file system of the real mkfs.ext2; numbers of reference/kernel.md §8.2, §10.1. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Booted, boot, run } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { capturedTable } from '../../../../../test/nfit-tables.ts'
import { wholeNvdimm } from '../../../whole-nvdimm.ts'
import { asm_exc_page_fault, SIGBUS, translate } from '../../arch/x86/mm/fault.ts'
import { block_class } from '../../block/genhd.ts'
import { O_CREAT, O_RDWR } from '../../include/linux/fs.ts'
import { sys_mmap, sys_munmap } from '../../mm/mmap.ts'
import { sys_truncate, vfs } from '../mounted.ts'
import { sys_close, sys_openat } from '../open.ts'
import { sys_pread64, sys_pwrite64 } from '../read_write.ts'
import { sys_mount, sys_umount } from '../super.ts'
import { sys_fsync } from '../sync.ts'
import { ext2_fs_type, ext4_fs_type } from './super.ts'

const tools = spawnSync('mkfs.ext2', ['-V']).error === undefined
const folder = mkdtempSync(join(tmpdir(), 'ext2-dax-'))
afterAll(() => rmSync(folder, { recursive: true }))
if (!tools) console.warn('e2fsprogs is missing: tests of ext2 with direct access are skipped')

const MIB = 1 << 20
const PAGE = 4096

const image = ((): Uint8Array => {
  if (!tools) return new Uint8Array()
  const path = join(folder, 'made.img')
  writeFileSync(path, new Uint8Array(8 * MIB))
  execFileSync('mkfs.ext2', ['-q', '-F', '-b', '4096', path])
  return readFileSync(path)
})()

type Counts = Readonly<Record<string, number>>

class DaxMachine {
  readonly booted: Booted
  private readonly start: number

  constructor(release: string) {
    this.booted = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), {
      release,
      ...wholeNvdimm,
      vfs,
      filesystems: [ext4_fs_type, ext2_fs_type],
    })
    const uuid = '00000001-1111-4222-8333-444444444444'
    expect(new Guest(this.k).reconfigure('region0', 'namespace0.0', { mode: 'fsdax', map: 'mem', uuid })).toBe(0)
    this.start = block_class(this.k).find(({ disk_name }) => disk_name === 'pmem0')?.media?.start ?? 0
    const { memory } = this.booted.cpu
    for (let i = 0; i < image.length; i++) if (image[i] !== 0) memory.write(this.start + i, image[i] as number)
    const request = { device: '/dev/pmem0', path: '/mnt', type: 'ext2', rdonly: false, options: ['dax'] }
    expect(run(sys_mount(this.k, request))).toBe(0)
  }

  get k() {
    return this.booted.k
  }

  open(path = '/mnt/f'): number {
    return run(sys_openat(this.k, path, O_RDWR | O_CREAT))
  }

  counted(op: Parameters<typeof run<number>>[0]): {
    readonly rc: number
    readonly counts: Counts
    readonly called: readonly string[]
  } {
    const called: string[] = []
    this.booted.cpu.issued.length = 0
    const rc = run(op, (name) => called.push(name))
    return { rc, counts: this.booted.cpu.counts(), called }
  }

  write(fd: number, bytes: Uint8Array, pos: number) {
    return this.counted(sys_pwrite64(this.k, fd, bytes, pos))
  }

  map(fd: number, length: number, shared = true): number {
    return run(sys_mmap(this.k, 0, length, 3, shared ? 1 : 2, fd, 0))
  }

  /** An access of the program: how often it faulted, or the signal that it got. */
  touch(va: number, write: boolean, value = 7): { readonly faults: number; readonly byte: number } | number {
    for (let faults = 0; ; faults++) {
      const at = translate(this.k, va, write)
      if (at !== undefined) {
        if (write) this.booted.cpu.store(at, 1, value, 0)
        return { faults, byte: this.booted.cpu.memory.bytes(at, 1)[0] ?? 0 }
      }
      const signal = run(asm_exc_page_fault(this.k, va, write))
      if (signal !== 0) return signal
    }
  }

  fsck(): number | null {
    const path = join(folder, 'now.img')
    writeFileSync(path, this.booted.cpu.memory.bytes(this.start, image.length))
    return spawnSync('e2fsck', ['-fn', path]).status
  }
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 3) & 0xff)
const RELEASES = ['v4.12', 'v4.12+series:3', 'v4.12+series:14', 'v4.13', 'v4.15', 'v5.9', 'v6.1']

describe.skipIf(!tools).each(RELEASES)('%s', (release) => {
  test('mounts with a warning; what is written is in memory at once, past the cache', () => {
    const m = new DaxMachine(release)
    const warning = 'warn: EXT4-fs (pmem0): DAX enabled. Warning: EXPERIMENTAL, use at your own risk'
    expect(m.booted.dmesg.includes(warning)).toBe(release !== 'v6.1')
    const fd = m.open()
    // Two new blocks are zeroed first.
    const first = m.write(fd, bytes(2 * PAGE), 0)
    expect([first.rc, first.counts['movnti']]).toEqual([2 * PAGE, 2 * 1024])
    const again = m.write(fd, bytes(PAGE), 0)
    expect(again.counts).toEqual({ movnti: 512, sfence: 1 })
    expect(again.called).toContain('dax_iomap_actor')
    const into = new Uint8Array(3 * PAGE)
    expect(run(sys_pread64(m.k, fd, into, 0))).toBe(2 * PAGE)
    expect(Buffer.from(into.subarray(0, 2 * PAGE)).equals(Buffer.from(bytes(2 * PAGE)))).toBe(true)
  })

  test('fsync after write(2) writes no line of data back, but flushes', () => {
    const m = new DaxMachine(release)
    const fd = m.open()
    m.write(fd, bytes(PAGE), 0)
    run(sys_fsync(m.k, fd))
    m.write(fd, bytes(PAGE), 0)
    const { rc, counts, called } = m.counted(sys_fsync(m.k, fd))
    expect([rc, counts['clwb'] ?? 0]).toEqual([0, 0])
    expect(called).toContain('nvdimm_flush')
    expect(called).not.toContain('dax_writeback_one')
  })

  test('a page that is stored to is 64 lines at the next sync, and none at the one after', () => {
    const m = new DaxMachine(release)
    const fd = m.open()
    m.write(fd, bytes(2 * PAGE), 0)
    const at = m.map(fd, 2 * PAGE)
    expect(at).toBeGreaterThan(0)
    const faults = ['v4.15', 'v5.9', 'v6.1'].includes(release) ? 1 : 2
    expect(m.touch(at + 100, true)).toMatchObject({ faults })
    expect(m.touch(at + 101, true)).toMatchObject({ faults: 0 })
    expect(m.touch(at + PAGE, false)).toMatchObject({ faults: 1, byte: bytes(2 * PAGE)[PAGE] })
    // In v6.1 the page that was only read counts, too.
    expect(m.counted(sys_fsync(m.k, fd)).counts).toMatchObject({ clwb: release === 'v6.1' ? 128 : 64 })
    expect(m.counted(sys_fsync(m.k, fd)).counts['clwb'] ?? 0).toBe(0)
    // Write-protected again: the next store is noticed.
    expect(m.touch(at + 100, true, 9)).toMatchObject({ faults: 1 })
    expect(m.counted(sys_fsync(m.k, fd)).counts).toMatchObject({ clwb: 64 })
    const into = new Uint8Array(1)
    run(sys_pread64(m.k, fd, into, 100))
    expect(into[0]).toBe(9)
  })

  test('a hole is zeros until it is stored to, which allocates', () => {
    const m = new DaxMachine(release)
    const fd = m.open()
    run(sys_truncate(m.k, '/mnt/f', 3 * PAGE))
    const at = m.map(fd, 4 * PAGE)
    expect(m.touch(at + 5, false)).toMatchObject({ byte: 0 })
    expect(m.touch(at + 5, true, 3)).toMatchObject({ byte: 3 })
    expect(m.touch(at + 5, false)).toMatchObject({ byte: 3, faults: 0 })
    // What was a hole when it was mapped shows what write(2) put there.
    expect(m.touch(at + PAGE, false)).toMatchObject({ byte: 0 })
    m.write(fd, Uint8Array.of(5), PAGE)
    expect(m.touch(at + PAGE, false)).toMatchObject({ byte: 5 })
    expect(m.touch(at + 3 * PAGE, false)).toBe(SIGBUS)
    expect(run(sys_fsync(m.k, fd))).toBe(0)
  })

  test('truncation takes mappings along, zeroes the rest of a page, and leaves a sound disk', () => {
    const m = new DaxMachine(release)
    const fd = m.open()
    m.write(fd, bytes(4 * PAGE), 0)
    const at = m.map(fd, 4 * PAGE)
    m.touch(at + 3 * PAGE, true)
    expect(run(sys_truncate(m.k, '/mnt/f', PAGE + 10))).toBe(0)
    expect(m.touch(at + 3 * PAGE, true)).toBe(SIGBUS)
    expect(run(sys_truncate(m.k, '/mnt/f', 2 * PAGE))).toBe(0)
    const into = new Uint8Array(PAGE)
    run(sys_pread64(m.k, fd, into, PAGE))
    expect([...into.subarray(0, 12)]).toEqual([...bytes(2 * PAGE).subarray(PAGE, PAGE + 10), 0, 0])
    run(sys_fsync(m.k, fd))
    run(sys_close(m.k, fd))
    // Who maps a file holds it.
    expect(run(sys_umount(m.k, '/mnt'))).toBe(-16)
    run(sys_munmap(m.k, at, 4 * PAGE))
    expect(run(sys_umount(m.k, '/mnt'))).toBe(0)
    expect(m.fsck()).toBe(0)
  })
})

test.skipIf(!tools)('blocks of 1024 bytes, or a disk without direct access, are refused', () => {
  const path = join(folder, 'small.img')
  writeFileSync(path, new Uint8Array(8 * MIB))
  execFileSync('mkfs.ext2', ['-q', '-F', '-b', '1024', path])
  const small = readFileSync(path)
  const tried = (release: string, made: Uint8Array) => {
    const booted = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), {
      release,
      ...wholeNvdimm,
      vfs,
      filesystems: [ext2_fs_type],
    })
    for (let i = 0; i < made.length; i++)
      if (made[i] !== 0) booted.cpu.memory.write(0x1_0000_0000 + i, made[i] as number)
    const request = { device: '/dev/pmem0', path: '/mnt', type: 'ext2', rdonly: false, options: ['dax'] }
    return [run(sys_mount(booted.k, request)), booted.dmesg.at(-1)]
  }
  expect(tried('v4.13', small)).toEqual([-22, 'err: EXT4-fs (pmem0): DAX unsupported by block device.'])
})
