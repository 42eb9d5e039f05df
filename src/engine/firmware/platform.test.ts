import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { spa } from '../../base/brand.ts'
import { SPA_GUID } from './acpi/guid.ts'
import { decodeNfit } from './acpi/nfit-decode.ts'
import { encodeNfit } from './acpi/nfit-encode.ts'
import { dimmOfSpa, type SpaRange, spaOfDimm } from './interleave.ts'
import { type PlatformConfig, platformOf } from './platform.ts'
import { platformOfNfit } from './platform-of-nfit.ts'

const MIB = 0x10_0000
const GIB4 = 0x1_0000_0000

const config = (change: Partial<PlatformConfig> = {}): PlatformConfig => ({
  nvdimms: [
    { size: 64 * MIB, flush_hints: 2 },
    { size: 64 * MIB, flush_hints: 0 },
  ],
  regions: [{ nvdimms: [0, 1], interleave: 4096 }],
  power_fail: 'adr',
  firmware: {},
  ...change,
})

const built = (change: Partial<PlatformConfig> = {}) => {
  const platform = platformOf(config(change))
  if (!platform.ok) throw new Error(platform.error.message)
  return platform.value
}

const tableOf = (change: Partial<PlatformConfig> = {}): Uint8Array => built(change).nfit ?? new Uint8Array()

const range = (change: Partial<PlatformConfig> = {}): SpaRange => {
  const [first] = built(change).ranges
  if (first === undefined) throw new Error('no range')
  return first
}

const capabilities = (change: Partial<PlatformConfig>): unknown => {
  const table = decodeNfit(tableOf(change))
  return table.ok && table.value.subtables.find(({ type }) => type === 7)?.fields['capabilities']
}

describe('a generated platform', () => {
  test('is a table without problems', () => {
    const table = decodeNfit(tableOf())
    expect(table.ok && table.value.problems).toEqual([])
  })

  test('puts two interleaved DIMMs on two memory controllers, 4 KiB in turn', () => {
    const { dimms } = built()
    expect(dimms.map(({ controller, size }) => [controller, size])).toEqual([
      [0, 64 * MIB],
      [1, 64 * MIB],
    ])
    const own = range()
    expect(own).toMatchObject({ spa: GIB4, length: 128 * MIB, kind: 'pmem', assumed: false })
    expect([0, 4095, 4096, 8192, 12288 + 5].map((at) => dimmOfSpa(own, spa(GIB4 + at)))).toEqual([
      { dimm: 0, dpa: 0 },
      { dimm: 0, dpa: 4095 },
      { dimm: 1, dpa: 0 },
      { dimm: 0, dpa: 4096 },
      { dimm: 1, dpa: 4096 + 5 },
    ])
  })

  test('gives flush hints a page below 4 GiB for each DIMM that has any', () => {
    expect(built().dimms.map(({ flushHints }) => flushHints)).toEqual([[0xf000_0000, 0xf000_0040], []])
  })

  test('tells the truth about power failure unless firmware is told to lie', () => {
    expect(capabilities({ power_fail: 'adr' })).toBe(2)
    expect(capabilities({ power_fail: 'eadr' })).toBe(3)
    expect(capabilities({ power_fail: 'none' })).toBeUndefined()
    expect(capabilities({ power_fail: 'none', firmware: { capabilities: 'cpu_cache' } })).toBe(3)
  })

  test('keeps a DIMM that no region uses', () => {
    const { dimms, ranges } = built({ regions: [{ nvdimms: [1], interleave: 4096 }] })
    expect(dimms).toHaveLength(2)
    expect(ranges).toHaveLength(1)
  })

  test('without DIMMs and ranges has no table', () => {
    expect(built({ nvdimms: [], regions: [] })).toEqual({ nfit: undefined, dimms: [], ranges: [] })
  })

  test('gives a volatile range and a virtual disk no DIMMs', () => {
    const flat = (type: 'volatile' | 'pdisk') => ({ type, size: 16 * MIB, nvdimms: [], interleave: 4096 })
    const regions = [flat('volatile'), flat('pdisk'), { nvdimms: [0], interleave: 4096 }]
    const table = decodeNfit(tableOf({ regions }))
    expect(table.ok && table.value.problems).toEqual([])
    expect(built({ regions }).ranges.map(({ spa: start, kind }) => [start, kind])).toEqual([
      [GIB4, 'volatile'],
      [GIB4 + 16 * MIB, 'pmem'],
      [GIB4 + 32 * MIB, 'pmem'],
    ])
  })

  test('is refused when a region does not fit its DIMMs', () => {
    const refused = (regions: PlatformConfig['regions']) => platformOf(config({ regions }))
    expect(refused([{ nvdimms: [0, 7], interleave: 4096 }])).toMatchObject({ ok: false })
    expect(refused([{ nvdimms: [0, 1], interleave: 3000 }])).toMatchObject({ ok: false })
    expect(refused([0, 0].map((n) => ({ nvdimms: [n], interleave: 4096 })))).toMatchObject({ ok: false })
  })
})

