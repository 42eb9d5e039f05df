import { describe, expect, test } from 'vitest'
import { err, ok } from '../../base/result.ts'
import type { Model } from '../../engine/explore/model.ts'
import { dispatch } from '../dispatch.ts'
import type { EnginePort, LitmusDecision } from '../engine-port.ts'

const TEST = `name: A01
layout: {a,b}
thread 0: store a 1; store b 1
crash: exists a=0 b=1
verdict: forbidden
verdict[word]: allowed
images: 3
`
const FILES: Readonly<Record<string, string>> = {
  'a.litmus': TEST,
  'b.litmus': 'X86_64 B\n{ }\n P0 ;\n movl $1,(x) ;\nexists (x=1)\n',
  'bad.litmus': TEST.replace('store b', 'strore b'),
}

const DECIDED: LitmusDecision = {
  verdict: 'forbidden',
  states: 9,
  complete: true,
  images: 3n,
  outcomes: [0n, 1n, 2n ** 60n].map((value, i) => ({
    values: [
      { name: 'a', value },
      { name: 'b', value: 0n },
    ],
    satisfies: i === 1,
  })),
  outcomesCut: false,
}

async function litmus(line: string, decision: Partial<LitmusDecision> = {}, input = '') {
  let out = ''
  let said = ''
  const asked: { model: Model; maxStates: number; stop: boolean | undefined }[] = []
  const terminal = {
    read: async (path: string) => {
      const text = path === '-' ? input : FILES[path]
      return text === undefined ? err('no such file') : ok(new TextEncoder().encode(text))
    },
    write: async () => undefined,
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      said += text
    },
  }
  const engine: EnginePort = {
    run: () => err([]),
    nfit: () => err(''),
    atPrompt: () => err([]),
    compare: () => ({ names: [], same: true, sections: [] }),
    litmus: (_test, { model, maxStates, stop }) => {
      asked.push({ model, maxStates, stop: stop?.() })
      return { ...DECIDED, ...decision }
    },
  }
  const status = await dispatch(['litmus', ...line.split(' ').filter(Boolean)], '', { terminal, engine })
  return { status, out, said, asked }
}

test('a verdict as expected ends with 0, a wrong one with 1, none expected with 0', async () => {
  expect((await litmus('a.litmus')).status).toBe(0)
  expect((await litmus('a.litmus', { verdict: 'allowed' })).status).toBe(1)
  expect((await litmus('b.litmus')).status).toBe(0)
  expect((await litmus('b.litmus', { verdict: 'allowed' })).status).toBe(0)
})

test('a wrong count of images is wrong too, unless the search was cut off or the model is another', async () => {
  expect((await litmus('a.litmus', { images: 4n })).status).toBe(1)
  expect((await litmus('a.litmus --unit word', { images: 4n, verdict: 'allowed' })).status).toBe(0)
  expect((await litmus('a.litmus', { images: 2n, complete: false, verdict: 'undecided' })).status).toBe(3)
})

test('undecided ends with 3, what can not be read with 2 though the rest is decided, and something wrong goes before undecided', async () => {
  expect((await litmus('a.litmus b.litmus', { verdict: 'undecided' })).status).toBe(3)
  const { status, out, said, asked } = await litmus('bad.litmus a.litmus none.litmus')
  expect(status).toBe(2)
  expect(asked).toHaveLength(1)
  expect(out).toContain('A01: forbidden, as expected\n')
  expect(out).toContain('3 tests: 1 as expected, 0 wrong, 0 undecided, 0 without an expectation, 2 unreadable\n')
  expect(said).toBe(
    'bad.litmus:3:22: error: unknown instruction `strore`\n  thread 0: store a 1; strore b 1\n                       ^~~~~~\n  hint: did you mean `store`?\npmemscope: none.litmus: no such file\n',
  )
})

