import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot } from '../../../../../../test/flat-machine.ts'
import { capturedTable, mutatedTable } from '../../../../../../test/nfit-tables.ts'
import { runs } from '../../../../../../test/runs.ts'
import { SPA_GUID } from '../../../../firmware/acpi/guid.ts'
import { encodeNfit, type NfitStructure } from '../../../../firmware/acpi/nfit-encode.ts'
import type { ConfigOption } from '../../../kernel.ts'
import { describeNvdimms } from '../../../nvdimm-report.ts'

/** Upstream probes in parallel: only what is said counts, not when. */
const said = (dmesg: readonly string[]): readonly string[] => dmesg.filter((line) => !line.startsWith('debug:')).sort()

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

const booted = (structures: readonly NfitStructure[], release = 'v6.1', off: readonly ConfigOption[] = []) => {
  const { k, dmesg } = boot(encodeNfit(structures), { release, configOff: off })
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

  test('before patch 12 a virtual disk is persistent memory, and a volatile region offers no seeds', () => {
    const type = (release: string) =>
      booted([spa({ range_guid: SPA_GUID['volatile-disk'] })], release).regions.map(({ devtype }) => devtype)
    expect(['v4.12', 'v4.13'].map(type)).toEqual([['nd_pmem'], ['nd_volatile']])
    const seeds = (release: string) =>
      Object.keys(booted([spa({ range_guid: SPA_GUID.volatile })], release).sysfs).filter((path) =>
        /region0\/(pfn|dax)_seed$/.test(path),
      ).length
    expect(['v4.12', 'v4.13'].map(seeds)).toEqual([0, 2])
  })

  test('a DIMM in trouble is an error in newer kernels, news in older ones', () => {
    const trouble = (release: string) =>
      booted([spa(), memdev({ flags: 9 }), dcr], release).said.find((line) => /flags:/.test(line))
    expect(trouble('v4.18')).toBe('info: nfit ACPI0012:00: nmem0 flags: save_fail not_armed')
    expect(trouble('v6.1')).toBe('err: nfit ACPI0012:00: Error found in NVDIMM nmem0 flags: save_fail not_armed')
  })

  test('a range with a location cookie fails the whole table before v5.17', () => {
    const located = [spa({ flags: 4, location_cookie: 0 }), memdev(), dcr]
    expect(['v5.9', 'v5.17'].map((release) => booted(located, release).probe)).toEqual([-12, 0])
  })

  test('the write cache of a disk in front of a volatile range is off from patch 14 to v4.16', () => {
    const volatile = [spa({ range_guid: SPA_GUID.volatile })]
    const caches = ['v4.12+series:13', 'v4.12+series:14', 'v4.16', 'v4.18'].map(
      (release) => booted(volatile, release).disks[0]?.write_cache,
    )
    expect(caches).toEqual(['write back', 'write through', 'write through', 'write back'])
  })
})

