/**
 * The bytes of an NFIT → what they say, and what is wrong with them.
 *
 * For people and for the description of the hardware. It forgives nothing silently and stops at nothing but a missing
 * header; what the kernel makes of the same bytes is another matter (`linux/drivers/acpi/nfit/core`).
 */

import { hex, view } from '../../../base/bytes.ts'
import { err, ok, type Result } from '../../../base/result.ts'
import { guidText } from './guid.ts'
import { type FieldValue, sumOf } from './nfit-encode.ts'
import { DCR_SHORT, type FieldKind, type Layout, layoutOf, NFIT_DCR, NFIT_HEADER, sizeOf } from './nfit-layout.ts'

export interface NfitProblem {
  /** Byte in the table. */
  readonly offset: number
  readonly message: string
}

interface NfitHeader {
  readonly signature: string
  readonly length: number
  readonly revision: number
  readonly checksum: number
  readonly checksumOk: boolean
  readonly oemId: string
  readonly oemTableId: string
  readonly oemRevision: number
  readonly creatorId: string
  readonly creatorRevision: number
}

interface NfitSubtable {
  /** Byte in the table at which the structure begins. */
  readonly offset: number
  readonly type: number
  /** As its header says. */
  readonly length: number
  readonly fields: Readonly<Record<string, FieldValue>>
}

export interface NfitTable {
  readonly header: NfitHeader
  readonly subtables: readonly NfitSubtable[]
  readonly problems: readonly NfitProblem[]
}

export function decodeNfit(bytes: Uint8Array): Result<NfitTable, NfitProblem> {
  if (bytes.length < 36)
    return err({ offset: 0, message: `an ACPI table has at least 36 bytes, this has ${bytes.length}` })
  const signature = text(bytes, 0, 4)
  if (signature !== 'NFIT') return err({ offset: 0, message: `signature is ${JSON.stringify(signature)}, not "NFIT"` })
  const data = view(bytes)
  const problems: NfitProblem[] = []
  const length = data.getUint32(4, true)
  if (length !== bytes.length)
    problems.push({ offset: 4, message: `header says ${length} bytes, there are ${bytes.length}` })
  const end = Math.min(length, bytes.length)
  const sum = sumOf(bytes.subarray(0, end))
  if (sum !== 0) problems.push({ offset: 9, message: `checksum is wrong: the bytes add up to ${sum}, not 0` })
  const header: NfitHeader = {
    signature,
    length,
    revision: bytes[8] ?? 0,
    checksum: bytes[9] ?? 0,
    checksumOk: sum === 0,
    oemId: text(bytes, 10, 6),
    oemTableId: text(bytes, 16, 8),
    oemRevision: data.getUint32(24, true),
    creatorId: text(bytes, 28, 4),
    creatorRevision: data.getUint32(32, true),
  }
  return ok({ header, subtables: subtablesOf(bytes, end, problems), problems })
}

function subtablesOf(bytes: Uint8Array, end: number, problems: NfitProblem[]): readonly NfitSubtable[] {
  const data = view(bytes)
  const subtables: NfitSubtable[] = []
  for (let offset = NFIT_HEADER; offset < end; ) {
    if (end - offset < 4) {
      problems.push({ offset, message: `${end - offset} stray bytes at the end` })
      break
    }
    const type = data.getUint16(offset, true)
    const length = data.getUint16(offset + 2, true)
    if (length < 4) {
      problems.push({ offset: offset + 2, message: `structure of type ${type} has length ${length}` })
      break
    }
    if (offset + length > end)
      problems.push({
        offset: offset + 2,
        message: `structure of ${length} bytes ends behind the table's end at ${end}`,
      })
    const own = bytes.subarray(offset, Math.min(offset + length, end))
    const layout = layoutOf(type)
    if (layout === undefined) problems.push({ offset, message: `unknown structure type ${type}` })
    const fields = layout === undefined ? { data: hexOf(own.subarray(4)) } : fieldsOf(layout, own, offset, problems)
    subtables.push({ offset, type, length, fields })
    offset += length
  }
  return subtables
}

function fieldsOf(layout: Layout, own: Uint8Array, at: number, problems: NfitProblem[]): Record<string, FieldValue> {
  const data = view(own)
  const fields: Record<string, FieldValue> = {}
  for (const { name, kind, offset } of layout.fields)
    if (offset + sizeOf(kind) <= own.length) fields[name] = valueAt(data, kind, offset)
  const short = layout.type === NFIT_DCR && !fields['windows']
  const size = short ? DCR_SHORT : layout.size
  if (own.length < size)
    problems.push({ offset: at, message: `${layout.name} structure has ${own.length} bytes, not ${size}` })
  const { tail } = layout
  if (tail === undefined) return fields
  const room = Math.max(0, Math.floor((own.length - tail.offset) / sizeOf(tail.kind)))
  const said = tail.count === 'rest' ? room : Number(fields[tail.count] ?? 0)
  if (said > room)
    problems.push({ offset: at, message: `${layout.name}: ${tail.count} is ${said}, there is room for ${room}` })
  if (tail.kind === 'u8') return { ...fields, [tail.name]: hexOf(own.subarray(tail.offset)) }
  const items: (number | string)[] = []
  for (let i = 0; i < Math.min(said, room); i++) {
    const value = valueAt(data, tail.kind, tail.offset + i * sizeOf(tail.kind))
    items.push(value)
  }
  return { ...fields, [tail.name]: items }
}

function valueAt(data: DataView, kind: FieldKind, at: number): number | string {
  if (kind === 'u8') return data.getUint8(at)
  if (kind === 'u16') return data.getUint16(at, true)
  if (kind === 'u32') return data.getUint32(at, true)
  if (kind === 'guid') return guidText(new Uint8Array(data.buffer, data.byteOffset + at, 16))
  const value = data.getBigUint64(at, true)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : `0x${hex(value)}`
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => hex(byte, 2)).join('')

/** Text up to the first zero byte; bytes outside ASCII as question marks. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const own = bytes.subarray(at, at + length)
  const end = own.indexOf(0)
  const codes = Array.from(end < 0 ? own : own.subarray(0, end), (c) => (c >= 0x20 && c < 0x7f ? c : 0x3f))
  return String.fromCharCode(...codes).trimEnd()
}
