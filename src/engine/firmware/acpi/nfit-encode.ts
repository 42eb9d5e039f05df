/**
 * Structures → the bytes of an NFIT, with lengths and the ACPI checksum.
 *
 * A field that is not given is zero; a count that is not given is that of its list. The input has the shape that
 * `decodeNfit` gives, so that decoding and encoding are inverse: what it finds nothing wrong with comes back to the
 * byte.
 */

import { assert, ensure } from '../../../base/assert.ts'
import { view } from '../../../base/bytes.ts'
import { guidBytes } from './guid.ts'
import {
  DCR_SHORT,
  EXCESS,
  type Layout,
  layoutOf,
  NFIT_DCR,
  NFIT_HEADER,
  NFIT_SPA,
  reservedAt,
  SPA_LONG,
  sizeOf,
} from './nfit-layout.ts'

/** Numbers up to 2^53-1, larger ones as "0x…", GUIDs in canonical text, lists of numbers. */
export type FieldValue = number | string | readonly (number | string)[]

export interface NfitStructure {
  readonly type: number
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** Oem ids of a generated table. */
const OEM_ID = 'PMSCOP'
const OEM_TABLE_ID = 'PMEMSCOP'

/** `lead`: the 40 bytes of another table, whose revision and ids this one takes over. */
export function encodeNfit(structures: readonly NfitStructure[], lead = ownLead()): Uint8Array {
  const parts = structures.map(encodeStructure)
  const length = parts.reduce((sum, part) => sum + part.length, NFIT_HEADER)
  const table = new Uint8Array(length)
  table.set(lead.subarray(0, NFIT_HEADER))
  view(table).setUint32(4, length, true)
  let at = NFIT_HEADER
  for (const part of parts) {
    table.set(part, at)
    at += part.length
  }
  table[9] = 0
  table[9] = -sumOf(table) & 0xff
  return table
}

function ownLead(): Uint8Array {
  const lead = new Uint8Array(NFIT_HEADER)
  const data = view(lead)
  lead.set(ascii('NFIT', 4), 0)
  data.setUint8(8, 1)
  lead.set(ascii(OEM_ID, 6), 10)
  lead.set(ascii(OEM_TABLE_ID, 8), 16)
  data.setUint32(24, 1, true)
  lead.set(ascii('PMSC', 4), 28)
  data.setUint32(32, 1, true)
  return lead
}

/** Sum of all bytes modulo 256: zero in a correct ACPI table. */
export function sumOf(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) sum = (sum + byte) & 0xff
  return sum
}

function encodeStructure({ type, fields }: NfitStructure): Uint8Array {
  const layout = layoutOf(type)
  if (layout === undefined) return framed(type, hexBytes(fields['data']))
  const list = layout.tail === undefined ? [] : listOf(fields[layout.tail.name])
  const fixed = fixedSizeOf(layout, fields)
  const excess = hexBytes(fields[EXCESS])
  const end = fixed + (layout.tail === undefined ? 0 : list.length * sizeOf(layout.tail.kind))
  const bytes = framed(type, new Uint8Array(end + excess.length - FRAME))
  const data = view(bytes)
  for (const field of layout.fields) {
    if (field.offset >= fixed) continue
    const counted = layout.tail?.count === field.name ? list.length : undefined
    put(data, field.kind, field.offset, fields[field.name] ?? counted ?? 0)
  }
  for (const [offset] of layout.reserved) if (offset < fixed) bytes.set(hexBytes(fields[reservedAt(offset)]), offset)
  for (const [i, value] of list.entries()) {
    const { kind, offset } = ensure(layout.tail, 'a list has a tail')
    put(data, kind, offset + i * sizeOf(kind), value)
  }
  bytes.set(excess, end)
  return bytes
}

/** Type and length in front. */
const FRAME = 4

function framed(type: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME + content.length)
  view(bytes).setUint16(0, type, true)
  view(bytes).setUint16(2, bytes.length, true)
  bytes.set(content, FRAME)
  return bytes
}

function fixedSizeOf({ type, size }: Layout, fields: NfitStructure['fields']): number {
  if (type === NFIT_DCR) return Number(fields['windows'] ?? 0) || fields['window_size'] !== undefined ? size : DCR_SHORT
  return type === NFIT_SPA && fields['location_cookie'] !== undefined ? SPA_LONG : size
}

/** A list, or the bytes that hexadecimal text stands for. */
const listOf = (value: FieldValue | undefined): readonly (number | string)[] =>
  typeof value === 'object' ? value : [...hexBytes(value)]

const hexBytes = (value: FieldValue | undefined): Uint8Array =>
  Uint8Array.from(typeof value === 'string' ? (value.match(/../g) ?? []) : [], (pair) => Number.parseInt(pair, 16))

function put(data: DataView, kind: string, at: number, value: FieldValue): void {
  if (kind === 'guid') {
    const bytes = guidBytes(value === 0 ? '00000000-0000-0000-0000-000000000000' : String(value))
    assert(bytes !== undefined, 'a GUID field holds a GUID')
    for (const [i, byte] of bytes.entries()) data.setUint8(at + i, byte)
  } else if (kind === 'u64') data.setBigUint64(at, BigInt(String(value)), true)
  else if (kind === 'u32') data.setUint32(at, Number(value), true)
  else if (kind === 'u16') data.setUint16(at, Number(value), true)
  else data.setUint8(at, Number(value))
}

function ascii(text: string, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i < text.length ? text.charCodeAt(i) : 0x20))
}
