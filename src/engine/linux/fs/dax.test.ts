/**
 * What a DAX file system does to each kind of device, per release: reference/kernel.md §7.1, §7.4, §7.5, §8.2, §8.3.
 * Instructions counted on a machine without caches; what each comes to in the house is `hw`'s business.
 */

import { describe, expect, test } from 'vitest'
import { dmMachine } from '../../../../test/dm-machine.ts'
import { type Booted, boot, run } from '../../../../test/flat-machine.ts'
import { Guest } from '../../../../test/guest.ts'
import { capturedTable } from '../../../../test/nfit-tables.ts'
import { type Spa, spa } from '../../../base/brand.ts'
import { SPA_GUID } from '../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../firmware/acpi/nfit-encode.ts'
import { createSavedSegment } from '../../hw/saved-segments.ts'
import { Journal } from '../../sim/journal.ts'
import { wholeNvdimm } from '../../whole-nvdimm.ts'
import { axonram } from '../arch/powerpc/sysdev/axonram.ts'
import { block_class } from '../block/genhd.ts'
import { brd } from '../drivers/block/brd.ts'
import { dax_direct_access } from '../drivers/dax/access.ts'
import { dax_get_by_host } from '../drivers/dax/super.ts'
import { dcssblk } from '../drivers/s390/block/dcssblk.ts'
import { disk_part0 } from '../include/linux/blk_types.ts'
import { EFAULT, EIO } from '../include/linux/errno.ts'
import type { IovIter } from '../lib/iov_iter.ts'
import { __dax_zero_page_range, dax_iomap_actor, dax_writeback_one, type Iomap } from './dax.ts'

const MIB = 1 << 20
const PAGE = 4096
const BASE = 0x1_0000_0000

type Counts = Readonly<Record<string, number>>

/** A file that is the first 1 MiB of a disk. */
class DaxFile {
  readonly booted: Booted
  readonly iomap: Iomap

  constructor(booted: Booted, disk_name: string) {
    this.booted = booted
    const disk = block_class(booted.k).find((each) => each.disk_name === disk_name)
    const dax_dev = dax_get_by_host(booted.k, disk_name)
    if (disk === undefined || dax_dev === undefined) throw new Error(`no direct access to ${disk_name}`)
    this.iomap = { bdev: disk_part0(disk), dax_dev, offset: 0, length: MIB, addr: 0 }
  }

  /** Names of the functions, and the instructions. */
  private counted(op: Parameters<typeof run<number>>[0]): { rc: number; counts: Counts; called: readonly string[] } {
    const { cpu } = this.booted
    const called: string[] = []
    cpu.issued.length = 0
    const rc = run(op, (name) => called.push(name))
    return { rc, counts: cpu.counts(), called }
  }

  write(pos: number, ...segments: readonly number[]) {
    const iter: IovIter = { type: 'iovec', segments: segments.map((n) => ({ bytes: new Uint8Array(n).fill(7) })) }
    const length = segments.reduce((sum, n) => sum + n, 0)
    return this.counted(dax_iomap_actor(this.booted.k, this.iomap, pos, length, iter))
  }

  kaddr(pgoff: number): Spa {
    const found = run(dax_direct_access(this.booted.k, this.iomap.dax_dev, pgoff, 1))
    if (typeof found === 'number') throw new Error(`${found}`)
    return found.kaddr
  }

  /** Write-back of a dirty page. */
  sync(pgoff = 0, size = PAGE) {
    const { bdev, dax_dev } = this.iomap
    const entry = { sector: pgoff * 8, kaddr: this.kaddr(pgoff), size }
    return this.counted(dax_writeback_one(this.booted.k, bdev, dax_dev, entry))
  }

  zero(offset: number, size: number, pgoff = 0) {
    const { bdev, dax_dev } = this.iomap
    return this.counted(__dax_zero_page_range(this.booted.k, { bdev, dax_dev, sector: pgoff * 8 }, offset, size))
  }

