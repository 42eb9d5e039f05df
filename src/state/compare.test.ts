import { expect, test } from 'vitest'
import { createApp, type GalleryEntry } from './app.ts'
import { FakeEngine, fakeEnvironment } from './fake-engine.test-data.ts'

/** The page with a gallery, and every engine that it asked for: the second is the other machine's. */
async function open(text: string, gallery: Readonly<Record<string, string>> = {}) {
  const engines: FakeEngine[] = []
  const outside = fakeEnvironment(new FakeEngine(), '')
  const env = {
    ...outside.env,
    connect() {
      const engine = new FakeEngine()
      engines.push(engine)
      return engine
    },
  }
  const entries = Object.entries(gallery).map(
    ([name, held]): GalleryEntry => ({ name, title: name, kind: 'scenario', text: async () => held }),
  )
  const app = createApp(env, text, entries)
  await app.start()
  await app.pending.idle()
  const state = () => app.store.getState()
  const idle = () => app.pending.idle()
  return { app, engines, state, idle }
}

test('another scenario is recorded beside this one, and goes where the focus goes', async () => {
  const { app, engines, state, idle } = await open('boot a b c d', { other: 'boot x a c' })
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'other' }))
  await idle()
  expect(engines).toHaveLength(2)
  expect(state().compare).toMatchObject({
    status: { kind: 'ready' },
    other: { here: true, frame: { step: 2 } },
    comparison: { same: false },
  })
  await app.stepping.step('over', 'forward')
  await idle()
  // "b" is not in the other one: it stays where both were.
  expect(state().compare?.other).toMatchObject({ here: false, frame: { step: 2 } })
  await app.stepping.step('over', 'forward')
  await idle()
  expect(state().compare?.other).toMatchObject({ here: true, frame: { step: 3 } })
})

test('the same text is recorded once, whatever the focus does', async () => {
  const { app, engines, idle } = await open('boot a b c d', { other: 'boot a' })
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'other' }))
  await idle()
  const loads = engines[1]?.loads
  await app.stepping.last()
  await idle()
  expect([loads, engines[1]?.loads]).toEqual([1, 1])
})

test('what cannot be recorded is said, and the next one is tried', async () => {
  const { app, state, idle } = await open('boot a', { wrong: 'boot !', right: 'boot a' })
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'wrong' }))
  await idle()
  expect(state().compare).toMatchObject({ status: { kind: 'refused', message: 'It is refused: no “!” here.' } })
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'gone' }))
  await idle()
  expect(state().compare).toMatchObject({ status: { message: 'There is no scenario gone.' } })
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'right' }))
  await idle()
  expect(state().compare).toMatchObject({ status: { kind: 'ready' } })
})

test('the release before this one is the first choice; a text that is edited is compared anew', async () => {
  const { app, engines, state, idle } = await open('---\nkernel: v6.1\n---\na')
  await app.compare((compare) => compare.begin())
  await idle()
  expect(state().compare?.with).toEqual({ kind: 'before' })
  expect(engines[1]?.words.join(' ')).toBe('---\nkernel: v4.12\n---\na')
  await app.recorder.open('---\nkernel: v6.1\n---\nb', [], undefined)
  await idle()
  expect(engines[1]?.words.join(' ')).toBe('---\nkernel: v4.12\n---\nb')
})

test('who ends it lets the other engine go; who begins again gets another', async () => {
  const { app, engines, state, idle } = await open('boot a', { other: 'boot a' })
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'other' }))
  await idle()
  await app.compare((compare) => compare.end())
  expect(state().compare).toBeUndefined()
  expect(engines[1]?.disposed).toBe(true)
  await app.compare((compare) => compare.with({ kind: 'entry', name: 'other' }))
  await idle()
  expect(engines).toHaveLength(3)
  expect(state().compare).toMatchObject({ status: { kind: 'ready' } })
})