describe('the expected verdict', () => {
  test.each([
    ['', 'forbidden'],
    ['--unit word', 'allowed'],
    ['--unit=line --nt fence', 'forbidden'],
    ['--unit word --cas paper', 'allowed'],
  ])('under %j is %s', async (options, expected) => {
    const [report] = JSON.parse((await litmus(`a.litmus --json ${options}`)).out) as { expected: string }[]
    expect(report?.expected).toBe(expected)
  })

  test('is null when the file says nothing', async () => {
    expect(JSON.parse((await litmus('b.litmus --json')).out)).toMatchObject([{ name: 'B', expected: null }])
  })
})

test('options and budgets are handed over', async () => {
  expect((await litmus('a.litmus --unit word --nt fence --cas paper --max-states 7 --max-seconds 0')).asked).toEqual([
    { model: { unit: 'word', movnt: 'fence', cas: 'paper' }, maxStates: 7, stop: true },
  ])
  expect((await litmus('a.litmus --max-seconds 1000')).asked[0]).toMatchObject({
    model: { unit: 'line', movnt: 'visible', cas: 'sdm' },
    stop: false,
  })
})

test('an undecided test says why', async () => {
  const cut = {
    verdict: 'undecided',
    complete: false,
    because: 'there are more states than the search may hold',
  } as const
  expect((await litmus('a.litmus', cut)).out).toContain('  undecided: there are more states than the search may hold\n')
  expect(JSON.parse((await litmus('a.litmus --json', cut)).out)).toMatchObject([{ because: cut.because, images: null }])
})

test('--set reaches the model, and an option of its own goes before it', async () => {
  const [asked] = (await litmus('a.litmus --set model.movnt=fence --set model.unit=word --unit line')).asked
  expect(asked?.model).toEqual({ unit: 'line', movnt: 'fence', cas: 'sdm' })
})

test('JSON has every key, with numbers where they are safe', async () => {
  expect(JSON.parse((await litmus('- --json', {}, TEST)).out)).toEqual([
    {
      file: '-',
      name: 'A01',
      model: { unit: 'line', movnt: 'visible', cas: 'sdm' },
      expected: 'forbidden',
      verdict: 'forbidden',
      states: 9,
      complete: true,
      images: '3',
      expectedImages: '3',
      outcomes: [
        { a: 0, b: 0 },
        { a: 1, b: 0 },
        { a: '1152921504606846976', b: 0 },
      ],
      outcomesCut: false,
    },
  ])
  expect(JSON.parse((await litmus('bad.litmus --json')).out)).toEqual([])
})

test('reads well', async () => {
  expect(
    (await litmus('a.litmus', { verdict: 'allowed', images: 4n, states: 1 })).out,
  ).toBe(`A01: allowed, expected forbidden  WRONG
  a.litmus; 1 state, 4 images (expected 3); unit line, movnt visible, cas sdm
  power failure at any instant: exists a=0 b=1
                         a  b
                         0  0
    *                    1  0
       1152921504606846976  0
  * satisfies the condition

`)
})

test.each([
  ['', 'pmemscope: litmus: expected FILE…, found nothing\n'],
  ['a.litmus --unit lines', 'pmemscope: --unit lines: expected line or word\n'],
  [
    'a.litmus --set model.nt=fence',
    'pmemscope: --set model.nt=fence: a litmus test has model.unit, model.movnt, model.cas to set, nothing else\n',
  ],
  ['a.litmus --set model.cas=mine', 'pmemscope: --set model.cas=mine: expected sdm or paper\n'],
  ['a.litmus --set model.cas', 'pmemscope: --set model.cas: expected KEY=VALUE\n'],
  ['a.litmus --max-states many', 'pmemscope: --max-states many: expected a number\n'],
  ['a.litmus --max-seconds -', 'pmemscope: --max-seconds -: expected a number\n'],
])('litmus %s is refused', async (line, said) => {
  expect(await litmus(line)).toMatchObject({ status: 2, out: '', said })
})
