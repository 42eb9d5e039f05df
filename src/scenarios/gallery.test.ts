import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../test/recorded.ts'
import { crashStep } from '../engine/inspect/report.ts'
import { summary } from '../engine/inspect/summary.ts'
import { parseScenario } from '../scenario/parse.ts'
import { encode } from '../share/link.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.pmem'))
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

describe.each(names)('%s', (name) => {
  test('can be read, has a title and says what recovery expects', () => {
    const scenario = parseScenario(textOf(name))
    expect(scenario).toMatchObject({ ok: true })
    expect(scenario).not.toMatchObject({ value: { title: 'Untitled' } })
    expect(textOf(name)).toContain('int recover(void)')
  })

  test('fits into a link that can be sent anywhere', async () => {
    const link = await encode({ text: textOf(name), interventions: [] })
    expect(link.ok && link.value.length).toBeLessThan(2_000)
  })
})

test('the repaired scenario differs from the default one in the flush and fence of the record', () => {
  const lines = (name: string) => new Set(textOf(name).split('\n'))
  const before = lines('flag-before-record.pmem')
  const added = textOf('flag-after-record.pmem')
    .split('\n')
    .filter((line) => !before.has(line) && !line.startsWith('title:') && !line.includes('/*'))
  expect(added).toEqual(['  _mm_clwb(&log->record);'])
})

describe('the record that was never synced', () => {
  const text = textOf('record-without-fsync.pmem')
  const lineOf = (source: string, all = text): number => all.split('\n').findIndex((line) => line.includes(source)) + 1
  const afterLine = (all: string, source: string) => {
    const crashAt = crashStep(recorded(all), { line: lineOf(source, all) })
    return crashAt === undefined ? undefined : summary(recorded(all, { crashAt })).recover
  }
  const WRITE = 'assert(write(fd'
  const FLAG = 'assert(pwrite(direct'

  test('is promised by the flag, and is in the page cache when the power fails', () => {
    expect(afterLine(text, WRITE)).toMatchObject({ status: 0, broken: false })
    expect(afterLine(text, FLAG)).toMatchObject({
      status: 1,
      broken: true,
      output: 'the flag is set, but the record was still in the page cache\n',
    })
  })

  test('survives with the fsync that is missing', () => {
    const lines = text.split('\n')
    lines.splice(lineOf(WRITE), 0, '  assert(fsync(fd) == 0);')
    expect(afterLine(lines.join('\n'), FLAG)).toMatchObject({ status: 0, broken: false })
  })
})

describe('files on ext2 with direct access', () => {
  const found = (text: string) => summary(recorded(text, { crashAt: 'end' })).recover

  test('a synced writev loses four bytes in v4.12, none since patch 3 of the series', () => {
    const text = textOf('writev-in-the-middle.pmem')
    const on = (kernel: string) => found(text.replace('kernel: v4.12', `kernel: ${kernel}`))
    expect(on('v4.12')).toMatchObject({ status: 1, output: expect.stringContaining('byte 60 is gone') })
    expect(on('v4.12+series:2')).toMatchObject({ status: 1 })
    for (const kernel of ['v4.12+series:3', 'v4.13', 'v6.1']) expect(on(kernel)).toMatchObject({ status: 0 })
  })

  test('a store that is not synced is lost, and with msync it is not', () => {
    const text = textOf('store-without-msync.pmem')
    expect(found(text)).toMatchObject({ status: 1, output: expect.stringContaining('the record is 0') })
    const mended = text.replace('log[0] = 42;', 'log[0] = 42; msync((void *)log, 4096, MS_SYNC);')
    expect(found(mended)).toMatchObject({ status: 0 })
  })
})
