import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../test/recorded.ts'
import { runs } from '../../test/runs.ts'
import { toBase64Url } from '../base/bytes.ts'
import type { ByteName } from '../protocol/devices.ts'
import type { StorageView } from '../protocol/storage.ts'
import { SPA_GUID } from './firmware/acpi/guid.ts'
import { encodeNfit } from './firmware/acpi/nfit-encode.ts'
import type { Recording } from './inspect/recording.ts'
import { summary } from './inspect/summary.ts'
import { storagePath } from './storage-path.ts'
import { translate } from './translate.ts'

const booted = (front: string): Recording => {
  const recording = recorded(`---\n${front}---\nint main(void) { return 0; }\n`)
  if (recording.machine.problem !== undefined) throw new Error(recording.machine.problem.message)
  return recording
}
const atEnd = (recording: Recording, name: ByteName): StorageView => storagePath(recording, recording.steps - 1, name)
const file = (name: string, offset: number): ByteName => ({ kind: 'file', file: name, offset })
const words = ({ hops }: StorageView): readonly string[] =>
  hops.map(({ name, alias, says, place }) => `${name}${alias === undefined ? '' : ` (${alias})`} · ${says} · ${place}`)

const striped = recorded(readFileSync(new URL('../scenarios/record-without-fsync.pmem', import.meta.url), 'utf8'))
const nested = booted(`machine:
  nvdimms: [{ size: 64M }, { size: 64M }]
  regions: [{ type: pmem, nvdimms: [0] }, { type: pmem, nvdimms: [1] }]
  brd: [{ size: 1M }]
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=dev
  ndctl create-namespace -e namespace1.0 -f --mode=sector --sector-size=4096
  dmsetup create str --table "0 768 striped 3 16 /dev/pmem0 0 /dev/pmem1s 1024 /dev/pmem0 4096"
  printf "0 256 linear /dev/mapper/str 64\\n256 8 linear /dev/ram0 8\\n264 8 zero\\n" | dmsetup create top
  dmsetup create other --table "0 64 linear /dev/pmem0 8"
  dd if=/dev/zero of=/dev/ram0 bs=4096 count=2 oflag=direct status=none
`)
const devdax =
  booted(`machine: { nvdimms: [{ size: 64M }, { size: 64M }, { size: 64M }], regions: [{ type: pmem, nvdimms: [0, 1, 2], interleave: 256 }] }
setup: ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem
`)

