/** Stepping by statement: what is done forwards is undone back, whatever the program. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DebugSession } from '../../../test/debug-session.ts'
import { runs } from '../../../test/runs.ts'
import { ensure } from '../../base/assert.ts'
import type { Place, PlaceView, StatementVerb } from '../../protocol/debug.ts'

type Direction = 'forward' | 'back'
type Verb = Exclude<StatementVerb, 'continue'>

class Steps extends DebugSession {
  go({ step, tick }: Place, verb: Verb, direction: Direction): Place | null {
    const to = this.ask<Place | null>({ ask: 'statement', step, tick, verb, direction, breakpoints: [] })
    return to && { step: to.step, tick: to.tick }
  }

  placeOf(place: Place | undefined): Place | undefined {
    return place && { step: place.step, tick: place.tick }
  }

  /** Whose place it is. */
  thread({ step, tick }: Place): string | undefined {
    return this.ask<PlaceView>({ ask: 'place', step, tick }).thread
  }

  /** Where the last thread of the program begins, and where it ends. */
  get start(): Place {
    return { step: this.machine.programStart, tick: 0 }
  }

  get end(): Place {
    const { trace } = this.machine
    let step = trace.length - 1
    while (trace.kindOf(step) !== 'thread-end') step--
    return { step, tick: 0 }
  }

  /** All stops between the start and the end of main(), both included, from the one or from the other. */
  all(verb: Verb, direction: Direction): Place[] {
    const [first, last] = direction === 'forward' ? [this.start, this.end] : [this.end, this.start]
    const stops = [first]
    for (let at: Place | null = first; at !== null && !isSame(at, last); ) {
      at = this.go(at, verb, direction)
      if (at !== null) stops.push(at)
    }
    return direction === 'forward' ? stops : stops.reverse()
  }

  stack({ step, tick }: Place): readonly string[] {
    const { thread } = this.ask<PlaceView>({ ask: 'place', step, tick })
    const found = this.threads({ step, tick }).find(({ name }) => name === thread)
    return found?.stack.map(({ function: name }) => name) ?? []
  }

  /** "12 cmp < qsort < main". */
  told(place: Place): string {
    return `${this.ask<PlaceView>({ ask: 'place', ...place }).line} ${this.stack(place).join(' < ')}`
  }
}

const isSame = (a: Place, b: Place): boolean => a.step === b.step && a.tick === b.tick
const isBefore = (a: Place, b: Place): boolean => a.step < b.step || (a.step === b.step && a.tick < b.tick)

const SORT = `#include <stdlib.h>
static int cmp(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}
int main(void) {
  int k[4] = { 3, 1, 2, 0 };
  qsort(k, 4, sizeof k[0], cmp);
  return k[0];
}
`

test('into qsort comes to every call of the comparator, and back to each of them', () => {
  const steps = new Steps(SORT)
  const told = steps.all('into', 'forward').map((place) => steps.told(place))
  const compared = '3 cmp < qsort < main'
  expect(told).toEqual([
    '6 ',
    '7 main',
    '7 qsort < main',
    ...Array.from({ length: told.length - 6 }, () => compared),
    '7 qsort < main',
    '8 main',
    '8 ',
  ])
  expect(told.length - 6).toBeGreaterThanOrEqual(4)
  expect(steps.all('into', 'back').map((place) => steps.told(place))).toEqual(told)
  expect(steps.all('over', 'forward').map((place) => steps.told(place))).toEqual(['6 ', '7 main', '8 main', '8 '])
})

test('stepping begins and ends where the thread does, and goes on inside a statement after a call from it', () => {
  const steps = new Steps(`static int f(int x) {
  return x + 1;
}
int main(void) {
  int i = f(1) + f(2);
  while (i < 9) i++;
  while (i < 11) {
    i++;
  }
  return f(
    i + 1);
}
`)
  const told = steps.all('into', 'forward').map((place) => steps.told(place))
  expect(told).toEqual([
    ...['5 ', '2 f < main', '5 main', '2 f < main', '5 main'],
    ...['6 main', '7 main', '8 main', '7 main', '8 main', '7 main'],
    ...['11 main', '10 main', '2 f < main', '10 main', '10 '],
  ])
  expect(steps.all('into', 'back').map((place) => steps.told(place))).toEqual(told)
})

test('a breakpoint in a comparator: over goes on to its next call, out to the caller of qsort, over qsort past it', () => {
  const steps = new Steps(SORT)
  const compares = steps.stops('forward', [{ at: { kind: 'line', line: 3 } }])
  expect(new Set(compares.map((place) => steps.told(place)))).toEqual(new Set(['3 cmp < qsort < main']))
  expect(steps.stops('back', [{ at: { kind: 'line', line: 3 } }])).toEqual(compares)
  const led = (from: Place, verb: Verb, direction: Direction = 'forward'): string => {
    return steps.told(ensure(steps.go(from, verb, direction) ?? undefined, 'it leads somewhere'))
  }
  const first = ensure(compares[0], 'it compares')
  expect(steps.go(first, 'over', 'forward')).toEqual(steps.placeOf(compares[1]))
  expect(steps.go(ensure(compares[1], 'it compares again'), 'over', 'back')).toEqual(steps.placeOf(first))
  expect(compares.map((place) => led(place, 'out'))).toEqual(compares.map(() => '8 main'))
  expect(led(first, 'into', 'back')).toBe('7 qsort < main')
  const [, sorts, sorted] = steps.all('over', 'forward')
  expect(steps.go(ensure(sorts, 'a statement sorts'), 'over', 'forward')).toEqual(sorted)
  expect(steps.go(ensure(sorted, 'another follows'), 'over', 'back')).toEqual(sorts)
})

