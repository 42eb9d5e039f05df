import { describe, expect, test } from 'vitest'
import { captures } from '../../../../test/captures.ts'
import { capturedTable } from '../../../../test/nfit-tables.ts'
import { platformOf } from '../platform.ts'
import { SPA_GUID } from './guid.ts'
import { checkNfit } from './nfit-check.ts'
import { decodeNfit } from './nfit-decode.ts'
import { encodeNfit, type NfitStructure } from './nfit-encode.ts'

const MIB64 = 0x400_0000

type Fields = NfitStructure['fields']
const spa = (fields: Fields = {}): NfitStructure => ({
  type: 0,
  fields: {
    range_index: 1,
    range_guid: SPA_GUID.pmem,
    address: 0x1_0000_0000,
    length: MIB64,
    memory_mapping: 0x8008,
    ...fields,
  },
})
const memdev = (fields: Fields = {}): NfitStructure => ({
  type: 1,
  fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: MIB64, interleave_ways: 1, ...fields },
})
const dcr = (fields: Fields = {}): NfitStructure => ({
  type: 4,
  fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301, ...fields },
})
const hints = (device_handle: number, ...hint_address: readonly number[]): NfitStructure => ({
  type: 6,
  fields: { device_handle, hint_address },
})
const caps = (fields: Fields): NfitStructure => ({ type: 7, fields })
const idt = (fields: Fields = {}): NfitStructure => ({
  type: 2,
  fields: { interleave_index: 1, line_size: 4096, line_offset: [0], ...fields },
})

/** Two DIMMs of 64 MiB, 4 KiB in turn, as an author should write them. */
const pair = (first: Fields = {}, second: Fields = {}): NfitStructure[] => {
  const ways = { interleave_ways: 2, interleave_index: 1 }
  return [
    spa({ length: 2 * MIB64 }),
    idt(),
    memdev({ ...ways, ...first }),
    memdev({ device_handle: 2, region_index: 2, region_offset: 4096, ...ways, ...second }),
    dcr(),
    dcr({ region_index: 2, serial_number: 8 }),
  ]
}

function checked(bytes: Uint8Array): readonly string[] {
  const table = decodeNfit(bytes)
  if (!table.ok) throw new Error(table.error.message)
  return checkNfit(table.value).map(({ offset, severity, message }) => `${offset} ${severity}: ${message}`)
}

const said = (...structures: readonly NfitStructure[]): readonly string[] => checked(encodeNfit(structures))

describe('nothing is wrong with', () => {
  test('one DIMM in one range', () => expect(said(spa(), memdev(), dcr())).toEqual([]))
  test('two interleaved DIMMs with two hints each', () =>
    expect(said(...pair(), hints(1, 0xf000_0000, 0xf000_0040), hints(2, 0xf000_1000, 0xf000_1040))).toEqual([]))
  test('two DIMMs one behind the other', () => expect(said(...row())).toEqual([]))
  test('one DIMM in two ranges', () => expect(said(...twice())).toEqual([]))
  test('two DIMMs whose interleave structures place their lines', () => {
    const [range, , first, second, ...controls] = pair({}, { region_offset: 0, interleave_index: 2 })
    if (range === undefined || first === undefined || second === undefined) throw new Error('no pair')
    const tables = [idt({ line_offset: [0, 3] }), idt({ interleave_index: 2, line_offset: [1, 2] })]
    expect(said(range, ...tables, first, second, ...controls)).toEqual([])
  })
  test('the table that a scenario gets', () => {
    const platform = platformOf({
      nvdimms: [2, 2].map((flush_hints) => ({ size: MIB64, flush_hints })),
      regions: [{ nvdimms: [0, 1], interleave: 4096 }],
      power_fail: 'adr',
      firmware: {},
    })
    expect(platform.ok && checked(platform.value.nfit ?? new Uint8Array())).toEqual([])
  })
})

/** Two DIMMs of 64 MiB, one behind the other in one range. */
const row = (second: Fields = {}): NfitStructure[] => [
  spa({ length: 2 * MIB64 }),
  memdev(),
  memdev({ device_handle: 2, region_index: 2, region_offset: MIB64, ...second }),
  dcr(),
  dcr({ region_index: 2, serial_number: 8 }),
]

