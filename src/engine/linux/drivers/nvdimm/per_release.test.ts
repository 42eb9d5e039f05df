import { describe, expect, test } from 'vitest'
import { boot, FlatMemory } from '../../../../../test/flat-machine.ts'
import { type CreateOptions, Guest, initLabels } from '../../../../../test/guest.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { Journal } from '../../../sim/journal.ts'
import { sysfs_lookup } from '../../fs/sysfs/dir.ts'
import { label_support } from './label_support.ts'

const BASE = 0x1_0000_0000
const SIZE = 0x800_0000
const ND = '/sys/bus/nd/devices'
const UUID = '00000001-1111-4222-8333-444444444441'
const OTHER = '00000002-1111-4222-8333-444444444442'
const range = (kind: 'pmem' | 'volatile') => ({
  type: 0,
  fields: { range_index: 1, range_guid: SPA_GUID[kind], address: BASE, length: SIZE },
})
/** One DIMM with a block window: without one no label is looked at before v5.9. */
const dimm = [
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: SIZE } },
  {
    type: 4,
    fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x201, windows: 1, window_size: 4096 },
  },
  { type: 5, fields: { region_index: 1, windows: 1, size: 4096, capacity: SIZE, start_address: 0 } },
]

const exists = (guest: Guest, path: string): boolean => sysfs_lookup(guest.k, `${ND}/${path}`) !== undefined
const modeOf = (guest: Guest, path: string): string => (sysfs_lookup(guest.k, `${ND}/${path}`)?.mode ?? 0).toString(8)

function labelled(release: string): Guest {
  const nmem0 = createLabelArea(new Journal(), 131072)
  initLabels(nmem0, 128)
  const nfit = encodeNfit([range('pmem'), ...dimm])
  return new Guest(boot(nfit, { release, labels: label_support, labelAreas: { nmem0 } }).k)
}
const plain = (release: string, memory = new FlatMemory()) => {
  const { k, dmesg } = boot(encodeNfit([range('pmem')]), { release, memory })
  return { guest: new Guest(k), dmesg }
}

describe('volatile regions', () => {
  test.each([
    // Inert: nobody can make anything of it.
    ['v4.12', '0', []],
    ['v4.12+series:11', '0', []],
    ['v4.12+series:12', '134217728', ['pfn_seed', 'dax_seed']],
    ['v4.13', '134217728', ['pfn_seed', 'dax_seed']],
    ['v4.18', '134217728', ['pfn_seed', 'dax_seed']],
    ['v5.9', '134217728', ['pfn_seed', 'dax_seed', 'badblocks', 'resource']],
    ['v6.1', '134217728', ['pfn_seed', 'dax_seed', 'badblocks', 'resource']],
  ] as const)('%s: %s bytes, with %j', (release, size, attributes) => {
    const guest = new Guest(boot(encodeNfit([range('volatile')]), { release }).k)
    expect(guest.nd('region0', 'devtype')).toBe('nd_volatile')
    expect(guest.nd('region0', 'size')).toBe(size)
    const optional = ['pfn_seed', 'dax_seed', 'badblocks', 'resource']
    expect(optional.filter((name) => exists(guest, `region0/${name}`))).toEqual(attributes)
  })

  test.each(['v4.12', 'v4.13', 'v6.1'])('%s: persistent ones have all of that', (release) => {
    const { guest } = plain(release)
    for (const name of ['pfn_seed', 'dax_seed', 'badblocks', 'resource'])
      expect(exists(guest, `region0/${name}`)).toBe(true)
    expect(guest.nd('region0', 'size')).toBe('134217728')
  })
})

describe('attributes of namespaces', () => {
  test.each([
    ['v4.12', false],
    ['v4.13', true],
    ['v4.13-b3fde74ea195', false],
    ['v6.1', true],
  ] as const)('%s: holder_class, with labels and without: %j', (release, there) => {
    expect(exists(plain(release).guest, 'namespace0.0/holder_class')).toBe(there)
    expect(exists(labelled(release), 'namespace0.0/holder_class')).toBe(there)
  })

  test.each([
    ['v4.12', false],
    ['v4.13', true],
    ['v6.1', true],
  ] as const)('%s: sector_size of a labelled one: %j', (release, there) => {
    const guest = labelled(release)
    expect(guest.nd('namespace0.0', 'nstype')).toBe('5')
    expect(exists(guest, 'namespace0.0/sector_size')).toBe(there)
  })
})