const THREADS = `#include <pthread.h>
static int sum;
static void *add(void *arg) {
  sum += *(int *)arg;
  return NULL;
}
int main(void) {
  int n = 5;
  pthread_t t;
  pthread_create(&t, NULL, add, &n);
  n = 6;
  pthread_join(t, NULL);
  return sum;
}
`

test('over and into pthread_create, and back, one stays in the thread', () => {
  const steps = new Steps(THREADS)
  for (const verb of ['over', 'into'] as const) {
    const stops = steps.all(verb, 'forward')
    expect(new Set(stops.slice(0, -1).map((place) => steps.thread(place)))).toEqual(new Set(['main']))
    expect(steps.all(verb, 'back')).toEqual(stops)
  }
  const lines = ['8 ', '10 main', '11 main', '12 main', '13 main', '13 ']
  expect(steps.all('over', 'forward').map((place) => steps.told(place))).toEqual(lines)
})

test('where a thread begins and ends is a place of its own, between which it is stepped through like any', () => {
  const steps = new Steps(THREADS)
  const { trace, programStart } = steps.machine
  const at = (kind: string, after: number): Place => {
    let step = after + 1
    while (trace.kindOf(step) !== kind) step++
    return { step, tick: 0 }
  }
  const start = at('thread-start', programStart)
  const name = steps.thread(start)
  expect(name).not.toBe('main')
  const places = [start]
  for (let place: Place | null = start; place !== null && trace.kindOf(place.step) !== 'thread-end'; ) {
    place = steps.go(place, 'over', 'forward')
    if (place !== null) places.push(place)
  }
  expect(places.slice(0, -1).map((place) => [steps.thread(place), steps.told(place)])).toEqual([
    [name, '4 '],
    [name, '5 add'],
  ])
  for (const [i, place] of places.entries()) if (i > 0) expect(steps.go(place, 'over', 'back')).toEqual(places[i - 1])
})

/** From anywhere the next stop is the next, and over a statement that does not leave its function is undone by over, back. */
function agrees(text: string): void {
  const steps = new Steps(text)
  const { trace } = steps.machine
  const stops = steps.all('into', 'forward')
  expect(steps.all('into', 'back')).toEqual(stops)
  expect(steps.all('over', 'back')).toEqual(steps.all('over', 'forward'))
  let next = 0
  for (let at: Place | null = steps.start; at !== null && isBefore(at, steps.end); ) {
    while (!isBefore(at, ensure(stops[next], 'the end is a stop'))) next++
    expect(steps.go(at, 'into', 'forward')).toEqual(stops[next])
    at = steps.ask<Place | null>({ ask: 'instruction', ...at, direction: 'forward' })
  }
  const depths = stops.map((place) => steps.stack(place).length)
  for (const [i, at] of stops.entries()) {
    const over = steps.go(at, 'over', 'forward')
    const to = stops.findIndex((each) => over !== null && isSame(each, over))
    const depth = depths[i] ?? 0
    const isInside = trace.kindOf(at.step) === 'return' && at.tick === 1
    if (depth === 0 || isInside || depths[to] !== depth || depths.slice(i, to).some((each) => each < depth)) continue
    if (steps.threads(at)[0]?.stack[0]?.kind === 'program')
      expect(steps.go(stops[to] as Place, 'over', 'back')).toEqual(at)
  }
}

describe('the stops of stepping back are those of stepping forwards', () => {
  test('in threads that wait for each other', () => {
    const text = readFileSync(new URL('../../../test/c-programs/threads.c', import.meta.url), 'utf8')
    const steps = new Steps(text)
    for (const verb of ['into', 'over'] as const) {
      const stops = steps.all(verb, 'forward')
      expect(stops.length).toBeGreaterThan(80)
      expect(steps.all(verb, 'back')).toEqual(stops)
    }
  })

  test('in random programs, from anywhere', () => {
    const statement = fc.constantFrom(
      'a += b;',
      'a += f(b & 3) + f(1);',
      'while (b & 3) b++;',
      'while (a & 5) {\n    a++;\n  }',
      'do b += 3; while (b & 7);',
      'for (int i = 0; i < 3; i++)\n    t[i] = f(i);',
      'for (int i = 0; i < 2; i++) a += i;',
      'if (a > b) a = b; else b = f(2);',
      'qsort(t, 3, sizeof t[0], cmp);',
      'memset(t, 1, sizeof t);',
      'a = f(\n    b & 1) + cmp(t,\n    t + 1);',
      'p = malloc(8); *p = a; free(p);',
      'a = a > 3 ? f(1) : 2;',
    )
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), (body) => {
        agrees(`---
setup: ""
---
#include <stdlib.h>
#include <string.h>
static int t[3] = { 3, 1, 2 };
static int cmp(const void *a, const void *b) {
  int x = *(const int *)a;
  return x - *(const int *)b;
}
static int f(int n) { return n < 1 ? 1 :
  n * f(n - 1); }
int main(void) {
  unsigned a = 1, b = 2;
  int *p;
  ${body.join('\n  ')}
  return 0;
}
`)
      }),
      { numRuns: runs(12) },
    )
  })
})