describe('a described platform', () => {
  test('a real table gives its DIMMs, controllers and ranges', () => {
    const bytes = readFileSync(
      new URL('../../../test/fixtures/groundtruth/h1-numa2-nvdimm-each/NFIT.bin', import.meta.url),
    )
    const platform = platformOfNfit(new Uint8Array(bytes))
    expect(platform.ok && platform.value).toMatchObject({
      dimms: [{ handle: 1, size: 256 * MIB, flushHints: [] }, { handle: 2 }],
      ranges: [
        { spa: 0x1_1000_0000, length: 256 * MIB, mappings: [{ dimm: 1, dpa: 0 }] },
        { spa: GIB4, mappings: [{ dimm: 0 }] },
      ],
    })
  })

  test('a damaged table gives some platform or a reason, and places stay on their DIMMs', () => {
    const table = tableOf()
    const damage = fc.array(fc.tuple(fc.nat({ max: table.length - 1 }), fc.nat({ max: 255 })), { maxLength: 8 })
    fc.assert(
      fc.property(damage, fc.nat({ max: 2 ** 27 }), (changes, offset) => {
        const bytes = table.slice()
        for (const [at, value] of changes) bytes[at] = value
        const platform = platformOfNfit(bytes)
        if (!platform.ok) return
        for (const each of platform.value.ranges) {
          const place = dimmOfSpa(each, spa(each.spa + offset))
          if (place !== undefined) expect(platform.value.dimms[place.dimm]).toBeDefined()
        }
      }),
      { numRuns: runs(1000) },
    )
  })

  test('what is no NFIT is refused with its place', () => {
    expect(platformOf(config({ nfit: '!!' }))).toEqual({ ok: false, error: { message: 'nfit: not base64' } })
    expect(platformOf(config({ nfit: 'AAAA' }))).toMatchObject({ ok: false, error: { offset: 0 } })
  })
})

/** A table of one range of `length` bytes, and memory devices of one DIMM each. */
const oneRange = (length: number, memdevs: readonly Readonly<Record<string, number>>[]): SpaRange => {
  const bytes = encodeNfit([
    { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: GIB4, length } },
    ...memdevs.map((fields, i) => ({
      type: 1,
      fields: { device_handle: i + 1, range_index: 1, region_index: i + 1, ...fields },
    })),
  ])
  const platform = platformOfNfit(bytes)
  const own = platform.ok ? platform.value.ranges[0] : undefined
  if (own === undefined) throw new Error('no range')
  return own
}

