import { expect, test } from 'vitest'
import type { Explored } from '../client/explorer.ts'
import { breaks, headline } from './litmus-words.ts'

const found = (part: Partial<Explored>): Explored => ({
  kind: 'explored',
  verdict: 'allowed',
  states: 9,
  complete: true,
  targets: [],
  outcomes: [
    { values: { x: '0' }, satisfies: false },
    { values: { x: '1' }, satisfies: true },
    { values: { x: '2' }, satisfies: false },
  ],
  cut: false,
  ...part,
})

test('exists is allowed or forbidden', () => {
  expect(headline(found({ expected: 'allowed' }), 'exists')).toBe('Allowed, as the file says')
  expect(headline(found({ verdict: 'forbidden' }), 'exists')).toBe('Forbidden; the file gives no verdict')
})

test('of forall it is said whether it holds, and how many outcomes break it', () => {
  const holds = found({ verdict: 'forbidden', expected: 'forbidden' })
  expect(headline(holds, 'forall')).toBe('Holds in every outcome, as the file says')
  expect(headline(found({ expected: 'forbidden' }), 'forall')).toBe(
    'Fails: 2 outcomes break it; the file says it holds',
  )
  expect(headline(found({ cut: true }), 'forall')).toContain('at least 2 outcomes break it')
})

test('of ~exists it is said whether that happens', () => {
  const never = found({ verdict: 'forbidden', expected: 'forbidden' })
  expect(headline(never, '~exists')).toBe('Never happens, as the file says')
  expect(headline(found({ expected: 'forbidden' }), '~exists')).toBe('Happens: in 1 outcome; the file says never')
})

test('undecided is undecided, whatever the condition', () => {
  for (const quantifier of ['exists', '~exists', 'forall'] as const)
    expect(headline(found({ verdict: 'undecided' }), quantifier)).toContain('Undecided')
})

test('only a condition that states something can be broken', () => {
  expect([breaks(true, 'exists'), breaks(false, 'exists')]).toEqual([false, false])
  expect([breaks(true, '~exists'), breaks(false, '~exists')]).toEqual([true, false])
  expect([breaks(true, 'forall'), breaks(false, 'forall')]).toEqual([false, true])
})
