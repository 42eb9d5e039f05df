import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot, FlatMemory } from '../../../../../test/flat-machine.ts'
import { type CreateOptions, Guest, initLabels } from '../../../../../test/guest.ts'
import { runs } from '../../../../../test/runs.ts'
import { view } from '../../../../base/bytes.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit, type NfitStructure } from '../../../firmware/acpi/nfit-encode.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { Journal } from '../../../sim/journal.ts'
import type { LabelArea } from '../../include/linux/libnvdimm.ts'
import { decode_btt_sb, decode_log_entry, decode_map_entry, ent_lba } from './btt_sb.ts'
import { btt_support } from './btt_support.ts'
import { label_support } from './label_support.ts'

const BASE = 0x1_0000_0000
const MIB = 0x10_0000

const machine = (size: number, dimms: number): Uint8Array => {
  const structures: NfitStructure[] = [
    { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: size } },
  ]
  for (let i = 1; i <= dimms; i++) {
    const fields = { device_handle: i, range_index: 1, region_index: i, region_size: size / dimms, region_offset: i }
    structures.push({ type: 1, fields })
    structures.push({ type: 4, fields: { region_index: i, serial_number: i, vendor_id: 0x8086, code: 0x301 } })
  }
  return encodeNfit(structures)
}

const uuid = (n: number): string => `0000000${n}-1111-4222-8333-444444444444`

/** Everything that a label area has been, one Set Config Data word after the other. */
function remembering(area: LabelArea): { readonly area: LabelArea; readonly history: LabelArea[] } {
  const history: LabelArea[] = []
  const writeWord = (offset: number, bytes: Uint8Array): void => {
    area.writeWord(offset, bytes)
    history.push(createLabelArea(new Journal(), area.size, area.read(0, area.size)))
  }
  return { area: { ...area, writeWord }, history }
}

/** The namespaces that a kernel finds, by name of their labels; `none` when the region does not come up. */
function found(nfit: Uint8Array, areas: readonly LabelArea[]): string {
  const labelAreas = Object.fromEntries(areas.map((area, i) => [`nmem${i}`, area]))
  const guest = new Guest(boot(nfit, { labels: label_support, labelAreas }).k)
  if (guest.nd('region0', 'namespace_seed') === '') return 'none'
  return guest
    .namespaces()
    .filter((ns) => guest.nd(ns, 'size') !== '0')
    .map((ns) => ['uuid', 'alt_name', 'size', 'resource', 'sector_size'].map((a) => guest.nd(ns, a)).join(' '))
    .join('\n')
}

const created = (n: number, options: Partial<CreateOptions> = {}) => {
  return { mode: 'raw', size: 16 * MIB, name: `ns${n}`, uuid: uuid(n), ...options } as const
}