describe('several DIMMs in one range that no interleave structure describes', () => {
  const places = (own: SpaRange, ...offsets: readonly number[]) => offsets.map((at) => dimmOfSpa(own, spa(GIB4 + at)))
  const at = (region_offset: number, region_size: number, more: Readonly<Record<string, number>> = {}) => ({
    address: 0,
    region_offset,
    region_size,
    ...more,
  })

  test.each([0, 1])('stand one behind the other when their region offsets say so (%i ways)', (interleave_ways) => {
    // The table need not have them in order.
    const own = oneRange(3 * MIB, [at(2 * MIB, MIB, { interleave_ways }), at(0, 2 * MIB, { interleave_ways })])
    expect(own.assumed).toBe(false)
    expect(places(own, 0, 4096, 2 * MIB - 1, 2 * MIB, 3 * MIB - 1, 3 * MIB)).toEqual([
      { dimm: 1, dpa: 0 },
      { dimm: 1, dpa: 4096 },
      { dimm: 1, dpa: 2 * MIB - 1 },
      { dimm: 0, dpa: 0 },
      { dimm: 0, dpa: MIB - 1 },
      undefined,
    ])
  })

  test.each([
    ['interleaved by their own account', [at(0, MIB, { interleave_ways: 2 }), at(MIB, MIB, { interleave_ways: 2 })]],
    ['at one offset', [at(0, MIB), at(0, MIB)]],
    ['with a hole between', [at(0, MIB), at(MIB + 4096, MIB)]],
    ['over one another', [at(0, MIB), at(MIB - 4096, MIB)]],
    ['not up to the end', [at(0, MIB), at(MIB, MIB - 4096)]],
  ])('take turns of 4 KiB, which is assumed: %s', (_how, memdevs) => {
    const own = oneRange(2 * MIB, memdevs)
    expect(own.assumed).toBe(true)
    expect(places(own, 0, 4096, 8192)).toEqual([
      { dimm: 0, dpa: 0 },
      { dimm: 1, dpa: 0 },
      { dimm: 0, dpa: 4096 },
    ])
  })

  test('every address of pieces in any order belongs to one place on one DIMM, and the other way round', () => {
    const piece = fc.record({ pages: fc.integer({ min: 1, max: 64 }), address: fc.nat({ max: 64 }), turn: fc.nat() })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.array(fc.nat()), (pieces, offsets) => {
        let length = 0
        const memdevs = pieces.map(({ pages, address, turn }) => {
          const region_offset = length
          length += pages * 4096
          return { turn, fields: at(region_offset, pages * 4096, { address: address * 4096, interleave_ways: 1 }) }
        })
        const inTable = memdevs.sort((a, b) => a.turn - b.turn).map(({ fields }) => fields)
        const own = oneRange(length, inTable)
        expect(own.assumed).toBe(false)
        for (const offset of offsets.map((n) => n % length)) {
          const place = dimmOfSpa(own, spa(GIB4 + offset))
          const memdev = inTable[place?.dimm ?? -1]
          expect((place?.dpa ?? 0) - (memdev?.address ?? 0)).toBe(offset - (memdev?.region_offset ?? 0))
          expect(place && spaOfDimm(own, place)).toBe(GIB4 + offset)
        }
      }),
      { numRuns: runs(200) },
    )
  })
})

describe('interleave', () => {
  test('every address of a range belongs to one place on one DIMM, and the other way round', () => {
    const line = fc.constantFrom(256, 4096, 16384)
    const ways = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(ways, line, fc.array(fc.nat({ max: 2 ** 20 - 1 }), { minLength: 1 }), (n, interleave, offsets) => {
        const nvdimms = Array.from({ length: n }, () => ({ size: 4 * MIB, flush_hints: 0 }))
        const own = range({ nvdimms, regions: [{ nvdimms: nvdimms.map((_, i) => i), interleave }] })
        for (const offset of offsets) {
          const at = spa(GIB4 + offset)
          const place = dimmOfSpa(own, at)
          expect(place).toBeDefined()
          expect(place && spaOfDimm(own, place)).toBe(at)
        }
      }),
      { numRuns: runs(100) },
    )
  })

  test('a table of line offsets permutes the lines of each turn', () => {
    const mapping = (dimm: number, lineOffsets: readonly number[]) => ({
      dimm,
      regionOffset: 0,
      dpa: 0x1000,
      size: 4096,
      interleave: { lineSize: 256, ways: 2, lineOffsets },
    })
    const own: SpaRange = {
      spa: spa(0),
      length: 8192,
      kind: 'pmem',
      mappings: [mapping(0, [0, 3]), mapping(1, [1, 2])],
      assumed: false,
    }
    const dimms = Array.from({ length: 8 }, (_, i) => dimmOfSpa(own, spa(i * 256)))
    expect(dimms.map((place) => place?.dimm)).toEqual([0, 1, 1, 0, 0, 1, 1, 0])
    expect(dimms.map((place) => place?.dpa)).toEqual([0x1000, 0x1000, 0x1100, 0x1100, 0x1200, 0x1200, 0x1300, 0x1300])
  })
})
