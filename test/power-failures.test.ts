/**
 * Power fails at every step of a label update, of the making and unmaking of a namespace, and of a BTT sector write:
 * what a kernel finds afterwards, over the exact set of images (`every-image.ts`).
 *
 * A namespace is made in several transactions, as ndctl and upstream do: a label with its size, that label with its
 * sector size, and for all modes but raw an info block. Each by itself is all or nothing; what stands between two of them is
 * a state of its own, a raw namespace.
 */

import { describe, expect, test } from 'vitest'
import type { Model } from '../src/engine/explore/model.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { summary } from '../src/engine/inspect/summary.ts'
import { describeNvdimms } from '../src/engine/linux/nvdimm-report.ts'
import type { Intervention } from '../src/protocol/interventions.ts'
import { type Look, Reboots, type Survey } from './every-image.ts'
import type { Guest } from './guest.ts'
import { recorded } from './recorded.ts'
import { runs } from './runs.ts'

const BASE = 0x1_0000_0000
const UUID = '00000001-1111-4222-8333-444444444441'
const ANOTHER = '00000002-1111-4222-8333-444444444442'
const NOTHING = 'int main(void) { return 0; }\nint recover(void) { return 0; }\n'
const HOUR = 3_600_000

/** Under `npm run fuzz` more changes, the other readings of the memory model, and more of the torn info blocks. */
const long = runs(0) > 0
const models: readonly (readonly [string, Partial<Model>])[] = [
  ['lines', {}],
  ...(long
    ? ([
        ['words', { unit: 'word' }],
        ['lines, movnt until a fence', { movnt: 'fence' }],
        ['words, movnt until a fence', { unit: 'word', movnt: 'fence' }],
      ] as const)
    : []),
]
const TORN = Math.min(runs(2), 50)

interface Failed extends Survey {
  readonly recording: Recording
  readonly text: string
  readonly typed: Intervention
}

/** `command` is typed where `text` has run its setup; the power fails right after each of its steps. */
function failed(text: string, command: string, look: Look, blocks: readonly number[], model: Partial<Model>): Failed {
  const start = recorded(text)
  const typed: Intervention = { kind: 'command', at: start.anchorOf(start.machine.programStart), text: command }
  const recording = recorded(text, { interventions: [typed] })
  const outcome = summary(recording).commands?.[0]
  if (outcome?.status !== 0) throw new Error(`${command}: ${outcome?.output}`)
  const survey = new Reboots(look, blocks, TORN).survey(recording, outcome.from, outcome.to, model)
  return { ...survey, recording, text, typed }
}

/** What is found as the power fails later and later. */
const sequence = ({ stretches }: Survey) => stretches.map(({ outcomes }) => outcomes)

/** Name, size, mode and, once it is chosen, sector size of each namespace that has a size. */
const namespaces = (kernel: Parameters<typeof describeNvdimms>[0]): string =>
  describeNvdimms(kernel)
    .namespaces.filter(({ size }) => size !== 0)
    .map(({ uuid, alt_name, size, mode, sector_size }) => {
      const which = { [UUID]: '', [ANOTHER]: ' again' }[uuid ?? ''] ?? ` ${uuid}`
      const sectors = /\[(\d+)\]/.exec(sector_size ?? '')?.[1]
      return `${alt_name}${which} ${Number(size) / 2 ** 20}M ${mode}${sectors === undefined ? '' : `, ${sectors}`}`
    })
    .join('; ') || 'none'

/** The recorded machine, which knows nothing of sets, fails there and starts again. */
function namespacesAfter({ recording, text, typed }: Failed, step: number): string {
  const cut: Intervention = { kind: 'power-failure', at: recording.anchorOf(step) }
  const { machine, steps } = recorded(text, { interventions: [typed, cut] })
  const kernel = machine.lives.at(-1)?.kernel
  return kernel === undefined ? '' : machine.journal.at(steps - 1, () => namespaces(kernel))
}

interface Change {
  readonly what: string
  readonly setup?: readonly string[]
  readonly command: string
  /** Everything that is found, as the power fails later and later. */
  readonly found: readonly (readonly string[])[]
}

const make = (mode: string, name = 'one', uuid = UUID): string =>
  `ndctl create-namespace -m ${mode} -s 16M -n ${name} -u ${uuid}`
const DESTROY = 'ndctl destroy-namespace -f namespace0.0'

/** The sector size is a label update of its own, after that of the size. */
const labels: readonly Change[] = [
  {
    what: 'a raw namespace is made',
    command: make('raw'),
    found: [['none'], ['one 16M raw'], ['one 16M raw, 512']],
  },
  {
    what: 'a second one is made',
    setup: [make('raw')],
    command: make('raw', 'two', ANOTHER),
    found: [
      ['one 16M raw, 512'],
      ['one 16M raw, 512; two again 16M raw'],
      ['one 16M raw, 512; two again 16M raw, 512'],
    ],
  },
  {
    what: 'it gets another name',
    setup: [make('raw'), 'ndctl disable-namespace namespace0.0'],
    command: 'echo two > /sys/bus/nd/devices/namespace0.0/alt_name',
    found: [['one 16M raw, 512'], ['two 16M raw, 512']],
  },
  {
    what: 'one of two is destroyed',
    setup: [make('raw'), make('raw', 'two', ANOTHER)],
    command: DESTROY,
    found: [['one 16M raw, 512; two again 16M raw, 512'], ['two again 16M raw, 512']],
  },
]