/** One DIMM of 128 MiB in two ranges. */
const twice = (second: Fields = {}): NfitStructure[] => [
  spa(),
  memdev(),
  dcr(),
  spa({ range_index: 2, address: 0x1_0400_0000 }),
  memdev({ range_index: 2, address: MIB64, ...second }),
]

/** [what is wrong, the table, what the author hears]. The first structure stands at byte 40. */
const cases: readonly (readonly [string, readonly NfitStructure[], readonly string[]])[] = [
  [
    'a length of 0',
    [spa({ length: 0 }), memdev({ region_size: 0 }), dcr()],
    ['80 error: length is 0: Linux refuses the whole table', '112 error: region_size is 0'],
  ],
  [
    'a range on half a page',
    [spa({ address: 0x1_0000_0800 }), memdev(), dcr()],
    ['72 error: 0x1_0000_0800 + 0x400_0000 is not made of whole pages of 4 KiB'],
  ],
  [
    'a range at 2 MiB',
    [spa({ address: 0x1_0020_0000 }), memdev(), dcr()],
    ['72 warning: 0x1_0020_0000 is no multiple of 16 MiB: namespaces lose space or do not fit'],
  ],
  [
    'an unknown range type',
    [spa({ range_guid: '00000000-0000-0000-0000-000000000001' }), memdev(), dcr()],
    ['56 warning: range type 00000000-0000-0000-0000-000000000001 is unknown: no driver will use the range'],
  ],
  [
    'range index 0',
    [spa({ range_index: 0 }), memdev({ range_index: 0 }), dcr()],
    ['44 error: range_index 0 is for virtual disks and CDs only: Linux passes the range over', '44 warning'],
  ],
  [
    'a range without DIMMs',
    [spa()],
    ['44 warning: no memory device names the range: Linux cannot say how its writes become persistent'],
  ],
  [
    'ranges that overlap',
    [
      spa(),
      memdev(),
      dcr(),
      spa({ range_index: 2, address: 0x1_0300_0000 }),
      memdev({ device_handle: 2, range_index: 2, region_index: 2 }),
      dcr({ region_index: 2, serial_number: 8 }),
    ],
    ['208 error: overlaps the range at byte 40 in 0x1_0300_0000…0x1_03ff_ffff: one of the two loses its disk'],
  ],
  [
    'a memory device that names no range',
    [spa(), memdev(), memdev({ device_handle: 2, range_index: 5 }), dcr()],
    [
      '156 error: range_index 5 is that of no structure: the DIMM is part of no region',
      '196 error: several DIMMs have this control region',
    ],
  ],
  [
    'a missing control region',
    [spa(), memdev({ region_index: 9 })],
    ['110 error: region_index 9 is that of no structure: Linux gives up the whole table'],
  ],
  ['no control region', [spa(), memdev({ region_index: 0 })], ['110 error: no control region']],
  [
    'a missing interleave structure',
    [spa(), memdev({ interleave_index: 3 }), dcr()],
    ['136 error: interleave_index 3 is that of no structure'],
  ],
  [
    'a handle of no SMBIOS structure',
    [spa(), memdev({ physical_id: 0x11 }), dcr(), { type: 3, fields: { data: '11041000' + '0000' } }],
    ['104 warning: physical_id 0x11 is the handle of no SMBIOS structure in the table'],
  ],
  [
    'hints for no DIMM',
    [spa(), memdev(), dcr(), hints(0x77, 0xf000_0000)],
    ['180 error: no memory device has handle 0x77: its hints are ignored'],
  ],
  [
    'hints on one DIMM of a set',
    [...pair(), hints(2, 0xf000_0000)],
    ['120 error: DIMM 0x1 has no flush hints, others of range 1 have: Linux crashes (NULL pointer)'],
  ],
  [
    'three hints',
    [spa(), memdev(), dcr(), hints(1, 0xf000_0000, 0xf000_0040, 0xf000_0080)],
    ['184 warning: 3 hints: Linux uses the first 2, a power of two'],
  ],
  [
    'a hint on an odd address',
    [spa(), memdev(), dcr(), hints(1, 0xf000_0003)],
    ['192 error: hint 0xf000_0003 is not aligned to 8 bytes'],
  ],
  [
    'a hint at 0',
    [spa(), memdev(), dcr(), hints(1, 0)],
    ['192 error: hint 0x0 is in the first page of memory: Linux refuses the region'],
  ],
  [
    'a hint that two DIMMs share',
    [...pair(), hints(1, 0xf000_0000), hints(2, 0xf000_0000)],
    ['316 warning: hint 0xf000_0000 stands at byte 276 already'],
  ],
  [
    'hints twice',
    [spa(), memdev(), dcr(), hints(1, 0xf000_0000), hints(1, 0xf000_1000)],
    ['204 warning: the DIMM has flush hints at byte 176 already; one of the two counts'],
  ],
  [
    'no hints in a hint structure',
    [spa(), memdev(), dcr(), hints(1)],
    ['184 error: hint_count is 0: Linux refuses the whole table'],
  ],
  [
    'one DIMM twice in a range',
    [...pair({}, { device_handle: 1 })],
    ['168 error: DIMM 0x1 is in this range already, by the memory device at byte 116'],
  ],
  [
    'one serial number twice',
    [...pair().slice(0, 5), dcr({ region_index: 2 })],
    ["268 error: serial number is that of the control region at byte 212: labels can't tell the two DIMMs apart"],
  ],
  [
    'one region_offset twice',
    pair({}, { region_offset: 0 }),
    ['188 error: region_offset is that of the memory device at byte 116'],
  ],
  [
    'parts that do not add up',
    [spa({ length: 2 * MIB64 }), memdev(), dcr()],
    ['80 error: length is 0x800_0000, its memory devices add up to 0x400_0000'],
  ],
  [
    'a wrong number of ways',
    pair({ interleave_ways: 4 }),
    ['158 error: interleave_ways is 4, 2 memory devices share the range'],
  ],
  [
    'a capability above the highest valid one',
    [spa(), memdev(), dcr(), caps({ highest_capability: 0, capabilities: 3 })],
    ['184 warning: capability bits above bit 0, the highest valid one, are set and do not count'],
  ],
  [
    'a highest capability of 31',
    [spa(), memdev(), dcr(), caps({ highest_capability: 31, capabilities: 2 })],
    ['180 warning: highest valid capability is bit 31: Linux computes an empty mask and sees none'],
  ],
  [
    'capabilities twice',
    [spa(), memdev(), dcr(), caps({ highest_capability: 1 }), caps({ highest_capability: 1 })],
    ['192 warning: platform capabilities stand at byte 176 already; the last ones count'],
  ],
  [
    'reserved bytes',
    [spa({ 'reserved@8': '00000100' }), memdev(), dcr()],
    ['48 warning: reserved bytes are not zero: 00000100'],
  ],
  [
    'bytes too many',
    [spa(), memdev({ excess: 'ffff' }), dcr()],
    ['144 error: memory device mapping structure has 2 bytes that no field claims'],
  ],
  [
    'a range index twice',
    [spa(), spa({ address: 0x1_1000_0000 }), memdev(), dcr()],
    ['100 error: range_index 1 is that of the structure at byte 40'],
  ],
  [
    'an index that nobody names',
    [spa(), memdev(), dcr(), dcr({ region_index: 2, serial_number: 8 })],
    ['180 warning: no memory device names control region 2'],
  ],
  ['a line size of 0', [...pair(), idt({ interleave_index: 2, line_size: 0 })], ['288 error: line_size is 0']],
  [
    'a DIMM that is not armed',
    [spa(), memdev({ flags: 8 }), dcr()],
    ['140 note: the DIMM is not armed: every region that it is part of becomes read-only'],
  ],
  [
    'one piece of a DIMM in two ranges',
    twice({ address: MIB64 - 4096 }),
    ['264 error: DPA 0x3ff_f000…0x3ff_ffff of DIMM 0x1 is in the memory device at byte 96 too'],
  ],
  [
    'a hint inside of a range',
    [spa(), memdev(), dcr(), hints(1, 0x1_0000_1000)],
    ['192 error: hint 0x1_0000_1000 lies in the range at byte 40: every flush overwrites memory'],
  ],
  [
    'a part that is larger than its range',
    [spa(), memdev({ region_size: 2 * MIB64 }), dcr()],
    ['112 error: region_size 0x800_0000 is more than the range has: 0x400_0000'],
  ],
  [
    'a part that reaches behind the end',
    row({ region_offset: MIB64 + 4096 }),
    [
      "168 error: region_offset 0x400_1000 and region_size reach behind the range's end",
      '186 warning: interleave_ways',
    ],
  ],
  [
    'parts over one another',
    row({ region_offset: MIB64 - 4096 }),
    ['168 error: region_offset lies inside the memory device at byte 96'],
  ],
  [
    'a range in the middle of its interleave',
    [spa({ length: 2 * MIB64, address: 0x1_0000_1000 }), ...pair().slice(1)],
    ['158 warning: the range begins at 0x1_0000_1000, no multiple of 0x2000: its interleave would begin in the middle'],
  ],
  [
    'a region_offset inside of a line',
    pair({}, { region_offset: 2048 }),
    ['188 error: region_offset is no multiple of the line size 0x1000'],
  ],
  [
    'two DIMMs that take the same turn',
    pair({}, { region_offset: 8192 }),
    ['204 error: line 0 of each 2 is that of the memory device at byte 116 too'],
  ],
  [
    'one DIMM with two serial numbers',
    [...twice({ region_index: 2 }), dcr({ region_index: 2, serial_number: 8 })],
    ['246 error: DIMM 0x1 has serial number 0x8 here, 0x7 by the control region at byte 144'],
  ],
  [
    'one SMBIOS handle for two DIMMs',
    pair({ physical_id: 0x11 }, { physical_id: 0x11 }),
    ['172 warning: physical_id is that of another DIMM, in the memory device at byte 116'],
  ],
  [
    'two SMBIOS handles for one DIMM',
    [...twice({ physical_id: 0x12 }).map((each, i) => (i === 1 ? memdev({ physical_id: 0x11 }) : each))],
    ['240 warning: physical_id of the DIMM is another one in the memory device at byte 96'],
  ],
]

