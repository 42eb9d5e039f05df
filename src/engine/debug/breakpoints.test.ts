/** Where `continue` stops: lines, functions, conditions, numbers of hits, both ways. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DebugSession } from '../../../test/debug-session.ts'
import { ensure } from '../../base/assert.ts'
import type { Breakpoint, Place, Stop, ValueView } from '../../protocol/debug.ts'
import { Threads } from './threads.ts'

const line = (number: number, rest: Omit<Breakpoint, 'at'> = {}): Breakpoint => ({
  at: { kind: 'line', line: number },
  ...rest,
})
const fn = (name: string, rest: Omit<Breakpoint, 'at'> = {}): Breakpoint => ({
  at: { kind: 'function', name },
  ...rest,
})

const TEXT = `#include <fcntl.h>
#include <immintrin.h>
#include <stdlib.h>
#include <sys/mman.h>
static int values[9] = { 4, 2, 8, 1, 9, 3, 7, 5, 6 };
static int compared;
static int order(const void *a, const void *b) {
  compared++;
  return *(const int *)a - *(const int *)b;
}
static long add(long sum, int i) {
  while (i > 0) {
    sum += i;
    i -= 3;
  }
  return sum;
}
int main(void) {
  long *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/dax0.0", O_RDWR), 0);
  long sum = 0;
  for (int i = 0; i < 30; i++) {
    sum = add(sum, i);
    if (i % 10 == 0) {
      p[i] = sum;
      _mm_clwb(&p[i]);
      _mm_sfence();
    }
  }
  qsort(values, 9, sizeof values[0], order);
  return sum == 0;
}
`
const session = new DebugSession(TEXT)
const START: Place = { step: 0, tick: 0 }
const END: Place = { step: session.machine.trace.length - 1, tick: 0 }
const places = (stops: readonly Stop[]): Place[] => stops.map(({ step, tick }) => ({ step, tick }))

describe('a line', () => {
  test('stops each time that the thread comes to it, a line whose instruction makes several steps once', () => {
    expect(session.stops('forward', [line(22)])).toHaveLength(30)
    expect(session.stops('forward', [line(24)])).toHaveLength(3)
    expect(session.stops('forward', [line(26)])).toHaveLength(3)
    expect(session.stops('forward', [line(29)])).toHaveLength(1)
  })

  test('without a breakpoint one comes to the end and to the beginning', () => {
    expect(session.run(START, 'forward', [])).toEqual(END)
    expect(session.run(END, 'forward', [])).toBeNull()
    expect(session.run(END, 'back', [line(3)])).toEqual(START)
    expect(session.run(START, 'back', [line(22)])).toBeNull()
  })
})

describe('a function', () => {
  test('of the program stops at its first instruction, however it is called, and not where it loops to it', () => {
    const stops = session.stops('forward', [fn('add')])
    expect(stops.map((stop) => session.said(stop, 'i'))).toEqual(Array.from({ length: 30 }, (_, i) => String(i)))
    const compared = session.stops('forward', [fn('order')])
    expect(compared.length).toBeGreaterThan(8)
    expect(compared.map((stop) => session.said(stop, 'compared'))).toEqual(compared.map((_, i) => String(i)))
    expect(session.said(ensure(compared[0], 'a call'), '*(int *)a != *(int *)b')).toBe('1')
  })

  test('of the library or of the kernel stops at its call; the frame is that of the caller', () => {
    const [sorted, ...more] = session.stops('forward', [fn('qsort')])
    expect(more).toEqual([])
    expect(session.said(ensure(sorted, 'it is called'), 'sum > 0 && values[0] == 4')).toBe('1')
    const mapped = session.stops('forward', [fn('dax_mmap', { condition: 'values[8] == 6' })])
    expect(mapped).toHaveLength(1)
    expect(session.threads(ensure(mapped[0], 'it is called'))[0]).toMatchObject({
      calls: true,
      frames: [{ function: 'main', line: 19 }],
    })
  })

  test('of the kernel may be called when no program runs, which is no place for a condition', () => {
    const { machine } = session
    const boot = session.run(START, 'forward', [fn('nvdimm_bus_register')]) ?? END
    expect('step' in boot && boot.step < machine.programStart).toBe(true)
    expect(session.run(START, 'forward', [line(20), fn('nvdimm_bus_register', { condition: '1' })])).toEqual({
      breakpoint: 1,
      message: 'column 1: no function of the program runs in the thread that comes here',
    })
  })
})

describe('a condition', () => {
  test('that cannot be told is said, with the breakpoint', () => {
    expect(
      session.run(START, 'forward', [line(29, { condition: 'nothing > 1' }), line(12, { condition: 'i = 1' })]),
    ).toEqual({
      breakpoint: 1,
      message: "column 1: '=' would change the program: an expression only looks",
    })
    expect(session.run(END, 'back', [line(22, { condition: '1 / (i - 5)' })])).toMatchObject({ breakpoint: 0 })
    expect(session.run(START, 'forward', [line(21, { condition: 'p[600] == 7' })])).toMatchObject({
      message: expect.stringMatching(/^column 1: nothing has touched the page of 0x[0-9a-f]+ yet: it has no memory$/),
    })
    expect(session.run(START, 'forward', [line(22, { condition: '10 / (i - 3) > 0', hits: 7 })])).toEqual({
      breakpoint: 0,
      message: 'column 1: division by zero',
    })
  })

  test('chooses among the visits those where its expression is true', () => {
    const conditions = ['i % 3 == 1', 'sum > 100', 'i', 'i > 20 || i > 9 && p[0]', 'sum / 7 & 1', 'compared']
    fc.assert(
      fc.property(fc.constantFrom(22, 23, 24), fc.constantFrom(...conditions), (at, condition) => {
        const visits = session.stops('forward', [line(at)])
        const chosen = visits.filter((visit) => session.said(visit, `!!(${condition})`) === '1')
        expect(session.stops('forward', [line(at, { condition })])).toEqual(chosen)
        expect(session.stops('back', [line(at, { condition })])).toEqual(chosen)
      }),
      { numRuns: 10, seed: 4 },
    )
  })
})

describe('hits', () => {
  test('are counted from the beginning of the program, only where the condition holds, whatever the direction', () => {
    const hits = fc.nat(14)
    const condition = fc.constantFrom(undefined, 'i & 1', 'sum > 50')
    fc.assert(
      fc.property(fc.constantFrom(12, 13, 22), hits, condition, (at, n, when) => {
        const rest = when === undefined ? {} : { condition: when }
        const visits = session.stops('forward', [line(at, rest)]).slice(Math.max(0, n - 1))
        expect(session.stops('forward', [line(at, { ...rest, hits: n })])).toEqual(visits)
        expect(session.stops('back', [line(at, { ...rest, hits: n })])).toEqual(visits)
      }),
      { numRuns: 12, seed: 4 },
    )
    expect(session.stops('forward', [line(22, { hits: 31 })])).toEqual([])
    expect(session.stops('back', [fn('order', { hits: 5 })])).toEqual(session.stops('forward', [fn('order')]).slice(4))
  })
})

test('forwards and back lead through the same places, whatever the breakpoints', () => {
  const breakpoint = fc.oneof(
    fc.constantFrom(8, 9, 12, 13, 16, 21, 22, 23, 24, 26, 29, 30).map((at) => line(at)),
    fc.constantFrom('add', 'order', 'main', 'qsort', 'mmap', 'open', 'dax_mmap').map((name) => fn(name)),
  )
  fc.assert(
    fc.property(fc.array(breakpoint, { minLength: 1, maxLength: 3 }), fc.nat(), (breakpoints, from) => {
      const forward = session.stops('forward', breakpoints)
      expect(session.stops('back', breakpoints)).toEqual(forward)
      const i = from % Math.max(1, forward.length)
      const [before, at] = [forward[i - 1], forward[i]]
      if (before !== undefined && at !== undefined) {
        expect(session.run(before, 'forward', breakpoints)).toEqual(at)
        expect(session.run(at, 'back', breakpoints)).toEqual(before)
      }
      const all = places(forward).map(({ step, tick }) => `${step} ${tick}`)
      expect(new Set(all).size).toBe(all.length)
    }),
    { numRuns: 12, seed: 4 },
  )
})

test.each(['threads', 'qsort-bsearch', 'undo-log-transaction', 'stdatomic', 'linked-lists'])(
  'forwards and back are the same in %s.c',
  (name) => {
    const text = readFileSync(new URL(`../../../test/c-programs/${name}.c`, import.meta.url), 'utf8')
    const it = new DebugSession(text)
    const functions = it.debugger.recording.machine.trace.functions.filter(({ kind }) => kind === 'program')
    const lines = text.split('\n').flatMap((each, i) => (/;$/.test(each) && /^\s/.test(each) ? [i + 1] : []))
    const order = fc.sample(fc.nat(1 << 20), { numRuns: 5, seed: 4 })
    for (const n of order) {
      const called = functions[n % functions.length]?.name ?? 'main'
      const breakpoints = [line(lines[n % lines.length] ?? 1), fn(called, { hits: (n % 3) + 1 })]
      expect(it.stops('back', breakpoints, 60)).toEqual(it.stops('forward', breakpoints).slice(-60))
    }
  },
)

test('several threads stop at a line each for itself, and with values of its own', () => {
  const it = new DebugSession(`---
threads: [left, right]
---
static int sum(int n) {
  int s = 0;
  for (int i = 0; i < n; i++)
    s += i;
  return s;
}
int left(void) { return sum(10) != 45; }
int right(void) { return sum(7) != 21; }
`)
  const stops = it.stops('forward', [line(7)])
  expect(stops).toHaveLength(17)
  expect(it.stops('back', [line(7)])).toEqual(stops)
  expect(it.stops('forward', [line(7, { condition: 'n == 7 && i > 2' })])).toHaveLength(4)
})

test('behind the end of what was kept nothing is told of a thread, rather than something wrong', () => {
  const it = new DebugSession(TEXT)
  const [stop] = it.stops('forward', [line(29)])
  const at = ensure(stop, 'it comes there')
  const before = ensure(it.stops('forward', [line(22, { condition: 'i == 5' })])[0], 'it comes there')
  expect(it.threads(at)[0]?.frames).toHaveLength(1)
  const [past] = it.pasts.threads.values()
  const { log } = ensure(past, 'a C thread')
  // As if the log had been full in the middle of the loop.
  const [middle] = it.stops('forward', [line(22, { condition: 'i == 15' })])
  const threads = new Threads(it.machine, it.pasts)
  log.fullAt = threads.moment(past?.origin.thread ?? -1, ensure(middle, 'it comes there')).ticks
  expect(it.threads(at)).toEqual([
    {
      thread: expect.any(Number),
      name: 'main',
      calls: false,
      note: expect.stringMatching(/too much to be kept/),
      frames: [],
      // Calls are steps.
      stack: [expect.objectContaining({ function: 'main' })],
    },
  ])
  expect(it.said(at, 'compared')).toMatch(/too much to be kept/)
  const globals = it.ask<readonly ValueView[]>({ ask: 'globals', ...at, thread: past?.origin.thread ?? -1 })
  expect(globals.find(({ name }) => name === 'compared')?.text).toBe('<cannot be read>')
  expect(it.said(before, 'i')).toBe('5')
  expect(it.run(before, 'forward', [line(29)])).toMatchObject({ breakpoint: 0, message: expect.any(String) })
})
