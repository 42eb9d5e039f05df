/** The naive enumerator against the verdicts of every litmus test, published and our own, under every option. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFAULT_MODEL, type Model } from '../../src/engine/explore/model.ts'
import { enumerate, type Outcomes } from './enumerate.ts'
import { readFixture, readThreads } from './reader.ts'

const readFolder = (name: string) => {
  const folder = new URL(`../fixtures/${name}/`, import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.litmus'))
    .map((file) => readFixture(readFileSync(new URL(file, folder), 'utf8')))
}
const published = readFolder('litmus')
const own = readFolder('litmus-own')
const fixtures = [...published, ...own]

const OPTIONS: readonly (readonly [option: string, model: Model])[] = [
  ['default', DEFAULT_MODEL],
  ['word', { ...DEFAULT_MODEL, unit: 'word' }],
  ['nt=fence', { ...DEFAULT_MODEL, movnt: 'fence' }],
  ['cas=paper', { ...DEFAULT_MODEL, cas: 'paper' }],
]

type Fixture = (typeof fixtures)[number]

/** The outcomes that a condition speaks of, each as `name=value` words. */
function namedOutcomes({ when, cells, registers }: Fixture, outcomes: Outcomes): string[][] {
  const memory = (text: string): string[] => text.split(' ').map((value, cell) => `${cells[cell]}=${value}`)
  if (when === 'crash') return outcomes.images.map(memory)
  if (when === 'end-crash') return outcomes.endImages.map(memory)
  if (when === 'eadr') return outcomes.memories.map(memory)
  return outcomes.finals.map((text) => {
    const parts = text.split(' | ')
    const named = registers.map((names, t) => {
      const values = (parts[t] ?? '').split(' ')
      return names.map((name, r) => `${t}:${name}=${values[r]}`)
    })
    return [...named.flat(), ...memory(parts.at(-1) ?? '')]
  })
}

const verdictOf = (fixture: Fixture, outcomes: Outcomes): string =>
  namedOutcomes(fixture, outcomes).some((named) =>
    fixture.alternatives.some((conjunction) => conjunction.every((term) => named.includes(term))),
  )
    ? 'allowed'
    : 'forbidden'

const enumerated = (fixture: Pick<Fixture, 'program'>, model: Model): Outcomes => {
  const outcomes = enumerate(fixture.program, model)
  if (outcomes === undefined) throw new Error('too many states')
  return outcomes
}

test('there are as many published tests as the index says', () => {
  expect(published).toHaveLength(150)
})

describe.each(OPTIONS)('every litmus test ends as its source says (%s)', (option, model) => {
  test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const outcomes = enumerated(fixture, model)
    expect(verdictOf(fixture, outcomes)).toBe(fixture.verdicts.get(option) ?? fixture.verdict)
    if (option === 'default' && fixture.images !== undefined) expect(outcomes.images).toHaveLength(fixture.images)
  })
})

describe('n stores on n lines, n clwb, a fence, a commit', () => {
  // persistency.md §3 gives the counts of another unreduced search.
  test.each([
    [2, 35],
    [4, 158],
    [6, 645],
  ])('n = %i: %i states, and a half-written set only while nothing is committed', (n, states) => {
    const names = Array.from({ length: n }, (_, i) => `x${i}`)
    const stores = names.map((x) => `store ${x} 1`)
    const flushes = names.map((x) => `clwb ${x}`)
    const text = [...stores, ...flushes, 'sfence', 'store c 1'].join('; ')
    const outcomes = enumerated(readThreads([text]), DEFAULT_MODEL)
    expect(outcomes.images).toHaveLength(2 ** n + 1)
    expect(outcomes.states).toBe(states)
  })
})

describe('what no fixture speaks of', () => {
  const word: Model = { ...DEFAULT_MODEL, unit: 'word' }
  const paper: Model = { ...DEFAULT_MODEL, cas: 'paper' }
  const of = (threads: readonly string[], layout = '', model = DEFAULT_MODEL): Outcomes =>
    enumerated(readThreads(threads, layout), model)

  test('a load puts together what its thread has buffered, byte by byte', () => {
    const { finals } = of(['store x 258; store x+1/1 7; store x+7/1 1; load r x+0/2; load s x+6/2'])
    expect(finals).toEqual(['1794 256 | 72057594037929730'])
  })

  test('a movnt to other bytes of the same cell may overtake the store before it', () => {
    expect(of(['store x+0/4 1; nt x+4/4 1']).memories).toEqual(['0', '1', '4294967296', '4294967297'])
    expect(of(['store x+0/4 1; nt x+3/4 0']).memories).toEqual(['0', '1'])
  })

  test('a movdir64b is seen at once and survives at once, also where words persist by themselves', () => {
    expect(of(['movdir64b a 1'], '{a,b}').images).toEqual(['0 0', '1 1'])
    expect(of(['movdir64b a 1'], '{a,b}', word).memories).toEqual(['0 0', '1 1'])
    expect(of(['movdir64b a 1'], '{a,b}', word).images).toEqual(['0 0', '1 1'])
  })

  test('a movdir64b survives whole, also where movnt wait for a fence and words persist by themselves', () => {
    for (const unit of ['line', 'word'] as const) {
      const fence: Model = { ...DEFAULT_MODEL, movnt: 'fence', unit }
      expect(of(['movdir64b a 1'], '{a,b}', fence).images).toEqual(['0 0', '1 1'])
      expect(of(['nt a 1; movdir64b a 2'], '{a,b}', fence).images).toEqual(['0 0', '1 0', '2 2'])
    }
  })

  test('a failed compare-and-swap leaves the buffer alone in the papers, and empties it on hardware', () => {
    const code = ['store x 1; cas r y 1 2; load s z', 'store z 1; mfence; load r x']
    const both = '0 0 | 0 | 1 0 1'
    expect(of(code, '{x} {y} {z}').finals).not.toContain(both)
    expect(of(code, '{x} {y} {z}', paper).finals).toContain(both)
  })

  test('in the papers a compare-and-swap that fails on its own buffered store does not wait for it', () => {
    const code = ['store x 1; cas r x 0 2; load s y', 'store y 1; mfence; load r x']
    expect(of(code, '{x} {y}').finals).not.toContain('1 0 | 0 | 1 1')
    expect(of(code, '{x} {y}', paper).finals).toContain('1 0 | 0 | 1 1')
  })

  test('a fence completes what its own thread has flushed, not what another has', () => {
    expect(of(['store x 1; clwb x; sfence']).endImages).toEqual(['1'])
    expect(of(['store x 1', 'clwb x; sfence']).endImages).toEqual(['0', '1'])
    expect(of(['store x 1; clwb x', 'load r x; ifne r 1 end; mfence; store y 1']).images).toContain('0 1')
  })
})
