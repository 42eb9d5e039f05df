/** A machine with one DIMM, and label areas to test it with: sound ones, and what damage makes of them. */

import fc from 'fast-check'
import { view } from '../src/base/bytes.ts'
import { SPA_GUID } from '../src/engine/firmware/acpi/guid.ts'
import { encodeNfit } from '../src/engine/firmware/acpi/nfit-encode.ts'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import { nd_fletcher64 } from '../src/engine/linux/drivers/nvdimm/core.ts'
import { index_checksum } from '../src/engine/linux/drivers/nvdimm/label_bytes.ts'
import { label_support } from '../src/engine/linux/drivers/nvdimm/label_support.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { boot } from './flat-machine.ts'
import { Guest, initLabels } from './guest.ts'

/** Bytes of the DIMM. */
export const MEMORY = 0x800_0000
export const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: 0x1_0000_0000, length: MEMORY } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: MEMORY } },
  { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
])

/** An area with three namespaces. */
function sound(size: number, labelSize: number): Uint8Array {
  const area = createLabelArea(new Journal(), size)
  initLabels(area, labelSize)
  const guest = new Guest(boot(nfit, { labels: label_support, labelAreas: { nmem0: area } }).k)
  for (const n of [1, 2, 3]) {
    const uuid = `0000000${n}-1111-4222-8333-444444444444`
    guest.create('region0', { mode: 'raw', size: 0x100_0000, name: `ns${n}`, uuid })
  }
  return area.read(0, size)
}

export const soundAreas = [
  { labelSize: 128, bytes: sound(1024, 128) },
  { labelSize: 128, bytes: sound(8192, 128) },
  { labelSize: 256, bytes: sound(8192, 256) },
]
const INDEX = 256

/** Damage that index and label checksums do not give away: they are made right again. */
function sealed(damaged: Uint8Array, labelSize: number): Uint8Array {
  const bytes = damaged.slice()
  for (const i of [0, 1]) {
    const block = bytes.subarray(i * INDEX, (i + 1) * INDEX)
    view(block).setBigUint64(64, index_checksum(block), true)
  }
  for (let at = 2 * INDEX; labelSize === 256 && at + labelSize <= bytes.length; at += labelSize) {
    const label = bytes.subarray(at, at + labelSize)
    label.fill(0, 248, 256)
    view(label).setBigUint64(248, nd_fletcher64(label), true)
  }
  return bytes
}

/** What damage does to an area with labels of some size. */
type Damage = (area: Uint8Array, labelSize: number) => Uint8Array

/** Where a byte matters: in the index blocks, in the first labels, anywhere. */
const place = fc.oneof(fc.nat({ max: 2 * INDEX - 1 }), fc.integer({ min: 512, max: 2047 }), fc.nat({ max: 8191 }))
const edge = fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0xff)
const poke = fc.tuple(place, fc.oneof(edge, fc.nat({ max: 255 })), fc.constantFrom(1, 1, 1, 8)).map(
  ([at, byte, width]): Damage =>
    (area) =>
      area.slice().fill(byte, at, at + width),
)
/** Numbers of an index block, and of a label: flags, count, position, cookie, sector size, DPA, size, slot. */
const [inIndex, inLabel] = [
  [19, 20, 24, 32, 40, 48, 56, 60, 64, 72],
  [0, 80, 84, 86, 88, 96, 104, 105, 106, 112, 113, 114, 120, 128, 248],
]
const field = fc.tuple(fc.constantFrom(...inLabel), fc.nat({ max: 5 }), edge).map(
  ([at, slot, byte]): Damage =>
    (area, labelSize) =>
      area.slice().fill(byte, 2 * INDEX + slot * labelSize + at, 2 * INDEX + slot * labelSize + at + 1),
)
const indexField = fc.tuple(fc.constantFrom(...inIndex), fc.constantFrom(0, INDEX), edge).map(
  ([at, block, byte]): Damage =>
    (area) =>
      area.slice().fill(byte, block + at, block + at + 1),
)
/** One label where another was, with its own slot's number. */
const twin = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })).map(
  ([from, to]): Damage =>
    (area, labelSize) => {
      const copy = area.slice()
      const at = 2 * INDEX + to * labelSize
      copy.copyWithin(at, 2 * INDEX + from * labelSize, 2 * INDEX + (from + 1) * labelSize)
      if (at + 124 <= copy.length) view(copy).setUint32(at + 120, to, true)
      return copy
    },
)

/** An area of any size up to 8 KiB with anything in it, mostly what was an area with labels. */
export const damagedArea: fc.Arbitrary<Uint8Array> = fc
  .record({
    which: fc.constantFrom(...soundAreas),
    damage: fc.array(fc.oneof({ weight: 2, arbitrary: poke }, field, indexField, twin), { maxLength: 8 }),
    seal: fc.boolean(),
    /** The area is shorter than what is in it says, or longer. */
    size: fc.option(fc.nat({ max: 8192 }), { nil: undefined, freq: 4 }),
  })
  .map(({ which: { bytes, labelSize }, damage, seal, size = bytes.length }) => {
    const damaged = damage.reduce((before, each) => each(before, labelSize), bytes)
    const area = new Uint8Array(size)
    area.set((seal ? sealed(damaged, labelSize) : damaged).subarray(0, size))
    return area
  })
