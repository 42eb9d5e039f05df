/** The command on a log that the real replay-log has read, and on none. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { err, ok } from '../../base/result.ts'
import { dispatch } from '../dispatch.ts'
import { engine } from '../engine.ts'

const log = new Uint8Array(
  readFileSync(new URL('../../../test/fixtures/dm-log-writes/synthetic-9-entries.log', import.meta.url)),
)

async function replayLog(line: string, files: Readonly<Record<string, Uint8Array>> = {}) {
  const written = new Map<string, Uint8Array>()
  let out = ''
  let said = ''
  const terminal = {
    read: async (path: string) => {
      const bytes = path === 'a.log' ? log : files[path]
      return bytes === undefined ? err('no such file') : ok(bytes)
    },
    write: async (path: string, bytes: Uint8Array) => {
      if (path === '/nowhere') return 'no such file'
      written.set(path, bytes)
      return undefined
    },
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      said += text
    },
  }
  const status = await dispatch(['replay-log', ...line.split(' ')], '', { terminal, engine })
  return { status, out, said, written }
}

test('says what the log is', async () => {
  expect(await replayLog('a.log')).toMatchObject({ status: 0, out: 'Log version=1, sectorsize=512, entries=9\n' })
  expect(await replayLog('a.log --num-entries')).toMatchObject({ status: 0, out: '9\n' })
})

test('replays onto an image, and tells entry by entry with -v', async () => {
  const image = new Uint8Array(16384).fill(0xee)
  const { status, out, written } = await replayLog('a.log --replay out --image in -v', { in: image })
  expect(status).toBe(0)
  expect(out.split('\n')[1]).toBe('replaying 1: sector 0, size 512, flags 16(METADATA)')
  expect(out.match(/^replaying \d: /gm)).toHaveLength(9)
  const replayed = written.get('out') as Uint8Array
  // The second sector of entry 2, which nothing overwrites: behind the super sector, two entries, one with data.
  expect(replayed.subarray(9 * 512, 10 * 512)).toEqual(log.subarray(6 * 512, 7 * 512))
  expect([replayed[10 * 512], replayed[24 * 512], replayed.length]).toEqual([0xee, 0, 16384])
  expect(await replayLog('a.log --replay out --limit 1')).toMatchObject({ status: 0, out: '' })
})

test('finds marks, flushes and FUA writes, and ends with 1 where there are none', async () => {
  const found = await Promise.all(
    ['--next-flush', '--next-fua', '--limit 3', '--start-entry 4 --limit 2'].map((how) =>
      replayLog(`a.log --find ${how}`),
    ),
  )
  const { entries } = JSON.parse((await replayLog('a.log --json')).out) as {
    entries: { names: string; mark: string | null }[]
  }
  const first = (name: string): number => entries.findIndex(({ names }) => names.split('|').includes(name))
  expect(found.map(({ out }) => out)).toEqual([`${first('FLUSH')}\n`, `${first('FUA')}\n`, '2\n', '5\n'])
  const mark = entries[first('MARK')]?.mark
  expect(await replayLog(`a.log --find --end-mark ${mark}`)).toMatchObject({ out: `${first('MARK')}\n` })
  expect(await replayLog('a.log --find --end-mark none')).toMatchObject({ status: 1, said: "Couldn't find entry\n" })
  expect(await replayLog('a.log --start-mark none')).toMatchObject({
    status: 1,
    said: "Couldn't find starting mark\n",
  })
  expect(await replayLog('a.log --start-entry 9')).toMatchObject({ status: 1, said: 'Invalid entry number\n' })
  expect((await replayLog('a.log -v -v --find --limit 2')).out).toMatch(
    /^seek entry 0: 0, size 0, flags 8\nseek entry 1: 0, size 1, flags 16\n1\n$/,
  )
})

test('--json lists the entries that are meant', async () => {
  const report = JSON.parse((await replayLog('a.log --json --start-mark mkfs --limit 1')).out) as unknown
  expect(report).toEqual({
    version: 1,
    sectorsize: 512,
    nr_entries: 9,
    selected: { from: 1, to: 2, found: true },
    replayed: false,
    entries: [{ index: 1, sector: 0, nr_sectors: 1, flags: '16', names: 'METADATA', data_len: 0, mark: null }],
  })
})

test.each([
  ['none.log', 'none.log: no such file'],
  ['text', 'text: byte 0: magic 0x4242424242424242, expected 0x6a736677736872'],
  ['short', 'short: byte 600: entry 0 of 9: the log ends in it, after 88 bytes'],
  ['a.log --limit x', '--limit x: expected a number of entries'],
  ['a.log --image in', '--image: there is nothing to replay without --replay'],
  ['a.log --replay out --image none', '--image none: no such file'],
  ['a.log --replay /nowhere', '--replay /nowhere: no such file'],
])('replay-log %s ends with 2', async (line, said) => {
  const files = { text: new Uint8Array(99).fill(0x42), short: log.subarray(0, 600) }
  expect(await replayLog(line, files)).toMatchObject({ status: 2, out: '', said: `pmemscope: ${said}\n` })
})