  /** `queue/write_cache` and `dax/write_cache`, as an administrator sets them. */
  set(queue: string | undefined, dax?: '0' | '1'): this {
    const guest = new Guest(this.booted.k)
    const folder = `/sys/block/${this.iomap.bdev.bd_disk.disk_name}`
    if (queue !== undefined && guest.write(`${folder}/queue/write_cache`, queue) !== 0) throw new Error(queue)
    if (dax !== undefined && guest.write(`${folder}/dax/write_cache`, dax) !== 0) throw new Error('dax/write_cache')
    return this
  }
}

const clwbs = ({ counts }: { readonly counts: Counts }): number => counts['clwb'] ?? 0

const pmem = (release: string): DaxFile =>
  new DaxFile(boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), { release, ...wholeNvdimm }), 'pmem0')
const brdFile = (release: string): DaxFile =>
  new DaxFile(boot(undefined, { release, modules: [brd([4 * MIB])], ...wholeNvdimm }), 'ram0')
const volatileFile = (release: string): DaxFile => {
  const fields = { range_index: 1, range_guid: SPA_GUID.volatile, address: BASE, length: 16 * MIB }
  const booted = boot(encodeNfit([{ type: 0, fields }]), { release, ...wholeNvdimm })
  const guest = new Guest(booted.k)
  // A raw namespace has no direct access from v4.18 on.
  const uuid = '00000001-1111-4222-8333-444444444444'
  if (guest.reconfigure('region0', 'namespace0.0', { mode: 'fsdax', map: 'mem', uuid }) !== 0) throw new Error('fsdax')
  return new DaxFile(booted, 'pmem0')
}
const noPmemApi = {
  configOff: ['ARCH_HAS_PMEM_API', 'ARCH_HAS_UACCESS_FLUSHCACHE', 'ARCH_HAS_NOCACHE_UACCESS'],
  ...wholeNvdimm,
} as const
const dcssFile = (release: string): DaxFile => {
  const own = { name: 'A', start: spa(0x4000_0000), size: MIB, type: 'SW', pages: new Map() } as const
  const savedSegments = [createSavedSegment(new Journal(), own)]
  return new DaxFile(boot(undefined, { release, modules: [dcssblk(['A'])], savedSegments, ...noPmemApi }), 'dcssblk0')
}
const axonFile = (release: string): DaxFile => {
  const modules = [axonram([{ start: 0x4000_0000, size: MIB }])]
  return new DaxFile(boot(undefined, { release, modules, ...noPmemApi }), 'axonram0')
}

describe('the operations that a driver publishes', () => {
  const published = (file: DaxFile): readonly string[] => {
    const { name: _, ...ops } = file.iomap.dax_dev.ops ?? { name: '' }
    return Object.keys(ops).sort()
  }
  const PMEM = {
    'v4.12': ['direct_access'],
    'v4.12+series:1': ['copy_from_iter', 'direct_access'],
    'v4.12+series:3': ['copy_from_iter', 'direct_access'],
    'v4.12+series:4': ['copy_from_iter', 'direct_access', 'flush'],
    'v4.13': ['copy_from_iter', 'direct_access', 'flush'],
    'v4.14': ['copy_from_iter', 'direct_access'],
    'v5.9': ['copy_from_iter', 'direct_access', 'zero_page_range'],
    'v5.17': ['direct_access', 'zero_page_range'],
    'v6.1': ['direct_access', 'zero_page_range'],
  } as const

  test.each(Object.entries(PMEM))('%s: pmem %j, on a volatile range the same', (release, expected) => {
    expect(published(pmem(release))).toEqual(expected)
    // Before patch 12 a volatile range has no disk.
    if (!['v4.12', 'v4.12+series:1', 'v4.12+series:3', 'v4.12+series:4'].includes(release))
      expect(published(volatileFile(release))).toEqual(expected)
  })

  test('those of a mapped device come with patches 2 and 5, and go where those of pmem go', () => {
    const mapped = (release: string) => {
      const machine = dmMachine(release)
      machine.create('lin', '0 64 linear /dev/pmem0 0')
      return published(new DaxFile(machine, 'dm-0'))
    }
    expect(mapped('v4.12+series:1')).toEqual(['direct_access'])
    expect(mapped('v4.12+series:2')).toEqual(['copy_from_iter', 'direct_access'])
    expect(mapped('v4.12+series:5')).toEqual(['copy_from_iter', 'direct_access', 'flush'])
    for (const release of ['v4.13', 'v4.14', 'v5.9', 'v5.17', 'v6.1'] as const)
      expect(mapped(release)).toEqual(PMEM[release])
  })
})

