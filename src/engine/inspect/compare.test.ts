import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import type { Comparison } from '../../protocol/compare.ts'
import { compareRuns } from './compare.ts'
import { runFacts } from './facts.ts'
import { crashStep } from './report.ts'

const writev = readFileSync(new URL('../../scenarios/writev-in-the-middle.pmem', import.meta.url), 'utf8')

const facts = (text: string, kernel: string) => {
  const recording = recorded(text.replace(/^kernel: .*$/m, `kernel: ${kernel}`))
  return runFacts(recording, crashStep(recording, 'end'))
}

/** A row by the beginning of its section's title and its name. */
const row = ({ sections }: Comparison, title: string, name: string): readonly string[] | undefined =>
  sections.find((each) => each.title.startsWith(title))?.rows.find((each) => each.name === name)?.values

test('two releases: instructions, losses, attributes and calls that differ', () => {
  const comparison = compareRuns([facts(writev, 'v4.12'), facts(writev, 'v4.13')])
  expect(comparison).toMatchObject({ names: ['v4.12', 'v4.13'], same: false })
  expect(row(comparison, 'Instructions', 'clwb')).toEqual(['0', '2'])
  expect(row(comparison, 'Power failure', 'may be lost')).toEqual(['4 B', '0 B'])
  expect(row(comparison, 'Power failure', 'may be lost from /mnt/log+60 on')).toEqual(['4 B', ''])
  expect(row(comparison, 'sysfs', '/sys/block/pmem0/queue/fua')).toEqual(['1', '0'])
  expect(row(comparison, 'Calls', 'pmem_copy_from_iter')).toEqual(['0', '1'])
  // What is the same is no difference.
  expect(row(comparison, 'sysfs', '/sys/block/pmem0/queue/dax')).toBeUndefined()
  expect(row(comparison, 'Calls', 'vfs_writev')).toBeUndefined()
  expect(comparison.sections.find(({ title }) => title === 'Kernel log')).toMatchObject({ same: true, rows: [] })
})

test('a release and itself: the same recording', () => {
  const comparison = compareRuns([facts(writev, 'v6.1'), facts(writev, 'v6.1'), facts(writev, 'v6.1')])
  expect(comparison).toMatchObject({ names: ['v6.1', 'v6.1', 'v6.1'], same: true })
  expect(comparison.sections.every(({ same }) => same)).toBe(true)
  expect(row(comparison, 'End', 'exit of main')).toEqual(['0', '0', '0'])
})

test('two scenarios are told apart by their titles, and by what they print and log', () => {
  const program = (title: string, body: string, front = ''): string =>
    `---\ntitle: ${title}\nsetup: ""\n${front}\n---\n#include <stdio.h>\nint main(void) { ${body} }\n`
  const of = (text: string) => runFacts(recorded(text), undefined)
  const comparison = compareRuns([
    of(program('one', 'puts("a"); puts("b"); return 3;', 'cmdline: memmap=16M!512M')),
    of(program('two', 'puts("a"); puts("c"); return 0;')),
  ])
  expect(comparison.names).toEqual(['one (v6.1)', 'two (v6.1)'])
  expect(row(comparison, 'Output', 'line 2')).toEqual(['b', 'c'])
  expect(row(comparison, 'Output', 'line 1')).toBeUndefined()
  const warning = 'nd_pmem namespace1.0: unable to guarantee persistence of writes'
  expect(row(comparison, 'Kernel log', warning)).toEqual(['yes', ''])
  expect(row(comparison, 'End', 'exit of main')).toEqual(['3', '0'])
  expect(row(comparison, 'Power failure', 'lost in this run')).toEqual(['no such place', 'no such place'])
})
