/**
 * The bytes of an NFIT as structures with fields: what both the hardware and people are told.
 *
 * It goes as far as lengths lead it and judges nothing; what is wrong with a table says `nfit-decode.ts`.
 */

import { hex, view } from '../../../base/bytes.ts'
import { err, ok, type Result } from '../../../base/result.ts'
import { guidText } from './guid.ts'
import type { FieldValue } from './nfit-encode.ts'
import { type FieldKind, fixedSize, type Layout, layoutOf, NFIT_HEADER, sizeOf } from './nfit-layout.ts'

export interface NfitProblem {
  /** Byte in the table. */
  readonly offset: number
  readonly message: string
}

export interface PlacedStructure {
  /** Byte in the table at which the structure begins. */
  readonly offset: number
  readonly type: number
  /** As its header says. */
  readonly length: number
  /** What of it is in the table. */
  readonly own: Uint8Array
  readonly fields: Record<string, FieldValue>
}

/** Bytes. A machine of 256 DIMMs has 47 kB; whoever walks a table may look at pairs of structures. */
const MOST = 0x1_0000

/** Where the structures end; refused is what is no NFIT at all. */
export function endOfNfit(bytes: Uint8Array): Result<number, NfitProblem> {
  if (bytes.length < 36)
    return err({ offset: 0, message: `an ACPI table has at least 36 bytes, this has ${bytes.length}` })
  if (bytes.length > MOST) return err({ offset: MOST, message: `a table of more than ${MOST} bytes is not read` })
  const signature = ascii(bytes.subarray(0, 4))
  if (signature !== 'NFIT') return err({ offset: 0, message: `signature is ${JSON.stringify(signature)}, not "NFIT"` })
  return ok(Math.min(view(bytes).getUint32(4, true), bytes.length))
}

/** Ends where fewer than four bytes are left, or where a length does not even cover itself. */
export function structuresIn(bytes: Uint8Array, end: number): readonly PlacedStructure[] {
  const data = view(bytes)
  const structures: PlacedStructure[] = []
  for (let offset = NFIT_HEADER; end - offset >= 4; ) {
    const type = data.getUint16(offset, true)
    const length = data.getUint16(offset + 2, true)
    if (length < 4) break
    const own = bytes.subarray(offset, Math.min(offset + length, end))
    const layout = layoutOf(type)
    const fields = layout === undefined ? { data: hexOf(own.subarray(4)) } : fieldsOf(layout, own)
    structures.push({ offset, type, length, own, fields })
    offset += length
  }
  return structures
}

/** The fields that are there in full. */
function fieldsOf(layout: Layout, own: Uint8Array): Record<string, FieldValue> {
  const data = view(own)
  const fields: Record<string, FieldValue> = {}
  const fixed = Math.min(fixedSize(layout, own.length), own.length)
  for (const { name, kind, offset } of layout.fields)
    if (offset + sizeOf(kind) <= fixed) fields[name] = valueAt(data, kind, offset)
  const { tail } = layout
  if (tail?.kind === 'u8') fields[tail.name] = hexOf(own.subarray(tail.offset))
  else if (tail !== undefined)
    fields[tail.name] = Array.from({ length: tailCount(layout, own.length, fields) }, (_, i) =>
      valueAt(data, tail.kind, tail.offset + i * sizeOf(tail.kind)),
    )
  return fields
}

/** Items of the list that a structure of this length holds: as many as it says, if there is room. */
export function tailCount({ tail }: Layout, length: number, fields: Readonly<Record<string, FieldValue>>): number {
  if (tail === undefined) return 0
  const room = Math.max(0, Math.floor((length - tail.offset) / sizeOf(tail.kind)))
  return tail.count === 'rest' ? room : Math.min(room, Number(fields[tail.count] ?? 0))
}

function valueAt(data: DataView, kind: FieldKind, at: number): number | string {
  if (kind === 'u8') return data.getUint8(at)
  if (kind === 'u16') return data.getUint16(at, true)
  if (kind === 'u32') return data.getUint32(at, true)
  if (kind === 'guid') return guidText(new Uint8Array(data.buffer, data.byteOffset + at, 16))
  const value = data.getBigUint64(at, true)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : `0x${hex(value)}`
}

export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => hex(byte, 2)).join('')

/** Text up to the first zero byte; bytes outside ASCII as question marks. */
export function ascii(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const codes = Array.from(end < 0 ? bytes : bytes.subarray(0, end), (c) => (c >= 0x20 && c < 0x7f ? c : 0x3f))
  return String.fromCharCode(...codes).trimEnd()
}
