import { expect, test } from 'vitest'
import { createApp } from './app.ts'
import { FakeEngine, fakeEnvironment } from './fake-engine.test-data.ts'

async function open(text = 'boot a b c d', fragment = '') {
  const engine = new FakeEngine()
  const outside = fakeEnvironment(engine, fragment)
  const app = createApp(outside.env, text, [])
  await app.start()
  await app.pending.idle()
  const state = () => app.store.getState()
  return { app, engine, ...outside, state, step: () => state().frame?.step }
}

test('the page opens at the start of the program', async () => {
  const { state, step } = await open()
  expect(step()).toBe(1)
  expect(state().summary?.steps).toBe(5)
  expect(state().announcement.text).toBe('word a')
})

test('a step forward and one back lead to the same picture', async () => {
  const { app, state } = await open()
  await app.stepping.step('over', 'forward')
  const { frame, resting } = state()
  await app.stepping.step('over', 'forward')
  await app.stepping.step('over', 'back')
  expect(state().frame).toEqual(frame)
  expect(state().resting).toEqual(resting)
})

test('what is undone travels back, what is done travels forward, and nothing rests that is older', async () => {
  const { app, state } = await open()
  await app.stepping.step('over', 'forward')
  expect(state().transit).toMatchObject({ direction: 'forward', motions: [{ step: 2 }] })
  await app.stepping.step('over', 'back')
  expect(state().transit).toMatchObject({ direction: 'back', motions: [{ step: 2 }] })
  expect(state().resting.map(({ step }) => step)).toEqual([1])
})

test('of many moves at once the first and the last are drawn, and the last is where it ends', async () => {
  const { app, engine, step } = await open()
  engine.asked.length = 0
  const moves = [2, 3, 4, 1, 3].map((target) => app.stepping.seek(target))
  await Promise.all(moves)
  await app.pending.idle()
  expect(step()).toBe(3)
  expect(engine.asked.filter((ask) => ask === 'frame')).toHaveLength(2)
})

test('at the end a step says so and stays', async () => {
  const { app, state, step } = await open()
  await app.stepping.last()
  await app.stepping.step('over', 'forward')
  expect(step()).toBe(4)
  expect(state().announcement.text).toBe('This is the end of the recording.')
})

test('an edit is recorded after a pause and keeps its place, wherever that is now', async () => {
  const { app, clock, step, state } = await open()
  await app.stepping.seek(3)
  app.recorder.edit('boot x y a b c d')
  expect(state().frame?.event.sentence).toBe('word c')
  clock.run()
  await app.pending.idle()
  expect(step()).toBe(5)
  expect(state().frame?.event.sentence).toBe('word c')
})

test('an edit does not wait until a program that never ends is cut off', async () => {
  const { app, clock, step, state } = await open()
  await app.stepping.seek(3)
  app.recorder.edit('endless')
  clock.run()
  while (state().recording === undefined) await Promise.resolve()
  app.recorder.edit('boot x y a b c d')
  clock.run()
  await app.pending.idle()
  expect(state().recording).toBeUndefined()
  expect(step()).toBe(5)
  expect(state().summary?.steps).toBe(7)
})

test('a text that is refused keeps the picture and lists what is wrong', async () => {
  const { app, clock, state } = await open()
  const { frame, summary } = state()
  app.recorder.edit('boot a !')
  clock.run()
  await app.pending.idle()
  expect(state().diagnostics).toMatchObject([{ line: 1, column: 8 }])
  expect(state().frame).toBe(frame)
  expect(state().summary).toBe(summary)
})

test('the power fails here, the loss is shown, and Backspace brings back the place before', async () => {
  const { app, state, step } = await open()
  await app.stepping.seek(3)
  await app.power.fail()
  await app.pending.idle()
  expect(step()).toBe(4)
  expect(state().summary?.failedAt).toBe(4)
  expect(state().tab).toBe('failure')
  expect(state().loss?.step).toBe(3)
  await app.power.undo()
  await app.pending.idle()
  expect(step()).toBe(3)
  expect(state().interventions).toEqual([])
  expect(state().summary?.failedAt).toBeUndefined()
})

const evict = { kind: 'write-back', core: 0, line: 64 } as const

test('hardware moves where a person says so, and the focus stands on that step; undo and redo go back and forth', async () => {
  const { app, state, step } = await open()
  await app.stepping.seek(2)
  await app.power.take(evict)
  await app.pending.idle()
  expect(step()).toBe(3)
  expect(state().frame?.event.sentence).toBe('word moved')
  expect(state().interventions).toMatchObject([{ kind: 'transition', transition: evict }])
  await app.power.undo()
  expect([step(), state().interventions, state().summary?.steps]).toEqual([2, [], 5])
  await app.power.redo()
  expect([step(), state().interventions.length, state().summary?.steps]).toEqual([3, 1, 6])
  await app.power.undo()
  expect([step(), state().redo.length]).toEqual([2, 1])
})

