import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot } from '../../../../../../test/flat-machine.ts'
import { runs } from '../../../../../../test/runs.ts'
import { SPA_GUID } from '../../../../firmware/acpi/guid.ts'
import { encodeNfit, type NfitStructure } from '../../../../firmware/acpi/nfit-encode.ts'
import { describeNvdimms } from '../../../nvdimm-report.ts'

const fixtures = new URL('../../../../../../test/fixtures/groundtruth/', import.meta.url)

interface Case {
  readonly nfit: string
  readonly labels: Readonly<Record<string, number>>
  readonly srat: readonly number[]
  readonly regions: readonly object[]
  readonly disks: readonly object[]
  readonly log: readonly string[]
}

const cases = Object.entries(JSON.parse(readFileSync(new URL('cases.json', fixtures), 'utf8')) as Record<string, Case>)

const tableOf = (nfit: string): Uint8Array =>
  new Uint8Array(
    nfit.startsWith('base64:') ? Buffer.from(nfit.slice(7), 'base64') : readFileSync(new URL(nfit, fixtures)),
  )

/** Upstream probes in parallel: only what is said counts, not when. */
const said = (dmesg: readonly string[]): readonly string[] => dmesg.filter((line) => !line.startsWith('debug:')).sort()

describe('a real kernel and this one make the same of a table', () => {
  test.each(cases)('%s', (_name, { nfit, labels, srat, regions, disks, log }) => {
    const { k, dmesg } = boot(tableOf(nfit), { labelSizes: labels, srat })
    const report = describeNvdimms(k)
    expect(report.regions.map(({ align: _, ...region }) => region)).toEqual(regions)
    expect(report.disks).toEqual(disks)
    expect(said(dmesg)).toEqual([...log].sort())
  })
})

const spa = (fields: NfitStructure['fields'] = {}): NfitStructure => ({
  type: 0,
  fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: 0x1_0000_0000, length: 0x400_0000, ...fields },
})
const memdev = (fields: NfitStructure['fields'] = {}): NfitStructure => ({
  type: 1,
  fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: 0x400_0000, ...fields },
})
const dcr: NfitStructure = { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } }
const hints = (device_handle: number, count: number): NfitStructure => ({
  type: 6,
  fields: { device_handle, hint_address: Array.from({ length: count }, (_, i) => 0xf000_0000 + 64 * i) },
})

const booted = (structures: readonly NfitStructure[], release = 'v6.1') => {
  const { k, dmesg } = boot(encodeNfit(structures), { release })
  return { ...describeNvdimms(k), said: said(dmesg) }
}

describe('releases', () => {
  const capabilities: NfitStructure = { type: 7, fields: { highest_capability: 1, capabilities: 2 } }

  test('before v4.16 platform capabilities are an unknown table', () => {
    const before = booted([spa(), memdev(), dcr, capabilities], 'v4.15')
    expect(before.said).toEqual(["err: nfit ACPI0012:00: unknown table '7' parsing nfit"])
    expect(before.regions[0]?.persistence_domain).toBeNull()
    const after = booted([spa(), memdev(), dcr, capabilities], 'v4.16')
    expect(after.regions[0]?.persistence_domain).toBe('memory_controller')
  })

  test('a volatile range hosts a namespace since patch 12 of the series', () => {
    const volatile = [spa({ range_guid: SPA_GUID.volatile })]
    const disks = (release: string) => booted(volatile, release).disks.map(({ name }) => name)
    expect(disks('v4.12')).toEqual([])
    expect(disks('v4.12+series:11')).toEqual([])
    expect(disks('v4.12+series:12')).toEqual(['pmem0'])
    expect(disks('v4.13')).toEqual(['pmem0'])
  })

  test('the write cache of a disk in front of a volatile range is off from patch 14 to v4.16', () => {
    const volatile = [spa({ range_guid: SPA_GUID.volatile })]
    const caches = ['v4.12+series:13', 'v4.12+series:14', 'v4.16', 'v4.18'].map(
      (release) => booted(volatile, release).disks[0]?.write_cache,
    )
    expect(caches).toEqual(['write back', 'write through', 'write through', 'write back'])
  })
})

describe('flush hints', () => {
  test('FUA and a writable deep_flush come with them', () => {
    const { disks, regions } = booted([spa(), memdev(), dcr, hints(1, 2)])
    expect(disks[0]?.fua).toBe('1')
    expect(regions[0]?.deep_flush).toBe('1')
  })

  test('on one DIMM of a set only, where upstream crashes, the region is refused with a message', () => {
    const both = [spa(), memdev(), memdev({ device_handle: 2, region_offset: 0x1000 }), dcr, hints(2, 1)]
    const { disks, said: lines } = booted(both)
    expect(disks).toEqual([])
    expect(lines.join()).toContain('flush hints on some of its DIMMs only')
  })
})

describe('the end of boot', () => {
  test('without a table there is no bus', () => {
    const { k, dmesg } = boot(undefined)
    expect(describeNvdimms(k).regions).toEqual([])
    expect(dmesg).toEqual([])
  })

  test('a damaged table never stops the kernel from booting', () => {
    const table = tableOf('h1-numa2-nvdimm-each/NFIT.bin')
    const damage = fc.array(fc.tuple(fc.nat({ max: table.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 })
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = table.slice()
        for (const [at, value] of changes) bytes[at] = value
        expect(boot(bytes).dmesg.length).toBeGreaterThan(0)
      }),
      { numRuns: runs(200) },
    )
  })
})
