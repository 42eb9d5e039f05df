/** What is written beside the members of a struct: offset, size, cache line, unused bytes. */

import type { MemberLayout, RecordLayout } from '../../protocol/language.ts'

export interface LineNote {
  /** 1-based. */
  readonly line: number
  /** Behind the line's text. */
  readonly words: string
  /** In the gutter: the cache lines, "0", "0–1"; empty where no member is. */
  readonly cacheLines: string
  /** Cache line of the first member: neighbours with the same one share it. */
  readonly first: number
  /** A member lies in two lines though one would do. */
  readonly crosses: boolean
}

const bytes = (count: number): string => `${count} B`

function words({ name, offset, size, bits, padding, crosses, lines }: MemberLayout, named: boolean): string {
  const where =
    bits === undefined ? `${offset}, ${bytes(size)}` : `${offset}, bits ${bits.at}–${bits.at + bits.width - 1}`
  const parts = [
    `${named ? `${name} ` : ''}at ${where}`,
    ...(crosses ? [`crosses into line ${lines[1]}`] : []),
    ...(padding > 0 ? [`then ${bytes(padding)} unused`] : []),
  ]
  return parts.join(', ')
}

/** In the order of the text; at most one a line. */
export function lineNotes(records: readonly RecordLayout[]): readonly LineNote[] {
  const notes = new Map<number, LineNote>()
  for (const { name, line, size, align, members } of records) {
    const byLine = new Map<number, MemberLayout[]>()
    for (const member of members) byLine.set(member.line, [...(byLine.get(member.line) ?? []), member])
    const head = `${name}: ${bytes(size)}, aligned to ${align}`
    if (!byLine.has(line)) notes.set(line, { line, words: head, cacheLines: '', first: 0, crosses: false })
    for (const [at, here] of byLine) {
      const first = Math.min(...here.map((member) => member.lines[0]))
      const last = Math.max(...here.map((member) => member.lines[1]))
      notes.set(at, {
        line: at,
        words: here.map((member) => words(member, here.length > 1)).join(' · '),
        cacheLines: first === last ? String(first) : `${first}–${last}`,
        first,
        crosses: here.some(({ crosses }) => crosses),
      })
    }
  }
  return [...notes.values()].sort((a, b) => a.line - b.line)
}