describe('power fails during a change of labels', () => {
  const changes: readonly (readonly [string, (guest: Guest) => number])[] = [
    ['a namespace gets its size', (guest) => guest.set('namespace0.2', 'size', String(16 * MIB))],
    ['another name', (guest) => guest.set('namespace0.0', 'alt_name', 'renamed')],
    ['another uuid', (guest) => guest.set('namespace0.0', 'uuid', uuid(7))],
    ['more room', (guest) => guest.set('namespace0.1', 'size', String(48 * MIB))],
    ['less room', (guest) => guest.set('namespace0.1', 'size', String(16 * MIB))],
    ['another sector size', (guest) => guest.set('namespace0.0', 'sector_size', '4096')],
    ['it is deleted', (guest) => guest.set('namespace0.1', 'size', '0')],
  ]
  test.each(changes.flatMap(([what, change]) => [128, 256].map((size) => [what, size, change] as const)))(
    '%s (labels of %i bytes): afterwards there is what was or what will be',
    (_what, labelSize, change) => {
      const nfit = machine(128 * MIB, 1)
      const { area, history } = remembering(createLabelArea(new Journal(), 2048))
      initLabels(area, labelSize)
      const guest = new Guest(boot(nfit, { labels: label_support, labelAreas: { nmem0: area } }).k)
      guest.create('region0', created(1))
      guest.create('region0', created(2, { size: 32 * MIB }))
      guest.set('namespace0.2', 'uuid', uuid(3))
      for (const ns of guest.namespaces()) guest.disable(ns)
      const before = found(nfit, [area])
      history.length = 0
      expect(change(guest)).toBe(0)
      const after = found(nfit, [area])
      expect(after).not.toBe(before)
      const states = history.map((each) => found(nfit, [each]))
      expect(states.filter((state) => state !== before && state !== after)).toEqual([])
      // Once the new state has been there it stays.
      expect(states.lastIndexOf(before)).toBeLessThan(states.indexOf(after))
    },
  )

  test('a namespace is made in many steps: whatever step was the last, it is there in full size or not, beside the others', () => {
    const nfit = machine(128 * MIB, 1)
    const { area, history } = remembering(createLabelArea(new Journal(), 2048))
    initLabels(area, 256)
    const guest = new Guest(boot(nfit, { labels: label_support, labelAreas: { nmem0: area } }).k)
    guest.create('region0', created(1))
    const before = found(nfit, [area])
    history.length = 0
    guest.create('region0', created(2, { mode: 'devdax', size: 32 * MIB }))
    const states = [...new Set(history.map((each) => found(nfit, [each])))]
    const sizes = states.map((state) => state.split('\n').map((line) => line.split(' ')[2]))
    expect(states.every((state) => state.startsWith(before))).toBe(true)
    expect(states).toContain(before)
    for (const each of sizes) expect([[String(16 * MIB)], [String(16 * MIB), String(32 * MIB)]]).toContainEqual(each)
    expect(states.at(-1)).toBe(`${before}\n${uuid(2)} ns2 ${32 * MIB} 0x101000000 [512] 4096 `)
  })

  test('of an interleaved set: while only one DIMM has the label the region does not come up, as upstream', () => {
    const nfit = machine(128 * MIB, 2)
    const one = remembering(createLabelArea(new Journal(), 2048))
    const two = remembering(createLabelArea(new Journal(), 2048))
    for (const { area } of [one, two]) initLabels(area, 128)
    const labelAreas = { nmem0: one.area, nmem1: two.area }
    const guest = new Guest(boot(nfit, { labels: label_support, labelAreas }).k)
    for (const { history } of [one, two]) history.length = 0
    guest.create('region0', created(1, { size: 32 * MIB }))
    const blank = two.history.findIndex((area) => found(nfit, [one.area, area]) !== 'none')
    expect(blank).toBeGreaterThan(0)
    expect(found(nfit, [one.area, two.area])).toContain('ns1')
  })
})

interface Store {
  /** Number of the instruction. */
  readonly step: number
  readonly bytes: [number, number][]
}

/** Memory that remembers which instruction wrote what. */
class LoggedMemory extends FlatMemory {
  readonly stores: Store[] = []
  steps: () => number = () => 0
  override write(at: number, byte: number): void {
    super.write(at, byte)
    const last = this.stores[this.stores.length - 1]
    if (last?.step === this.steps()) last.bytes.push([at, byte])
    else this.stores.push({ step: this.steps(), bytes: [[at, byte]] })
  }
}

/**
 * What an operation can have left when power fails: everything before some fence, and any of the stores behind it.
 * Stores to a block that nothing names yet are many: none, all, each second and a few at random stand for them.
 */
function images(before: FlatMemory, stores: readonly Store[], fences: readonly number[], dice: readonly number[]) {
  const all: FlatMemory[] = []
  const done = before.copy()
  const ends = [...fences, Number.POSITIVE_INFINITY]
  let from = 0
  for (const end of ends) {
    const pending = stores.filter(({ step }) => step >= from && step < end)
    from = end
    const few = pending.length <= 4
    const subsets = few
      ? Array.from({ length: 2 ** pending.length }, (_, bits) => (i: number) => ((bits >> i) & 1) === 1)
      : [() => false, () => true, (i: number) => i % 2 === 0, (i: number) => ((dice[i % dice.length] ?? 0) & 1) === 1]
    for (const chosen of subsets) {
      const image = done.copy()
      for (const [i, { bytes }] of pending.entries())
        if (chosen(i)) for (const [at, byte] of bytes) image.write(at, byte)
      all.push(image)
    }
    for (const { bytes } of pending) for (const [at, byte] of bytes) done.write(at, byte)
  }
  return all
}

