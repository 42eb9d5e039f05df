/** What a debugger says of a program made for it: lines as in its text. */

import { expect, test } from 'vitest'
import { DebugSession } from '../../../test/debug-session.ts'
import { ensure } from '../../base/assert.ts'
import type { Breakpoint, CFrameView, Place, PlaceView, StatementVerb, ValueView } from '../../protocol/debug.ts'
import type { DebugQuestion } from '../../protocol/messages.ts'

const TEXT = `#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
enum color { RED, GREEN = 5 };
struct point { int x; unsigned y : 3; double d; struct { char tag; }; };
static struct point origin = { 1, 5, 0.1, { 'a' } };
static int counts[3] = { 7, 8, 9 };
static const char *name = "pool\\n";
int twice(int n) {
  static int calls;
  calls++;
  int result = 2 * n;
  return result;
}
int main(void) {
  float f = 0.1f;
  enum color c = GREEN;
  char letter = 'x', text[8] = "hi";
  _Bool yes = 3;
  uint64_t *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/dax0.0", O_RDWR), 0);
  p[9] = 0x1122334455667788;
  uint64_t *nine = p + 9;
  int (*fn)(int) = twice;
  long sum = 0;
  for (int i = 0; i < 1000; i++) {
    long sum_of = i;
    sum += sum_of;
  }
  {
    int sum = -1;
    counts[0] = fn(sum);
  }
  *p = sum;
  return letter + yes + (int)f + c + text[0] + (*nine & 1) + origin.x + *name;
}
`

const session = new DebugSession(TEXT)
const { machine } = session
const ask = <T>(q: DebugQuestion): T => session.ask<T>(q)
const at = (line: number): Place => session.at(line)
const threadsAt = (step: number, tick: number) => session.threads({ step, tick })
const innermost = (step: number, tick: number): CFrameView =>
  ensure(threadsAt(step, tick)[0]?.frames[0], 'a thread runs the program')
const texts = (values: readonly ValueView[]): Record<string, string> =>
  Object.fromEntries(values.map(({ name, text }) => [name, text]))
test('locals are told as gdb tells them', () => {
  const { step, tick } = at(24)
  const said = texts(innermost(step, tick).locals)
  expect(said).toMatchObject({ f: '0.1', c: 'GREEN', letter: "120 'x'", text: '"hi"', yes: 'true' })
  expect(said['fn']).toMatch(/^0x[0-9a-f]+ <twice>$/)
})

test('a pointer into a mapped file says which byte it is, and where that is in memory', () => {
  const { step, tick } = at(24)
  const nine = innermost(step, tick).locals.find(({ name }) => name === 'nine')
  expect(nine).toMatchObject({ type: 'unsigned long *', at: { kind: 'register' }, parts: 1 })
  expect(nine?.to).toMatchObject({ file: '/dev/dax0.0', offset: 72, dimm: 0 })
  const opened = ask<ValueView>({
    ask: 'value',
    step,
    tick,
    thread: threadsAt(step, tick)[0]?.thread ?? -1,
    frame: 0,
    name: 'nine',
    path: [],
    from: 0,
  })
  // Still in the store buffer: what the program itself would load.
  expect(opened.children?.[0]?.text).toBe(String(0x1122334455667788n))
})

test('globals are told with their types; their parts on demand, bit-fields and anonymous members too', () => {
  const { step, tick } = at(24)
  const thread = threadsAt(step, tick)[0]?.thread ?? -1
  const globals = ask<readonly ValueView[]>({ ask: 'globals', step, tick, thread })
  expect(texts(globals)).toMatchObject({
    origin: "{x = 1, y = 5, d = 0.1, (anonymous) = {tag = 97 'a'}}",
    counts: '{7, 8, 9}',
    calls: '0',
  })
  expect(globals.find(({ name }) => name === 'name')?.text).toMatch(/^0x[0-9a-f]+ "pool\\n"$/)
  const part = ask<ValueView>({ ask: 'value', step, tick, thread, frame: 0, name: 'counts', path: [2], from: 0 })
  expect(part).toMatchObject({ name: '[2]', type: 'int', text: '9' })
})

test('inside computation that records no step every tick has its own values', () => {
  const { step } = at(26)
  const { ticks } = ask<PlaceView>({ ask: 'place', step, tick: 0 })
  expect(ticks).toBeGreaterThan(4000)
  const seen = [1000, 2000, 3000].map((tick) => {
    const { i, sum } = texts(innermost(step, tick).locals)
    return [Number(i), Number(sum)]
  })
  for (const [i = 0, sum = 0] of seen) {
    expect(i).toBeGreaterThan(100)
    expect([(i * (i - 1)) / 2, (i * (i + 1)) / 2]).toContain(sum)
  }
})

test('an inner block hides the outer name; a call shows the caller at its call', () => {
  const { step, tick } = at(13)
  const frames = threadsAt(step, tick)[0]?.frames ?? []
  expect(frames.map((frame) => [frame.function, frame.line])).toEqual([
    ['twice', 13],
    ['main', 31],
  ])
  expect(texts(frames[0]?.locals ?? [])).toEqual({ calls: '1', n: '-1', result: '-2' })
  expect(texts(frames[1]?.locals ?? [])['sum']).toBe('-1')
})

