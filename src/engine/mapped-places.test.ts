import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../test/dm-machine.ts'
import { run } from '../../test/flat-machine.ts'
import { runs } from '../../test/runs.ts'
import { submit_bio } from './linux/block/blk-core.ts'
import { disk_part0, new_bio } from './linux/include/linux/blk_types.ts'
import { diskOfFile, mappedPlaces, placeBelow, placeBelowAll } from './mapped-places.ts'

const SECTOR = 512

const machine = dmMachine()
machine.create('lin', '0 128 linear /dev/pmem0 1024', '128 64 linear /dev/pmem1 8', '192 8 zero', '200 8 error')
machine.create('str', '0 48 striped 3 8 /dev/pmem0 4096 /dev/pmem1 0 /dev/ram0 16')
machine.create('top', '0 64 striped 2 16 /dev/mapper/lin 64 /dev/mapper/str 0')

/** Disk and sector of the last bio that a read of one sector becomes; -1 when it fails. */
function byKernel({ k, disk, bios }: DmMachine, name: string, sector: number): readonly [string, number] | number {
  const rc = run(submit_bio(k, new_bio(disk_part0(disk(name)), 'read', sector, new Uint8Array(SECTOR))))
  const { bio } = bios.at(-1) ?? {}
  return rc !== 0 || bio === undefined ? rc : [bio.bi_bdev.bd_disk.disk_name, bio.sector]
}

describe('a byte of a mapped device', () => {
  const sectors = { 'dm-0': 192, 'dm-1': 48, 'dm-2': 64 } as const
  const place = fc
    .constantFrom('dm-0', 'dm-1', 'dm-2' as const)
    .chain((name) => fc.tuple(fc.constant(name), fc.nat({ max: sectors[name as keyof typeof sectors] * SECTOR - 1 })))

  test('stands where the kernel sends a bio for its sector, however many layers there are', () => {
    fc.assert(
      fc.property(place, ([name, offset]) => {
        const { disk, offset: at } = placeBelowAll({ disk: machine.disk(name), offset })
        const sector = Math.floor(offset / SECTOR)
        expect([disk.disk_name, Math.floor(at / SECTOR)]).toEqual(byKernel(machine, name, sector))
        expect(at % SECTOR).toBe(offset % SECTOR)
      }),
      { numRuns: runs(200) },
    )
  })

  test('is found again from the disk below', () => {
    fc.assert(
      fc.property(place, ([name, offset]) => {
        const below = placeBelowAll({ disk: machine.disk(name), offset })
        const above = mappedPlaces(machine.k, below.disk, below.offset)
        expect(above).toContainEqual({ disk: machine.disk(name), offset })
        for (const each of above) expect(placeBelowAll(each)).toEqual(below)
      }),
      { numRuns: runs(200) },
    )
  })

  test('has nothing below it in a target that has no disk, and behind the table', () => {
    const md = machine.disk('dm-0').private_data as Parameters<typeof placeBelow>[0]
    for (const sector of [192, 199, 200, 208, 1000]) expect(placeBelow(md, sector * SECTOR)).toBeUndefined()
    expect(byKernel(machine, 'dm-0', 200)).toBe(-5)
  })
})

test('those right above come before those above them', () => {
  const { k, disk } = machine
  const names = (at: number) => mappedPlaces(k, disk('pmem0'), at * SECTOR).map((each) => each.disk.disk_name)
  expect(names(1024 + 64)).toEqual(['dm-0', 'dm-2'])
  expect(names(4096)).toEqual(['dm-1', 'dm-2'])
  expect(names(0)).toEqual([])
})

test('a mapped device has two names', () => {
  const { k, disk } = machine
  expect(diskOfFile(k, '/dev/mapper/str')).toBe(disk('dm-1'))
  expect(diskOfFile(k, '/dev/dm-1')).toBe(disk('dm-1'))
  expect(diskOfFile(k, '/dev/pmem0')).toBe(disk('pmem0'))
  expect(diskOfFile(k, '/dev/mapper/pmem0')).toBeUndefined()
})

test('a table that waits for a resume maps nothing yet', () => {
  const waiting = dmMachine()
  waiting.create('a', '0 8 linear /dev/pmem0 0')
  waiting.sh('echo 0 8 linear /dev/pmem1 0 | dmsetup load a')
  const below = () => placeBelowAll({ disk: waiting.disk('dm-0'), offset: 0 }).disk.disk_name
  expect(below()).toBe('pmem0')
  waiting.sh('dmsetup suspend a; dmsetup resume a')
  expect(below()).toBe('pmem1')
})
