import { expect, test } from 'vitest'
import { createApp } from './app.ts'
import { FakeEngine, fakeEnvironment } from './fake-engine.test-data.ts'

async function open(text: string) {
  const outside = fakeEnvironment(new FakeEngine())
  const app = createApp(outside.env, text, [])
  await app.start()
  await app.pending.idle()
  return { app, ...outside }
}

const file = (name: string, text: string) => ({ name, size: text.length, text: () => Promise.resolve(text) })
const SCENARIO = '---\ntitle: x\n---\nint main;\n'

test('a scenario is saved whole, or its C alone, under the name that it was opened from', async () => {
  const { app, files, saved } = await open('boot a')
  files.push(file('my log.pmem', SCENARIO))
  await app.files((each) => each.open([]))
  await app.files((each) => each.save('all'))
  await app.files((each) => each.save('c'))
  expect(saved).toEqual([
    ['my log.pmem', SCENARIO],
    ['my log.c', 'int main;\n'],
  ])
})

test('without a file it is called after its title; a C program stays one', async () => {
  const { app, saved, state } = await open('boot a').then((all) => ({ ...all, state: all.app.store.getState }))
  const title = state().summary?.title ?? ''
  await app.files((each) => each.save('all'))
  expect(saved).toEqual([[`${title.toLowerCase()}.c`, 'boot a']])
  expect(state().announcement.text).toBe(`Saved as ${title.toLowerCase()}.c.`)
})

test('the next text has lost the name of the file', async () => {
  const { app, files, saved } = await open('boot a')
  files.push(file('first.c', 'boot b'))
  await app.files((each) => each.open([]))
  await app.openEntry({ name: 'n', title: 't', kind: 'scenario', text: () => Promise.resolve(SCENARIO) })
  await app.files((each) => each.save('all'))
  expect(saved[0]?.[0]).not.toBe('first.pmem')
})

test('a browser that cannot write is a message, and nothing is lost', async () => {
  const { env } = fakeEnvironment(new FakeEngine())
  const app = createApp({ ...env, saveFile: () => Promise.reject(new Error('the disk is full')) }, 'boot a', [])
  await app.start()
  await app.files((each) => each.save('all'))
  expect(app.store.getState().notices[0]?.message).toContain('the disk is full')
  expect(app.store.getState().text).toBe('boot a')
})
