import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { type Choice, printChoice, readChoice, wordsOf } from './schedule.ts'

const thread = fc.integer({ min: 0, max: 7 })
const place = fc.constantFrom('x', 'P0', 'a+4', 't[1]', 'line0+8', 'drain', 'power-off')
const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ kind: fc.constantFrom('execute', 'fence'), thread }),
  fc.record({
    kind: fc.constantFrom('drain', 'begin-flush', 'flush', 'wc-drain', 'wc-cell', 'evict'),
    thread,
    place,
  }),
  fc.record({ kind: fc.constantFrom('write-back', 'wpq-drain'), place }),
  fc.constant({ kind: 'power-off' }),
) as fc.Arbitrary<Choice>

test('a schedule that is written is read back', () => {
  fc.assert(
    fc.property(fc.array(choice), (choices) => {
      const words = wordsOf(choices.map(printChoice).join(' \n'))
      expect(words.map(readChoice)).toEqual(choices.map((value) => ({ ok: true, value })))
    }),
    { numRuns: runs(300) },
  )
})

test.each(['P', 'Px', 'P0:x', 'drain', 'drain:x', 'drain:P0', 'drain:P0:', 'drain:P0:x:y', 'fence', 'fence:P0:x'])(
  'what means nothing is refused: %s',
  (word) => {
    expect(readChoice(word)).toEqual({ ok: false, error: `\`${word}\` is no choice of a schedule` })
  },
)

test.each(['write-back:P0:x', 'write-back', 'power-off:x', 'power-off:', '', 'P1234', 'p0'])(
  '%s is refused',
  (word) => {
    expect(readChoice(word)).toMatchObject({ ok: false })
  },
)
