import { expect, test } from 'vitest'
import { A, sampleFrame, tile } from './sample-frame.test-data.ts'
import { boardRows, boardSentence } from './summary.ts'
import { tileSentence } from './tile.ts'

test('a tile says which of its words are where', () => {
  expect(tileSentence(tile(A, 'M', 'DDD.Q..D'))).toBe(
    'line …9040, words 0–2, 7 dirty in a cache, word 4 in a write-pending queue',
  )
  expect(tileSentence(tile(A, '', 'PPPPPPPP'))).toBe('line …9040, whole line on media')
  expect(tileSentence(tile(A, 'E', '........'))).toBe('line …9040, clean')
})

test('the board in one sentence counts words by stage', () => {
  expect(boardSentence(sampleFrame())).toBe(
    '1 word in a store buffer, 2 words dirty in a cache, 4 words in a write-combining buffer, ' +
      '1 word write-back under way, 8 words in a write-pending queue, 2 words on media.',
  )
})

test('the table has a row for everything that the picture shows', () => {
  const rows = boardRows(sampleFrame())
  expect(rows.map(({ place }) => place)).toEqual([
    'Core 0, store buffer 0',
    'Core 0, write-combining buffer',
    'Core 0, L1d',
    'Core 0, L1d',
    'L3',
    'Controller 0, write-pending queue',
    'NVDIMM 0, media',
    'NVDIMM 0, media',
  ])
  expect(rows[0]?.text).toBe('store of line 12')
})
