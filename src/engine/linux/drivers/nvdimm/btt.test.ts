import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Booted, boot, FlatMemory } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { fromBase64, view } from '../../../../base/bytes.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import { btt_support } from './btt_support.ts'

interface Sectors {
  /** First bytes of the info block, the map and the log at some moments. */
  readonly raw: Readonly<Record<string, string>>
  /** Accesses to the namespace and deep flushes, by operation. */
  readonly io: Readonly<Record<string, readonly string[]>>
}

const fixture = new URL('../../../../../test/fixtures/groundtruth/labels.json.gz', import.meta.url)
const captured = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as Readonly<Record<'ops8' | 'ops8b', Sectors>>

const BASE = 0x1_0000_0000
const SIZE = 0x200_0000
const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: SIZE } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: SIZE } },
  { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
])

const start = (memory: FlatMemory): Booted & { readonly guest: Guest } => {
  const booted = boot(nfit, { memory, btt: btt_support })
  return { ...booted, guest: new Guest(booted.k) }
}

const bytesOf = (text: string | undefined): Uint8Array => fromBase64(text ?? '') ?? new Uint8Array()
const digitsOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/(00)+$/, '')
describe.each([
  ['ops8', 4096],
  ['ops8b', 512],
] as const)('%s: sectors of %i bytes', (which, size) => {
  const { raw, io } = captured[which]
  const memory = new FlatMemory()
  const booted = start(memory)
  const { guest, dmesg } = booted
  const info = view(bytesOf(raw['fresh-info']))
  const mapoff = Number(info.getBigUint64(96, true))
  const logoff = Number(info.getBigUint64(104, true))
  const inner = Buffer.from(bytesOf(raw['fresh-info']).subarray(16, 32))
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

  const media = (moment: string): void => {
    const at = (offset: number, length: number): string => digitsOf(memory.bytes(BASE + 4096 + offset, length))
    expect({ info: at(0, 4096), map: at(mapoff, 8192), log: at(logoff, 16384) }).toEqual({
      info: digitsOf(bytesOf(raw[`${moment}-info`])),
      map: digitsOf(bytesOf(raw[`${moment}-map`])),
      log: digitsOf(bytesOf(raw[`${moment}-flog`])),
    })
  }
  /** The kernel functions that touch the namespace, in the capture's words. */
  const traced = <R>(name: string, op: (called: (fn: string) => void) => R): R => {
    const seen: string[] = []
    const result = op((fn) => {
      if (fn === 'nsio_rw_bytes') seen.push('nsio')
      if (fn === 'nvdimm_flush') seen.push('flush')
    })
    expect(seen).toEqual((io[name] ?? []).map((line) => line.split(' ')[0]))
    return result
  }
  const letters = (count: number): Uint8Array => new Uint8Array(size * count).fill(0x41)
  const write = (name: string, lba: number, count = 1): void =>
    expect(traced(name, (called) => guest.writeDisk('pmem0s', lba * size, letters(count), 0, called))).toBe(
      size * count,
    )
  const read = (name: string, lba: number): Uint8Array | number =>
    traced(name, (called) => guest.readDisk('pmem0s', lba * size, size, called))
  const again = (): void => {
    guest.disable('namespace0.0')
    guest.bind('namespace0.0', 'nd_pmem')
  }

  test('a new table on media', () => {
    expect(guest.reconfigure('region0', 'namespace0.0', { mode: 'sector', sectorSize: size, uuid: inner })).toBe(0)
    media('fresh')
    expect(dmesg).toContain('info: nd_pmem btt0.0: No existing arenas')
  })

  test('writes: what they touch, in what order, and what is left on media', () => {
    again()
    expect(read('read-unwritten', 0)).toEqual(new Uint8Array(size))
    write('write0-first', 0)
    write('write0-second', 0)
    write('write0-third', 0)
    write('write0-fourth-sync', 0)
    write('write5', 5)
    write('write-8sectors', 16, 8)
    expect(read('read0', 0)).toEqual(letters(1))
    media('after-writes')
  })

  test('half a sector is refused', () => {
    expect(guest.writeDisk('pmem0s', 0, new Uint8Array(size / 2))).toBe(-22)
  })

  test('a disk of a region that is read-only can be read, not written', () => {
    expect(guest.set('region0', 'read_only', '1')).toBe(0)
    expect(guest.writeDisk('pmem0s', 0, letters(1))).toBe(-1)
    expect(guest.readDisk('pmem0s', 0, size)).toEqual(letters(1))
    expect(guest.set('region0', 'read_only', '0')).toBe(0)
  })

  if (size !== 4096) return

  test('map entries: trimmed, error, normal, never written', () => {
    guest.disable('namespace0.0')
    for (const [lba, entry] of [
      [10, 0x8000_000a],
      [11, 0x4000_000b],
      [12, 0xc000_0005],
      [13, 0],
    ] as const)
      for (let i = 0; i < 4; i++) memory.write(BASE + 4096 + mapoff + 4 * lba + i, (entry >>> (8 * i)) & 0xff)
    guest.bind('namespace0.0', 'nd_pmem')
    expect(read('read-lba9', 9)).toEqual(new Uint8Array(size))
    expect(read('read-lba10', 10)).toEqual(new Uint8Array(size))
    expect(read('read-lba11', 11)).toBe(-5)
    expect(dmesg.at(-1)).toMatch(/^err: nd_pmem btt0.\d: io error in READ sector 88, len 4096,$/)
    expect(read('read-lba12', 12)).toEqual(letters(1))
    expect(read('read-lba13', 13)).toEqual(new Uint8Array(size))
    write('write-lba10-trim', 10)
    write('write-lba11-error', 11)
    expect(read('read-lba11-after', 11)).toEqual(letters(1))
    media('kill-primary')
  })

  test('without its first info block the namespace is a raw disk again: the copy is not looked at', () => {
    guest.disable('namespace0.0')
    for (let i = 0; i < 4096; i++) memory.write(BASE + 4096 + i, 0)
    guest.bind('namespace0.0', 'nd_pmem')
    expect(guest.read('/sys/block/pmem0/size')).toBe(String(SIZE / 512))
    expect(guest.read('/sys/block/pmem0s/size')).toBeUndefined()
  })
})
