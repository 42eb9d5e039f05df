import { expect, test } from 'vitest'
import { type Progress, progressOf, rowsOf } from './instruction-rows.ts'

const instruction = (text: string, column: number, ...issued: number[]) => ({
  text,
  line: 1,
  column,
  length: text.length,
  issued,
})

test('an instruction of the text that does two things is one row', () => {
  const rows = rowsOf([instruction('xadd', 1, 4), instruction('xadd', 1, 4, 6), instruction('sfence', 9)])
  expect(rows).toMatchObject([
    { text: 'xadd', at: [0, 1], issued: [4, 6] },
    { text: 'sfence', at: [2], issued: [] },
  ])
})

test('what is issued at this step, what was, what is next and what lies ahead stand apart', () => {
  const rows = rowsOf([instruction('a', 1, 3), instruction('b', 3, 5), instruction('c', 5), instruction('d', 7)])
  const at = (next: number, step: number): readonly Progress[] => rows.map((row) => progressOf(row, next, step))
  expect(at(2, 5)).toEqual(['issued', 'now', 'next', 'ahead'])
  expect(at(0, 2)).toEqual(['next', 'ahead', 'ahead', 'ahead'])
})

test('in a loop an instruction that was issued before is next again', () => {
  const [row] = rowsOf([instruction('load', 1, 3, 6)])
  expect(row && progressOf(row, 0, 4)).toBe('next')
})
