/** What may survive at a step of a scenario's recording, as the page and the command line are told. */

import { describe, expect, test } from 'vitest'
import { onDax, recorded } from '../../../test/recorded.ts'
import type { SurvivalView } from '../../protocol/survival.ts'
import type { Recording } from './recording.ts'
import { Survivals } from './survivals.ts'

const WORD = '(long long *)'
const end = (body: string, front = '', more = ''): SurvivalView => atEnd(recorded(onDax(body, front, more)))
const atEnd = (recording: Recording): SurvivalView => new Survivals(recording).view(recording.machine.end, {})

describe('at the end of a program', () => {
  test.each([
    ['a store that nothing flushes may be there or not', 'p[0] = 1;', '2', 8],
    ['a clwb that no fence follows promises nothing', 'p[0] = 1; _mm_clwb((void *)p);', '2', 8],
    ['a fence makes it certain', 'p[0] = 1; _mm_clwb((void *)p); _mm_sfence();', '1', 0],
    ['a clflush has arrived once the store buffer is empty', 'p[0] = 1; _mm_clflush((void *)p);', '1', 0],
    ['two stores to one line come in order', 'p[0] = 1; p[1] = 2;', '3', 16],
    ['two stores to two lines do not', 'p[0] = 1; p[8] = 2;', '4', 16],
    ['a movnt may still be in its buffer', `_mm_stream_si64(${WORD}p, 1);`, '2', 8],
    ['a fence empties the buffer', `_mm_stream_si64(${WORD}p, 1); _mm_sfence();`, '1', 0],
    ['a byte whose store may be missing may be lost though its value stays', 'p[0] = 0;', '1', 8],
  ])('%s', (_, body, images, mayLoseBytes) => {
    expect(end(body)).toMatchObject({ images, mayLoseBytes })
  })

  test('with the caches inside the persistence domain, what is visible survives', () => {
    expect(end('p[0] = 1;', 'machine: { power_fail: eadr }')).toMatchObject({ images: '1', mayLoseBytes: 0 })
  })

  test('without ADR a fence promises nothing', () => {
    const body = 'p[0] = 1; _mm_clwb((void *)p); _mm_sfence();'
    expect(end(body, 'machine: { power_fail: none }')).toMatchObject({ images: '2', mayLoseBytes: 8 })
  })

  test('by words, two stores to one line come in any order', () => {
    expect(end('p[0] = 1; p[1] = 2;', 'model: { unit: word }').images).toBe('4')
  })
})

test('the run of the hardware does not matter', () => {
  const body =
    'for (int i = 0; i < 8; i++) { p[8 * i] = 1; _mm_clwb((void *)(p + 8 * i)); } p[0] = 2; _mm_sfence(); p[1] = 3;'
  const of = (policy: string) => end(body, `machine: { policy: ${policy} }`)
  const { step: _, ...lazy } = of('lazy')
  expect(of('eager')).toMatchObject({ ...lazy, mayLose: lazy.mayLose })
  expect(of('random')).toMatchObject({ ...lazy, mayLose: lazy.mayLose })
})

test('ranges say where in the file and which line stored it', () => {
  const [range] = end('p[9] = 7;').mayLose
  expect(range).toMatchObject({ length: 8, file: '/dev/dax0.0', offset: 72, source: 'p[9] = 7;' })
})

test('of the stores to one line some must, some may, and some have not issued', () => {
  const recording = recorded(onDax('p[0] = 1; _mm_clwb((void *)p); _mm_sfence(); p[1] = 2; p[2] = 3;'))
  const { trace, hw } = recording.machine
  const stores = Array.from({ length: trace.length }, (_, step) => step).filter(
    (step) => step >= recording.machine.programStart && trace.kindOf(step) === 'store',
  )
  const line = hw.lines.spa(hw.history.line(trace.a.get(stores[0] as number)))
  const { writes } = new Survivals(recording).view(stores[1] as number, {}, line)
  expect(writes.map(({ offset, certainty }) => [offset, certainty])).toEqual([
    [0, 'must'],
    [8, 'may'],
    [16, 'cannot'],
  ])
  expect(trace.kindOf(writes[0]?.since as number)).toBe('fence-done')
})

test('what a reader on another core has seen and flushed is certain', () => {
  const more = `static volatile uint64_t *q; static volatile int ready, seen;
    void writer(void) { q = map(); ready = 1; q[0] = 1; while (!seen); }
    void reader(void) {
      while (!ready);
      while (q[0] == 0);
      _mm_clwb((void *)q);
      _mm_sfence();
      q[8] = 1;
      seen = 1;
    }`
  const recording = recorded(onDax('(void)p;', 'threads: [writer, reader]', more))
  expect(atEnd(recording)).toMatchObject({ images: '2', mayLoseBytes: 8 })
})

test('going back finds what going forward found', () => {
  const recording = recorded(
    onDax('for (int i = 0; i < 20; i++) { p[i] = i; if (i % 3 == 0) _mm_clflush((void *)(p + i)); }'),
  )
  const survivals = new Survivals(recording)
  const { programStart, end } = recording.machine
  const steps = Array.from({ length: end - programStart }, (_, i) => programStart + i)
  const forward = steps.map((step) => survivals.view(step, {}))
  expect(steps.toReversed().map((step) => survivals.view(step, {}))).toEqual(forward.toReversed())
  expect(survivals.view(end - 1, { unit: 'word' }).model.unit).toBe('word')
})

test('after the power has failed, what is left is certain', () => {
  const text = onDax('p[0] = 1; p[8] = 2;', '', 'int recover(void) { return 0; }')
  const recording = recorded(text, { crashAt: 'end' })
  const { failedAt } = recording.machine
  expect(new Survivals(recording).view(failedAt, {})).toMatchObject({ images: '1', mayLoseBytes: 0 })
})
