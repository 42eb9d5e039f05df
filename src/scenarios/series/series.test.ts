/** One scenario for each patch of the series: what it shows is there with the patch, and not before. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { ensure } from '../../base/assert.ts'
import { runReport } from '../../engine/inspect/report.ts'
import { summary } from '../../engine/inspect/summary.ts'
import { dax_get_by_host } from '../../engine/linux/drivers/dax/super.ts'
import { parseScenario } from '../../scenario/parse.ts'
import { encode } from '../../share/link.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.pmem'))
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const patchOf = (name: string): number => Number(name.slice(0, 2))

const kernel = (patch: number): string => (patch === 0 ? 'v4.12' : `v4.12+series:${patch}`)

/** The scenario of a patch, on the kernel with so many patches. */
function on(name: string, patch: number, change: (text: string) => string = (text) => text) {
  const text = change(textOf(name)).replace(/^kernel: .*$/m, `kernel: ${kernel(patch)}`)
  const recording = recorded(text)
  const report = runReport(recording, undefined)
  const { trace, lives } = recording.machine
  const k = ensure(lives.at(-1), 'a kernel ran').kernel
  return {
    ...report,
    told: report.dmesg.map(({ level, text: line }) => `${level}: ${line}`),
    /** Files of the functions that were called. */
    files: new Set(trace.functions.map(({ file }) => file)),
    /** Operations that a disk's DAX device publishes. */
    operations: (disk: string) =>
      Object.entries(dax_get_by_host(k, disk)?.ops ?? {}).flatMap(([op, fn]) => (typeof fn === 'function' ? op : [])),
    lost: () => summary(recorded(text, { crashAt: 'end' })).recover,
  }
}

/** With the patch, and with all but it. */
const sides = (name: string, change?: (text: string) => string) =>
  [on(name, patchOf(name) - 1, change), on(name, patchOf(name), change)] as const

test('there is one for each of the fourteen', () => {
  expect(names.map(patchOf)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1))
})

describe.each(names)('%s', (name) => {
  test('can be read, has a title, names its kernel and fits into a link', async () => {
    const text = textOf(name)
    const scenario = parseScenario(text)
    expect(scenario).toMatchObject({ ok: true })
    expect(text).toContain(`Patch ${patchOf(name)}: `)
    expect(text).toContain(`kernel: ${kernel(patchOf(name))}\n`)
    const link = await encode({ text, interventions: [] })
    expect(link.ok && link.value.length).toBeLessThan(2_000)
  })
})

const [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14] = names as readonly string[] as readonly [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
]

test('1: a write loses its SFENCE', () => {
  const [before, after] = sides(p1)
  expect(before.counts).toMatchObject({ movnt: 512, sfence: 1 })
  expect(after.counts).toMatchObject({ movnt: 512, sfence: 0 })
})

test.each([
  [p2, 'dm-0', 'copy_from_iter'],
  [p4, 'pmem0', 'flush'],
  [p5, 'dm-0', 'flush'],
])('%s: %s publishes %s, and not one step differs', (name, disk, operation) => {
  const [before, after] = sides(name)
  expect(before.operations(disk)).not.toContain(operation)
  expect(after.operations(disk)).toContain(operation)
  expect(after.hash).toBe(before.hash)
})

test('3: the bytes inside a writev survive; a RAM disk is copied to through the cache', () => {
  const [before, after] = sides(p3)
  expect(before.lost()).toMatchObject({ status: 1, output: expect.stringContaining('byte 60 is gone') })
  expect(after.lost()).toMatchObject({ status: 0 })
  const brd = (text: string): string =>
    text
      .replace(/^ {2}ndctl.*\n/m, '')
      .replaceAll('/dev/pmem0', '/dev/ram0')
      .replace('setup:', 'machine: { brd: [{ size: 16M }] }\nsetup:')
  const [cached, plain] = sides(p3, brd)
  expect(cached.counts.movnt).toBeGreaterThan(0)
  expect(plain.counts.movnt).toBe(0)
})

test('6: a sync of a RAM disk writes back no line; one of pmem the same 64', () => {
  const [before, after] = sides(p6)
  expect([before.counts.clwb, after.counts.clwb]).toEqual([64, 0])
  expect(sides(p4).map(({ counts }) => counts.clwb)).toEqual([64, 64])
  expect(on(p4, 6).counts.clwb).toBe(64)
})

test('7: zeros at the end of a file on a RAM disk are stored only', () => {
  const [before, after] = sides(p7)
  expect([before.counts.clwb, after.counts.clwb]).toEqual([4, 0])
})

test('8, 9: the same instructions, another owner', () => {
  const [before, after] = sides(p8)
  expect(after.counts).toEqual(before.counts)
  expect([before, after].map(({ files }) => files.has('arch/x86/include/asm/pmem.h'))).toEqual([true, false])
  const [old, moved] = sides(p9)
  expect(moved.counts).toEqual(old.counts)
  expect([old, moved].map(({ files }) => files.has('include/linux/pmem.h'))).toEqual([true, false])
  expect(moved.files).toContain('arch/x86/mm/pageattr.c')
})

test('10: nothing differs, and include/linux/pmem.h is gone from the call graph that v4.12 had', () => {
  const [before, after] = sides(p10)
  expect(after.hash).toBe(before.hash)
  expect(after.files).not.toContain('include/linux/pmem.h')
  expect(on(p10, 0).files).toContain('include/linux/pmem.h')
})

test('11: without an API for persistent memory there is a warning, and no deep_flush', () => {
  const [before, after] = sides(p11)
  expect(before.setupOutput).toContain('deep_flush')
  expect(after.setupOutput).not.toContain('deep_flush')
  const warned = ({ told }: typeof after): boolean =>
    told.join('\n').includes('warn: nd_pmem namespace0.0: unable to guarantee persistence of writes')
  expect([before, after].map(warned)).toEqual([false, true])
})

test('12: a volatile range becomes a namespace and a disk', () => {
  const [before, after] = sides(p12)
  expect([before.stdout, after.stdout]).toEqual(['no disk\n', 'a disk\n'])
  expect([before, after].map(({ setupOutput }) => setupOutput.includes('pmem0'))).toEqual([false, true])
})

test('13: "write through" stops the clwb; the flush of the disk had been swallowed before', () => {
  const [before, after] = sides(p13)
  expect(before.counts).toMatchObject({ clwb: 64, sfence: 0 })
  expect(after.counts).toMatchObject({ clwb: 0, sfence: 0 })
})

test('14: a disk on volatile memory is write through by default, without FUA; a sync writes nothing back', () => {
  const [before, after] = sides(p14)
  expect([before.setupOutput, after.setupOutput]).toEqual(['write back\n1\n', 'write through\n0\n'])
  expect(before.counts).toMatchObject({ clwb: 64, sfence: 2 })
  expect(after.counts).toMatchObject({ clwb: 0, sfence: 0 })
})
