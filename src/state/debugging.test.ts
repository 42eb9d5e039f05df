import { expect, test } from 'vitest'
import { createApp } from './app.ts'
import { callsAt } from './calls.ts'
import { commandById, isPossible } from './commands.ts'
import { keyOf, type Root } from './debug-state.ts'
import { FakeEngine, fakeEnvironment } from './fake-engine.test-data.ts'

async function open(text = 'boot a b c d') {
  const engine = new FakeEngine()
  const outside = fakeEnvironment(engine)
  const app = createApp(outside.env, text, [])
  await app.start()
  await app.pending.idle()
  const state = () => app.store.getState()
  const place = () => [state().frame?.step, state().tick]
  const step = async (verb: 'over' | 'continue', direction: 'forward' | 'back' = 'forward') => {
    await app.stepping.step(verb, direction)
    await app.pending.idle()
  }
  const local = (name: string) => {
    const { seen, frame } = state().debug
    return seen?.threads[seen.thread]?.frames[frame]?.locals.find((each) => each.name === name)?.text
  }
  return { app, engine, ...outside, state, place, step, local }
}

const I: Root = { kind: 'local', frame: 1, function: 'inner', name: 'i' }
const A: Root = { kind: 'local', frame: 1, function: 'inner', name: 'a' }

test('a statement goes inside a computation: the place, the line and the variables are of there', async () => {
  const { app, place, step, state, local } = await open()
  app.changeSettings({ granularity: 'statement' })
  await step('over')
  await step('over')
  expect(place()).toEqual([1, 2])
  expect([state().standing, state().ticks, local('i')]).toEqual([102, 3, '102'])
  expect(state().debug.seen?.changed).toEqual(new Set([keyOf({ root: I, path: [] })]))
})

test('by instruction, forwards and back between steps and what is computed after them', async () => {
  const { app, place, step } = await open()
  app.changeSettings({ granularity: 'instruction' })
  await step('over', 'back')
  expect(place()).toEqual([0, 3])
  await step('over')
  expect(place()).toEqual([1, 0])
})

test('by event a step leaves the computation, and one back leads to the event it follows', async () => {
  const { app, place, step } = await open()
  app.changeSettings({ granularity: 'statement' })
  await step('over')
  app.changeSettings({ granularity: 'event' })
  await step('over', 'back')
  expect(place()).toEqual([1, 0])
})

test('every movement by step ends at the event', async () => {
  const { app, place, step, state } = await open()
  app.changeSettings({ granularity: 'statement' })
  await step('over')
  await app.stepping.seek(3)
  expect([place(), state().standing]).toEqual([[3, 0], undefined])
})

test('Home leads to the start of the program from inside its first computation, and only then to the boot', async () => {
  const { app, place, step } = await open()
  app.changeSettings({ granularity: 'statement' })
  await step('over')
  await app.stepping.first()
  expect(place()).toEqual([1, 0])
  await app.stepping.first()
  expect(place()).toEqual([0, 0])
})

test('continue stops at a breakpoint inside a computation at every granularity, and says which', async () => {
  const { app, place, step, state } = await open()
  app.breakpoints.toggle(203)
  await step('continue')
  expect([place(), state().stoppedBy]).toEqual([[2, 3], 0])
  expect(state().announcement.text).toContain('Breakpoint at line 203')
  await app.stepping.seek(4)
  expect(state().stoppedBy).toBeUndefined()
  await step('continue', 'back')
  expect([place(), state().stoppedBy]).toEqual([[2, 3], 0])
})

test('a breakpoint that is switched off stops nothing, and the index is of the whole list', async () => {
  const { app, place, step, state } = await open()
  app.breakpoints.toggle(102)
  app.breakpoints.toggle(203)
  app.breakpoints.change(0, { enabled: false })
  await step('continue')
  expect([place(), state().stoppedBy]).toEqual([[2, 3], 1])
})

test('a condition that cannot be told is shown at its breakpoint until it is changed, and the focus stays', async () => {
  const { app, place, step, state } = await open()
  app.breakpoints.toggle(203)
  app.breakpoints.change(0, { condition: 'broken' })
  await step('continue')
  expect(place()).toEqual([1, 0])
  expect(state().breakpoints[0]?.problem).toContain('nothing is called')
  app.breakpoints.change(0, { condition: '' })
  expect(state().breakpoints).toEqual([{ at: { kind: 'line', line: 203 }, enabled: true }])
})

test('a search that takes long says so, and the next command ends it', async () => {
  const { app, engine, clock, place, step, state } = await open()
  app.changeSettings({ granularity: 'statement' })
  engine.slow.add('statement')
  const search = app.stepping.step('over', 'forward')
  await Promise.resolve()
  clock.run()
  expect(state().searching).toBe(true)
  engine.slow.clear()
  await app.stepping.step('over', 'forward')
  await search
  await app.pending.idle()
  expect([state().searching, place()]).toEqual([false, [1, 1]])
  await step('over')
  expect(place()).toEqual([1, 2])
})

