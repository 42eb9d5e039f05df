import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { boot, FlatMemory } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import type { MediaErrors } from '../../include/linux/libnvdimm.ts'
import { poison_support } from '../acpi/nfit/poison_support.ts'
import { btt_support } from './btt_support.ts'

const fixtures = new URL('../../../../../test/fixtures/groundtruth/', import.meta.url)
const nfit = new Uint8Array(readFileSync(new URL('a-1nvdimm-nolabel/NFIT.bin', fixtures)))
const BASE = 0x1_0000_0000
const MIB = 0x10_0000
const REGION = '/sys/bus/nd/devices/region0/badblocks'
const DISK = '/sys/block/pmem0/badblocks'
const SCRUB = '/sys/bus/nd/devices/ndbus0/nfit/scrub'
/** 64 MiB + 0x3000. */
const SECTOR = 131096

const machine = (records: readonly { start: number; length: number }[]) => {
  const mediaErrors: MediaErrors = { records, clear_err_unit: 256 }
  const memory = new FlatMemory()
  const options = { memory, poison: poison_support, mediaErrors, btt: btt_support }
  const booted = boot(nfit, options)
  const guest = new Guest(booted.k)
  return {
    ...booted,
    mediaErrors,
    guest,
    /** Bytes that arrived, or a negative error number. */
    read: (sector: number, count = 1): number => {
      const bytes = guest.readDisk('pmem0', sector * 512, count * 512)
      return typeof bytes === 'number' ? bytes : bytes.length
    },
    write: (sector: number, bytes: number): number => guest.writeDisk('pmem0', sector * 512, new Uint8Array(bytes)),
  }
}

const captured = [
  { start: BASE + 64 * MIB + 0x3000, length: 0x400 },
  { start: BASE + 128 * MIB + 0x140, length: 64 },
]

test('capture ops10: what a scrub found shows in region and disk, reads fail, writes that cover it clear it', () => {
  const { guest, read, write, dmesg } = machine(captured)
  expect([guest.read(REGION), guest.read(DISK)]).toEqual(['131096 2\n262144 1', '131096 2\n262144 1'])
  expect(dmesg).toContain('debug: nd_region region0: Found a bad range (0x4003000, 0x400)')
  expect(dmesg).toContain('debug: nd_pmem namespace0.0: Found a bad range (0x8000000, 0x200)')
  expect([-1, 0, 1, 2].map((i) => read(SECTOR + i))).toEqual([512, -5, -5, 512])
  // One bio for all of it: that its first page can be read helps nobody.
  expect(read(SECTOR - 8, 32)).toBe(-5)
  expect(write(SECTOR, 512)).toBe(512)
  expect([guest.read(DISK), guest.read(REGION)]).toEqual(['131097 1\n262144 1', '131097 1\n262144 1'])
  expect([0, 1].map((i) => read(SECTOR + i))).toEqual([512, -5])
  expect(write(SECTOR, 4096)).toBe(4096)
  expect([guest.read(DISK), guest.read(REGION)]).toEqual(['262144 1', '262144 1'])
  expect([0, 1].map((i) => read(262144 + i))).toEqual([-5, 512])
  const fsdax = { mode: 'fsdax', map: 'mem', uuid: '00000001-1111-4222-8333-444444444444' } as const
  expect(guest.reconfigure('region0', 'namespace0.0', fsdax)).toBe(0)
  expect([guest.read(DISK), guest.read(REGION)]).toEqual(['258048 1', '262144 1'])
  expect(guest.read(SCRUB)).toBe('1')
  expect(guest.write(SCRUB, '1')).toBe(0)
  expect([guest.read(SCRUB), guest.read(DISK)]).toEqual(['2', '258048 1'])
  expect(guest.write(SCRUB, '2')).toBe(-22)
})

test.each([
  ['v4.12', 2, ['invalidate_pmem', 'arch_invalidate_pmem', 'clflush_cache_range'], 8],
  ['v4.12+series:8', 2, ['invalidate_pmem', 'arch_invalidate_pmem', 'clflush_cache_range'], 8],
  ['v4.12+series:9', 2, ['arch_invalidate_pmem', 'clflush_cache_range'], 8],
  ['v4.13', 2, ['arch_invalidate_pmem', 'clflush_cache_range'], 8],
  ['v6.1', 1, ['arch_invalidate_pmem', 'clflush_cache_range'], 8],
] as const)('%s: what caches hold of a sector that was cleared is thrown away', (release, writes, names, lines) => {
  const mediaErrors: MediaErrors = { records: [{ start: BASE + 4096, length: 512 }], clear_err_unit: 256 }
  const { k, cpu } = boot(nfit, { release, poison: poison_support, mediaErrors })
  const called: string[] = []
  cpu.issued.length = 0
  const wrote = new Guest(k).writeDisk('pmem0', 4096, new Uint8Array(512), 0, (fn) => called.push(fn))
  expect(wrote).toBe(512)
  expect(called.filter((fn) => fn.includes('invalidate_pmem') || fn === 'clflush_cache_range')).toEqual(names)
  expect(called.filter((fn) => fn === 'write_pmem').length).toBe(writes)
  expect([cpu.counts()['clflushopt'], cpu.counts()['mfence']]).toEqual([lines, 2])
})