describe('power fails during the write of a sector', () => {
  const nfit = machine(32 * MIB, 1)
  const sectorSize = 512

  const formatted = (() => {
    const memory = new FlatMemory()
    const guest = new Guest(boot(nfit, { memory, btt: btt_support }).k)
    guest.reconfigure('region0', 'namespace0.0', { mode: 'sector', sectorSize, uuid: uuid(1) })
    return memory
  })()

  const start = (memory: FlatMemory) => {
    const booted = boot(nfit, { memory, btt: btt_support })
    const guest = new Guest(booted.k)
    const read = (lba: number): string => {
      const bytes = guest.readDisk('pmem0s', lba * sectorSize, sectorSize)
      if (typeof bytes === 'number') throw new Error(`sector ${lba}: ${bytes}`)
      return bytes.every((byte) => byte === bytes[0]) ? String(bytes[0]) : 'torn'
    }
    const write = (lba: number, byte: number): number =>
      guest.writeDisk('pmem0s', lba * sectorSize, new Uint8Array(sectorSize).fill(byte))
    return { ...booted, read, write }
  }

  /** Every block is either some sector's or some lane's free one. */
  const blocksAreOnce = (memory: FlatMemory): void => {
    const sb = decode_btt_sb(memory.bytes(BASE + 4096, 4096))
    if (sb === undefined) throw new Error('no info block')
    const used = new Set<number>()
    const at = (offset: number, length: number) => memory.bytes(BASE + 4096 + offset, length)
    const map = view(at(sb.mapoff, sb.external_nlba * 4))
    for (let lba = 0; lba < sb.external_nlba; lba++) used.add(decode_map_entry(map.getUint32(4 * lba, true), lba).block)
    for (let lane = 0; lane < sb.nfree; lane++) {
      const group = at(sb.logoff + 64 * lane, 64)
      const [a, b] = [decode_log_entry(group, 0), decode_log_entry(group, 1)]
      const newest = b.seq === 0 || a.seq === (b.seq % 3) + 1 ? a : b
      used.add(ent_lba(newest.old_map))
    }
    expect(used.size).toBe(sb.internal_nlba)
  }

  test('each sector reads as before or as after, and no block is lost or used twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        (writes, dice) => {
          const memory = new LoggedMemory()
          for (const [at, byte] of changesOf(formatted)) memory.write(at, byte)
          const { cpu, write } = start(memory)
          memory.steps = () => cpu.issued.length
          const contents = new Map<number, number>()
          for (const [lba, byte] of writes) {
            const before = memory.copy()
            const first = cpu.issued.length
            memory.stores.length = 0
            expect(write(lba, byte)).toBe(sectorSize)
            const fences = cpu.issued.flatMap((line, i) => (line === 'sfence' && i >= first ? [i] : []))
            for (const image of images(before, memory.stores, fences, dice)) {
              const { read, write: more } = start(image)
              const old = contents.get(lba) ?? 0
              expect([String(old), String(byte)]).toContain(read(lba))
              for (let other = 0; other <= 5; other++)
                if (other !== lba) expect(read(other)).toBe(String(contents.get(other) ?? 0))
              blocksAreOnce(image)
              expect(more(lba, 77)).toBe(sectorSize)
              expect(read(lba)).toBe('77')
            }
            contents.set(lba, byte)
          }
        },
      ),
      { numRuns: Math.min(runs(3), 100) },
    )
  }, 120_000)

  test('a table is there with all its parts or not at all', () => {
    const memory = new LoggedMemory()
    const { k, cpu } = boot(nfit, { memory, btt: btt_support })
    memory.steps = () => cpu.issued.length
    const guest = new Guest(k)
    guest.reconfigure('region0', 'namespace0.0', { mode: 'sector', sectorSize, uuid: uuid(1) })
    const fences = cpu.issued.flatMap((line, i) => (line === 'sfence' ? [i] : []))
    const every = images(new FlatMemory(), memory.stores, fences, [1, 0, 0, 1, 1])
    const some = every.filter((_, i) => i % 97 === 0 || i > every.length - 14)
    const disks = some.map((image) => {
      const { k: later } = boot(nfit, { memory: image, btt: btt_support })
      const bytes = new Guest(later).readDisk('pmem0s', 0, sectorSize)
      return bytes === -2 ? 'raw' : bytes
    })
    expect(disks.every((disk) => disk === 'raw' || (typeof disk !== 'number' && disk[0] === 0))).toBe(true)
    expect(disks[0]).toBe('raw')
    expect(disks.at(-1)).not.toBe('raw')
  })
})

/** The bytes of a memory that are not zero, in the ranges that are used here. */
function* changesOf(memory: FlatMemory): Generator<readonly [number, number]> {
  for (const { at, bytes } of memory.used())
    for (const [i, byte] of bytes.entries()) if (byte !== 0) yield [at + i, byte]
}