describe('the way of a byte', () => {
  test('goes from the mapped device through stripes and interleave to the DIMM', () => {
    expect(words(atEnd(striped, file('/dev/mapper/log', 8192 + 4096 + 70)))).toEqual([
      '/dev/mapper/log (dm-0) · 64 MiB: striped, 8 KiB in turn on 2 disks · chunk 1 is chunk 0 of pmem1',
      '/dev/pmem1 · 126 MiB · sector 8, byte 70',
      'namespace1.0 · fsdax, 128 MiB, data from 2 MiB · byte 0x20_1046',
      'region1 · 128 MiB on 2 NVDIMMs, 4 KiB in turn · SPA 0x1_0820_1046 is on NVDIMM 3',
      'NVDIMM 3 (nmem3) · 64 MiB · DPA 0x10_0046',
    ])
  })

  test('is said of the whole machine in short', () => {
    expect(summary(striped).storage).toBe(
      '/dev/mapper/log ← /dev/pmem0 ← region0 ← NVDIMM 0, 2 · /dev/mapper/log ← /dev/pmem1 ← region1 ← NVDIMM 1, 3',
    )
    expect(summary(nested).storage).toMatch(/^\/dev\/mapper\/top ← \/dev\/mapper\/str ← \/dev\/pmem0 ← region0/)
    expect(summary(devdax).storage).toBe('/dev/dax0.0 ← region0 ← NVDIMM 0, 2, 1')
  })

  test('is the same from below, where what programs open is found by the address', () => {
    const down = atEnd(striped, file('/dev/dm-0', 12_345))
    expect(down.spa).toBeDefined()
    expect(atEnd(striped, { kind: 'spa', spa: down.spa ?? 0 })).toEqual(down)
    const { at } = down.hops.at(-1) ?? { at: -1 }
    expect(atEnd(striped, { kind: 'dimm', dimm: 3, dpa: at })).toEqual(down)
  })

  test('passes mapped devices over mapped devices, and sectors that a table has moved', () => {
    expect(words(atEnd(nested, file('/dev/mapper/top', 16 * 512)))).toEqual([
      '/dev/mapper/top (dm-1) · 136 KiB, target 1 of 3: linear on str · sector 16 is sector 80 of str',
      '/dev/mapper/str (dm-0) · 384 KiB: striped, 8 KiB in turn on 3 disks · chunk 5 is chunk 1 of pmem0 +2 MiB',
      '/dev/pmem0 · 62 MiB · sector 4112',
      'namespace0.0 · fsdax, 64 MiB, data from 2 MiB · byte 0x40_2000',
      'region0 · 64 MiB on NVDIMM 0 · SPA 0x1_0040_2000',
      'NVDIMM 0 (nmem0) · 64 MiB · DPA 0x40_2000',
    ])
    const [, , sector] = atEnd(nested, file('/dev/mapper/top', 0)).hops
    expect(sector).toMatchObject({ kind: 'disk', name: '/dev/pmem1s', says: expect.stringContaining('of 4096 B') })
    expect(sector?.place).toMatch(/^arena 0: sector 130 is in block 130, by the map entry at/)
  })

  test('begins at the file that was asked for, and names the other mapped devices', () => {
    const { hops, also } = atEnd(nested, file('/dev/pmem0', 4096))
    expect(hops[0]?.name).toBe('/dev/pmem0')
    expect(also.map((each) => each.file)).toEqual(['/dev/mapper/str', '/dev/mapper/other'])
    const { hops: found, also: rest } = atEnd(nested, {
      kind: 'spa',
      spa: atEnd(nested, file('/dev/pmem0', 4096)).spa ?? 0,
    })
    expect(found[0]?.name).toBe('/dev/mapper/str')
    expect(rest).toEqual([{ file: '/dev/mapper/other', offset: 0 }])
  })

  test('begins at the namespace for what no file shows', () => {
    const { hops } = atEnd(nested, { kind: 'spa', spa: 0x1_0000_1000 })
    expect(hops.map(({ kind, place }) => `${kind}: ${place}`)).toEqual([
      'namespace: byte 0x1000: info block and struct pages',
      'region: SPA 0x1_0000_1000',
      'dimm: DPA 0x1000',
    ])
  })

  test('ends where no DIMM is', () => {
    const ends = (recording: Recording, name: ByteName) => {
      const { hops, ends } = atEnd(recording, name)
      return [hops.map((hop) => hop.name).join(' → '), ends]
    }
    expect(ends(nested, file('/dev/mapper/top', 264 * 512))).toEqual([
      '/dev/mapper/top',
      'no disk stands behind byte 135168 of /dev/mapper/top',
    ])
    expect(ends(nested, file('/dev/mapper/top', 256 * 512))).toEqual([
      '/dev/mapper/top → /dev/ram0',
      expect.stringMatching(/^\/dev\/ram0 is kept in DRAM at 0x[\da-f_]+: a power failure takes it$/),
    ])
    expect(ends(nested, file('/dev/mapper/none', 0))).toEqual(['', 'at this step there is no /dev/mapper/none'])
    const volatile = booted('machine: { nvdimms: [], regions: [{ type: volatile, size: 64M }] }\nsetup: echo\n')
    expect(ends(volatile, file('/dev/pmem0', 70))).toEqual([
      '/dev/pmem0 → namespace0.0 → region0',
      'the range is volatile, and the firmware table names no DIMM for it',
    ])
    expect(atEnd(volatile, file('/dev/pmem0', 70)).hops.at(-1)?.says).toBe('64 MiB on DRAM, volatile')
  })

  test('is that of the hardware alone before the kernel has found any of it', () => {
    expect(words(storagePath(devdax, 0, { kind: 'spa', spa: 0x1_0000_0100 }))).toEqual([
      'address range · 192 MiB on 3 NVDIMMs, 256 B in turn · SPA 0x1_0000_0100 is on NVDIMM 2',
      'NVDIMM 2 · 64 MiB · DPA 0x0',
    ])
  })
})

