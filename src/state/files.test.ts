import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toBase64Url } from '../base/bytes.ts'
import { parseScenario } from '../scenario/parse.ts'
import { createApp } from './app.ts'
import { FakeEngine, fakeEnvironment } from './fake-engine.test-data.ts'

async function open(text: string) {
  const outside = fakeEnvironment(new FakeEngine())
  const app = createApp(outside.env, text, [])
  await app.start()
  await app.pending.idle()
  return { app, ...outside }
}

const bytesFile = (name: string, bytes: Uint8Array<ArrayBuffer>) => ({
  name,
  size: bytes.length,
  arrayBuffer: () => Promise.resolve(bytes.buffer),
})
const file = (name: string, text: string) => bytesFile(name, new TextEncoder().encode(text))
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

test('a firmware table becomes the machine, binary or as iasl prints it', async () => {
  const { app, files } = await open('boot a')
  const fixtures = new URL('../../test/fixtures/groundtruth/a-1nvdimm-nolabel/', import.meta.url)
  const table = new Uint8Array(readFileSync(new URL('NFIT.bin', fixtures)))
  files.push(bytesFile('NFIT.bin', table))
  await app.files((each) => each.open([]))
  const binary = app.store.getState().text
  expect(binary).toContain(`machine: { nfit: ${toBase64Url(table)} }`)
  expect(parseScenario(binary).ok).toBe(true)
  await app.files((each) => each.open([file('NFIT.dsl', readFileSync(new URL('NFIT.dsl', fixtures), 'utf8'))]))
  expect(app.store.getState().text).toBe(binary.replace('NFIT.bin', 'NFIT.dsl'))
})

test('what is no text replaces nothing', async () => {
  const { app } = await open('boot a')
  const pictures = [
    Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1]),
    Uint8Array.from([0xff, 0xfe, 0x41]),
    new Uint8Array(),
  ]
  for (const bytes of pictures) await app.files((each) => each.open([bytesFile('x.png', bytes)]))
  expect(app.store.getState().text).toBe('boot a')
  expect(app.store.getState().notices.map(({ message }) => message)).toEqual([
    'x.png is neither text nor a firmware table: nothing was opened.',
    'x.png is empty: nothing was opened.',
  ])
  // The next that opens well leaves no complaint behind.
  await app.files((each) => each.open([file('ok.c', 'int main(void) { return 0; }\n')]))
  expect(app.store.getState().notices).toEqual([])
})