test('an instruction forwards and one back is no move', () => {
  for (const place of [at(24), at(13), at(26), { step: machine.programStart + 3, tick: 0 }]) {
    const next = ask<{ step: number; tick: number }>({ ask: 'instruction', ...place, direction: 'forward' })
    expect(ask({ ask: 'instruction', ...next, direction: 'back' })).toEqual(place)
  }
})

function go(from: Place, verb: StatementVerb, direction: 'forward' | 'back', lines: number[] = []): Place {
  const breakpoints = lines.map((line): Breakpoint => ({ at: { kind: 'line', line } }))
  const question = { ask: 'statement', ...from, verb, direction, breakpoints } as const
  const { step, tick } = ensure(ask<Place | null>(question), 'it leads somewhere')
  return { step, tick }
}
const standsAt = ({ step, tick }: Place): [string, number] => {
  const { function: fn, line } = innermost(step, tick)
  return [fn, line]
}

test('stepping over goes from line to line and comes back the same way', () => {
  const way = [at(16)]
  const lines = [16]
  while (lines.at(-1) !== 26) {
    way.push(go(ensure(way.at(-1), 'a place'), 'over', 'forward'))
    lines.push(standsAt(ensure(way.at(-1), 'a place'))[1])
  }
  expect(lines).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26])
  for (let i = way.length - 1; i > 0; i--)
    expect(standsAt(go(ensure(way[i], 'a place'), 'over', 'back'))[1]).toBe(lines[i - 1])
})

test('breakpoints are found in a loop that records no step, from either side', () => {
  const loop = go(at(25), 'continue', 'forward', [26])
  const second = go(loop, 'continue', 'forward', [26])
  expect([loop, second].map((place) => texts(innermost(place.step, place.tick).locals)['i'])).toEqual(['0', '1'])
  expect(go(second, 'continue', 'back', [26])).toEqual(loop)
  const after = go(second, 'continue', 'forward', [30])
  expect(standsAt(after)).toEqual(['main', 30])
  // The last turn of the loop.
  const last = go(after, 'continue', 'back', [26])
  expect(texts(innermost(last.step, last.tick).locals)['i']).toBe('999')
})

test('into, out and over a call', () => {
  const call = at(31)
  expect(standsAt(go(call, 'over', 'forward'))).toEqual(['main', 33])
  const inside = go(call, 'into', 'forward')
  expect(standsAt(inside)[0]).toBe('twice')
  expect(standsAt(go(inside, 'out', 'forward'))).toEqual(['main', 31])
  expect(standsAt(go(inside, 'out', 'back'))).toEqual(['main', 31])
  expect(standsAt(go(go(call, 'over', 'forward'), 'over', 'back'))).toEqual(['main', 31])
})

test('into a library function is to its call, which records steps of its own', () => {
  const { trace } = machine
  const nameAt = ({ step }: Place): string => trace.functionOf(trace.frame.get(step)).name
  const open = go(at(20), 'into', 'forward')
  expect([nameAt(open), trace.kindOf(open.step), open.tick]).toEqual(['open', 'call', 0])
  // Over it again is what leads out of it.
  expect(standsAt(go(open, 'over', 'forward'))[0]).toBe('main')
})

test('between a call and its return the call stack is the same at every instruction, library functions too', () => {
  const sorts = new DebugSession(`#include <stdio.h>
#include <stdlib.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static void bye(void) { puts("bye"); }
int main(void) {
  atexit(bye);
  int numbers[4] = { 3, 1, 2, 0 };
  qsort(numbers, 4, sizeof numbers[0], compare);
  return 0;
}
`)
  const { trace, programStart, end } = sorts.machine
  const PROGRAM: ReadonlySet<string> = new Set(['main', 'compare', 'bye'])
  const open: string[] = []
  const seen = new Set<string>()
  for (let step = programStart; step < end && trace.kindOf(step) !== 'thread-end'; step++) {
    if (trace.kindOf(step) === 'call') open.unshift(trace.functionOf(trace.a.get(step)).name)
    const { ticks } = sorts.ask<PlaceView>({ ask: 'place', step, tick: 0 })
    for (let tick = 0; tick <= ticks; tick++) {
      if (tick === 1 && trace.kindOf(step) === 'return') open.shift()
      const [thread] = sorts.threads({ step, tick })
      expect([step, tick, thread?.stack.map(({ function: name }) => name)]).toEqual([step, tick, open])
      // What is known of variables is known of the same calls, and of main() before it is called.
      const programs = step === programStart ? ['main'] : open.filter((name) => PROGRAM.has(name))
      expect([step, tick, thread?.frames.map(({ function: name }) => name)]).toEqual([step, tick, programs])
      seen.add(open.join(' < '))
    }
  }
  expect([...seen].slice(0, 5)).toEqual(['', 'main', 'atexit < main', 'qsort < main', 'compare < qsort < main'])
  expect([...seen].slice(5)).toEqual([
    'exit',
    'bye < exit',
    'puts < bye < exit',
    'do_group_exit < exit',
    'exit_files < do_group_exit < exit',
  ])
})