test('a search that a person gives up leaves the focus where it was, without a complaint', async () => {
  const { app, engine, clock, place, state } = await open()
  app.breakpoints.toggle(203)
  engine.slow.add('statement')
  const search = app.stepping.step('continue', 'forward')
  await Promise.resolve()
  clock.run()
  app.stepping.giveUp()
  await search
  expect([place(), state().searching, state().notices]).toEqual([[1, 0], false, []])
})

test('watches are told at every place, with why there is no value', async () => {
  const { app, state, step } = await open()
  app.debugging.askFor('watch')
  app.debugging.addWatch(' i + 1 ')
  app.debugging.addWatch('nothing')
  app.debugging.addWatch('i + 1')
  await step('over')
  expect(state().debug.watches).toEqual(['i + 1', 'nothing'])
  const seen = state().debug.seen?.watches
  expect(seen?.get('i + 1')).toMatchObject({ kind: 'value', value: { text: '201' } })
  expect(seen?.get('nothing')).toMatchObject({ kind: 'error' })
  app.debugging.editWatch(1, '')
  expect(state().debug.watches).toEqual(['i + 1'])
})

test('a value stays open from place to place, and more of a long array is shown when asked for', async () => {
  const { app, state, step } = await open()
  app.debugging.toggle({ root: A, path: [] })
  await step('over')
  const shown = () => state().debug.seen?.parts.get(keyOf({ root: A, path: [] }))?.length
  expect(shown()).toBe(100)
  app.debugging.more({ root: A, path: [] })
  app.debugging.more({ root: A, path: [] })
  await app.pending.idle()
  expect(shown()).toBe(250)
})

test('another thread, another frame, the globals: each is shown when it is chosen', async () => {
  const { app, state, local } = await open()
  app.debugging.chooseFrame(1)
  await app.pending.idle()
  expect(local('outer')).toBe('1')
  app.debugging.chooseThread(1)
  app.debugging.showGlobals(true)
  await app.pending.idle()
  expect([local('j'), state().debug.seen?.globals.length]).toEqual(['9', 1])
})

test('inside a computation the call stack is the debugger’s, library calls too, and frames lead to their variables', async () => {
  const { app, step, state } = await open()
  app.changeSettings({ granularity: 'statement' })
  await step('over')
  expect(callsAt(state())).toEqual({
    thread: 'main',
    rows: [
      { function: 'inner', kind: 'program', where: 'program:101', line: 101, step: 1, frame: 0 },
      { function: 'qsort', kind: 'library', where: 'libc: stdlib.h', step: 0 },
      { function: 'main', kind: 'program', where: 'program:7', line: 7, step: 0, frame: 1 },
    ],
  })
})

test('an edit takes breakpoints along; those of deleted lines are gone', async () => {
  const { app, state } = await open()
  app.breakpoints.toggle(2)
  app.breakpoints.toggle(5)
  app.breakpoints.addFunction('inner')
  app.breakpoints.follow((line) => (line === 2 ? undefined : line + 1))
  expect(state().breakpoints.map(({ at }) => at)).toEqual([
    { kind: 'line', line: 6 },
    { kind: 'function', name: 'inner' },
  ])
})

test('a link leads inside the computation; where that is shorter, to its start, and says so', async () => {
  const { app, bar, step, place, state } = await open()
  app.changeSettings({ granularity: 'statement' })
  await step('over')
  await step('over')
  await app.sharing.share()
  const { fragment } = bar
  await app.stepping.seek(4)
  await app.sharing.open()
  expect(place()).toEqual([1, 2])
  bar.fragment = fragment.replace('tick%22%3A2', 'tick%22%3A99')
  await app.sharing.open()
  expect([place(), state().notices.length]).toEqual([[1, 0], 1])
})

test('F9 and Shift F9 are about the line where the focus stands', async () => {
  const { app, state } = await open()
  commandById('edit-breakpoint').run(app)
  expect(state().breakpoints).toMatchObject([{ at: { kind: 'line', line: 2 } }])
  expect(state().debug).toMatchObject({ tab: 'breakpoints', asked: { kind: 'line', line: 2 } })
  commandById('breakpoint').run(app)
  expect(state().breakpoints).toEqual([])
})

test('inside the first computation one can go back', async () => {
  const { app, step, state } = await open()
  await app.stepping.seek(0)
  expect(isPossible(commandById('over-back'), state())).toBe(false)
  app.changeSettings({ granularity: 'instruction' })
  app.breakpoints.toggle(1)
  await step('continue')
  expect(state().tick).toBe(1)
  expect(isPossible(commandById('over-back'), state())).toBe(true)
})
