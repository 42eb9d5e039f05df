import { describe, expect, test } from 'vitest'
import { onDax, recorded } from '../../../test/recorded.ts'
import type { Intervention } from '../../protocol/interventions.ts'
import { frame } from './frame.ts'
import { lineView } from './line-view.ts'
import { runReport } from './report.ts'
import { sentence } from './sentence.ts'

const streamed = onDax(
  '_mm_stream_si64((long long *)&p[0], 1); _mm_stream_si64((long long *)&p[1], 2); _mm_stream_si64((long long *)&p[2], 3);',
)

describe('a write-combining buffer that hands over one cell', () => {
  const whole = recorded(streamed)
  const { end } = whole.machine
  const { choices, cores } = frame(whole, end, end)
  const transition = choices.find(({ transition: { kind, cell } }) => kind === 'wc-drain' && cell === 1)?.transition
  const interventions: Intervention[] =
    transition === undefined ? [] : [{ kind: 'transition', at: whole.anchorOf(end), transition }]
  const r = recorded(streamed, { interventions })
  const step = r.machine.trace.length - 1

  test('is offered among what hardware may do, with the bytes that the buffer holds', () => {
    expect(choices.map(({ transition: { kind, cell } }) => [kind, cell])).toEqual([
      ['wc-drain', undefined],
      ['wc-drain', 0],
      ['wc-drain', 1],
      ['wc-drain', 2],
    ])
    expect(cores[0]?.wc.tiles.map((tile) => tile.bytes)).toEqual([[255, 255, 255, 0, 0, 0, 0, 0]])
  })
  test('is told as part of the buffer, and moves that word alone', () => {
    expect(sentence(r, step)).toMatch(
      /^Part of the write-combining buffer of line .* goes to the write-pending queue\.$/,
    )
    expect(frame(r, step, step - 1).motions).toMatchObject([{ from: { kind: 'wc' }, to: { kind: 'wpq' }, words: 2 }])
    expect(frame(r, step, step).cores[0]?.wc.tiles[0]?.bytes).toEqual([255, 0, 255, 0, 0, 0, 0, 0])
  })
  test('is a moment in the life of those bytes, not of the others', () => {
    const line = transition?.line ?? 0
    const life = (byte: number) => lineView(r, step, line, byte)?.life.map(({ stage }) => stage)
    expect(life(8)).toEqual(['store-buffer', 'wc', 'wpq'])
    expect(life(0)).toEqual(['store-buffer', 'wc'])
  })
})

describe('a locked instruction on the screen', () => {
  const r = recorded(
    onDax(
      'p[0] = 1; __sync_fetch_and_add(&p[0], 5); __sync_val_compare_and_swap(&p[0], 1, 2); _mm_clflush((void *)p);',
    ),
  )
  const steps = Array.from({ length: r.steps }, (_, step) => step).filter(
    (step) => r.machine.trace.kindOf(step) === 'lock',
  )
  const [add = 0, swap = 0] = steps

  test('says what it wrote, and that a failed comparison wrote nothing', () => {
    expect(sentence(r, add)).toMatch(/main reads and writes at once: lock add \[0x[\d_a-f]+\] ← 0x6\.$/)
    expect(sentence(r, swap)).toMatch(/lock cmpxchg \[0x[\d_a-f]+\]\. The comparison failed: nothing is written\.$/)
  })
  test('is a moment in the life of the bytes that it wrote', () => {
    const life = lineView(r, r.steps - 1, r.machine.lineOf(add), 0)?.life
    expect(life?.filter(({ step }) => step === add)).toMatchObject([{ stage: 'dirty' }])
    expect(life?.filter(({ step }) => step === swap)).toEqual([])
    expect(life?.at(-1)).toMatchObject({ stage: 'wpq' })
  })
})

test('a DIMM whose ADR fails counts a dirty shutdown, in this failure and in those before', () => {
  const front = `machine:
  nvdimms: [{ size: 64M }, { size: 64M, adr_fails: true }]
  regions: [{ nvdimms: [0, 1] }]`
  const text = onDax('p[0] = 1;', front)
  expect(runReport(recorded(text), recorded(text).machine.end).crash?.dirtyShutdowns).toEqual([0, 1])
  const r = recorded(text, { crashAt: 'end' })
  const { failedAt } = r.machine
  expect(sentence(r, failedAt)).toContain('The ADR of NVDIMM 1 fails')
  expect(frame(r, failedAt, failedAt).dimms.map((dimm) => dimm.dirtyShutdowns)).toEqual([undefined, 1])
  expect(runReport(r, r.steps - 1).crash?.dirtyShutdowns).toEqual([0, 2])
})
