/** Struct and union layout by the System V x86-64 ABI (§3.1.2), with gcc's `packed` and `aligned`. */

import { alignOf, type CType, type Member, type RecordInfo, sizeOf } from './types.ts'

export interface MemberRequest {
  readonly name: string | undefined
  readonly type: CType
  /** `_Alignas` or `aligned(n)` on the member, bytes; 1 = none. */
  readonly align: number
  readonly packed: boolean
  readonly width: number | undefined
}

const roundUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit

/** Gives `record` its members, size and alignment; the types of members ask for no more than `limit` bytes. */
export function layOut(record: RecordInfo, requests: readonly MemberRequest[], limit: number, least: number): void {
  const members: Member[] = []
  let bit = 0
  let size = 0
  let align = least
  let depth = 0
  for (const { name, type, align: wanted, packed: tight, width } of requests) {
    const natural = tight ? 1 : Math.min(limit, alignOf(type))
    const unit = sizeOf(type) * 8
    if (record.union) bit = 0
    depth = Math.max(depth, type.kind === 'record' ? type.record.depth : type.depth)
    if (width === undefined) {
      const boundary = Math.max(natural, wanted)
      const offset = roundUp(Math.ceil(bit / 8), boundary)
      align = Math.max(align, boundary)
      members.push({ name, type, offset, bits: undefined })
      bit = (offset + sizeOf(type)) * 8
    } else if (width === 0) {
      bit = roundUp(bit, unit)
    } else {
      // A bit-field never crosses a boundary of its type, unless packed.
      const storage = alignOf(type) * 8
      if (wanted > 1) bit = roundUp(bit, wanted * 8)
      if (natural > 1 && Math.floor(bit / storage) !== Math.floor((bit + width - 1) / storage))
        bit = roundUp(bit, storage)
      let offset = Math.floor(bit / unit) * (unit / 8)
      let at = bit - offset * 8
      if (at + width > unit) {
        offset = Math.floor(bit / 8)
        at = bit % 8
      }
      if (name !== undefined) {
        members.push({ name, type, offset, bits: { at, width } })
        align = Math.max(align, natural, wanted)
      }
      bit += width
    }
    size = Math.max(size, Math.ceil(bit / 8))
  }
  record.members = members
  record.align = align
  record.size = roundUp(size, align)
  record.depth = depth + 1
}

/** A member by name, through anonymous structs and unions; its offset is from the outer record's start. */
export function findMember(record: RecordInfo, name: string): Member | undefined {
  for (const member of record.members ?? []) {
    if (member.name === name) return member
    if (member.name === undefined && member.type.kind === 'record') {
      const inner = findMember(member.type.record, name)
      if (inner !== undefined) return { ...inner, offset: inner.offset + member.offset }
    }
  }
  return undefined
}

export function memberNames(record: RecordInfo): string[] {
  return (record.members ?? []).flatMap((m) =>
    m.name !== undefined ? [m.name] : m.type.kind === 'record' ? memberNames(m.type.record) : [],
  )
}