describe('write(2) of a page', () => {
  const movnt = (file: DaxFile): readonly (number | undefined)[] => {
    const { rc, counts } = file.write(0, PAGE)
    expect(rc).toBe(PAGE)
    return [counts['movnti'], counts['store'], counts['sfence'], counts['clwb']]
  }
  const PAST = [512, undefined, 1, undefined]
  const THROUGH = [undefined, 512, undefined, undefined]

  test('passes the cache by on persistent memory, whatever the release', () => {
    for (const release of ['v4.12', 'v4.12+series:3', 'v4.13', 'v5.9', 'v6.1'])
      expect(movnt(pmem(release))).toEqual(PAST)
  })

  test('and on a RAM disk too before patch 3: 512 movnti into memory that is lost anyway; none since', () => {
    expect(['v4.12', 'v4.12+series:2'].map((release) => movnt(brdFile(release)))).toEqual([PAST, PAST])
    const since = ['v4.12+series:3', 'v4.12+series:14', 'v4.13', 'v4.14']
    expect(since.map((release) => movnt(brdFile(release)))).toEqual(since.map(() => THROUGH))
  })

  test('on an architecture without the API never does', () => {
    for (const release of ['v4.12', 'v4.13', 'v5.9', 'v6.1']) expect(movnt(dcssFile(release))).toEqual(THROUGH)
    for (const release of ['v4.12', 'v4.13', 'v4.16']) expect(movnt(axonFile(release))).toEqual(THROUGH)
  })
})

describe('writev(2)', () => {
  test('of 61 and 67 bytes leaves bytes 60 to 63 in the cache in v4.12 and none since patch 3 (kernel.md §1.8)', () => {
    const lines = (release: string) => pmem(release).write(0, 61, 67).counts
    expect(lines('v4.12')['clwb']).toBeUndefined()
    expect(lines('v4.12+series:2')['clwb']).toBeUndefined()
    expect(lines('v4.12+series:3')['clwb']).toBeGreaterThan(0)
    expect(lines('v4.13')).toEqual(lines('v4.12+series:3'))
  })

  test('is one copy for each stretch of memory, not for each page', () => {
    const copies = (file: DaxFile) =>
      file.write(100, MIB - 100).called.filter((name) => name === 'dax_copy_from_iter').length
    expect(copies(pmem('v4.13'))).toBe(1)
    expect(copies(brdFile('v4.13'))).toBe(256)
  })

  test('on a striped device ends a copy with the chunk', () => {
    const machine = dmMachine('v4.13')
    machine.create('s', '0 4096 striped 2 16 /dev/pmem0 0 /dev/pmem1 0')
    const { rc, called } = new DaxFile(machine, 'dm-0').write(0, 64 * 1024)
    expect(rc).toBe(64 * 1024)
    expect(called.filter((name) => name === 'pmem_copy_from_iter').length).toBe(8)
  })

  test('stops where the range of the file ends, at a source that can not be read, and at a bad page', () => {
    expect(pmem('v6.1').write(MIB - 10, 100).rc).toBe(10)
    const { iomap, booted } = pmem('v6.1')
    const broken = (fault: number): IovIter => ({ type: 'iovec', segments: [{ bytes: new Uint8Array(64), fault }] })
    expect([0, 24].map((fault) => run(dax_iomap_actor(booted.k, iomap, 0, 64, broken(fault))))).toEqual([-EFAULT, 24])
    const bad = pmem('v6.1')
    bad.iomap.bdev.bd_disk.bb = [{ sector: 8, count: 1 }]
    expect(bad.write(PAGE, 8).rc).toBe(-EIO)
    // As long as any sector is bad, no more is handed out than was asked for; a bad one in it refuses all.
    expect(bad.write(0, 2 * PAGE).rc).toBe(-EIO)
    expect(bad.write(0, PAGE).rc).toBe(PAGE)
  })
})

