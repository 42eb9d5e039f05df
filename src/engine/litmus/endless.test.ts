/** Programs that never end, and questions that go on and on: undecided, with the reason, or decided; never wrong. */

import { describe, expect, test } from 'vitest'
import { parseLitmus } from '../../formats/litmus/parse.ts'
import { DEFAULT_MODEL } from '../explore/model.ts'
import { type Decision, decide } from './decide.ts'

/** What the command line gives a search that is told nothing. */
const BUDGET = { model: DEFAULT_MODEL, maxStates: 5_000_000 }

function decided(text: string, stop?: (states: number) => boolean): Decision {
  const parsed = parseLitmus(text)
  if (!parsed.ok) throw new Error(parsed.error.map(({ line, message }) => `${line}: ${message}`).join('\n'))
  return decide(parsed.value, stop === undefined ? BUDGET : { ...BUDGET, stop })
}

const own = (threads: readonly string[], question = 'crash: exists x=7777777'): string =>
  ['name: T', ...threads.map((code, i) => `thread ${i}: ${code}`), question, 'verdict: forbidden'].join('\n')

const herd = (...instructions: readonly string[]): string =>
  `X86_64 T\n{ 0:rax=0; }\n P0 ;\n${instructions.map((each) => ` ${each} ;\n`).join('')}exists (x=7777777)\n`

describe('a loop without an end is undecided, and what grew is said', { timeout: 120_000 }, () => {
  test.each([
    ['stores that wait', own(['L: store x 1; goto L']), 'a thread had 257 instructions waiting at once'],
    ['a counter', own(['L: faa r x 1; goto L']), '1025 contents of one line could be on media at once'],
    ['a counter that is flushed', own(['L: faa r x 1; clflush x; goto L']), 'took more than 256 MB'],
    ['a register', herd('L: incq %rax', 'movl $0,(x)', 'mfence', 'jmp L'), 'took more than 256 MB'],
    ['a register, without memory', herd('movl $0,(x)', 'L: incq %rax', 'jmp L'), 'took more than 256 MB'],
    ['a register that is stored', herd('L: incq %rax', 'movq %rax,(x)', 'jmp L'), 'a thread had 257 instructions'],
    ['two threads', own(['L: nt x 1; goto L', 'M: clwb x; goto M']), 'a thread had 257 instructions waiting'],
  ])('%s', (_, text, reason) => {
    const { verdict, complete, because } = decided(text)
    expect([verdict, complete, because]).toEqual(['undecided', false, expect.stringContaining(reason)])
  })

  test('unless an outcome that it has shows first', () => {
    const { verdict, complete, because } = decided(own(['L: faa r x 1; goto L'], 'crash: exists x=3'))
    expect([verdict, complete, because]).toEqual(['allowed', false, undefined])
  })
})

test('whoever waits for another thread is decided', () => {
  const text = own(
    ['store x 1; clwb x; sfence; store y 1', 'L: load r y; ifeq r 0 L; store z 1'],
    'crash: exists x=0 z=1',
  )
  expect(decided(text)).toMatchObject({ verdict: 'forbidden', complete: true })
})

test('a loop that comes to where it was is decided', () => {
  expect(decided(own(['store x 1; L: load r x; goto L']))).toMatchObject({ verdict: 'forbidden', complete: true })
  expect(decided(own(['store x 1; L: goto L']))).toMatchObject({ verdict: 'forbidden', complete: true })
})

test('a search is asked to stop though it finds few states, if these grow', () => {
  const asked: number[] = []
  const { because } = decided(herd('movl $0,(x)', 'L: incq %rax', 'jmp L'), (states) => asked.push(states) === 3)
  expect(because).toBe('the search was ended from outside')
  expect(asked).toHaveLength(3)
  expect(asked[2]).toBeLessThan(4096)
})

describe('a long condition', () => {
  const clauses = (count: number, locations: number): string =>
    Array.from({ length: count }, (_, i) => `(x${i % locations}=0 | x${i % locations}=1)`).join(' /\\ ')
  const stores = (locations: number): string => Array.from({ length: locations }, (_, i) => `store x${i} 1`).join('; ')

  test.each([
    [30, 1],
    [200, 1],
    [30, 30],
    [200, 40],
  ])('of %i clauses about %i locations is decided', (count, locations) => {
    const last = ` /\\ x0=${2}`
    const question = (end: string): string => `crash: exists ${clauses(count, locations)}${end}`
    expect(decided(own([stores(locations)], question('')))).toMatchObject({ verdict: 'allowed' })
    expect(decided(own([stores(locations)], question(last)))).toMatchObject({ verdict: 'forbidden', complete: true })
  })

  test('that no beginning of an image contradicts is undecided', () => {
    const pairs = Array.from({ length: 20 }, (_, i) => `((x${i}=0 /\\ x${i + 20}=0) | (x${i}=1 /\\ x${i + 20}=1))`)
    const odd = `((x0=0 /\\ x39=2) | (x1=0 /\\ x39=3))`
    const { verdict, complete, because } = decided(
      own(
        [stores(20), Array.from({ length: 20 }, (_, i) => `store x${i + 20} 1`).join('; ')],
        `crash: exists ${[...pairs, odd].join(' /\\ ')}`,
      ),
    )
    expect([verdict, complete, because]).toEqual(['undecided', true, 'the condition is too long for so many images'])
  })
})
