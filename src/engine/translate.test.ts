import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../test/recorded.ts'
import { runs } from '../../test/runs.ts'
import { toBase64Url } from '../base/bytes.ts'
import type { ByteName } from '../protocol/devices.ts'
import { SPA_GUID } from './firmware/acpi/guid.ts'
import { encodeNfit } from './firmware/acpi/nfit-encode.ts'
import type { Recording } from './inspect/recording.ts'
import { translate } from './translate.ts'

const booted = (front: string): Recording => {
  const recording = recorded(`---\n${front}---\nint main(void) { return 0; }\n`)
  if (recording.machine.problem !== undefined) throw new Error(recording.machine.problem.message)
  return recording
}

const refusalAt = (recording: Recording, step: number, name: ByteName): string => {
  const found = translate(recording, step, name)
  return found.found ? '' : found.message
}

const DEVDAX = `machine: { nvdimms: [{ size: 64M }, { size: 64M }], regions: [{ type: pmem, nvdimms: [0, 1], interleave: 4K }] }
setup: ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem
`

describe('a byte of persistent memory', () => {
  const recording = booted(DEVDAX)
  const last = recording.steps - 1

  test('has a physical address, a place on a DIMM, and an offset in a file', () => {
    expect(translate(recording, last, { kind: 'file', file: '/dev/dax0.0', offset: 4096 + 70 })).toEqual({
      found: true,
      spa: 0x1_0020_1046,
      dimm: 1,
      dpa: 0x10_0046,
      nmem: 'nmem1',
      region: 'region0',
      file: '/dev/dax0.0',
      offset: 4166,
    })
  })

  test('is found again by each of its names', () => {
    fc.assert(
      fc.property(fc.nat({ max: 126 * 2 ** 20 - 1 }), (offset) => {
        const first = translate(recording, last, { kind: 'file', file: '/dev/dax0.0', offset })
        if (!first.found) throw new Error(first.message)
        expect(translate(recording, last, { kind: 'spa', spa: first.spa })).toEqual(first)
        const { dimm = -1, dpa = -1 } = first
        expect(translate(recording, last, { kind: 'dimm', dimm, dpa })).toEqual(first)
      }),
      { numRuns: runs(200) },
    )
  })

  test.each([
    [{ kind: 'spa', spa: 4096 }, 'nothing persistent answers at 0x1000'],
    [{ kind: 'dimm', dimm: 2, dpa: 0 }, 'there is no NVDIMM 2'],
    [{ kind: 'dimm', dimm: 0, dpa: 2 ** 30 }, 'no range maps DPA 0x4000_0000 of NVDIMM 0'],
    [{ kind: 'file', file: '/dev/pmem0', offset: 0 }, 'at this step there is no /dev/pmem0'],
    [{ kind: 'file', file: '/dev/dax0.0', offset: 126 * 2 ** 20 }, '/dev/dax0.0 ends at 132120576 bytes'],
    [{ kind: 'file', file: '/dev/dax0.0', offset: -1 }, '-1 is no address: whole numbers from 0 to 2^53 - 1 are'],
    [{ kind: 'file', file: '/dev/dax0.0', offset: 0.5 }, '0.5 is no address: whole numbers from 0 to 2^53 - 1 are'],
    [{ kind: 'spa', spa: 2 ** 60 }, '1152921504606847000 is no address: whole numbers from 0 to 2^53 - 1 are'],
    [{ kind: 'dimm', dimm: 0, dpa: Number.NaN }, 'NaN is no address: whole numbers from 0 to 2^53 - 1 are'],
  ] as const)('%o is none', (name, message) => {
    expect(translate(recording, last, name)).toEqual({ found: false, message })
  })
})