test('with another intervention what was undone is gone', async () => {
  const { app, state } = await open()
  await app.power.take(evict)
  await app.power.undo()
  await app.power.fail()
  expect(state().redo).toEqual([])
  await app.power.undo()
  await app.power.redo()
  expect(state().interventions).toMatchObject([{ kind: 'power-failure' }])
})

test('what hardware cannot do here leaves everything as it was, and says so', async () => {
  const { app, state, step } = await open()
  await app.stepping.seek(2)
  await app.power.take({ ...evict, line: 0 })
  await app.pending.idle()
  expect([step(), state().interventions, state().undo]).toEqual([2, [], []])
  expect(state().notices[0]?.message).toContain('could not do this')
})

test('restoring power takes back the failure alone, whatever was done before it', async () => {
  const { app, state } = await open()
  await app.stepping.seek(3)
  await app.power.fail()
  await app.stepping.seek(1)
  await app.power.take(evict)
  await app.power.restore()
  expect(state().interventions).toMatchObject([{ kind: 'transition' }])
  expect(state().summary?.failedAt).toBeUndefined()
  await app.power.undo()
  expect(state().interventions.map(({ kind }) => kind)).toEqual(['power-failure', 'transition'])
})

test('an intervention whose place is gone is kept and known to be unresolved', async () => {
  const { app, clock, state } = await open()
  await app.stepping.seek(3)
  await app.power.fail()
  app.recorder.edit('boot a b')
  clock.run()
  await app.pending.idle()
  expect(state().interventions).toHaveLength(1)
  expect(state().interventionSteps).toEqual([undefined])
})

test('a shared link opens at the same text, place and interventions', async () => {
  const first = await open('boot p q r')
  await first.app.stepping.seek(2)
  await first.app.power.fail()
  await first.app.sharing.share()
  await Promise.resolve()
  const [url = ''] = first.clipboard
  expect(first.state().share).toMatchObject({ kind: 'ready', url, copied: true })
  const second = await open('another text', new URL(url).hash)
  expect(second.state().text).toBe('boot p q r')
  expect(second.state().interventions).toEqual(first.state().interventions)
  expect(second.state().frame).toEqual(first.state().frame)
})

test('a damaged link says so and leaves the work alone', async () => {
  const { app, bar, state } = await open()
  await app.stepping.seek(3)
  const { text, frame } = state()
  bar.fragment = '#garbage'
  expect(await app.sharing.open()).toBe(false)
  expect(state().notices[0]?.message).toContain('damaged')
  expect([state().text, state().frame]).toEqual([text, frame])
})

test('a page that is opened with a damaged link shows the default scenario and the message', async () => {
  const { state, step } = await open('boot a b', '#garbage')
  expect(step()).toBe(1)
  expect(state().notices).toHaveLength(1)
})

test('a link in the address bar goes when the work is no longer what it says', async () => {
  const { app, bar } = await open()
  await app.sharing.share()
  expect(bar.fragment).not.toBe('')
  app.recorder.edit('boot a b c d e')
  expect(bar.fragment).toBe('')
})

test('playing goes on until it is stopped or ends', async () => {
  const { app, clock, step, state } = await open()
  app.stepping.togglePlay()
  await app.pending.idle()
  for (let i = 0; i < 8; i++) {
    clock.run()
    await app.pending.idle()
  }
  expect(step()).toBe(4)
  expect(state().playing).toBe(false)
})

test('the layers below the selected byte are asked where they are shown, and kept open as a person left them', async () => {
  const { app, engine, state } = await open()
  const asked = () => engine.asked.filter((ask) => ask === 'storage').length
  app.details.selectLine(640, 3)
  await app.pending.idle()
  expect(state().storage).toMatchObject({ spa: 643, step: 1 })
  app.details.showTab('dmesg')
  await app.pending.idle()
  const before = asked()
  await app.stepping.step('over', 'forward')
  expect(asked()).toBe(before)
  app.askForStorage()
  await app.pending.idle()
  expect(state()).toMatchObject({
    tab: 'inspect',
    storageOpen: true,
    storageAsked: true,
    storage: { spa: 643, step: 2 },
  })
  app.storageFocused()
  app.showStorage(false)
  await app.stepping.step('over', 'forward')
  expect(state()).toMatchObject({ storageOpen: false, storageAsked: false, storage: { step: 3 } })
})

test('a layer leads to the devices, which show it once', async () => {
  const { app, state } = await open()
  app.details.showDevice({ kind: 'device', path: '/sys/devices/region0' })
  await app.pending.idle()
  expect(state()).toMatchObject({ tab: 'devices', deviceAsked: { path: '/sys/devices/region0' } })
  app.deviceShown()
  expect(state().deviceAsked).toBeUndefined()
})