describe('write-back of a dirty page', () => {
  /** [default, queue "write through"]. */
  const lines = (file: (release: string) => DaxFile, release: string) => [
    clwbs(file(release).sync()),
    clwbs(file(release).set('write through').sync()),
  ]

  test.each([
    ['v4.12', [64, 64]],
    ['v4.12+series:5', [64, 64]],
    ['v4.12+series:6', [64, 64]],
    ['v4.12+series:12', [64, 64]],
    ['v4.12+series:13', [64, 0]],
    ['v4.12+series:14', [64, 0]],
    ['v4.13', [64, 64]],
    ['v4.14', [64, 64]],
    ['v5.9', [64, 64]],
    ['v6.1', [64, 64]],
  ] as const)('%s: of persistent memory writes back %j lines: by default, and with the queue write through', (r, n) => {
    expect(lines(pmem, r)).toEqual(n)
  })

  test('asks dax/write_cache from v4.13 on', () => {
    expect(['v4.13', 'v4.14', 'v6.1'].map((r) => clwbs(pmem(r).set(undefined, '0').sync()))).toEqual([0, 0, 0])
  })

  test.each([
    ['v4.12', 64],
    ['v4.12+series:5', 64],
    ['v4.12+series:6', 0],
    ['v4.13', 0],
    ['v4.14', 0],
  ] as const)('%s: of a RAM disk writes back %i lines', (release, n) => {
    expect(clwbs(brdFile(release).sync())).toBe(n)
  })

  test.each([
    // Patch 12 brought the namespace; until patch 14 its disk says write back.
    ['v4.12+series:12', 64],
    ['v4.12+series:13', 64],
    ['v4.12+series:14', 0],
    ['v4.13', 0],
    ['v4.14', 0],
    ['v4.16', 0],
    ['v4.18', 0],
    ['v5.9', 0],
    ['v6.1', 0],
  ] as const)('%s: of a volatile range writes back %i lines', (release, n) => {
    expect(clwbs(volatileFile(release).sync())).toBe(n)
  })

  test.each(['v4.12', 'v4.12+series:14', 'v4.13', 'v4.14', 'v6.1'])(
    '%s: on an architecture without the API writes nothing back',
    (release) => {
      expect(dcssFile(release).sync().counts).toEqual({})
      if (release !== 'v6.1') expect(axonFile(release).sync().counts).toEqual({})
    },
  )

  test('through a striped device reaches the leg', () => {
    const machine = dmMachine('v4.13')
    machine.create('s', '0 4096 striped 2 8 /dev/pmem0 0 /dev/pmem1 0')
    const { counts, called } = new DaxFile(machine, 'dm-0').sync(1)
    expect(counts['clwb']).toBe(64)
    expect(called).toEqual(expect.arrayContaining(['dm_dax_flush', 'stripe_dax_flush', 'pmem_dax_flush']))
  })

  test('asks the device where the page is up to v4.14; bad sectors make it fail there', () => {
    const asked = (release: string) => pmem(release).sync().called.includes('dax_direct_access')
    expect(['v4.12', 'v4.13', 'v4.14', 'v4.15', 'v6.1'].map(asked)).toEqual([true, true, true, false, false])
    const bad = (release: string) => {
      const file = pmem(release)
      const kaddr = file.kaddr(0)
      file.iomap.bdev.bd_disk.bb = [{ sector: 3, count: 1 }]
      const { bdev, dax_dev } = file.iomap
      return run(dax_writeback_one(file.booted.k, bdev, dax_dev, { sector: 0, kaddr, size: PAGE }))
    }
    expect(['v4.14', 'v4.15'].map(bad)).toEqual([-EIO, 0])
  })

  test('of 2 MiB is 32,768 lines', () => {
    expect(clwbs(pmem('v4.13').sync(0, 2 * MIB))).toBe(32_768)
    // A RAM disk hands out a page at a time.
    expect(brdFile('v4.13').sync(0, 2 * MIB).rc).toBe(-EIO)
  })
})