/** Until the fence behind an info block's stores that block is there or not. */
const infoBlocks: readonly Change[] = [
  ...[
    ['fsdax', 'memory'],
    ['devdax', 'dax'],
  ].map(
    ([mode = '', shown]): Change => ({
      what: `a namespace for ${mode} is made`,
      command: make(mode),
      found: [
        ['none'],
        ['one 16M raw'],
        ['one 16M raw, 512'],
        [`one 16M ${shown}, 512`, 'one 16M raw, 512'],
        [`one 16M ${shown}, 512`],
      ].map((each) => each.toSorted()),
    }),
  ),
  {
    what: 'a namespace in sector mode is made',
    command: make('sector'),
    found: [
      ['none'],
      ['one 16M raw'],
      ['one 16M raw, 4096'],
      ['one 16M raw, 4096', 'one 16M safe, 4096'],
      ['one 16M safe, 4096'],
    ],
  },
  {
    what: 'a namespace for fsdax is destroyed',
    setup: [make('fsdax')],
    command: DESTROY,
    found: [['one 16M memory, 512'], ['one 16M memory, 512', 'one 16M raw, 512'], ['one 16M raw, 512'], ['none']],
  },
]
/** Their label says by itself that no block counts any more; and both at once. */
const more: readonly Change[] = [
  {
    what: 'a namespace in sector mode is destroyed',
    setup: [make('sector')],
    command: DESTROY,
    found: [['one 16M safe, 4096'], ['one 16M raw, 4096'], ['none']],
  },
  {
    what: 'a namespace for fsdax is destroyed and made again for devdax',
    setup: [make('fsdax')],
    command: `ndctl create-namespace -f -e namespace0.0 -m devdax -n one -u ${ANOTHER}`,
    found: [
      ['one 16M memory, 512'],
      ['one 16M memory, 512', 'one 16M raw, 512'],
      ['one 16M raw, 512'],
      ['one again 16M raw, 512'],
      ['one again 16M dax, 512', 'one again 16M raw, 512'],
      ['one again 16M dax, 512'],
    ],
  },
]

describe.each(models)('power fails at any step, over all images that may be left (%s)', (_name, model) => {
  const look = (guest: Guest): string => namespaces(guest.k)
  const text = (version: string, setup: readonly string[] = []): string => `---
machine: { nvdimms: [{ size: 64M, labels: 8K }], cores: 1, policy: lazy }
setup: |
  ndctl disable-region region0
  ndctl init-labels -V ${version} nmem0
  ndctl enable-region region0
${setup.map((line) => `  ${line}\n`).join('')}---
${NOTHING}`

  test.each(labels.flatMap((change) => ['1.1', '1.2'].map((version) => ({ ...change, version }))))(
    'while $what (labels of version $version): after each label update there is what was or what will be',
    { timeout: HOUR },
    ({ version, setup, command, found }) => {
      expect(sequence(failed(text(version, setup), command, look, [], model))).toEqual(found)
    },
  )

  test.each([...infoBlocks, ...(long ? more : [])])(
    'while $what: nothing, a raw namespace of its name and size, or all of it',
    { timeout: HOUR },
    ({ setup, command, found }) => {
      const all = failed(text('1.2', setup), command, look, [BASE, BASE + 4096], model)
      expect(sequence(all)).toEqual(found)
      expect(all.most).toBeGreaterThan(1000n)
      // And the recorded machine finds what is in the set.
      for (const { from, to, outcomes } of long ? all.stretches : all.stretches.slice(-2, -1))
        expect(outcomes).toContain(namespacesAfter(all, Math.floor((from + to) / 2)))
    },
  )

  const onSectors = (mode: string, size: number): string => `---
machine: { nvdimms: [{ size: 32M }], cores: 1, policy: lazy }
setup: |
  ndctl create-namespace -e namespace0.0 -f -m ${mode}
  head -c ${2 * size} /dev/zero | tr '\\0' o > /dev/pmem0${mode === 'raw' ? '' : 's'}
---
${NOTHING}`

  /** What the first two sectors are full of. */
  const sectors = (size: number) => (guest: Guest) =>
    [0, size]
      .map((at) => {
        const bytes = guest.readDisk('pmem0s', at, size)
        if (typeof bytes === 'number') return `error ${bytes}`
        return bytes.every((byte) => byte === bytes[0]) ? String.fromCharCode(bytes[0] ?? 0) : 'torn'
      })
      .join(' ')

  test.each([512, 4096])(
    'while two sectors of %i bytes are written in sector mode: each is old or new, one after the other',
    { timeout: HOUR },
    (size) => {
      const command = `head -c ${2 * size} /dev/zero | tr '\\0' n > /dev/pmem0s`
      const all = failed(onSectors(`sector -l ${size}`, size), command, sectors(size), [BASE + 4096], model)
      expect(sequence(all)).toEqual([['o o'], ['n o', 'o o'], ['n o'], ['n n', 'n o'], ['n n']])
      // Any part of a block that no sector has yet.
      expect(all.most).toBeGreaterThan(2n ** BigInt(size / 8 - 1))
    },
  )

  test('while a sector is written without a table: it may be torn, and that would be seen here', {
    timeout: HOUR,
  }, () => {
    const words: Look = (_, memory) =>
      [0, 8, 16].map((at) => String.fromCharCode(...new Set(memory.bytes(BASE + at, 8)))).join('')
    const command = "head -c 512 /dev/zero | tr '\\0' n > /dev/pmem0"
    const all = failed(onSectors('raw', 512), command, words, [], model)
    expect(sequence(all)).toContainEqual(['nnn', 'nno', 'non', 'noo', 'onn', 'ono', 'oon', 'ooo'])
  })
})