test.each([
  [4096, { dimm: 1, dpa: 0, assumed: true }],
  [2 ** 26, { dimm: 0, dpa: 4096 }],
])('two DIMMs at 0 and %i of a range, without an interleave structure', (region_offset, expected) => {
  const range = { range_index: 1, range_guid: SPA_GUID.pmem, address: 0x1_0000_0000, length: 2 ** 27 }
  const dimm = (i: number) => ({ device_handle: i, range_index: 1, region_index: i, region_size: 2 ** 26 })
  const nfit = encodeNfit([
    { type: 0, fields: { ...range, memory_mapping: 8 } },
    { type: 1, fields: { ...dimm(1), region_offset: 0 } },
    { type: 1, fields: { ...dimm(2), region_offset } },
    { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
    { type: 4, fields: { region_index: 2, serial_number: 8, vendor_id: 0x8086, code: 0x301 } },
  ])
  const recording = booted(`machine: { nfit: ${toBase64Url(nfit)} }\nsetup: echo\n`)
  const found = translate(recording, recording.steps - 1, { kind: 'spa', spa: 0x1_0000_1000 })
  expect(found).toMatchObject(expected)
  expect('assumed' in found).toBe('assumed' in expected)
})

describe('a byte of a volatile range', () => {
  const disk = { kind: 'file', file: '/dev/pmem0', offset: 70 } as const

  test('has an address and a place in a file, and no DIMM', () => {
    const recording = booted('machine: { nvdimms: [], regions: [{ type: volatile, size: 64M }] }\nsetup: echo\n')
    const last = recording.steps - 1
    const found = { found: true, spa: 0x1_0000_0046, volatile: true, region: 'region0', file: '/dev/pmem0', offset: 70 }
    expect(translate(recording, last, disk)).toEqual(found)
    expect(translate(recording, last, { kind: 'spa', spa: 0x1_0000_0046 })).toEqual(found)
  })

  test('has a DIMM where the table names one', () => {
    const range = { memory_mapping: 8, length: 2 ** 26 }
    const nfit = encodeNfit([
      { type: 0, fields: { ...range, range_index: 1, range_guid: SPA_GUID.pmem, address: 0x1_0000_0000 } },
      { type: 0, fields: { ...range, range_index: 2, range_guid: SPA_GUID.volatile, address: 0x1_0400_0000 } },
      ...[0, 1].map((i) => ({
        type: 1,
        fields: {
          device_handle: 1,
          range_index: 1 + i,
          region_index: 1,
          region_size: 2 ** 26,
          address: i * 2 ** 26,
          interleave_ways: 1,
        },
      })),
      { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
    ])
    const recording = booted(`machine: { nfit: ${toBase64Url(nfit)} }\n`)
    const found = translate(recording, recording.steps - 1, { kind: 'spa', spa: 0x1_0400_0046 })
    expect(found).toMatchObject({ volatile: true, dimm: 0, dpa: 2 ** 26 + 0x46, nmem: 'nmem0', file: '/dev/pmem1' })
    const again = translate(recording, recording.steps - 1, { kind: 'dimm', dimm: 0, dpa: 2 ** 26 + 0x46 })
    expect(again).toEqual(found)
  })
})

describe.each([512, 4096])('a byte of a disk with atomic sectors of %i bytes', (size) => {
  const recording = booted(`machine: { nvdimms: [{ size: 32M }] }
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=sector --sector-size=${size}
  dd if=/dev/zero of=/dev/pmem0s bs=${size} count=1 oflag=direct status=none
`)
  const last = recording.steps - 1
  const sector = (lba: number, inside = 0) =>
    ({ kind: 'file', file: '/dev/pmem0s', offset: lba * size + inside }) as const
  const at = (name: Parameters<typeof translate>[2], step = last) => {
    const found = translate(recording, step, name)
    if (!found.found) throw new Error(found.message)
    return found
  }
  const bytes = Number(/(\d+) bytes/.exec(refusalAt(recording, last, sector(2 ** 30)))?.[1])

  test('is in the block that the map names: its own until the sector is written', () => {
    expect(at(sector(4, 70)).table).toMatch(/^arena 0: sector 4 is in block 4, by the map entry at 0x1_/)
    const { table, spa } = at(sector(0, 70))
    const free = bytes / size
    expect(table).toContain(`sector 0 is in block ${free},`)
    // Reserved page, info block, blocks.
    expect(spa).toBe(0x1_0000_0000 + 2 * 4096 + free * size + 70)
    expect(at(sector(1)).spa).toBe(0x1_0000_0000 + 2 * 4096 + size)
    // A step before the write.
    const before = Array.from({ length: recording.steps }, (_, step) => step).findLast((step) => {
      const found = translate(recording, step, sector(0))
      return found.found && found.table?.includes('is in block 0,')
    })
    expect(before).toBeLessThan(last)
  })

  test('is found again by its address and by its DIMM', () => {
    const offset = fc.oneof(fc.nat({ max: bytes - 1 }), fc.nat({ max: size - 1 }))
    fc.assert(
      fc.property(offset, (offset) => {
        const first = at({ kind: 'file', file: '/dev/pmem0s', offset })
        expect(at({ kind: 'spa', spa: first.spa })).toEqual(first)
        expect(at({ kind: 'dimm', dimm: first.dimm ?? -1, dpa: first.dpa ?? -1 })).toEqual(first)
      }),
      { numRuns: runs(100) },
    )
  })

  test('is none behind the last sector, or before there is a disk', () => {
    expect(translate(recording, last, sector(bytes / size))).toEqual({
      found: false,
      message: `/dev/pmem0s ends at ${bytes} bytes`,
    })
    expect(refusalAt(recording, 0, sector(0))).toBe('at this step there is no /dev/pmem0s')
  })

  test('what is no sector has its name too', () => {
    const said = (spa: number) => at({ kind: 'spa', spa }).table
    const entry = Number(/0x[\da-f_]+$/.exec(at(sector(3)).table ?? '')?.[0].replaceAll('_', ''))
    expect(said(0x1_0000_0000)).toBe('in no arena of the block translation table')
    expect(said(0x1_0000_1000)).toBe('arena 0: info block')
    expect(said(0x1_0000_2000)).toBe('arena 0: block 0, which no sector is in')
    expect(said(entry)).toBe('arena 0: map entry of sector 3')
    expect(said(0x1_0200_0000 - 4096 - 64)).toBe('arena 0: log')
    expect(said(0x1_0200_0000 - 1)).toBe('arena 0: copy of the info block')
  })
})

describe('a byte of a mapped device', () => {
  const recording = booted(`machine:
  nvdimms: [{ size: 64M }, { size: 64M }]
  regions: [{ type: pmem, nvdimms: [0] }, { type: pmem, nvdimms: [1] }]
  brd: [{ size: 1M }]
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=mem
  ndctl create-namespace -e namespace1.0 -f --mode=raw
  dmsetup create str --table "0 256 striped 2 16 /dev/pmem0 0 /dev/pmem1 1024"
  printf "0 128 linear /dev/mapper/str 64\\n128 8 linear /dev/ram0 8\\n136 8 error\\n" | dmsetup create top
  dd if=/dev/zero of=/dev/ram0 bs=4096 count=2 oflag=direct status=none
`)
  const last = recording.steps - 1
  const file = (name: string, offset: number): ByteName => ({ kind: 'file', file: name, offset })

  test('has the names of the memory below, and those of every mapped device above that', () => {
    // Sector 64 + 20 of the stripes: chunk 5, its second on leg 1.
    const found = translate(recording, last, file('/dev/mapper/top', 20 * 512 + 7))
    const below = (1024 + 2 * 16 + 4) * 512 + 7
    expect(found).toEqual({
      found: true,
      spa: 0x1_0400_0000 + below,
      dimm: 1,
      dpa: below,
      nmem: 'nmem1',
      region: 'region1',
      file: '/dev/pmem1',
      offset: below,
      mapped: [
        { file: '/dev/mapper/str', offset: 84 * 512 + 7 },
        { file: '/dev/mapper/top', offset: 20 * 512 + 7 },
      ],
    })
    for (const name of [
      file('/dev/dm-1', 20 * 512 + 7),
      file('/dev/mapper/str', 84 * 512 + 7),
      file('/dev/pmem1', below),
    ])
      expect(translate(recording, last, name)).toEqual(found)
    expect(translate(recording, last, { kind: 'spa', spa: 0x1_0400_0000 + below })).toEqual(found)
  })

  test('is in RAM where a RAM disk is below, and nowhere where nothing is', () => {
    const ram = translate(recording, last, file('/dev/ram0', 4096 + 5))
    expect(ram).toMatchObject({ found: true, volatile: true, file: '/dev/ram0', offset: 4101 })
    expect(ram).not.toHaveProperty('dimm')
    expect(translate(recording, last, file('/dev/mapper/top', 128 * 512 + 5))).toEqual(ram)
    const said = (name: string, offset: number) => refusalAt(recording, last, file(name, offset))
    expect(said('/dev/ram0', 8192)).toBe('/dev/ram0 has no page for byte 8192 yet: it reads as zeros')
    expect(said('/dev/ram0', 2 ** 20)).toBe('/dev/ram0 ends at 1048576 bytes')
    expect(said('/dev/mapper/top', 136 * 512)).toBe('no disk stands behind byte 69632 of /dev/mapper/top')
    expect(said('/dev/mapper/top', 144 * 512)).toBe('/dev/mapper/top ends at 73728 bytes')
    expect(said('/dev/mapper/none', 0)).toBe('at this step there is no /dev/mapper/none')
  })

  test('has no name before the table is live', () => {
    const found = translate(recording, 0, file('/dev/mapper/str', 0))
    expect(found).toEqual({ found: false, message: 'at this step there is no /dev/mapper/str' })
    const before = Array.from({ length: recording.steps }, (_, step) => step).findLast((step) => {
      const each = translate(recording, step, file('/dev/pmem1', 1024 * 512))
      return each.found && each.mapped === undefined
    })
    expect(before).toBeLessThan(last)
  })
})
