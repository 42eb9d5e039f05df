/**
 * The bytes of an NFIT → what they say, and what is wrong with them.
 *
 * For people. It forgives nothing silently and stops at nothing but a missing header; what the kernel makes of the same
 * bytes is another matter (`linux/drivers/acpi/nfit/core`).
 */

import { view } from '../../../base/bytes.ts'
import { ok, type Result } from '../../../base/result.ts'
import { type FieldValue, sumOf } from './nfit-encode.ts'
import {
  DCR_SHORT,
  EXCESS,
  fixedSize,
  type Layout,
  layoutOf,
  NFIT_DCR,
  NFIT_HEADER,
  reservedAt,
  sizeOf,
} from './nfit-layout.ts'
import {
  ascii,
  endOfNfit,
  hexOf,
  type NfitProblem,
  type PlacedStructure,
  structuresIn,
  tailCount,
} from './nfit-structures.ts'

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
  const end = endOfNfit(bytes)
  if (!end.ok) return end
  const data = view(bytes)
  const problems: NfitProblem[] = []
  const length = data.getUint32(4, true)
  if (length !== bytes.length)
    problems.push({ offset: 4, message: `header says ${length} bytes, there are ${bytes.length}` })
  const sum = sumOf(bytes.subarray(0, end.value))
  if (sum !== 0) problems.push({ offset: 9, message: `checksum is wrong: the bytes add up to ${sum}, not 0` })
  const header: NfitHeader = {
    signature: 'NFIT',
    length,
    revision: bytes[8] ?? 0,
    checksum: bytes[9] ?? 0,
    checksumOk: sum === 0,
    oemId: ascii(bytes.subarray(10, 16)),
    oemTableId: ascii(bytes.subarray(16, 24)),
    oemRevision: data.getUint32(24, true),
    creatorId: ascii(bytes.subarray(28, 32)),
    creatorRevision: data.getUint32(32, true),
  }
  return ok({ header, subtables: subtablesOf(bytes, end.value, problems), problems })
}

function subtablesOf(bytes: Uint8Array, end: number, problems: NfitProblem[]): readonly NfitSubtable[] {
  let after = NFIT_HEADER
  const subtables = structuresIn(bytes, end).map((structure): NfitSubtable => {
    const { offset, type, length, fields } = structure
    after = offset + length
    if (after > end)
      problems.push({
        offset: offset + 2,
        message: `structure of ${length} bytes ends behind the table's end at ${end}`,
      })
    const layout = layoutOf(type)
    if (layout === undefined) problems.push({ offset, message: `unknown structure type ${type}` })
    else judge(layout, structure, problems)
    return {
      offset,
      type,
      length,
      fields: layout === undefined ? fields : { ...fields, ...unclaimed(layout, structure) },
    }
  })
  if (end - after >= 4) {
    const [type, length] = [view(bytes).getUint16(after, true), view(bytes).getUint16(after + 2, true)]
    problems.push({ offset: after + 2, message: `structure of type ${type} has length ${length}` })
  } else if (end > after) problems.push({ offset: after, message: `${end - after} stray bytes at the end` })
  return subtables
}

function judge(layout: Layout, { offset, own, fields }: PlacedStructure, problems: NfitProblem[]): void {
  const { name, tail } = layout
  const size = layout.type === NFIT_DCR && !fields['windows'] ? DCR_SHORT : layout.size
  if (own.length < size) problems.push({ offset, message: `${name} structure has ${own.length} bytes, not ${size}` })
  if (tail === undefined || tail.count === 'rest') return
  const said = Number(fields[tail.count] ?? 0)
  const room = tailCount(layout, own.length, { [tail.count]: Number.POSITIVE_INFINITY })
  if (said > room) problems.push({ offset, message: `${name}: ${tail.count} is ${said}, there is room for ${room}` })
}

/** Bytes that should be zero and are not, and bytes that belong to no field. */
function unclaimed(layout: Layout, { own, fields }: PlacedStructure): Record<string, FieldValue> {
  const found: Record<string, FieldValue> = {}
  const fixed = fixedSize(layout, own.length)
  for (const [offset, length] of layout.reserved) {
    const bytes = own.subarray(offset, Math.min(offset + length, fixed))
    if (bytes.some((byte) => byte !== 0)) found[reservedAt(offset)] = hexOf(bytes)
  }
  const { tail } = layout
  const end = tail === undefined ? fixed : tail.offset + tailCount(layout, own.length, fields) * sizeOf(tail.kind)
  return own.length > end ? { ...found, [EXCESS]: hexOf(own.subarray(end)) } : found
}
