/** Direct access and flushes through mapped devices, per release (reference/kernel.md §6.3, §6.5, §6.6). */

import { describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { blkdev_issue_flush } from '../../block/blk-flush.ts'
import { blk_alloc_disk, device_add_disk } from '../../block/genhd.ts'
import { disk_part0, new_bio } from '../../include/linux/blk_types.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import { dax_copy_from_iter, dax_direct_access, dax_flush } from '../dax/access.ts'

const PAGE = 4096
const SECTOR = 512

const access = ({ k, dax }: DmMachine, name: string, pgoff: number, pages: number) =>
  run(dax_direct_access(k, dax(name), pgoff, pages))

/** SPA of a sector of a leg. */
const at = ({ disk }: DmMachine, leg: string, sector: number): number => (disk(leg).media?.start ?? 0) + sector * SECTOR

const iter = (bytes: number): IovIter => ({ type: 'iovec', segments: [{ bytes: new Uint8Array(bytes).fill(7) }] })

/** Lines that a flush of one page writes back. */
function flushed(machine: DmMachine, name = 'dm-0', pgoff = 0, size = PAGE): number {
  machine.cpu.issued.length = 0
  run(dax_flush(machine.k, machine.dax(name), pgoff, at(machine, 'pmem0', 0) as never, size))
  return machine.cpu.counts()['clwb'] ?? 0
}

describe('dax_direct_access', () => {
  const machine = dmMachine()
  machine.create('lin', '0 128 linear /dev/pmem0 1024', '128 64 linear /dev/pmem1 0')
  machine.create('nested', '0 64 linear /dev/mapper/lin 96')

  test('goes no further than the target does', () => {
    expect(access(machine, 'dm-0', 0, 4)).toEqual({ pages: 4, kaddr: at(machine, 'pmem0', 1024) })
    expect(access(machine, 'dm-0', 14, 8)).toEqual({ pages: 2, kaddr: at(machine, 'pmem0', 1024 + 112) })
    expect(access(machine, 'dm-0', 16, 100)).toEqual({ pages: 8, kaddr: at(machine, 'pmem1', 0) })
    expect(access(machine, 'dm-0', 24, 1)).toBe(-5)
    expect(access(machine, 'dm-1', 0, 100)).toEqual({ pages: 4, kaddr: at(machine, 'pmem0', 1024 + 96) })
    expect(access(machine, 'dm-1', 4, 100)).toEqual({ pages: 4, kaddr: at(machine, 'pmem1', 0) })
  })

  test.each([
    [8, 1],
    [24, 3],
    [4096, 512],
  ])('of a striped device ends with the chunk: %i sectors', (chunk, pages) => {
    const striped = dmMachine()
    striped.create('s', `0 ${2 * chunk} striped 2 ${chunk} /dev/pmem0 0 /dev/pmem1 8`)
    expect(access(striped, 'dm-0', 0, 1000)).toEqual({ pages, kaddr: at(striped, 'pmem0', 0) })
    expect(access(striped, 'dm-0', pages, 1000)).toEqual({ pages, kaddr: at(striped, 'pmem1', 8) })
  })

  test.each(['v4.13', 'v5.9', 'v6.1'])(
    'fails everywhere where chunks are shorter than a page, which nobody says: %s',
    (release) => {
      const striped = dmMachine(release)
      for (const chunk of [1, 4]) {
        striped.create(`s${chunk}`, `0 1024 striped 2 ${chunk} /dev/pmem0 0 /dev/pmem1 0`)
        const name = chunk === 1 ? 'dm-0' : 'dm-1'
        expect(striped.disk(name).dax).toBe(true)
        for (const pgoff of [0, 1, 17, 127]) expect(access(striped, name, pgoff, 1)).toBe(-5)
      }
    },
  )

  test('through a target without any is -EIO, without a table too', () => {
    const other = dmMachine('v4.13')
    other.create('mix', '0 64 linear /dev/pmem0 0', '64 64 zero', '128 8 error')
    expect([0, 8, 16].map((pgoff) => typeof access(other, 'dm-0', pgoff, 1))).toEqual(['object', 'number', 'number'])
    expect([8, 16].map((pgoff) => access(other, 'dm-0', pgoff, 1))).toEqual([-5, -5])
    other.sh('dmsetup create none -n')
    expect(access(other, 'dm-1', 0, 1)).toBe(-5)
  })
})

describe('a piece that does not begin on a page', () => {
  const odd = (release: string): DmMachine => {
    const machine = dmMachine(release)
    machine.create('odd', '0 64 linear /dev/pmem0 1025')
    return machine
  }

  test('has no direct access that works up to v5.1, none at all up to v5.16', () => {
    expect(
      ['v4.12', 'v4.13', 'v4.18', 'v5.9', 'v5.17', 'v6.1'].map((release) => odd(release).disk('dm-0').dax),
    ).toEqual([true, true, true, false, true, true])
    const machine = odd('v4.13')
    expect(access(machine, 'dm-0', 0, 1)).toBe(-22)
    expect(run(dax_copy_from_iter(machine.k, machine.dax('dm-0'), 0, 0 as never, PAGE, iter(PAGE)))).toBe(0)
    expect(flushed(machine)).toBe(0)
    expect(odd('v5.9').dmesg).toContain('info: pmem0: error: unaligned partition for dax')
  })

  test.each([
    [1, 512],
    [7, 3584],
  ])('shifts silently since: %i sectors, %i bytes', (sectors, bytes) => {
    const machine = dmMachine()
    machine.create('odd', `0 64 linear /dev/pmem0 ${1024 + sectors}`)
    const found = access(machine, 'dm-0', 0, 1)
    expect(found).toEqual({ pages: 1, kaddr: at(machine, 'pmem0', 1024) })
    const { k, dax, disk } = machine
    run(dax_copy_from_iter(k, dax('dm-0'), 0, at(machine, 'pmem0', 1024) as never, PAGE, iter(PAGE)))
    const read = new Uint8Array(PAGE)
    expect(run(submit_bio(k, new_bio(disk_part0(disk('dm-0')), 'read', 0, read)))).toBe(0)
    expect(read).toEqual(new Uint8Array(PAGE).fill(7, 0, PAGE - bytes))
  })
})

describe('copies', () => {
  const calls = (release: string, table: string): readonly string[] => {
    const machine = dmMachine(release)
    machine.create('m', table)
    const names: string[] = []
    const copy = dax_copy_from_iter(machine.k, machine.dax('dm-0'), 0, at(machine, 'pmem0', 0) as never, 8, iter(8))
    expect(run(copy, (name) => names.push(name))).toBe(8)
    return names.filter((name) => /dax|pmem_copy|^copy_from_iter/.test(name))
  }

  test.each([
    ['linear', '0 64 linear /dev/pmem0 0'],
    ['stripe', '0 64 striped 2 8 /dev/pmem0 0 /dev/pmem1 0'],
  ])('%s: nobody before patch 2, device by device up to v5.16, then none of them', (name, table) => {
    const routed = ['dm_dax_copy_from_iter', `${name}_dax_copy_from_iter`, 'dax_copy_from_iter', 'pmem_copy_from_iter']
    expect(calls('v4.12', table)).toEqual(['dax_copy_from_iter', 'copy_from_iter'])
    for (const release of ['v4.12+series:2', 'v4.13', 'v4.14', 'v5.9'])
      expect(calls(release, table)).toEqual(['dax_copy_from_iter', ...routed, 'copy_from_iter_flushcache'])
    expect(calls('v6.1', table)).toEqual(['dax_copy_from_iter', 'copy_from_iter_flushcache'])
  })
})

describe('whether a DAX flush writes anything back', () => {
  /** Legs that are off when the table is loaded, and those that are off later. */
  const flush = (release: string, atLoad: readonly number[], later: readonly number[], pgoff = 0): number => {
    const machine = dmMachine(release)
    const set = (off: readonly number[]): void => {
      for (const leg of [0, 1]) machine.dax(`pmem${leg}`).write_cache = !off.includes(leg)
    }
    set(atLoad)
    machine.create('concat', '0 8 linear /dev/pmem0 0', '8 8 linear /dev/pmem1 0')
    set(later)
    return flushed(machine, 'dm-0', pgoff)
  }
  const NONE: readonly number[] = []

  test.each([
    // No ->flush anywhere: fs/dax.c writes back by itself. Then pmem has one that dm does not pass on.
    ['v4.12', [0, 0, 0, 0]],
    ['v4.12+series:4', [0, 0, 0, 0]],
    // Patch 5: whatever the legs say. The queue of the mapped device is asked in fs/dax.c.
    ['v4.12+series:5', [64, 64, 64, 64]],
    ['v4.12+series:14', [64, 64, 64, 64]],
    // Nobody tells the mapped device that it has a cache.
    ['v4.13-273752c9ff03', [0, 0, 0, 0]],
    // It and the leg are asked.
    ['v4.13', [64, 0, 0, 64]],
    // It alone is: what changes on the legs later does not matter.
    ['v4.14', [64, 64, 0, 64]],
    ['v6.1', [64, 64, 0, 64]],
  ] as const)('%s: both on; off later; off at load; one of two on', (release, lines) => {
    expect([
      flush(release, NONE, NONE),
      flush(release, NONE, [0, 1]),
      flush(release, [0, 1], NONE),
      flush(release, [0], [0], 1),
    ]).toEqual(lines)
  })

  test('a range over two legs goes to the first of them, up to v4.13', () => {
    const both = (release: string): number => {
      const machine = dmMachine(release)
      machine.dax('pmem0').write_cache = false
      machine.create('s', '0 64 striped 2 8 /dev/pmem0 0 /dev/pmem1 0')
      return flushed(machine, 'dm-0', 0, 2 * PAGE)
    }
    expect(['v4.13', 'v4.14', 'v6.1'].map(both)).toEqual([0, 128, 128])
  })

  test('once on it is never off again, whatever table follows', () => {
    const machine = dmMachine('v6.1')
    machine.create('lin', '0 64 linear /dev/pmem0 0')
    machine.dax('pmem1').write_cache = false
    machine.sh('dmsetup reload lin --table "0 64 linear /dev/pmem1 0"; dmsetup resume lin')
    expect(machine.dax('dm-0').write_cache).toBe(true)
  })

  test('a nested device is gated at each of its levels up to v4.13', () => {
    const nested = (release: string, off: string): number => {
      const machine = dmMachine(release)
      machine.create('lin', '0 64 linear /dev/pmem0 0')
      machine.create('top', '0 64 linear /dev/mapper/lin 0')
      machine.dax(off).write_cache = false
      return flushed(machine, 'dm-1')
    }
    const each = ['pmem0', 'dm-0', 'dm-1']
    expect(each.map((off) => nested('v4.13', off))).toEqual([0, 0, 0])
    expect(each.map((off) => nested('v6.1', off))).toEqual([64, 64, 0])
  })
})

/** A disk without direct access, whatever the release: /dev/plain0. */
function withPlainDisk(machine: DmMachine): DmMachine {
  const disk = blk_alloc_disk(machine.k, { disk_name: 'plain0', sectors: 131072, physical_block_size: PAGE })
  run(device_add_disk(machine.k, undefined, disk, []))
  return machine
}

describe('what a queue claims', () => {
  const queue = (release: string, ...table: readonly string[]): readonly (string | undefined)[] => {
    const machine = withPlainDisk(dmMachine(release))
    machine.create('m', ...table)
    return ['dax', 'write_cache', 'fua'].map((name) => machine.guest.read(`/sys/block/dm-0/queue/${name}`))
  }

  test.each([
    ['v4.12', '1'],
    ['v4.13', '1'],
    ['v5.9', '1'],
    ['v5.17', '0'],
    ['v6.1', '0'],
  ])('striped over one leg with DAX and one without: %s says %s', (release, dax) => {
    expect(queue(release, '0 64 striped 2 8 /dev/pmem0 0 /dev/plain0 0')[0]).toBe(dax)
    expect(queue(release, '0 64 striped 2 8 /dev/plain0 0 /dev/pmem0 0')[0]).toBe(dax)
    // Of two targets each is asked.
    expect(queue(release, '0 64 linear /dev/pmem0 0', '64 64 linear /dev/plain0 0')[0]).toBe('0')
  })

  test('a leg that only pretends is found out by who uses it', () => {
    const machine = withPlainDisk(dmMachine('v4.13'))
    machine.create('m', '0 64 striped 2 8 /dev/pmem0 0 /dev/plain0 0')
    expect(access(machine, 'dm-0', 0, 1)).toMatchObject({ pages: 1 })
    expect(access(machine, 'dm-0', 1, 1)).toBe(-95)
  })

  test('a cache and FUA where any device below has them, FUA not without a cache', () => {
    const claims = (wc: readonly boolean[], fua: readonly boolean[]) => {
      const machine = dmMachine()
      for (const leg of [0, 1]) {
        machine.disk(`pmem${leg}`).write_cache = wc[leg] === true
        machine.disk(`pmem${leg}`).fua = fua[leg] === true
      }
      machine.create('m', '0 64 striped 2 8 /dev/pmem0 0 /dev/pmem1 0')
      return [machine.disk('dm-0').write_cache, machine.disk('dm-0').fua]
    }
    expect(claims([true, false], [false, true])).toEqual([true, true])
    expect(claims([true, true], [false, false])).toEqual([true, false])
    expect(claims([false, false], [true, true])).toEqual([false, false])
  })
})

describe('bios', () => {
  const page = (fill: number): Uint8Array => new Uint8Array(PAGE).fill(fill)

  test('PREFLUSH goes to every leg first, then the data without it; FUA goes with the data alone', () => {
    const { create, bios, disk, k } = dmMachine()
    create('m', '0 8 linear /dev/pmem0 0', '8 16 striped 2 8 /dev/pmem0 64 /dev/pmem1 64')
    const from = bios.length
    const bio = new_bio(disk_part0(disk('dm-0')), 'write', 8, page(1), { preflush: true, fua: true })
    expect(run(submit_bio(k, bio))).toBe(0)
    const seen = bios
      .slice(from)
      .map(({ disk: name, bio: { preflush, fua, sector, nr_sectors } }) =>
        [name, preflush === true ? 'F' : '', fua === true ? 'U' : '', sector, nr_sectors].join(' '),
      )
    expect(seen).toEqual(['dm-0 F U 8 8', 'pmem0 F  0 0', 'pmem0 F  0 0', 'pmem1 F  0 0', 'pmem0  U 64 8'])
  })

  test('a leg that says "write through" is spared, one that says "write back" is not', () => {
    const { create, sh, disk, cpu, k } = dmMachine()
    create('m', '0 16 striped 2 8 /dev/pmem0 0 /dev/pmem1 0')
    sh('printf "write through" > /sys/block/pmem1/queue/write_cache')
    cpu.issued.length = 0
    run(blkdev_issue_flush(k, disk_part0(disk('dm-0'))))
    expect(cpu.counts()).toEqual({ sfence: 2 })
  })

  test('zero and error; what fails on one leg is the result, and the other is written all the same', () => {
    const { create, disk, k, sh, cpu } = dmMachine()
    create('z', '0 8 zero', '8 8 error')
    const part = disk_part0(disk('dm-0'))
    const bytes = page(7)
    expect(run(submit_bio(k, new_bio(part, 'read', 0, bytes)))).toBe(0)
    expect(bytes).toEqual(page(0))
    expect(run(submit_bio(k, new_bio(part, 'write', 0, page(1))))).toBe(0)
    expect(run(submit_bio(k, new_bio(part, 'write', 8, page(1))))).toBe(-5)
    expect(run(blkdev_issue_flush(k, part))).toBe(0)
    create('s', '0 16 striped 2 8 /dev/pmem0 0 /dev/pmem1 0')
    disk('pmem0').bb = [{ sector: 3, count: 1 }]
    const both = new Uint8Array(2 * PAGE).fill(9)
    expect(run(submit_bio(k, new_bio(disk_part0(disk('dm-1')), 'write', 0, both)))).toBe(-5)
    expect(cpu.memory.bytes(disk('pmem1').media?.start ?? 0, PAGE)).toEqual(page(9))
    expect(sh('dmsetup status s')[0]).toBe('0 16 striped 2 259:0 259:1 1 DA\n')
    expect(sh('dmsetup info -c --noheadings -o events s')[0]).toBe('1\n')
  })

  test('a device without a table has no sectors', () => {
    const { sh, disk, k, dmesg } = dmMachine('v4.13')
    sh('dmsetup create none -n')
    const part = disk_part0(disk('dm-0'))
    expect(run(submit_bio(k, new_bio(part, 'read', 0, page(0))))).toBe(-5)
    disk('dm-0').write_cache = true
    expect(run(blkdev_issue_flush(k, part))).toBe(-5)
    expect(dmesg.at(-1)).toBe('err: device-mapper: core: 254:0: mapping table unavailable, erroring io')
  })
})
