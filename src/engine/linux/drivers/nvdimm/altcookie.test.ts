import { describe, expect, test } from 'vitest'
import { boot } from '../../../../../test/flat-machine.ts'
import { Guest, initLabels, writeArea } from '../../../../../test/guest.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { Journal } from '../../../sim/journal.ts'
import type { LabelArea } from '../../include/linux/libnvdimm.ts'
import { nd_fletcher64 } from './core.ts'
import { decode_label, encode_label } from './label_bytes.ts'
import { label_support } from './label_support.ts'

const BASE = 0x1_0000_0000
const SIZE = 0x800_0000
const UUID = '00000001-1111-4222-8333-444444444441'
/** Region offsets whose bytes, lowest first, stand in the other order than the numbers. */
const OFFSETS = [0x1000, 0x10000] as const
const SERIALS = [0x11, 0x22] as const

const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: 2 * SIZE } },
  ...[0, 1].flatMap((i) => [
    {
      type: 1,
      fields: {
        device_handle: i + 1,
        range_index: 1,
        region_index: i + 1,
        region_size: SIZE,
        region_offset: OFFSETS[i] ?? 0,
        interleave_ways: 2,
      },
    },
    // A block window over the same DIMM: without one labels are not looked at before v5.9.
    {
      type: 4,
      fields: {
        region_index: i + 1,
        serial_number: SERIALS[i] ?? 0,
        vendor_id: 0x8086,
        code: 0x201,
        windows: 1,
        window_size: 4096,
        command_size: 8,
        status_size: 4,
      },
    },
    { type: 5, fields: { region_index: i + 1, windows: 1, size: 4096, capacity: SIZE, start_address: 0 } },
  ]),
])

/** Fletcher's checksum over offset and serial number of each DIMM, in an order. */
function cookie(order: readonly number[]): bigint {
  const data = new DataView(new ArrayBuffer(16 * order.length))
  for (const [at, i] of order.entries()) {
    data.setBigUint64(16 * at, BigInt(OFFSETS[i] ?? 0), true)
    data.setUint32(16 * at + 8, SERIALS[i] ?? 0, true)
  }
  return nd_fletcher64(new Uint8Array(data.buffer))
}

/** A namespace in labels of both DIMMs, whose cookie then becomes `isetcookie`. */
function labelled(release: string, labelSize: number, isetcookie: bigint) {
  const labelAreas: Record<string, LabelArea> = {}
  for (const dimm of ['nmem0', 'nmem1']) {
    const area = createLabelArea(new Journal(), 131072)
    initLabels(area, labelSize)
    labelAreas[dimm] = area
  }
  const start = () => boot(nfit, { release, labels: label_support, labelAreas })
  const guest = new Guest(start().k)
  expect(guest.create('region0', { mode: 'raw', size: SIZE, name: 'old', uuid: UUID })).toBe(0)
  const cookies = (): readonly bigint[] =>
    Object.values(labelAreas).flatMap((area) =>
      slots(area, labelSize)
        .filter(({ label }) => label.uuid === UUID)
        .map(({ label }) => label.isetcookie),
    )
  const own = cookies()
  for (const area of Object.values(labelAreas)) {
    const bytes = area.read(0, area.size)
    for (const { at, label } of slots(area, labelSize))
      if (label.uuid === UUID) bytes.set(encode_label({ ...label, isetcookie }, labelSize), at)
    writeArea(area, bytes)
  }
  const { k, dmesg } = start()
  return { own, guest: new Guest(k), dmesg, cookies }
}

const slots = (area: LabelArea, labelSize: number) =>
  [0, 1, 2, 3].map((slot) => {
    const at = 512 + slot * labelSize
    return { at, label: decode_label(area.read(at, labelSize)) }
  })

const releases: readonly (readonly [string, number])[] = [
  ['v4.12', 128],
  ['v4.13', 128],
  ['v4.13', 256],
  ['v5.9', 128],
  ['v6.1', 128],
  ['v6.1', 256],
]

describe.each(releases)('%s, labels of %i bytes', (release, labelSize) => {
  test('those of a kernel that sorted the DIMMs otherwise are taken, and rewritten with the right cookie', () => {
    const { own, guest, dmesg, cookies } = labelled(release, labelSize, cookie([1, 0]))
    if (labelSize === 128) expect(new Set(own)).toEqual(new Set([cookie([0, 1])]))
    expect(guest.nd('namespace0.0', 'uuid')).toBe(UUID)
    expect(guest.nd('namespace0.0', 'size')).toBe(String(SIZE))
    expect(dmesg).toContain(`debug: nd_region region0: invalid cookie in label: ${UUID}`)
    expect(dmesg).toContain(`debug: nd_region region0: valid altcookie in label: ${UUID}`)
    guest.unbind('namespace0.0')
    expect(guest.set('namespace0.0', 'alt_name', 'new')).toBe(0)
    expect(cookies()).toContain(own[0])
  })

  test('any other cookie is a label of somebody else', () => {
    const { guest, dmesg } = labelled(release, labelSize, 0x1234n)
    expect(guest.nd('namespace0.0', 'uuid') ?? '').toBe('')
    expect(dmesg.filter((line) => line.includes('valid altcookie'))).toEqual([])
  })
})
