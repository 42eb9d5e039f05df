import { expect, test } from 'vitest'
import { createApp } from './app.ts'
import { FakeEngine, fakeEnvironment } from './fake-engine.test-data.ts'
import { joined, withNewFile } from './program-files.ts'

const file = (name: string, text: string) => ({ name, text })
const HEADER = file('log.h', 'struct log { int valid; };')
const MAIN = file('run.c', '#include "log.h"\nint main(void) { return 0; }\n')

test('of several files the one with the main function comes first', () => {
  expect(joined([HEADER, MAIN])).toBe(
    '#include "log.h"\nint main(void) { return 0; }\n--- file: log.h\nstruct log { int valid; };\n',
  )
  const scenario = file('s.pmem', '---\n---\n')
  expect(joined([MAIN, HEADER, scenario])).toMatch(/^---\n---\n--- file: run\.c\n/)
})

test('a new file has a name of its own, and an empty line to write on', () => {
  const once = withNewFile('int main;')
  expect(once).toEqual({ text: 'int main;\n--- file: file.h\n\n', line: 3 })
  expect(withNewFile(once.text).text).toContain('--- file: file2.h\n')
})

test('added to the text in the editor, it is shown; saved as C, each file is one', async () => {
  const { env, saved } = fakeEnvironment(new FakeEngine())
  const app = createApp(env, 'boot a', [])
  await app.start()
  await app.files((each) => each.add())
  expect(app.store.getState()).toMatchObject({ text: 'boot a\n--- file: file.h\n\n', shownSource: { line: 3 } })
  await app.files((each) => each.save('c'))
  expect(saved.map(([name, text]) => [name.replace(/^.*\./, '.'), text])).toEqual([
    ['.c', 'boot a\n'],
    ['.h', '\n'],
  ])
})
