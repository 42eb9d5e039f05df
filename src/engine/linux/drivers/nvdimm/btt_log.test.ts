import { describe, expect, test } from 'vitest'
import { boot, FlatMemory } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import { LOG_ENT_SIZE, LOG_GRP_SIZE, log_indices } from './btt_sb.ts'
import { btt_support } from './btt_support.ts'

const BASE = 0x1_0000_0000
const LENGTH = 0x200_0000
const SIZE = 512
const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: LENGTH } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: LENGTH } },
  { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
])

type Group = readonly Uint8Array[]
const BLANK = new Uint8Array(LOG_ENT_SIZE)
const sector = (byte: number): Uint8Array => new Uint8Array(SIZE).fill(byte)
const UNKNOWN = 'err: nd_pmem btt0.0: Found an unknown padding scheme'
const REFUSED = [
  'err: nd_pmem btt0.0: Unable to deduce log/padding indices',
  'err: nd_pmem btt0.0: init: error in arena_discover: -6',
]

/** A table with `writes` sectors written (by lane 0), and its log as `edit` leaves it, found by the driver. */
function found(writes: number, edit: (group: Group, lane: number) => Group) {
  const memory = new FlatMemory()
  const { k, dmesg } = boot(nfit, { memory, btt: btt_support })
  const guest = new Guest(k)
  const uuid = '00000001-1111-4222-8333-444444444444'
  expect(guest.reconfigure('region0', 'namespace0.0', { mode: 'sector', sectorSize: SIZE, uuid })).toBe(0)
  for (let i = 0; i < writes; i++) expect(guest.writeDisk('pmem0s', i * SIZE, sector(i + 1))).toBe(SIZE)
  const [made] = btt_support.tables(k)[0]?.arenas ?? []
  if (made === undefined) throw new Error('no table')
  guest.disable('namespace0.0')
  const { nfree, logoff } = made
  const log = (lane: number, i: number): number => BASE + 4096 + logoff + lane * LOG_GRP_SIZE + i * LOG_ENT_SIZE
  const group = (lane: number): Group => [0, 1, 2, 3].map((i) => memory.bytes(log(lane, i), LOG_ENT_SIZE).slice())
  for (let lane = 0; lane < nfree; lane++)
    for (const [i, entry] of edit(group(lane), lane).entries())
      for (const [at, byte] of entry.entries()) memory.write(log(lane, i) + at, byte)
  const before = dmesg.length
  guest.bind('namespace0.0', 'nd_pmem')
  const scheme = () => btt_support.tables(k)[0]?.arenas[0]?.log_index
  const said = dmesg.slice(before).filter((line) => line.startsWith('err: '))
  const used = (lane: number): readonly number[] =>
    group(lane).flatMap((entry, i) => (entry.some((byte) => byte !== 0) ? [i] : []))
  return { guest, scheme, said, used }
}

/** The two entries in use stand at `first` and `second`. */
const moved =
  (first: number, second: number) =>
  ([a = BLANK, b = BLANK]: Group): Group =>
    [0, 1, 2, 3].map((i) => (i === first ? a : i === second ? b : BLANK))

describe('where the two entries of each log group stand', () => {
  test('entries 0 and 1, as written since v4.15', () => {
    const { scheme, said } = found(2, (group) => group)
    expect(scheme()).toEqual([0, 1])
    expect(said).toEqual([])
  })

  test('entries 0 and 2, as written before; the driver goes on so', () => {
    const { guest, scheme, used } = found(2, moved(0, 2))
    expect(scheme()).toEqual([0, 2])
    for (let i = 2; i < 6; i++) expect(guest.writeDisk('pmem0s', i * SIZE, sector(i + 1))).toBe(SIZE)
    expect(used(0)).toEqual([0, 2])
    expect(used(1)).toEqual([0])
    guest.disable('namespace0.0')
    guest.bind('namespace0.0', 'nd_pmem')
    expect(scheme()).toEqual([0, 2])
    for (let i = 0; i < 6; i++) expect(guest.readDisk('pmem0s', i * SIZE, SIZE)).toEqual(sector(i + 1))
  })

  test('a log that nobody wrote to tells nothing: entries 0 and 1', () => {
    expect(found(0, (group) => group).scheme()).toEqual([0, 1])
  })

  test.each([
    [0, 3],
    [1, 2],
    [2, 0],
  ] as const)('entries %i and %i: nobody ever wrote that', (first, second) => {
    const { guest, said } = found(2, moved(first, second))
    expect(said).toEqual(first === 2 ? REFUSED : [UNKNOWN, ...REFUSED])
    expect(guest.read('/sys/block/pmem0s/size')).toBeUndefined()
  })

  test.each([
    ['12.. 1...', [0, 1]],
    ['1... 12..', [0, 1]],
    ['1.2. 1...', [0, 2]],
    ['1... 1...', [0, 1]],
    ['1... ...1', [0, 1]],
    ['1..2 1...', 'unknown'],
    ['.... ....', 'unknown'],
    ['..1. ..1.', 'unknown'],
    ['12.. 1.2.', 'contradictory'],
    ['12.. .1..', 'contradictory'],
    ['123. 1...', 'contradictory'],
  ] as const)('groups %s: %j', (groups, indices) => {
    const text = groups.replace(' ', '')
    const log = new Uint8Array(text.length * LOG_ENT_SIZE)
    for (const [i, entry] of [...text].entries()) if (entry !== '.') log[i * LOG_ENT_SIZE + 4] = 1
    expect(log_indices(log)).toEqual(indices)
  })

  test('a log of zeros', () => {
    expect(found(2, () => [BLANK, BLANK, BLANK, BLANK]).said).toEqual([UNKNOWN, ...REFUSED])
  })

  test('three entries in one group', () => {
    const three = ([a = BLANK, b = BLANK, , d = BLANK]: Group, lane: number): Group => [a, b, lane === 0 ? b : BLANK, d]
    expect(found(2, three).said).toEqual(REFUSED)
  })

  test('groups that disagree', () => {
    const other = (group: Group, lane: number): Group =>
      lane === 5 ? [group[0] ?? BLANK, BLANK, BLANK, group[0] ?? BLANK] : group
    expect(found(2, other).said).toEqual(REFUSED)
  })

  test('a group without its first entry, after one with both', () => {
    expect(found(2, (group, lane) => (lane === 5 ? [BLANK, BLANK, BLANK, BLANK] : group)).said).toEqual(REFUSED)
  })
})
