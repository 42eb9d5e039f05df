/** Tables to test with: arbitrary structures of every type, the tables of the captures, and damaged ones. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { SPA_GUID } from '../src/engine/firmware/acpi/guid.ts'
import { encodeNfit, type FieldValue, type NfitStructure } from '../src/engine/firmware/acpi/nfit-encode.ts'
import { type FieldKind, layoutOf } from '../src/engine/firmware/acpi/nfit-layout.ts'

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

const someBytes = (least: number, most: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: least, maxLength: most })
    .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''))

/** Any structure of any type that ACPI defines, with the counts that its lists have; short and long forms. */
export const structure: fc.Arbitrary<NfitStructure> = fc.nat({ max: 7 }).chain((type) => {
  const layout = layoutOf(type)
  if (layout === undefined) throw new Error(`no layout ${type}`)
  const { tail } = layout
  const inside = layout.fields.filter((field) => field.name !== tail?.count)
  const all = fc.record(Object.fromEntries(inside.map(({ name, kind }) => [name, values[kind]])))
  const fields = fc.tuple(all, fc.boolean()).map(([each, long]) => (long ? each : shortened(type, each)))
  if (tail === undefined) return fields.map((each) => ({ type, fields: each }))
  const list = tail.kind === 'u8' ? someBytes(0, 20) : fc.array(values[tail.kind], { minLength: 1, maxLength: 20 })
  return fc.tuple(fields, list).map(([each, items]) => ({
    type,
    fields: {
      ...each,
      ...(tail.count === 'rest' ? {} : { [tail.count]: items.length }),
      [tail.name]: items as FieldValue,
    },
  }))
})

/** A range without location cookie, a control region without block windows. */
function shortened(type: number, fields: Record<string, FieldValue>): Record<string, FieldValue> {
  const { location_cookie: _, ...range } = fields
  if (type !== 4) return range
  const long = ['window_size', 'command_offset', 'command_size', 'status_offset', 'status_size', 'flags']
  const short = Object.entries(fields).filter(([name]) => !long.includes(name))
  return { ...Object.fromEntries(short), windows: 0 }
}

/** As above, and bytes that should be zero, bytes too many, structures of unknown types. */
export const oddStructure: fc.Arbitrary<NfitStructure> = fc.oneof(
  { weight: 4, arbitrary: structure },
  {
    weight: 2,
    arbitrary: structure.chain((own) => {
      const reserved = layoutOf(own.type)?.reserved ?? []
      const long = own.type !== 4 || own.fields['window_size'] !== undefined
      const bytes = fc.record(
        Object.fromEntries(
          reserved
            .filter(([offset]) => long || offset < 32)
            .map(([offset, length]) => [
              `reserved@${offset}`,
              someBytes(length, length).filter((text) => /[^0]/.test(text)),
            ]),
        ),
      )
      return bytes.map((each) => ({ ...own, fields: { ...own.fields, ...each } }))
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(structure, someBytes(1, 3))
      .filter(([{ type }]) => type !== 3)
      .map(([own, excess]) => ({ ...own, fields: { ...own.fields, excess } })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 8, max: 0xffff }), someBytes(0, 20))
      .map(([type, data]) => ({ type, fields: { data } })),
  },
)

const fixtures = new URL('./fixtures/groundtruth/', import.meta.url)

/** The bytes that a capture names: a file, or base64. */
export const capturedTable = (nfit: string): Uint8Array =>
  new Uint8Array(
    nfit.startsWith('base64:') ? Buffer.from(nfit.slice(7), 'base64') : readFileSync(new URL(nfit, fixtures)),
  )

/** A change that damage or an author's mistake makes: the table after it. */
type Change = (table: Uint8Array) => Uint8Array

const place = fc.nat({ max: 2 ** 16 })
const at = (n: number, table: Uint8Array): number => n % Math.max(1, table.length)

/** Values at which counts, lengths and addresses turn over. */
const edge = fc.constantFrom(0, 1, 3, 4, 7, 8, 0x10, 0x20, 0x7f, 0x80, 0xff)

const poke = fc.tuple(place, fc.oneof(edge, fc.nat({ max: 255 })), fc.integer({ min: 1, max: 8 })).map(
  ([where, value, width]): Change =>
    (table) =>
      table.slice().fill(value, at(where, table), at(where, table) + width),
)
const cut = place.map(
  (where): Change =>
    (table) =>
      table.slice(0, at(where, table)),
)
const copy = fc.tuple(place, place, fc.nat({ max: 200 })).map(
  ([from, to, length]): Change =>
    (table) => {
      const piece = table.slice(at(from, table), at(from, table) + length)
      return Uint8Array.from([...table.slice(0, at(to, table)), ...piece, ...table.slice(at(to, table))])
    },
)
const remove = fc.tuple(place, fc.nat({ max: 100 })).map(
  ([where, length]): Change =>
    (table) =>
      Uint8Array.from([...table.slice(0, at(where, table)), ...table.slice(at(where, table) + length)]),
)
/** Without this most damage ends at the header's length. */
const adjust: Change = (table) => {
  const adjusted = table.slice()
  if (adjusted.length >= 8) new DataView(adjusted.buffer).setUint32(4, adjusted.length, true)
  return adjusted
}

/** Tables, those given and others, with pieces changed, cut, copied and removed. */
export const mutatedTable = (tables: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...tables),
        fc.array(oddStructure, { maxLength: 8 }).map((own) => encodeNfit(own)),
      ),
      fc.array(fc.oneof({ weight: 5, arbitrary: poke }, cut, copy, remove), { minLength: 1, maxLength: 6 }),
      fc.boolean(),
    )
    .map(([table, changes, adjusts]) => {
      const bytes = changes.reduce((before, change) => change(before), table)
      return adjusts ? adjust(bytes) : bytes
    })
