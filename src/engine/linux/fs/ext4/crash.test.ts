/** Power failures at every write to the disk: what the journal leaves is sound, and nothing that was synced is lost. */

import { describe, expect, test } from 'vitest'
import { run } from '../../../../../test/flat-machine.ts'
import { bytes, e2fsck, FsMachine, mkfs, same, tools } from '../../../../../test/fs-machine.ts'
import { O_CREAT, O_RDWR } from '../../include/linux/fs.ts'
import { sys_link, sys_mkdir, sys_rename, sys_rmdir, sys_symlink, sys_truncate, sys_unlink } from '../mounted.ts'
import { sys_close, sys_openat } from '../open.ts'
import { sys_pwrite64 } from '../read_write.ts'
import { sys_fsync, sys_sync } from '../sync.ts'

/** What must be there after a power failure at any later moment. */
type Promise = ReadonlyMap<string, Uint8Array>

/** Twenty operations; `look` at the disk as it is before each of its writes, and at the end. */
function operate(
  image: Uint8Array,
  type: string,
  options: readonly string[],
  look: (image: Uint8Array, promised: Promise) => void,
): void {
  let promised: Promise = new Map()
  const m: FsMachine = new FsMachine(image, 'v6.1', (bio) => {
    if (bio.op !== 'read') look(m.image(), promised)
  })
  expect(m.mount(type, options)).toBe(0)
  const { k } = m
  const promise = (path: string, data: Uint8Array | undefined): void => {
    const after = new Map(promised)
    if (data === undefined) after.delete(path)
    else after.set(path, data)
    promised = after
  }
  const write = (path: string, data: Uint8Array, pos: number, sync: boolean): void => {
    const fd = run(sys_openat(k, path, O_RDWR | O_CREAT, 0o644))
    expect(run(sys_pwrite64(k, fd, data, pos))).toBe(data.length)
    if (sync) expect(run(sys_fsync(k, fd))).toBe(0)
    run(sys_close(k, fd))
  }
  run(sys_mkdir(k, '/mnt/d', 0o755))
  write('/mnt/d/a', bytes(9000, 1), 0, true)
  promise('/mnt/d/a', bytes(9000, 1))
  write('/mnt/b', bytes(20_000, 2), 0, false)
  write('/mnt/c', bytes(3000, 3), 0, true)
  promise('/mnt/c', bytes(3000, 3))
  expect(run(sys_rename(k, '/mnt/b', '/mnt/d/b'))).toBe(0)
  expect(run(sys_sync(k))).toBe(0)
  promise('/mnt/d/b', bytes(20_000, 2))
  // From here on it may be gone.
  promise('/mnt/c', undefined)
  expect(run(sys_unlink(k, '/mnt/c'))).toBe(0)
  write('/mnt/d/e', bytes(50_000, 4), 100_000, true)
  promise('/mnt/d/e', Uint8Array.from([...new Uint8Array(100_000), ...bytes(50_000, 4)]))
  expect(run(sys_link(k, '/mnt/d/a', '/mnt/hard'))).toBe(0)
  expect(run(sys_symlink(k, 'd/a', '/mnt/soft'))).toBe(0)
  promise('/mnt/d/e', undefined)
  expect(run(sys_truncate(k, '/mnt/d/e', 30_001))).toBe(0)
  expect(run(sys_sync(k))).toBe(0)
  promise('/mnt/hard', bytes(9000, 1))
  promise('/mnt/d/e', new Uint8Array(30_001))
  for (let i = 0; i < 30; i++) write(`/mnt/many${i}`, bytes(500, i), 0, i % 10 === 0)
  expect(run(sys_mkdir(k, '/mnt/x', 0o755))).toBe(0)
  expect(run(sys_rmdir(k, '/mnt/x'))).toBe(0)
  promise('/mnt/d/a', undefined)
  expect(run(sys_unlink(k, '/mnt/d/a'))).toBe(0)
  for (let i = 0; i < 30; i++) run(sys_unlink(k, `/mnt/many${i}`))
  write('/mnt/last', bytes(40_000, 9), 0, true)
  promise('/mnt/last', bytes(40_000, 9))
  expect(m.umount()).toBe(0)
  look(m.image(), promised)
}

describe.skipIf(!tools).each([
  ['mkfs.ext4', ['-b', '1024'], []],
  ['mkfs.ext4', ['-b', '4096'], []],
  ['mkfs.ext4', ['-b', '4096'], ['dax']],
] as const)('%s %j, mounted with %j', (program, options, mount) => {
  test('e2fsck -p replays what is left and finds it sound; what was synced is there', () => {
    const wrong: string[] = []
    let moments = 0
    const type = 'ext4'
    operate(mkfs(program, 16, ...options), type, mount, (image, promised) => {
      const i = moments++
      const [text, status] = e2fsck(image, '-fp')
      if (status > 1) wrong.push(`${i}: e2fsck ${status} ${text}`)
      // The driver's own replay is slower: some of them.
      if (i % 9 !== 0) return
      const left = new FsMachine(image)
      if (left.mount(type) !== 0) wrong.push(`${i}: ${left.booted.dmesg.at(-1)}`)
      for (const [path, data] of promised)
        if (!same(left.read(path, data.length + 1), data)) wrong.push(`${i}: ${path} is not what was synced`)
      if (left.umount() !== 0) wrong.push(`${i}: umount`)
      const [after, clean] = left.fsck()
      if (clean !== 0) wrong.push(`${i}: after the mount: ${after}`)
    })
    expect(wrong).toEqual([])
    expect(moments).toBeGreaterThan(100)
  }, 100_000)
})