describe('the author hears of', () => {
  test.each(cases)('%s', (_name, structures, expected) => {
    const findings = said(...structures)
    for (const finding of expected) expect(findings.join('\n')).toContain(finding)
  })

  test('a wrong checksum, a wrong length and a structure that leaves the table', () => {
    const bytes = encodeNfit([spa(), memdev(), dcr()])
    bytes[9] = (bytes[9] ?? 0) ^ 1
    expect(checked(bytes)).toEqual([expect.stringMatching(/^9 error: checksum is wrong/)])
    const cut = encodeNfit([spa(), memdev(), dcr()]).slice(0, 170)
    expect(checked(cut).map((line) => line.split(':')[0])).toEqual(['4 error', '9 error', '144 error', '146 error'])
  })
})

/** Malformed tables; QEMU has put those of `-acpitable` right before the kernel saw them. */
const refused = captures.filter(([name]) => /\/m\d/.test(name) && !name.startsWith('custom-acpitable'))

/** Tables of machines, and hand-made ones that mean what they say. */
const accepted = captures.filter(([name, { nfit, initrd }]) => !/\/m\d/.test(name) && (nfit ?? initrd) !== null)

describe('a table that a kernel takes as it is', () => {
  test.each(accepted)('%s has no error', (_name, { nfit, initrd }) => {
    const table = decodeNfit(capturedTable(nfit ?? initrd ?? ''))
    expect(table.ok && checkNfit(table.value).filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

describe('a table that a kernel stumbles over', () => {
  test.each(refused)('%s has a finding that is no note', (_name, { nfit, initrd }) => {
    const bytes = capturedTable(nfit ?? initrd ?? '')
    const table = decodeNfit(bytes)
    const findings = table.ok ? checkNfit(table.value) : []
    expect(findings.some(({ severity }) => severity !== 'note')).toBe(true)
  })
})