test('an architecture that cannot write caches back throws nothing away either', () => {
  const mediaErrors: MediaErrors = { records: [{ start: BASE + 4096, length: 512 }], clear_err_unit: 256 }
  const configOff = ['ARCH_HAS_PMEM_API'] as const
  for (const release of ['v4.12', 'v6.1']) {
    const { k, cpu } = boot(nfit, { release, poison: poison_support, mediaErrors, configOff })
    cpu.issued.length = 0
    expect(new Guest(k).writeDisk('pmem0', 4096, new Uint8Array(512))).toBe(512)
    expect(cpu.counts()).not.toHaveProperty('clflushopt')
  }
})

test('a synchronous write is flushed twice: forced out, and followed by a flush; a plain one, or without a cache, not at all', () => {
  const { guest } = machine([])
  const flushes = (flags: number): number => {
    let count = 0
    const called = (fn: string): void => {
      if (fn === 'nvdimm_flush') count++
    }
    expect(guest.writeDisk('pmem0', 0, new Uint8Array(4096), flags, called)).toBe(4096)
    return count
  }
  expect([0, 0o10000].map(flushes)).toEqual([0, 2])
  expect(guest.write('/sys/block/pmem0/queue/write_cache', 'write through')).toBe(0)
  expect([0, 0o10000].map(flushes)).toEqual([0, 0])
})

test('what has been cleared stays so after a reboot, what has not is found again', () => {
  const { write, mediaErrors } = machine(captured)
  write(SECTOR, 1024)
  const { k } = boot(nfit, { poison: poison_support, mediaErrors })
  expect(new Guest(k).read(DISK)).toBe('262144 1')
})

test('an error in the info block makes a namespace one without it; writing a new one clears it', () => {
  const { guest } = machine([{ start: BASE + 4096, length: 256 }])
  expect(guest.read(REGION)).toBe('8 1')
  const sector = { mode: 'sector', uuid: '00000001-1111-4222-8333-444444444444' } as const
  // Whether there is a table can't be read, so none is made over it.
  expect(guest.reconfigure('region0', 'namespace0.0', sector)).toBe(-12)
})

test('a block translation table gives up a block that can not be read, and zeroes a free one before use', () => {
  const { guest, mediaErrors } = machine([])
  guest.reconfigure('region0', 'namespace0.0', { mode: 'sector', uuid: '00000001-1111-4222-8333-444444444444' })
  // Sector 3 is in block 3: behind the reserved page, the info block and three blocks.
  mediaErrors.records = [{ start: BASE + 5 * 4096, length: 512 }]
  guest.write(SCRUB, '1')
  const read = (lba: number) => guest.readDisk('pmem0s', lba * 4096, 4096)
  const write = (lba: number) => guest.writeDisk('pmem0s', lba * 4096, new Uint8Array(4096).fill(7))
  expect(read(3)).toBe(-5)
  expect(read(2)).toEqual(new Uint8Array(4096))
  expect(write(3)).toBe(4096)
  expect(read(3)).toEqual(new Uint8Array(4096).fill(7))
  // The bad block was the free one of the lane: zeroing it cleared the error.
  expect(mediaErrors.records).toEqual([])
  expect(write(2)).toBe(4096)
  expect(guest.read(REGION)).toBe('')
})

test.each([
  ['v4.18', undefined, undefined],
  ['v5.9', '8 1', ''],
  ['v6.1', '8 1', ''],
] as const)('%s: a volatile region knows its bad sectors as %j, and after a write as %j', (release, before, after) => {
  const length = 16 * MIB
  const volatile = encodeNfit([
    { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.volatile, address: BASE, length } },
  ])
  const mediaErrors: MediaErrors = { records: [{ start: BASE + 4096, length: 256 }], clear_err_unit: 256 }
  const { k } = boot(volatile, { release, poison: poison_support, mediaErrors })
  const guest = new Guest(k)
  expect([guest.read(REGION), guest.read(DISK)]).toEqual([before, '8 1'])
  expect(guest.writeDisk('pmem0', 4096, new Uint8Array(512))).toBe(512)
  expect([guest.read(REGION), guest.read(DISK)]).toEqual([after, ''])
})
