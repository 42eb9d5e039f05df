import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boot, FlatMemory } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { runs } from '../../../../../test/runs.ts'
import { view } from '../../../../base/bytes.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import { decode_btt_sb } from './btt_sb.ts'
import { btt_support } from './btt_support.ts'
import { nd_fletcher64 } from './core.ts'

const BASE = 0x1_0000_0000
const SIZE = 0x110_0000
const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: SIZE } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: SIZE } },
  { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
])
const INFO = BASE + 4096

const formatted = (() => {
  const memory = new FlatMemory()
  const guest = new Guest(boot(nfit, { memory, btt: btt_support }).k)
  guest.reconfigure('region0', 'namespace0.0', { mode: 'sector', uuid: '00000001-1111-4222-8333-444444444444' })
  return memory
})()
const logoff = decode_btt_sb(formatted.bytes(INFO, 4096))?.logoff ?? 0

const value = fc.oneof(fc.constantFrom(0, 1, 2, 3, 0x40, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }))
const damage = fc.record({
  info: fc.array(fc.tuple(fc.integer({ min: 32, max: 119 }), value), { maxLength: 6 }),
  log: fc.array(fc.tuple(fc.nat({ max: 511 }), value), { maxLength: 6 }),
})

test('whatever a table says of itself, the kernel boots, and reads what is there or an error', () => {
  fc.assert(
    fc.property(damage, ({ info, log }) => {
      const memory = formatted.copy()
      for (const [at, byte] of info) memory.write(INFO + at, byte)
      for (const [at, byte] of log) memory.write(INFO + logoff + at, byte)
      const sealed = memory.bytes(INFO, 4096)
      sealed.fill(0, 4088)
      view(sealed).setBigUint64(4088, nd_fletcher64(sealed), true)
      for (const [i, byte] of sealed.subarray(4088).entries()) memory.write(INFO + 4088 + i, byte)
      const { k, dmesg } = boot(nfit, { memory, btt: btt_support })
      const guest = new Guest(k)
      expect(dmesg.length).toBeLessThan(400)
      for (const disk of ['pmem0', 'pmem0s']) {
        const size = Number(guest.read(`/sys/block/${disk}/queue/logical_block_size`) ?? 512)
        for (const lba of [0, 1, 3900, 1e6]) {
          const bytes = guest.readDisk(disk, lba * size, size)
          if (typeof bytes === 'number') expect(bytes).toBeLessThan(0)
          const written = guest.writeDisk(disk, lba * size, new Uint8Array(size))
          if (written !== size) expect(written).toBeLessThan(0)
        }
      }
    }),
    { numRuns: runs(40) },
  )
}, 3_600_000)
