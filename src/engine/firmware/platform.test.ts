import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { spa } from '../../base/brand.ts'
import { decodeNfit } from './acpi/nfit-decode.ts'
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
