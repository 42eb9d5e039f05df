/** What a file system meets when it goes to memory directly, per release (reference/kernel.md §§4.5, 5.2, 5.3). */

import { describe, expect, test } from 'vitest'
import { type Booted, boot, run } from '../../../../../test/flat-machine.ts'
import { capturedTable } from '../../../../../test/nfit-tables.ts'
import { Journal } from '../../../sim/journal.ts'
import { block_class } from '../../block/genhd.ts'
import { type BlockDevice, block_device, disk_part0 } from '../../include/linux/blk_types.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import {
  bdev_dax_pgoff,
  bdev_dax_supported,
  dax_address,
  dax_copy_from_iter,
  dax_direct_access,
  dax_flush,
} from './access.ts'
import { type DaxDevice, dax_get_by_host, kill_dax } from './super.ts'

const BASE = 0x1_0000_0000
const PAGES = 65536

interface World extends Booted {
  readonly dax: DaxDevice
  readonly bdev: BlockDevice
}

/** A raw namespace of 256 MiB. */
function world(release = 'v4.13'): World {
  const booted = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), {
    release,
  })
  const dax = dax_get_by_host(booted.k, 'pmem0')
  const disk = block_class(booted.k)[0]
  if (dax === undefined || disk === undefined) throw new Error('no pmem0')
  booted.cpu.issued.length = 0
  return { ...booted, dax, bdev: disk_part0(disk) }
}

/** A part of the same disk that begins elsewhere. */
const partAt = ({ bd_disk, bd_nr_sectors }: BlockDevice, bd_start_sect: number): BlockDevice =>
  block_device.create(new Journal(), { bd_disk, bd_nr_sectors, bd_start_sect, bd_partno: 1 })

const iter = (bytes: number): IovIter => ({ type: 'iovec', segments: [{ bytes: new Uint8Array(bytes).fill(7) }] })

describe('dax_direct_access', () => {
  const access = ({ k }: World, dax: DaxDevice | undefined, pgoff: number, pages: number) =>
    run(dax_direct_access(k, dax, pgoff, pages))

  test('gives pages up to the end of the device, and where they are', () => {
    const w = world()
    expect(access(w, w.dax, 0, 4)).toEqual({ pages: 4, kaddr: BASE })
    expect(access(w, w.dax, PAGES - 1, 4)).toEqual({ pages: 1, kaddr: BASE + (PAGES - 1) * 4096 })
    expect(access(w, w.dax, PAGES, 1)).toBe(-34)
    const found = access(w, w.dax, 2, 1)
    expect(typeof found === 'number' ? found : dax_address(found, 10)).toBe(BASE + 8192 + 10)
  })

  test('refuses a device that is missing, dead, or has bad sectors there', () => {
    const w = world()
    expect(access(w, undefined, 0, 1)).toBe(-95)
    expect(access(w, w.dax, 0, -1)).toBe(-22)
    w.bdev.bd_disk.bb = [{ sector: 8, count: 1 }]
    expect(access(w, w.dax, 1, 1)).toBe(-5)
    expect(access(w, w.dax, 0, 2)).toBe(-5)
    // Elsewhere it gives no more than was asked for.
    expect(w.dax.ops && run(w.dax.ops.direct_access(w.k, w.dax, 2, 3))).toEqual({ pages: 3, kaddr: BASE + 8192 })
    kill_dax(w.k, w.dax)
    expect(access(w, w.dax, 0, 1)).toBe(-6)
  })
})

describe('bdev_dax_pgoff', () => {
  test('takes whole pages only, counted from the start of the disk', () => {
    const { bdev } = world()
    const part = (bd_start_sect: number) => partAt(bdev, bd_start_sect)
    expect(bdev_dax_pgoff(bdev, 16, 4096)).toBe(2)
    expect(bdev_dax_pgoff(part(2048), 16, 4096)).toBe(258)
    expect(bdev_dax_pgoff(part(63), 0, 4096)).toBe(-22)
    expect(bdev_dax_pgoff(part(63), 1, 4096)).toBe(8)
    expect(bdev_dax_pgoff(bdev, 16, 100)).toBe(-22)
  })
})

describe('dax_copy_from_iter', () => {
  const copied = (w: World) => {
    const bytes = run(dax_copy_from_iter(w.k, w.dax, 0, BASE as never, 13, iter(13)))
    return [bytes, w.cpu.counts()]
  }
  const PAST = [13, { movnti: 1, movnti4: 1, store: 1, sfence: 1, clwb: 1 }]
  const THROUGH = [13, { store: 6 }]

  test.each(['v4.12+series:1', 'v4.13', 'v4.18', 'v5.9', 'v5.17', 'v6.1'])('passes the cache by: %s', (release) => {
    expect(copied(world(release))).toEqual(PAST)
  })

  test('is a plain copy where the driver has none of its own, and nothing on a dead device', () => {
    expect(copied(world('v4.12'))).toEqual(THROUGH)
    const w = world()
    kill_dax(w.k, w.dax)
    expect(copied(w)).toEqual([0, {}])
  })
})

describe('dax_flush', () => {
  const flushed = (release: string, change: (w: World) => void = () => undefined) => {
    const w = world(release)
    change(w)
    run(dax_flush(w.k, w.dax, 0, BASE as never, 4096))
    return w.cpu.counts()['clwb'] ?? 0
  }

  test('is the driver’s from patch 4 of the series to v4.13, then its own', () => {
    const published = (release: string) => world(release).dax.ops?.flush !== undefined
    const releases = ['v4.12', 'v4.12+series:3', 'v4.12+series:4', 'v4.13', 'v4.14', 'v6.1']
    expect(releases.map(published)).toEqual([false, false, true, true, false, false])
    expect(releases.map((release) => flushed(release))).toEqual([0, 0, 64, 64, 64, 64])
  })

  test('asks the device’s own flag from v4.13 on; before, nothing', () => {
    const off = (w: World): void => {
      w.dax.write_cache = false
    }
    expect(['v4.12+series:14', 'v4.13', 'v4.14', 'v6.1'].map((release) => flushed(release, off))).toEqual([64, 0, 0, 0])
  })

  test('does nothing for a dead device', () => {
    expect(flushed('v4.13', (w) => kill_dax(w.k, w.dax))).toBe(0)
  })
})

describe('bdev_dax_supported', () => {
  const asked = (w: World, bdev: BlockDevice, size: number) => [
    run(bdev_dax_supported(w.k, bdev, size)),
    w.dmesg.filter((line) => line.includes('VFS')),
  ]

  test('says why not', () => {
    const w = world()
    expect(asked(w, w.bdev, 4096)).toEqual([0, []])
    expect(asked(w, w.bdev, 1024)).toEqual([-22, ['err: VFS (pmem0): error: unsupported blocksize for dax']])
    expect(asked(w, partAt(w.bdev, 1), 4096)).toEqual([
      -22,
      expect.arrayContaining(['err: VFS (pmem0p1): error: unaligned partition for dax']),
    ])
    const bad = world()
    bad.bdev.bd_disk.bb = [{ sector: 0, count: 1 }]
    expect(asked(bad, bad.bdev, 4096)).toEqual([-5, ['err: VFS (pmem0): error: dax access failed (-5)']])
    const none = world()
    kill_dax(none.k, none.dax)
    expect(asked(none, none.bdev, 4096)).toEqual([-95, ['err: VFS (pmem0): error: device does not support dax']])
  })
})
