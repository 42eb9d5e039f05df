/** File systems of the real mkfs.ext2 and mkfs.ext4, used by the driver here; e2fsck and debugfs are the judges. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { run } from '../../../../../test/flat-machine.ts'
import { bytes, FsMachine, MIB, mkfs, same, tools } from '../../../../../test/fs-machine.ts'
import { runs } from '../../../../../test/runs.ts'
import { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC } from '../../include/linux/fs.ts'
import { sys_link, sys_mkdir, sys_rename, sys_rmdir, sys_symlink, sys_truncate, sys_unlink } from '../mounted.ts'
import { sys_close, sys_openat } from '../open.ts'
import { sys_pread64, sys_write } from '../read_write.ts'
import { sys_newfstatat } from '../readdir.ts'
import { sys_mount } from '../super.ts'
import { sys_fsync, sys_sync } from '../sync.ts'

/** Who makes it, how, and how it is mounted. */
interface Kind {
  readonly program: string
  readonly options: readonly string[]
  readonly type: string
  readonly mount?: readonly string[]
}

const KINDS: readonly Kind[] = [
  { program: 'mkfs.ext2', options: ['-b', '1024'], type: 'ext2' },
  { program: 'mkfs.ext2', options: ['-b', '4096'], type: 'ext2' },
  { program: 'mkfs.ext3', options: ['-b', '1024'], type: 'ext3' },
  { program: 'mkfs.ext4', options: ['-O', '^has_journal', '-b', '4096'], type: 'ext4' },
  { program: 'mkfs.ext4', options: ['-b', '1024'], type: 'ext4' },
  { program: 'mkfs.ext4', options: ['-b', '4096'], type: 'ext4' },
  { program: 'mkfs.ext4', options: ['-b', '4096'], type: 'ext4', mount: ['dax'] },
  { program: 'mkfs.ext4', options: ['-O', '^64bit,^metadata_csum,uninit_bg', '-b', '1024'], type: 'ext4' },
  { program: 'mkfs.ext4', options: ['-b', '2048', '-I', '128'], type: 'ext4', mount: ['nodelalloc'] },
]
const words = ({ program, options, mount = [] }: Kind): string => [program, ...options, ...mount].join(' ')
const journals = ({ program, options }: Kind): boolean =>
  program !== 'mkfs.ext2' && !options.join().includes('^has_journal')

class Machine extends FsMachine {
  mounted(kind: Kind): this {
    expect(this.mount(kind.type, kind.mount)).toBe(0)
    return this
  }
}

describe.skipIf(!tools).each(KINDS.map((kind) => [words(kind), kind] as const))('%s', (_, kind) => {
  const image = mkfs(kind.program, 16, ...kind.options)

  test('mounts, says so, and is clean after an unmount without a change', () => {
    const m = new Machine(image).mounted(kind)
    const how = journals(kind) ? 'with ordered data mode' : 'without journal'
    expect(m.booted.dmesg.at(-1)).toBe(`info: EXT4-fs (pmem0): mounted filesystem ${how}. Quota mode: none.`)
    const other = `info: EXT4-fs (pmem0): mounting ${kind.type} file system using the ext4 subsystem`
    if (kind.type !== 'ext4') expect(m.booted.dmesg).toContain(other)
    expect(m.names('/mnt')).toEqual(['lost+found'])
    const mark = journals(kind) ? 'needs_recovery' : 'Filesystem state:         not clean'
    expect(m.debugfs('show_super_stats -h')).toContain(mark)
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
  })

  test('keeps files of every size, and debugfs reads them back', () => {
    const m = new Machine(image).mounted(kind)
    const sizes = [0, 1, 1023, 1024, 4096, 5000, 12 * 1024 + 1, 100_000, 300_000, 1_200_000]
    for (const [i, size] of sizes.entries()) expect(m.write(`/mnt/f${i}`, bytes(size, i))).toBe(size)
    for (const [i, size] of sizes.entries()) expect(same(m.read(`/mnt/f${i}`, size + 10), bytes(size, i))).toBe(true)
    expect(m.umount()).toBe(0)
    expect(m.fsck()).toEqual([expect.stringContaining('Pass 5'), 0])
    for (const [i, size] of sizes.entries())
      expect(Buffer.from(m.debugfs(`cat f${i}`), 'latin1').equals(Buffer.from(bytes(size, i)))).toBe(true)
    const again = new Machine(m.image()).mounted(kind)
    for (const [i, size] of sizes.entries())
      expect(same(again.read(`/mnt/f${i}`, size + 10), bytes(size, i))).toBe(true)
  })

  test('folders, links, names: made, moved, removed', () => {
    const m = new Machine(image).mounted(kind)
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
    const m = new Machine(image).mounted(kind)
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
    expect(m.mount(kind.type)).toBe(-16)
    expect(m.umount()).toBe(0)
    expect(m.umount()).toBe(-22)
    expect(m.mount('btrfs')).toBe(-19)
  })

  test('a file that is unlinked while it is open lives until it is closed', () => {
    const m = new Machine(image).mounted(kind)
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
    const m = new Machine(image).mounted(kind)
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
    const again = new Machine(m.image()).mounted(kind)
    expect(same(again.read('/mnt/cut', 300_000), expected)).toBe(true)
  })

  test.skipIf(![0, 5, 6].includes(KINDS.indexOf(kind)))('a full disk says so, and stays sound', () => {
    const m = new Machine(image).mounted(kind)
    let i = 0
    for (let count = MIB; count === MIB; i++) count = m.write(`/mnt/big${i}`, bytes(MIB, i))
    expect(i).toBeGreaterThan(5)
    m.write('/mnt/rest', bytes(MIB))
    expect(m.write('/mnt/more', bytes(MIB))).toBe(-28)
    expect(m.umount()).toBe(0)
    expect(m.fsck()[1]).toBe(0)
  })
})

