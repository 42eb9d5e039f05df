/** Bios that go wrong: at the end of the disk, and on sectors that can't be read. */

import { expect, test } from 'vitest'
import { dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { badblocks_set } from '../../block/badblocks.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { type BioFlags, disk_part0, new_bio } from '../../include/linux/blk_types.ts'
import { poison_support } from '../acpi/nfit/poison_support.ts'

const SECTORS = 8

/** A write at sector 0, which the disk knows as bad: what it came to, and how often each function was called. */
function overBad(release: string, flags: BioFlags) {
  // Firmware that clears 8 KiB at once can not clear less.
  const mediaErrors = { records: [], clear_err_unit: 8192 }
  const m = dmMachine(release, true, { poison: poison_support, mediaErrors })
  const disk = m.disk('pmem0')
  disk.bb = badblocks_set(disk.bb, 0, 1)
  const calls: string[] = []
  const bio = new_bio(disk_part0(disk), 'write', 0, new Uint8Array(SECTORS * 512), flags)
  const rc = run(submit_bio(m.k, bio), (name) => calls.push(name))
  return { rc, count: (name: string) => calls.filter((each) => each === name).length }
}

test.each(['v4.13', 'v6.1'])('%s: FUA is obeyed behind a write that failed, too', (release) => {
  expect(overBad(release, {}).rc).toBe(-5)
  expect(overBad(release, {}).count('nvdimm_flush')).toBe(0)
  expect(overBad(release, { fua: true }).rc).toBe(-5)
  expect(overBad(release, { fua: true }).count('nvdimm_flush')).toBe(1)
})

test('a sector that was not cleared: caches are emptied of it all the same up to v5.17, since v6.1 not', () => {
  expect(
    ['v4.13', 'v5.9', 'v5.17', 'v6.1'].map((release) => overBad(release, {}).count('arch_invalidate_pmem')),
  ).toEqual([1, 1, 1, 0])
})

test('a bio that begins on the disk and ends behind it goes nowhere', () => {
  const m = dmMachine()
  const disk = disk_part0(m.disk('pmem0'))
  const at = (sector: number): number =>
    run(submit_bio(m.k, new_bio(disk, 'write', sector, new Uint8Array(SECTORS * 512))))
  expect(at(disk.bd_nr_sectors - SECTORS)).toBe(0)
  expect(at(disk.bd_nr_sectors - SECTORS + 1)).toBe(-5)
  expect(m.dmesg.slice(-2)).toEqual([
    'info: program: attempt to access beyond end of device',
    expect.stringMatching(/^info: pmem0: rw=1, sector=\d+, nr_sectors = 8 limit=\d+$/),
  ])
})

test.each([
  ['v4.12', ['generic_make_request', 'dm_make_request', 'generic_make_request', 'pmem_make_request']],
  ['v6.1', ['submit_bio_noacct', 'dm_submit_bio', 'submit_bio_noacct', 'pmem_submit_bio']],
])('%s: a bio goes down by the names of its release', (release, names) => {
  const m = dmMachine(release)
  m.create('lin', '0 64 linear /dev/pmem0 0')
  const calls: string[] = []
  const bio = new_bio(disk_part0(m.disk('dm-0')), 'write', 0, new Uint8Array(SECTORS * 512))
  expect(run(submit_bio(m.k, bio), (name) => calls.push(name))).toBe(0)
  expect(calls.filter((name) => /_make_request$|submit_bio_noacct|_submit_bio$/.test(name))).toEqual(names)
})
