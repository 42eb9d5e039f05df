import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../../test/runs.ts'
import { SPA_GUID } from './guid.ts'
import { decodeNfit } from './nfit-decode.ts'
import { encodeNfit, type FieldValue, type NfitStructure, sumOf } from './nfit-encode.ts'
import { type FieldKind, layoutOf } from './nfit-layout.ts'

const real = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../../test/fixtures/groundtruth/${name}/NFIT.bin`, import.meta.url)))

const decoded = (bytes: Uint8Array) => {
  const table = decodeNfit(bytes)
  if (!table.ok) throw new Error(table.error.message)
  return table.value
}

const number = (bits: number): fc.Arbitrary<FieldValue> => fc.nat({ max: 2 ** bits - 1 })
const wide: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.maxSafeNat(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map((n) => `0x${n.toString(16)}`),
)
const values: Record<FieldKind, fc.Arbitrary<FieldValue>> = {
  u8: number(8),
  u16: number(16),
  u32: fc.nat({ max: 0xffff_ffff }),
  u64: wide,
  guid: fc.constantFrom(...Object.values(SPA_GUID)),
}

/** Any structure of any type, with the counts that its lists have. */
const structure: fc.Arbitrary<NfitStructure> = fc.nat({ max: 7 }).chain((type) => {
  const layout = layoutOf(type)
  if (layout === undefined) throw new Error(`no layout ${type}`)
  const inside = layout.fields.filter((field) => field.offset < layout.size && field.name !== layout.tail?.count)
  const fields = fc.record(Object.fromEntries(inside.map(({ name, kind }) => [name, values[kind]])))
  const { tail } = layout
  if (tail === undefined) return fields.map((each) => ({ type, fields: each }))
  const list =
    tail.kind === 'u8' ? fc.stringMatching(/^([0-9a-f]{2}){0,20}$/) : fc.array(values[tail.kind], { maxLength: 20 })
  return fc.tuple(fields, list).map(([each, items]) => ({
    type,
    fields: {
      ...each,
      ...(tail.count === 'rest' ? {} : { [tail.count]: items.length }),
      [tail.name]: items as FieldValue,
    },
  }))
})

/** A control region without block windows ends before them. */
const shortened = ({ type, fields }: NfitStructure): NfitStructure => {
  if (type !== 4 || fields['windows'] !== 0) return { type, fields }
  const long = ['window_size', 'command_offset', 'command_size', 'status_offset', 'status_size', 'flags']
  return { type, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !long.includes(name))) }
}

describe('decoding', () => {
  test('a table of QEMU reads as it was written', () => {
    const { header, subtables, problems } = decoded(real('a-1nvdimm-nolabel'))
    expect(header).toMatchObject({ signature: 'NFIT', length: 224, revision: 1, checksumOk: true, oemId: 'BOCHS' })
    expect(problems).toEqual([])
    expect(subtables.map(({ offset, type, length }) => [offset, type, length])).toEqual([
      [40, 0, 56],
      [96, 1, 48],
      [144, 4, 80],
    ])
    expect(subtables[0]?.fields).toMatchObject({
      range_index: 2,
      range_guid: SPA_GUID.pmem,
      address: 0x1_0000_0000,
      length: 0x1000_0000,
    })
    expect(subtables[2]?.fields).toMatchObject({ serial_number: 0x123456, vendor_id: 0x8086 })
  })

  test('what is no table at all is refused with its place', () => {
    expect(decodeNfit(new Uint8Array(12))).toEqual({
      ok: false,
      error: { offset: 0, message: 'an ACPI table has at least 36 bytes, this has 12' },
    })
    expect(decodeNfit(new TextEncoder().encode('x'.repeat(64)))).toMatchObject({ ok: false, error: { offset: 0 } })
  })

  test('a wrong checksum, a short table and a structure that leaves it are each named', () => {
    const bytes = real('a-1nvdimm-nolabel').slice(0, 160)
    bytes[20] = 0x41
    expect(decoded(bytes).problems).toEqual([
      { offset: 4, message: 'header says 224 bytes, there are 160' },
      { offset: 9, message: expect.stringContaining('checksum is wrong') },
      { offset: 146, message: "structure of 80 bytes ends behind the table's end at 160" },
      { offset: 144, message: 'control region structure has 16 bytes, not 32' },
    ])
  })

  test('a zero length ends the walk', () => {
    const bytes = real('a-1nvdimm-nolabel')
    bytes[98] = 0
    bytes[99] = 0
    const { subtables, problems } = decoded(bytes)
    expect(subtables).toHaveLength(1)
    expect(problems).toContainEqual({ offset: 98, message: 'structure of type 1 has length 0' })
  })
})

describe('encoding', () => {
  test('all bytes of a table add up to zero', () => {
    expect(sumOf(encodeNfit([{ type: 7, fields: { highest_capability: 1, capabilities: 2 } }]))).toBe(0)
  })

  test('decoding gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(structure, { maxLength: 12 }), (structures) => {
        const expected = structures.map(shortened)
        const table = decoded(encodeNfit(structures))
        expect(table.problems).toEqual([])
        expect(table.subtables.map(({ type, fields }) => ({ type, fields }))).toEqual(expected)
      }),
      { numRuns: Math.min(runs(50), 1000) },
    )
  })
})

describe('hostile bytes', () => {
  const check = (bytes: Uint8Array): void => {
    const table = decodeNfit(bytes)
    if (!table.ok) return
    for (const { offset } of [...table.value.subtables, ...table.value.problems]) {
      expect(offset).toBeGreaterThanOrEqual(0)
      expect(offset).toBeLessThanOrEqual(bytes.length)
    }
    expect(table.value.subtables.length * 4).toBeLessThanOrEqual(bytes.length)
    JSON.parse(JSON.stringify(table.value))
  }

  test('random bytes never throw and never hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
        check(tail)
        check(new Uint8Array([...new TextEncoder().encode('NFIT'), ...tail]))
      }),
      { numRuns: runs(1000) },
    )
  })

  test('a damaged real table never throws and never hangs', () => {
    const table = real('h1-numa2-nvdimm-each')
    const damage = fc.array(fc.tuple(fc.nat({ max: table.length - 1 }), fc.nat({ max: 255 })), { maxLength: 20 })
    fc.assert(
      fc.property(damage, fc.nat({ max: table.length }), (changes, length) => {
        const bytes = table.slice(0, length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        check(bytes)
      }),
      { numRuns: runs(1000) },
    )
  })
})
