/** What a power failure loses of the page cache and of the buffers, in reports and on the screen. */

import { expect, test } from 'vitest'
import { lossView } from '../src/engine/inspect/loss-view.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { crashStep, runReport } from '../src/engine/inspect/report.ts'
import { recorded } from './recorded.ts'

const scenario = (setup: readonly string[], body: readonly string[]): string => `---
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=mem
${setup.map((line) => `  ${line}\n`).join('')}---
#include <fcntl.h>
#include <unistd.h>
int main(void) {
${body.map((line) => `  ${line}\n`).join('')}  return 0;
}
`
/** Lines above the program, but for the setup's. */
const ABOVE = 7
const EXT4 = ['mkfs.ext4 -q -b 4096 /dev/pmem0', 'mount /dev/pmem0 /mnt', 'echo -n 0123456789 > /mnt/f', 'sync']
const EXT2 = ['mkfs.ext2 -q -b 4096 /dev/pmem0', 'mount /dev/pmem0 /mnt', 'echo -n 0123456789 > /mnt/f', 'sync']
const PROGRAM = [
  'int fd = open("/mnt/f", O_RDWR);',
  'pwrite(fd, "ABC", 3, 2);',
  'pwrite(fd, "d", 1, 9);',
  'fsync(fd);',
  'close(fd);',
]

/** What is lost once the n-th line of the program has run: the bytes of files, and whether metadata is among it. */
function lostAfter(recording: Recording, setup: readonly string[], n: number) {
  const line = ABOVE + setup.length + n
  const step = crashStep(recording, { line })
  const { crash } = runReport(recording, step)
  const files = crash?.lost.filter(({ file }) => file !== null) ?? []
  const metadata = crash?.lost.filter(({ file }) => file === null) ?? []
  return { step: step as number, crash, files, metadata }
}

test.each([
  ['ext4', EXT4],
  ['ext2', EXT2],
])('bytes that were written and not synced are lost from the page cache: %s', (_, setup) => {
  const recording = recorded(scenario(setup, PROGRAM))
  const at = (n: number) => lostAfter(recording, setup, n)
  const above = ABOVE + setup.length
  expect(at(1).files).toEqual([])
  const once = { spa: null, length: 3, where: 'page-cache', file: '/mnt/f', offset: 2, block: null, line: above + 2 }
  expect(at(2).files).toEqual([once])
  const both = [once, { ...once, length: 1, offset: 9, line: above + 3 }]
  expect(at(3).files).toEqual(both)
  expect(at(3).crash?.mayLose.filter(({ file }) => file !== null)).toMatchObject(
    both.map(({ length, offset }) => ({ spa: null, length, file: '/mnt/f', offset })),
  )
  const synced = at(4)
  expect(synced.files).toEqual([])
  expect(synced.metadata).toEqual([])
  expect(synced.crash).toMatchObject({ lostBytes: 0, mayLoseBytes: 0 })
  // The screen says the same, with the bytes.
  const view = lossView(recording, at(3).step)
  expect(view.lost.filter(({ file }) => file !== undefined)).toMatchObject([
    { where: 'page-cache', file: '/mnt/f', offset: 2, written: [65, 66, 67], source: PROGRAM[1] },
    { where: 'page-cache', file: '/mnt/f', offset: 9, written: [100], source: PROGRAM[2] },
  ])
  expect(view.lostBytes).toBe(at(3).crash?.lostBytes)
})

test('while bytes are on their way from the cache to the disk they are lost in one place or the other', () => {
  const recording = recorded(scenario(EXT4, PROGRAM))
  const { step: from } = lostAfter(recording, EXT4, 3)
  const { step: to } = lostAfter(recording, EXT4, 4)
  const isLost = (step: number): boolean =>
    recording.cached(step).some(({ file }) => file === '/mnt/f') ||
    recording
      .loss(step)
      .lost.some(
        ({ line, offset }) => recording.placeOf(recording.machine.hw.lines.spa(line) + offset, step).file === '/mnt/f',
      )
  const { trace } = recording.machine
  const steps = Array.from({ length: to - from }, (_, i) => from + i).filter((step) => trace.kindOf(step) !== 'movnt')
  const safe = steps.find((step) => !isLost(step)) ?? to
  // A page takes 512 movnt; nothing is safe before the fence behind them.
  const copied = Array.from({ length: safe - from }, (_, i) => trace.kindOf(from + i)).filter(
    (kind) => kind === 'movnt',
  )
  expect(copied.length).toBeGreaterThanOrEqual(512)
  for (const step of steps.filter((each) => each >= safe && each % 16 === 0)) expect(isLost(step)).toBe(false)
})

test.each([
  ['ext4, whose transaction is not committed', EXT4],
  ['ext2, whose buffers nobody has written', EXT2],
])('a new name is metadata that is lost: %s', (_, setup) => {
  const recording = recorded(
    scenario(setup, ['int fd = open("/mnt/new", O_CREAT | O_RDWR, 0600);', 'close(fd);', 'sync();']),
  )
  const { metadata } = lostAfter(recording, setup, 2)
  expect(metadata.length).toBeGreaterThan(2)
  for (const range of metadata)
    expect(range).toMatchObject({ spa: null, where: 'buffer-cache', offset: null, block: expect.any(Number) })
  // Committed, in the log; on its way to its own place, for which nobody waits.
  expect(lostAfter(recording, setup, 3).metadata.filter(({ where }) => where === 'buffer-cache')).toEqual([])
})

test('what is written to the disk itself is of the page cache, too', () => {
  const recording = recorded(
    scenario([], ['int fd = open("/dev/pmem0", O_RDWR);', 'pwrite(fd, "ABC", 3, 4095);', 'fsync(fd);']),
  )
  expect(lostAfter(recording, [], 2).files).toMatchObject([
    { where: 'page-cache', file: '/dev/pmem0', offset: 4095, length: 1 },
    { where: 'page-cache', file: '/dev/pmem0', offset: 4096, length: 2 },
  ])
  expect(lostAfter(recording, [], 3).crash).toMatchObject({ lostBytes: 0 })
})

test('where files are accessed directly, only metadata is cached; metadata on media has its block', () => {
  const dax = EXT4.map((line) => line.replace('mount ', 'mount -o dax '))
  const recording = recorded(scenario(dax, PROGRAM))
  const { files, metadata } = lostAfter(recording, dax, 2)
  expect(files.every(({ where }) => where !== 'page-cache')).toBe(true)
  expect(metadata.every(({ where, block }) => where === 'buffer-cache' && block !== null)).toBe(true)
  expect(lostAfter(recording, dax, 4).crash).toMatchObject({ lostBytes: 0 })
})