describe('"unable to guarantee persistence of writes"', () => {
  const warning = 'warn: nd_pmem namespace0.0: unable to guarantee persistence of writes'
  const releases = ['v4.12', 'v4.12+series:1', 'v4.12+series:11', 'v4.13', 'v4.16', 'v4.18', 'v6.1']
  const warned = (structures: readonly NfitStructure[], off: readonly ConfigOption[] = []) =>
    releases.filter((release) => booted(structures, release, off).said.includes(warning))

  test('is said of every range that no DIMM stands behind, in every release', () => {
    expect(warned([spa()])).toEqual(releases)
    expect(warned([spa({ range_guid: SPA_GUID['persistent-disk'] })])).toEqual(releases)
  })

  test('is not said where DIMMs are known, with hints or without', () => {
    expect(warned([spa(), memdev(), dcr])).toEqual([])
    expect(warned([spa(), memdev(), dcr, hints(1, 2)])).toEqual([])
  })

  test('is said of an architecture without the copy that flushes, since patch 1 of the series', () => {
    expect(warned([spa(), memdev(), dcr], ['ARCH_HAS_UACCESS_FLUSHCACHE'])).toEqual(releases.slice(1))
  })

  test('is said of one that cannot write caches back since patch 11, which hides deep_flush there', () => {
    const off = ['ARCH_HAS_PMEM_API'] as const
    expect(warned([spa(), memdev(), dcr], off)).toEqual(releases.slice(2))
    const deep = (release: string) => booted([spa(), memdev(), dcr], release, off).regions[0]?.deep_flush
    expect(['v4.12', 'v4.13'].map(deep)).toEqual(['0', null])
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

describe('64-bit fields', () => {
  const shown = (structures: readonly NfitStructure[], file: string) =>
    Object.entries(booted(structures).sysfs).find(([path]) => path.endsWith(file))?.[1]

  test('enter cookies with all their bytes', () => {
    const end = [spa(), memdev({ region_offset: '0xfffffffffffffffe' }), dcr]
    expect(booted(end).regions[0]?.set_cookie).toBe('0x300000004')
  })

  test('are printed with all their digits, and wrap as they do in C', () => {
    const news = (fields: NfitStructure['fields']) =>
      booted([spa({ range_guid: SPA_GUID.volatile, ...fields })]).said.find((line) => /numa node/.test(line))
    expect(news({ address: '0x20000000000001' })).toContain('[0x0020000000000001-0x0020000004000000]')
    expect(news({ address: '0xfffffffffffff000', length: 0x1000 })).toContain('[0xfffffffffffff000-0xffffffffffffffff]')
    expect(news({ address: '0xfffffffffffff000', length: 0x1001 })).toContain('[0xfffffffffffff000-0x0000000000000000]')
  })

  test('stay exact in regions, namespaces and what is said of them', () => {
    const far = [spa({ range_guid: SPA_GUID.volatile, address: '0x20000000000001', length: '0x40000000000003' })]
    expect(shown(far, 'region0/resource')).toBe('0x20000000000001')
    expect(shown(far, 'region0/size')).toBe('18014398509481987')
    expect(shown(far, 'namespace0.0/resource')).toBe('0x20000000000001')
    expect(shown(far, 'namespace0.0/size')).toBe('18014398509481987')
    expect(booted(far).said.join()).toContain('could not reserve region [mem 0x20000000000001-0x60000000000003]')
  })

  test('of a mapping are shown as the table has them; an odd one is noticed wherever it is odd', () => {
    const at = (address: string) => [spa(), memdev({ address, region_size: '0x40000000001000' }), dcr]
    expect(shown(at('0x20000000001000'), 'region0/mapping0')).toBe('nmem0,9007199254745088,18014398509486080,0')
    expect(booted(at('0x20000000001001')).said.join()).toContain('mapping0 is not 4K aligned')
  })
})

test('a table of many ranges is taken in, in its order', () => {
  const ranges = Array.from({ length: 200 }, (_, i) =>
    spa({ range_index: i + 1, address: 0x1_0000_0000 + i * 0x400_0000 }),
  )
  const { regions } = booted(ranges)
  expect(regions.length).toBe(200)
  expect(regions[199]?.resource).toBe(`0x${(0x1_0000_0000 + 199 * 0x400_0000).toString(16)}`)
})

describe('the end of boot', () => {
  test('without a table there is no bus', () => {
    const { k, dmesg } = boot(undefined)
    expect(describeNvdimms(k).regions).toEqual([])
    expect(dmesg).toEqual([])
  })

  test('a damaged table never stops the kernel from booting, nor keeps it for long', () => {
    const tables = [capturedTable('h1-numa2-nvdimm-each/NFIT.bin')]
    const releases = ['v4.12', 'v4.12+series:14', 'v4.14', 'v4.18', 'v5.9', 'v6.1']
    fc.assert(
      fc.property(mutatedTable(tables), fc.constantFrom(...releases), (bytes, release) => {
        const { dmesg, calls, cpu } = boot(bytes, { release })
        expect(dmesg.length).toBeLessThan(100 + bytes.length)
        expect(calls.length).toBeLessThan(500 + 4 * bytes.length)
        expect(cpu.issued.length).toBeLessThan(500 + 4 * bytes.length)
      }),
      { numRuns: runs(200) },
    )
  })
})
