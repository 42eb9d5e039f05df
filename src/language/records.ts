/**
 * Where the members of each struct and union lie: offset, size, cache line, padding, as System V lays them out.
 *
 * Cache lines are counted from the record's start, as if it began on one. Left out: records that a header defines, or a
 * macro; what lies inside an array of records is told of the first one.
 */

import type { TypeSpecifier } from '../lang/c/ast.ts'
import { type Member, type RecordInfo, sizeOf } from '../lang/c/types.ts'
import type { MemberLayout, RecordLayout } from '../protocol/language.ts'
import { analyse } from './analysis.ts'
import { sourceOf } from './source.ts'

const LINE = 64
/** Records that are told; more are no longer looked at by anybody. */
const MOST = 1000

type Placed = MemberLayout & { readonly column: number }
type Definition = TypeSpecifier & { readonly kind: 'record' }

export function recordsOf(text: string): readonly RecordLayout[] {
  const { program } = sourceOf(text)
  const { tree, records } = analyse(program)
  const byPlace = new Map([...records].map((record) => [record.at, record]))
  const byTag = new Map([...records].map((record) => [`${record.union} ${record.tag}`, record]))
  const lines = program.split('\n')
  const found: RecordLayout[] = []
  for (const definition of definitions(tree)) {
    if (found.length >= MOST) break
    const record = byPlace.get(definition.at) ?? byTag.get(`${definition.union} ${definition.tag}`)
    if (record?.members === undefined) continue
    // What a header or a macro defines does not stand where it says.
    const stands = ({ name, line, column }: Placed): boolean => lines[line - 1]?.startsWith(name, column - 1) === true
    const members = membersOf(definition, record, 0, record.size)
      .filter(stands)
      .map(({ column: _, ...member }) => member)
    if (members.length === 0) continue
    const name = `${definition.union ? 'union' : 'struct'} ${definition.tag ?? '(unnamed)'}`
    found.push({ name, line: definition.at.line, size: record.size, align: record.align, members })
  }
  return found
}

/** The definitions that are not part of another one: the members of those are told with the outer record's offsets. */
function definitions(tree: unknown): readonly Definition[] {
  const found: Definition[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) walk(each)
    else if (typeof value === 'object' && value !== null) {
      if (isDefinition(value)) found.push(value)
      else for (const each of Object.values(value)) walk(each)
    }
  }
  walk(tree)
  return found
}

const isDefinition = (value: object): value is Definition =>
  'kind' in value && value.kind === 'record' && 'members' in value && value.members !== undefined

/** `end`: where the space of this record ends, in bytes of the outermost. */
function membersOf(definition: Definition, record: RecordInfo, base: number, end: number): readonly Placed[] {
  const waiting = [...(record.members ?? [])]
  const take = (name: string | undefined): Member | undefined => {
    const index = waiting.findIndex((member) => member.name === name)
    return index < 0 ? undefined : waiting.splice(index, 1)[0]
  }
  const all: Placed[] = []
  for (const { specifiers, declarators } of definition.members ?? []) {
    const { type } = specifiers
    const inner = type.kind === 'record' && type.members !== undefined ? type : undefined
    const names = declarators.length === 0 ? [{ name: undefined, at: type.at }] : declarators.map((d) => d.declarator)
    for (const { name, at } of names) {
      const member = take(name)
      if (member === undefined || (name === undefined && inner === undefined)) continue
      const from = base + member.offset
      const next = record.union ? end : base + nextOffset(record, member, end - base)
      const innermost = innerRecord(member)
      if (inner !== undefined && innermost !== undefined)
        all.push(...membersOf(inner, innermost, from, from + innermost.size))
      if (name === undefined) continue
      const used = from + usedBytes(member)
      all.push({
        name,
        line: at.line,
        column: at.column,
        offset: from,
        size: sizeOf(member.type),
        ...(member.bits === undefined ? {} : { bits: member.bits }),
        ...cacheLines(from + bitBytes(member), Math.max(used, from + 1)),
        padding: record.union ? 0 : Math.max(0, next - used),
      })
    }
  }
  return all
}

function innerRecord({ type }: Member): RecordInfo | undefined {
  let of = type
  while (of.kind === 'array') of = of.of
  return of.kind === 'record' ? of.record : undefined
}

const bitBytes = ({ bits }: Member): number => (bits === undefined ? 0 : Math.floor(bits.at / 8))

/** Bytes from the member's offset to the end of what it uses. */
const usedBytes = ({ type, bits }: Member): number =>
  bits === undefined ? sizeOf(type) : Math.ceil((bits.at + bits.width) / 8)

/** Where the next member's bytes begin. */
function nextOffset({ members = [] }: RecordInfo, member: Member, end: number): number {
  const next = members[members.indexOf(member) + 1]
  return next === undefined ? end : next.offset + bitBytes(next)
}

function cacheLines(from: number, to: number): Pick<MemberLayout, 'lines' | 'crosses'> {
  const [first, last] = [Math.floor(from / LINE), Math.floor((to - 1) / LINE)]
  return { lines: [first, last], crosses: first !== last && to - from <= LINE }
}