describe('zeroing', () => {
  test('whole blocks go through the block layer, past the cache; from v5.8 on a whole page through the driver', () => {
    for (const release of ['v4.12', 'v4.13', 'v4.18']) {
      const { counts, called } = pmem(release).zero(512, 1024)
      expect(counts['movnti']).toBe(128)
      expect(called).toContain('blkdev_issue_zeroout')
    }
    for (const release of ['v5.9', 'v6.1']) {
      const { counts, called } = pmem(release).zero(0, PAGE)
      expect(counts).toEqual({ movnti: 512 })
      expect(called).toContain('pmem_dax_zero_page_range')
      expect(called).not.toContain('submit_bio')
      expect(clwbs(pmem(release).zero(512, 1024))).toBe(16)
    }
  })

  test.each([
    ['v4.12', 4],
    ['v4.12+series:6', 4],
    ['v4.12+series:7', 4],
    ['v4.13', 4],
    ['v6.1', 4],
  ] as const)('%s: part of a page is stored and written back: 200 bytes at 100 are %i lines', (release, lines) => {
    expect(pmem(release).zero(100, 200).counts).toMatchObject({ clwb: lines })
    expect(pmem(release).zero(100, 200).counts['movnti']).toBeUndefined()
  })

  test.each([
    ['v4.12', 4],
    ['v4.12+series:6', 4],
    ['v4.12+series:7', 0],
    ['v4.13', 0],
  ] as const)('%s: on a RAM disk %i lines are written back for it', (release, lines) => {
    expect(clwbs(brdFile(release).zero(100, 200))).toBe(lines)
  })

  test('with dax/write_cache off nothing is written back; the series as posted does not ask the queue here', () => {
    expect(clwbs(pmem('v4.13').set(undefined, '0').zero(100, 200))).toBe(0)
    expect(clwbs(pmem('v4.12+series:14').set('write through').zero(100, 200))).toBe(4)
  })

  test('a page of a mapped device goes to the leg; a target without direct access is -EIO', () => {
    const machine = dmMachine('v6.1')
    machine.create('s', '0 4096 striped 2 8 /dev/pmem0 0 /dev/pmem1 0')
    const { rc, counts, called } = new DaxFile(machine, 'dm-0').zero(0, PAGE, 1)
    expect([rc, counts]).toEqual([0, { movnti: 512 }])
    const path = called.filter((name) => name.includes('zero_page_range') && name !== '__dax_zero_page_range')
    expect(path).toEqual([
      'dax_zero_page_range',
      'dm_dax_zero_page_range',
      'stripe_dax_zero_page_range',
      'dax_zero_page_range',
      'pmem_dax_zero_page_range',
    ])
    machine.sh('dmsetup remove_all')
    machine.create('lin', '0 64 linear /dev/pmem0 0')
    expect(new DaxFile(machine, 'dm-0').zero(0, PAGE).called).toContain('linear_dax_zero_page_range')
    machine.sh('dmsetup remove_all')
    machine.create('log', '0 64 log-writes /dev/pmem0 /dev/pmem1')
    expect(new DaxFile(machine, 'dm-0').zero(0, PAGE).called).toContain('log_writes_dax_zero_page_range')
  })

  test('clears bad sectors of the page as a write does', () => {
    const file = pmem('v6.1')
    file.iomap.bdev.bd_disk.bb = [{ sector: 3, count: 1 }]
    // Nobody here can clear: the write gives up before it touches anything.
    expect(file.zero(0, PAGE).rc).toBe(-EIO)
  })
})

test('that include/linux/pmem.h goes changes nothing (patch 10)', () => {
  const trace = (release: string) => {
    const file = pmem(release)
    return [file.write(3, 61, 67), file.sync(), file.zero(100, 200)]
  }
  expect(trace('v4.12+series:10')).toEqual(trace('v4.12+series:9'))
  expect(trace('v4.13-ca6a4657e545')).toEqual(trace('v4.13'))
})