/** Two DIMMs whose lines come in no even order: 4 lines of each in 8, in an order of their own. */
const uneven = (() => {
  const memdev = (i: number) => ({
    type: 1,
    fields: {
      device_handle: 1 + i,
      range_index: 1,
      region_index: 1 + i,
      region_size: 2 ** 24,
      interleave_index: 1 + i,
      interleave_ways: 2,
    },
  })
  const lines = [
    [0, 1, 5, 6],
    [2, 3, 4, 7],
  ]
  const nfit = encodeNfit([
    {
      type: 0,
      fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: 0x1_0000_0000, length: 2 ** 25, memory_mapping: 8 },
    },
    memdev(0),
    memdev(1),
    ...lines.map((line_offset, i) => ({
      type: 2,
      fields: { interleave_index: 1 + i, line_size: 1024, line_offset },
    })),
    ...[1, 2].map((i) => ({ type: 4, fields: { region_index: i, serial_number: i, vendor_id: 0x8086, code: 0x301 } })),
  ])
  return booted(`machine: { nfit: ${toBase64Url(nfit)} }\nsetup: echo\n`)
})()

describe.each([
  ['stripes over interleave', striped, '/dev/mapper/log', 64 * 2 ** 20],
  ['mapped devices over sector mode', nested, '/dev/mapper/top', 256 * 512],
  ['device-dax on three DIMMs', devdax, '/dev/dax0.0', 188 * 2 ** 20],
  ['lines in an uneven order', uneven, '/dev/pmem0', 2 ** 25],
] as const)('every layer agrees with the next: %s', (_, recording, name, size) => {
  const offsets = fc.oneof(fc.nat({ max: size - 1 }), fc.nat({ max: 65_536 }))

  test('the bytes that stay together land where the next layer has the byte', () => {
    fc.assert(
      fc.property(offsets, (offset) => {
        const { hops, spa } = atEnd(recording, file(name, offset))
        expect(hops[0]).toMatchObject({ name, at: offset })
        expect(hops.at(-1)?.kind).toBe('dimm')
        for (const [i, { at, below }] of hops.entries()) {
          const next = hops[i + 1]
          expect(below === undefined).toBe(next === undefined)
          if (below === undefined || next === undefined) continue
          const { run, lands } = below
          expect(run.from <= at && at < run.to).toBe(true)
          expect(lands.from + (at - run.from)).toBe(next.at)
          expect(lands.to - lands.from).toBe(run.to - run.from)
          expect(lands.from >= 0 && lands.to <= next.size).toBe(true)
        }
        const found = translate(recording, recording.steps - 1, { kind: 'spa', spa: spa ?? -1 })
        expect(found).toMatchObject({ dpa: hops.at(-1)?.at })
      }),
      { numRuns: runs(100) },
    )
  })

  test('parts fill a layer; pieces follow one another, and the byte is in one of its lane', () => {
    fc.assert(
      fc.property(offsets, (offset) => {
        for (const { size: whole, at, parts, turns, below } of atEnd(recording, file(name, offset)).hops) {
          expect(parts[0]?.from).toBe(0)
          expect(parts.at(-1)?.to).toBe(whole)
          expect(parts.slice(1).map((part) => part.from)).toEqual(parts.slice(0, -1).map((part) => part.to))
          if (turns === undefined) continue
          const { pieces } = turns
          expect(pieces.slice(1).map((piece) => piece.from)).toEqual(pieces.slice(0, -1).map((piece) => piece.to))
          const own = pieces.find(({ from, to }) => at >= from && at < to)
          expect(own).toEqual({ ...below?.run, lane: turns.lane })
          expect(new Set(pieces.map(({ lane }) => lane)).size).toBe(turns.lanes.length)
        }
      }),
      { numRuns: runs(100) },
    )
  })
})
