import { expect, test } from 'vitest'
import type { MemberLayout } from '../../protocol/language.ts'
import { lineNotes } from './member-notes.ts'

const member = (name: string, line: number, part: Partial<MemberLayout>): MemberLayout => ({
  name,
  line,
  offset: 0,
  size: 8,
  lines: [0, 0],
  crosses: false,
  padding: 0,
  ...part,
})

test('a member a line: offset, size, its cache line, what is unused behind it', () => {
  const record = {
    name: 'struct log',
    line: 4,
    size: 128,
    align: 64,
    members: [
      member('a', 5, { size: 48, padding: 16 }),
      member('b', 6, { offset: 60, lines: [0, 1], crosses: true }),
      member('c', 7, { offset: 72, size: 4, lines: [1, 1], bits: { at: 3, width: 7 } }),
    ],
  }
  expect(lineNotes([record])).toEqual([
    { line: 4, words: 'struct log: 128 B, aligned to 64', cacheLines: '', first: 0, crosses: false },
    { line: 5, words: 'at 0, 48 B, then 16 B unused', cacheLines: '0', first: 0, crosses: false },
    { line: 6, words: 'at 60, 8 B, crosses into line 1', cacheLines: '0–1', first: 0, crosses: true },
    { line: 7, words: 'at 72, bits 3–9', cacheLines: '1', first: 1, crosses: false },
  ])
})

test('several members on one line are named', () => {
  const members = [member('a', 1, {}), member('b', 1, { offset: 64, lines: [1, 1] })]
  expect(lineNotes([{ name: 'struct s', line: 1, size: 72, align: 8, members }])).toEqual([
    { line: 1, words: 'a at 0, 8 B · b at 64, 8 B', cacheLines: '0–1', first: 0, crosses: false },
  ])
})
