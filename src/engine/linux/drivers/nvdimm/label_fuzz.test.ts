import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boot } from '../../../../../test/flat-machine.ts'
import { Guest, initLabels } from '../../../../../test/guest.ts'
import { runs } from '../../../../../test/runs.ts'
import { view } from '../../../../base/bytes.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { Journal } from '../../../sim/journal.ts'
import { nd_fletcher64 } from './core.ts'
import { index_checksum } from './label_bytes.ts'
import { label_support } from './label_support.ts'

const SIZE = 0x800_0000
const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: 0x1_0000_0000, length: SIZE } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: SIZE } },
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

const areas = [
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

/** Where a byte matters: in the index blocks, in the first labels, anywhere. */
const place = fc.oneof(fc.nat({ max: 2 * INDEX - 1 }), fc.integer({ min: 512, max: 2047 }), fc.nat({ max: 8191 }))
const value = fc.oneof(fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }))
const damage = fc.record({
  which: fc.constantFrom(...areas),
  bytes: fc.array(fc.tuple(place, value), { maxLength: 12 }),
  seal: fc.boolean(),
  /** The area is shorter than what is in it says. */
  size: fc.option(fc.nat({ max: 8192 }), { nil: undefined }),
})

test('whatever is in a label area, the kernel boots and says little', () => {
  fc.assert(
    fc.property(damage, ({ which, bytes, seal, size = which.bytes.length }) => {
      const damaged = which.bytes.slice()
      for (const [at, byte] of bytes) if (at < damaged.length) damaged[at] = byte
      const area = createLabelArea(new Journal(), size, seal ? sealed(damaged, which.labelSize) : damaged)
      const { k, dmesg } = boot(nfit, { labels: label_support, labelAreas: { nmem0: area } })
      const guest = new Guest(k)
      expect(dmesg.length).toBeLessThan(400)
      for (const ns of guest.namespaces()) expect(Number(guest.nd(ns, 'size'))).toBeLessThanOrEqual(SIZE)
      expect(Number(guest.nd('region0', 'available_size'))).toBeLessThanOrEqual(SIZE)
      // And it can be worked with, or refuses.
      const [first] = guest.namespaces()
      if (first === undefined) return
      guest.disable(first)
      for (const [attribute, text] of [
        ['uuid', '00000009-1111-4222-8333-444444444444'],
        ['size', '33554432'],
        ['alt_name', 'new'],
      ] as const)
        expect(guest.set(first, attribute, text)).toBeLessThanOrEqual(0)
    }),
    { numRuns: runs(300) },
  )
}, 3_600_000)
