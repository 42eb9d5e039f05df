/** The page's debugger with the real engine in this thread. */

import { expect, test } from 'vitest'
import { InlineClient } from '../client/inline-client.ts'
import { createApp } from './app.ts'
import { keyOf } from './debug-state.ts'
import { fakeEnvironment } from './fake-engine.test-data.ts'

const TEXT = `---
setup: ""
---
struct pair { int a, b; };
static int calls;
static int sum_to(int n) {
  int sum = 0;
  for (int i = 1; i <= n; i++)
    sum += i;
  calls++;
  return sum;
}
int main(void) {
  struct pair pair = { 1, 2 };
  pair.a = sum_to(4);
  pair.b = sum_to(40);
  return pair.a;
}
`

async function open() {
  const app = createApp(fakeEnvironment(new InlineClient(), '').env, TEXT, [])
  await app.start()
  await app.pending.idle()
  const state = () => app.store.getState()
  const step = async (...way: Parameters<typeof app.stepping.step>) => {
    await app.stepping.step(...way)
    await app.pending.idle()
  }
  const until = async (line: number) => {
    for (let i = 0; i < 50 && state().standing !== line; i++) await step('into', 'forward')
  }
  const text = (name: string) => {
    const { seen } = state().debug
    const locals = seen?.threads[seen.thread]?.frames[0]?.locals
    return locals?.find((local) => local.name === name)?.text
  }
  return { app, state, step, until, text }
}

test('by statement the focus goes through computation that has no event, and comes back the same way', async () => {
  const { app, state, step, until, text } = await open()
  app.changeSettings({ granularity: 'statement' })
  await until(9)
  const begin = { step: state().frame?.step, tick: state().tick, sum: text('sum') }
  expect(begin.sum).toBe('0')
  const sums: (string | undefined)[] = []
  for (let i = 0; i < 4; i++) {
    await step('over', 'forward')
    await step('over', 'forward')
    sums.push(text('sum'))
  }
  expect(sums).toEqual(['1', '3', '6', '10'])
  expect(state().frame?.step).toBe(begin.step)
  for (let i = 0; i < 8; i++) await step('over', 'back')
  expect({ step: state().frame?.step, tick: state().tick, sum: text('sum') }).toEqual(begin)
})

test('an event back from inside a computation is its beginning', async () => {
  const { app, state, step, until } = await open()
  app.changeSettings({ granularity: 'statement' })
  await until(9)
  const at = state().frame?.step
  expect(state().tick).toBeGreaterThan(0)
  await step('micro', 'back')
  expect([state().frame?.step, state().tick, state().standing]).toEqual([at, 0, undefined])
})

test('a value says when it is another than at the place before, and shows its parts while it is open', async () => {
  const { app, state, step, until } = await open()
  app.changeSettings({ granularity: 'statement' })
  await until(16)
  const pair = { root: { kind: 'local', frame: 0, function: 'main', name: 'pair' }, path: [] } as const
  app.debugging.toggle(pair)
  await app.pending.idle()
  expect(
    state()
      .debug.seen?.parts.get(keyOf(pair))
      ?.map(({ text }) => text),
  ).toEqual(['10', '2'])
  await step('over', 'forward')
  expect([...(state().debug.seen?.changed ?? [])]).toEqual([keyOf(pair), keyOf({ ...pair, path: [1] })])
  app.debugging.toggle(pair)
  await app.pending.idle()
  expect(state().debug.seen?.parts.size).toBe(0)
})

test('a breakpoint with a condition and hits stops there and says so; what its condition lacks is told at it', async () => {
  const { app, state, step, text } = await open()
  app.breakpoints.toggle(9)
  app.breakpoints.change(0, { condition: 'i % 2 == 0', hits: 3 })
  await step('continue', 'forward')
  // 2 and 4 of the first call; 2 of the second.
  expect([text('n'), text('i'), state().stoppedBy, state().standing]).toEqual(['40', '2', 0, 9])
  expect(state().announcement.text).toBe('Breakpoint at line 9. line 9: sum += i;')
  await step('continue', 'forward')
  expect(text('i')).toBe('4')
  await step('continue', 'back')
  expect(text('i')).toBe('2')
  app.breakpoints.change(0, { condition: 'j == 0', hits: 1 })
  await step('continue', 'forward')
  expect(state().breakpoints[0]?.problem).toContain("'j'")
  expect(state().notices.at(-1)?.message).toContain('line 9')
  app.breakpoints.change(0, { enabled: false })
  await step('continue', 'forward')
  expect(state().frame?.step).toBe((state().summary?.steps ?? 0) - 1)
})

test('watches are computed in the frame that is shown', async () => {
  const { app, state, until } = await open()
  app.changeSettings({ granularity: 'statement' })
  await until(9)
  app.debugging.addWatch('n * 10')
  app.debugging.addWatch('pair.b')
  await app.pending.idle()
  const result = (text: string) => state().debug.seen?.watches.get(text)
  expect(result('n * 10')).toMatchObject({ kind: 'value', value: { text: '40' } })
  expect(result('pair.b')).toMatchObject({ kind: 'error' })
  app.debugging.chooseFrame(1)
  await app.pending.idle()
  expect(result('pair.b')).toMatchObject({ kind: 'value', value: { text: '2' } })
  expect(result('n * 10')).toMatchObject({ kind: 'error' })
})

test('breakpoints move with their lines, and go with them', async () => {
  const { app, state } = await open()
  for (const line of [9, 14, 16]) app.breakpoints.toggle(line)
  app.breakpoints.moveLines((line) => (line === 14 ? 0 : line + 2))
  expect(state().breakpoints.map(({ at }) => at)).toEqual([
    { kind: 'line', line: 11 },
    { kind: 'line', line: 18 },
  ])
})