describe.skipIf(!tools)('after a power failure', () => {
  test('what was synced is there, what was not is not', () => {
    const m = new Machine(mkfs('mkfs.ext2', 8, '-b', '4096'))
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
    [['-O', 'encrypt'], /Couldn't mount because of unsupported optional features \(10000\)/],
    [['-O', 'mmp'], /Couldn't mount because of unsupported optional features \(100\)/],
    [['-O', 'bigalloc'], /Couldn't mount RDWR because of unsupported optional features \(200\)/],
    [['-O', 'quota'], /Couldn't mount RDWR because of unsupported optional features \(100\)/],
  ])('%j', (options, reason) => {
    const m = new Machine(mkfs('mkfs.ext4', 16, ...options))
    expect(m.mount('ext4')).toBe(-22)
    expect(m.booted.dmesg.at(-1)).toMatch(reason)
  })

  test('as an older file system', () => {
    const m = new Machine(mkfs('mkfs.ext4', 16))
    expect([m.mount('ext2'), m.mount('ext3')]).toEqual([-22, -22])
    expect(m.booted.dmesg.at(-1)).toBe("err: EXT4-fs (pmem0): couldn't mount as ext3 due to feature incompatibilities")
    const older = new Machine(mkfs('mkfs.ext2', 8))
    expect(older.mount('ext3')).toBe(-22)
  })

  test('no file system, a disk that is none, an option that is none', () => {
    const m = new Machine(new Uint8Array(MIB))
    expect(m.mount()).toBe(-22)
    expect(m.booted.dmesg.at(-1)).toBe("err: EXT4-fs (pmem0): VFS: Can't find ext4 filesystem")
    expect(run(sys_mount(m.k, { device: '/dev/null', path: '/mnt', type: 'ext2', rdonly: false, options: [] }))).toBe(
      -15,
    )
    expect(new Machine(mkfs('mkfs.ext2', 8)).mount('ext2', ['sparkle'])).toBe(-22)
  })
})

describe
  .skipIf(!tools)
  .each(KINDS.filter((_, i) => [0, 3, 4, 6, 8].includes(i)).map((kind) => [words(kind), kind] as const))(
  'random operations: contents equal a plain model, and e2fsck finds nothing: %s',
  (_, kind) =>
    test('of names and files', () => {
      const image = mkfs(kind.program, 8, ...kind.options)
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
          const m = new Machine(image).mounted(kind)
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
          const again = new Machine(m.image()).mounted(kind)
          check(again)
        }),
        { numRuns: runs(8) },
      )
    }),
)