test.each([
  ['v4.12', '444'],
  ['v4.14', '444'],
  ['v4.15', '400'],
  ['v4.18', '400'],
  ['v5.9', '400'],
  ['v6.1', '400'],
] as const)('%s: files named resource have mode %s', (release, mode) => {
  const { guest } = plain(release)
  expect(guest.reconfigure('region0', 'namespace0.0', { mode: 'fsdax', map: 'mem', uuid: UUID })).toBe(0)
  const holder = guest.nd('namespace0.0', 'holder') ?? ''
  expect(holder).toMatch(/^pfn/)
  for (const device of ['region0', 'namespace0.0', holder]) expect(modeOf(guest, `${device}/resource`)).toBe(mode)
  expect(modeOf(labelled(release), 'namespace0.0/resource')).toBe(mode)
})

describe('where the data of a namespace of 128 MiB begins', () => {
  const MIB = 0x10_0000
  /** Info block and reserve of device-dax: 8 KiB, 128 KiB. */
  const before = [8192, 8192 + 131072] as const
  const map = 2 * MIB
  test.each([
    ['v4.12', 'mem', 4096, before],
    ['v4.18', 'mem', 4096, before],
    ['v5.9', 'mem', 4096, [2 * MIB, 2 * MIB]],
    ['v6.1', 'mem', 4096, [2 * MIB, 2 * MIB]],
    ['v4.12', 'dev', 4096, [before[0] + map, before[1] + map]],
    ['v4.18', 'dev', 4096, [before[0] + map, before[1] + map]],
    ['v6.1', 'dev', 4096, [4 * MIB, 4 * MIB]],
    ['v4.12', 'mem', 2 * MIB, [2 * MIB, 2 * MIB]],
    ['v6.1', 'mem', 2 * MIB, [2 * MIB, 2 * MIB]],
    ['v4.12', 'dev', 2 * MIB, [4 * MIB, 4 * MIB]],
    ['v6.1', 'dev', 2 * MIB, [4 * MIB, 4 * MIB]],
  ] as const)('%s, map=%s, aligned to %i: fsdax and devdax at %j', (release, where, align, offsets) => {
    for (const [i, mode] of (['fsdax', 'devdax'] as const).entries()) {
      const { guest } = plain(release)
      const options: CreateOptions = { mode, map: where, align, uuid: UUID }
      expect(guest.reconfigure('region0', 'namespace0.0', options)).toBe(0)
      const holder = guest.nd('namespace0.0', 'holder') ?? ''
      expect(Number(guest.nd(holder, 'size'))).toBe(SIZE - (offsets[i] ?? 0))
      expect(guest.nd(holder, 'resource')).toBe(`0x${(BASE + (offsets[i] ?? 0)).toString(16)}`)
    }
  })

  test('v4.12: 134209536 bytes of fsdax and 134078464 of devdax are left', () => {
    const left = (mode: 'fsdax' | 'devdax') => {
      const { guest } = plain('v4.12')
      guest.reconfigure('region0', 'namespace0.0', { mode, map: 'mem', align: 4096, uuid: UUID })
      return guest.nd(guest.nd('namespace0.0', 'holder') ?? '', 'size')
    }
    expect([left('fsdax'), left('devdax')]).toEqual(['134209536', '134078464'])
  })

  test('a later kernel takes what an earlier one wrote, and the other way round', () => {
    for (const [writer, reader] of [
      ['v4.12', 'v6.1'],
      ['v6.1', 'v4.12'],
    ] as const) {
      const memory = new FlatMemory()
      const first = plain(writer, memory).guest
      first.reconfigure('region0', 'namespace0.0', { mode: 'fsdax', map: 'mem', align: 4096, uuid: UUID })
      const then = plain(reader, memory).guest
      const size = (guest: Guest) => guest.nd(guest.nd('namespace0.0', 'holder') ?? '', 'size')
      expect(size(then)).toBe(size(first))
    }
  })

  test.each([
    ['v4.12', -22],
    ['v4.18', -22],
    ['v5.9', -95],
    ['v6.1', -95],
  ] as const)('%s: settings that differ from the block on media are refused with %i', (release, errno) => {
    const { guest, dmesg } = plain(release)
    const options = { mode: 'fsdax', map: 'mem', uuid: UUID, inner: OTHER } as const
    expect(guest.reconfigure('region0', 'namespace0.0', { ...options, align: 4096 })).toBe(0)
    guest.disable('namespace0.0')
    // What the driver looks for on media by itself has the same settings; these are set by hand.
    const seed = guest.nd('region0', 'pfn_seed') ?? ''
    for (const [name, text] of [
      ['uuid', OTHER],
      ['mode', 'ram'],
      ['align', '2097152'],
      ['namespace', 'namespace0.0'],
    ] as const)
      expect(guest.set(seed, name, text)).toBe(0)
    expect(guest.bind(seed, 'nd_pmem')).toBe(errno)
    expect(dmesg.some((line) => line.includes('init failed, settings mismatch'))).toBe(true)
  })
})
