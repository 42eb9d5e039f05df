import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_MODEL } from '../engine/explore/model.ts'
import type { ExploreReply, ExploreRequest } from '../protocol/litmus.ts'
import { explore } from './exploration.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/litmus/${name}.litmus`, import.meta.url), 'utf8')

function said(request: Partial<ExploreRequest> & { readonly text: string }): readonly ExploreReply[] {
  const replies: ExploreReply[] = []
  explore({ model: DEFAULT_MODEL, maxStates: 100_000, ...request }, (reply) => replies.push(reply))
  return replies
}

test('an exploration tells verdict, images, and of each outcome how to get there', () => {
  expect(said({ text: fixture('PX-A07-flushopt-sfence') })).toEqual([
    {
      kind: 'explored',
      verdict: 'forbidden',
      expected: 'forbidden',
      states: expect.any(Number),
      complete: true,
      images: '3',
      expectedImages: 3,
      targets: [{ x: '0', y: '1' }],
      outcomes: [
        { values: { x: '0', y: '0' }, satisfies: false, witness: expect.stringMatching(/ power-off$|^power-off$/) },
        { values: { x: '1', y: '0' }, satisfies: false, witness: expect.stringContaining('P0 ') },
        { values: { x: '1', y: '1' }, satisfies: false, witness: expect.stringContaining('write-back:y power-off') },
      ],
      cut: false,
    },
  ])
})

test('an outcome that the machine on the screen cannot reach says why', () => {
  const [reply] = said({ text: fixture('PX-B04-line-aba'), model: { ...DEFAULT_MODEL, unit: 'word' } })
  expect(reply).toMatchObject({ verdict: 'allowed', expected: 'allowed' })
  const satisfying = reply?.kind === 'explored' ? reply.outcomes.find(({ satisfies }) => satisfies) : undefined
  expect(satisfying).toMatchObject({ why: expect.stringContaining('one snapshot') })
  expect(satisfying).not.toHaveProperty('witness')
})

test('a test of final states has registers in its outcomes and no images', () => {
  const [reply] = said({ text: fixture('TSO-SB') })
  expect(reply).not.toHaveProperty('images')
  expect(reply).toMatchObject({ outcomes: expect.arrayContaining([expect.objectContaining({ satisfies: true })]) })
})

test('a budget that is too small leaves it undecided, after progress', () => {
  const store = (thread: number): string =>
    `thread ${thread}: ${Array.from({ length: 6 }, (_, i) => `store x${thread}${i} 1`).join('; ')}`
  const text = `name: many\n${[0, 1, 2].map(store).join('\n')}\ncrash: exists x00=2\nverdict: forbidden\n`
  const replies = said({ text, maxStates: 20_000 })
  expect(replies.at(-1)).toMatchObject({ verdict: 'undecided', expected: 'forbidden', complete: false })
  expect(replies[0]).toMatchObject({ kind: 'progress' })
})

test('a text with mistakes is refused with their places', () => {
  const text = fixture('TSO-SB').replace('0: store', '0: stoer')
  expect(said({ text })).toEqual([
    { kind: 'refused', diagnostics: [expect.objectContaining({ column: 11, length: 5 })] },
  ])
})
