/** Bugs that Linux had, one scenario each: on the release that has it, and on those before and after that do not. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { runFacts } from '../../engine/inspect/facts.ts'
import { runReport } from '../../engine/inspect/report.ts'
import { summary } from '../../engine/inspect/summary.ts'
import { parseScenario } from '../../scenario/parse.ts'
import { encode } from '../../share/link.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.pmem'))
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

type Change = (text: string) => string
const same: Change = (text) => text

/** The scenario on another kernel, whole. */
function on(name: string, kernel: string, change: Change = same) {
  return runReport(recorded(change(textOf(name)).replace(/^kernel: .*$/m, `kernel: ${kernel}`)), undefined)
}

/** What recover() says after a power failure at the end: nothing, where what was synced is there. */
function afterFailure(name: string, kernel: string, change: Change = same): string {
  const text = change(textOf(name)).replace(/^kernel: .*$/m, `kernel: ${kernel}`)
  const { status, output } = summary(recorded(text, { crashAt: 'end' })).recover ?? {}
  expect(status).toBe(output === '' ? 0 : 1)
  return output ?? 'no recover()'
}

/** What a power failure right after the program may take by the architecture: places of files, and their bytes. */
function mayLose(name: string, kernel: string, change: Change = same): Readonly<Record<string, number>> {
  const recording = recorded(change(textOf(name)).replace(/^kernel: .*$/m, `kernel: ${kernel}`))
  return runFacts(recording, recording.steps - 1).loss?.mayLose ?? {}
}

const gone = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, i) => `byte ${first + i} is gone\n`).join('')

describe.each(names)('%s', (name) => {
  test('can be read, has a title, names its bug and fits into a link', async () => {
    const text = textOf(name)
    expect(parseScenario(text)).toMatchObject({ ok: true })
    const bug = name.match(/^b(\d+)-/)?.[1]
    expect(text).toContain(bug === undefined ? 'title: ' : `title: "B-${Number(bug)}: `)
    const link = await encode({ text, interventions: [] })
    expect(link.ok && link.value.length).toBeLessThan(2_000)
  })
})

test('B-4: three of seven bytes at offset 60, from patch 3 of the series until v5.9', () => {
  const name = 'b04-seven-bytes-at-60.pmem'
  for (const kernel of ['v4.12', 'v4.12+series:2', 'v5.9', 'v6.1', 'v4.18+a1cd6c2ae47e'])
    expect(afterFailure(name, kernel)).toBe('')
  for (const kernel of ['v4.12+series:3', 'v4.13', 'v4.18', 'v5.9-a1cd6c2ae47e'])
    expect(afterFailure(name, kernel)).toBe(gone(64, 66))
})

describe('B-8: a mapped device that nobody told of the cache below', () => {
  const name = 'b08-a-mapped-device-never-flushes.pmem'

  test('writes back nothing and loses what was synced', () => {
    expect(on(name, 'v4.13-273752c9ff03').counts).toMatchObject({ clwb: 0 })
    expect(on(name, 'v4.13').counts).toMatchObject({ clwb: 64 })
    expect(afterFailure(name, 'v4.13-273752c9ff03')).toBe('the store is gone\n')
    for (const kernel of ['v4.12', 'v4.13', 'v4.14', 'v6.1']) expect(afterFailure(name, kernel)).toBe('')
  })

  test('keeps what was written: a write does not need the flush', () => {
    const written: Change = (text) =>
      text
        .replace('strcpy(log, "mapped");', 'assert(pwrite(fd, "mapped..", 8, 0) == 8);')
        .replace('msync(log, 4096, MS_SYNC)', 'fsync(fd)')
    expect(afterFailure(name, 'v4.13-273752c9ff03', written)).toBe('')
  })
})

test('B-13: one leg with DAX is enough up to v5.11', () => {
  const name = 'b13-one-leg-with-dax-is-enough.pmem'
  const flag = (kernel: string) => on(name, kernel).setupOutput.trim()
  for (const kernel of ['v4.12', 'v4.18', 'v5.9', 'v6.1-5b0fab508992']) expect(flag(kernel)).toBe('1')
  for (const kernel of ['v5.9+5b0fab508992', 'v5.17', 'v6.1']) expect(flag(kernel)).toBe('0')
})

test('B-18: a raw namespace offers DAX up to v4.17', () => {
  const name = 'b18-a-raw-namespace-offers-dax.pmem'
  const flag = (kernel: string) => on(name, kernel).setupOutput.trim()
  for (const kernel of ['v4.12', 'v4.16', 'v4.18-4557641b4c70']) expect(flag(kernel)).toBe('1')
  for (const kernel of ['v4.18', 'v6.1']) expect(flag(kernel)).toBe('0')
})

describe('B-31: "write through" in the queue', () => {
  const name = 'b31-write-through.pmem'
  const untold: Change = (text) => text.replace(/^ {2}printf .*\n/m, '')

  test.each(['v4.12', 'v4.13', 'v6.1'])('takes the fence from behind the write-back: %s', (kernel) => {
    expect(on(name, kernel).counts).toMatchObject({ clwb: 64, sfence: 0 })
    expect(on(name, kernel, untold).counts.sfence).toBeGreaterThan(0)
    expect(on(name, kernel, untold).counts).toMatchObject({ clwb: 64 })
    expect(mayLose(name, kernel)).toMatchObject({ '/mnt/log+0': 7 })
    expect(mayLose(name, kernel, untold)).not.toHaveProperty('/mnt/log+0')
  })

  test('with the series as posted takes the write-back too', () => {
    expect(on(name, 'v4.12+series:14').counts).toMatchObject({ clwb: 0, sfence: 0 })
    expect(afterFailure(name, 'v4.12+series:14')).toBe('the store is gone\n')
  })
})

describe('a stripe narrower than a page', () => {
  const name = 'stripe-narrower-than-a-page.pmem'
  const wider: Change = (text) => text.replace('striped 2 4 ', 'striped 2 8 ')

  test.each(['v5.17', 'v6.1'])('claims DAX, mounts and fails at the first access: %s', (kernel) => {
    expect(on(name, kernel)).toMatchObject({ setupOutput: '1\n', stdout: 'write: Input/output error\n' })
  })

  test.each(['v4.13', 'v5.9'])('is found out by mount: %s', (kernel) => {
    const { setupOutput, problem, dmesg } = on(name, kernel)
    expect(setupOutput).toBe('1\n')
    expect(problem).toMatchObject({ setup: true, message: expect.stringContaining('mount: /mnt: ') })
    expect(dmesg.at(-1)?.text).toBe('EXT4-fs (dm-0): DAX unsupported by block device.')
  })

  test('works where a chunk is a page', () => {
    expect(on(name, 'v6.1', wider)).toMatchObject({ setupOutput: '1\n', stdout: '' })
  })
})

describe('a linear target that begins inside a page', () => {
  const name = 'linear-that-begins-inside-a-page.pmem'
  const begin =
    (sector: number): Change =>
    (text) =>
      text.replaceAll('1025', `${sector}`)

  test.each([
    [1025, 512],
    [1031, 3584],
    [1032, 0],
  ])('puts a page where bios do not look for it: from sector %i on, %i bytes', (sector, bytes) => {
    const text = begin(sector)(textOf(name))
    expect(summary(recorded(text, { crashAt: 'end' })).recover).toMatchObject({
      output: `the page is ${bytes} bytes too low\n`,
      status: bytes === 0 ? 0 : 1,
    })
  })
})
