import { expect, test } from 'vitest'
import type { Choice, Frame } from '../../protocol/frame.ts'
import type { Box } from '../shape.ts'
import { layoutHandles } from './handles.ts'
import { layoutBoard } from './layout.ts'
import { neighbour } from './neighbour.ts'
import { A, B, sampleFrame } from './sample-frame.test-data.ts'

const WC = A + 128
const QUEUED = A + 192

const choice = (transition: Choice['transition'], place: Choice['place']): Choice => ({
  transition,
  place,
  sentence: `hardware may ${transition.kind}`,
})
const CHOICES: readonly Choice[] = [
  choice({ kind: 'drain', core: 0, line: A }, { kind: 'store-buffer', core: 0, slot: 0 }),
  choice({ kind: 'flush', core: 0, line: B }, { kind: 'l1', core: 0, line: B }),
  choice({ kind: 'flush', core: 0, line: A + 640 }, { kind: 'core', core: 0 }),
  choice({ kind: 'wc-drain', core: 0, line: WC }, { kind: 'wc', core: 0, line: WC }),
  choice({ kind: 'wc-drain', core: 0, line: WC, cell: 3 }, { kind: 'wc', core: 0, line: WC }),
  choice({ kind: 'evict', core: 0, line: A }, { kind: 'l1', core: 0, line: A }),
  choice({ kind: 'write-back', core: 0, line: A }, { kind: 'l1', core: 0, line: A }),
  choice({ kind: 'wpq-drain', core: 0, line: QUEUED }, { kind: 'wpq', controller: 0, line: QUEUED }),
]

const WIDE = { w: 700, h: 600 }
const handles = (selected: number | undefined, choices = CHOICES, frame: Frame = sampleFrame()) =>
  layoutHandles(layoutBoard({ frame, selected }, WIDE), choices, selected)

const inWords = (all: ReturnType<typeof handles>): readonly string[] =>
  all.map(({ verb, near, box }) => {
    const place = [box.x, box.y, box.w, box.h].map(Math.round).join(' ')
    return `${verb}${near ? ' (near)' : ''}: ${place}`
  })

test('the handles of a core that has something everywhere are these', () => {
  expect(inWords(handles(A))).toMatchSnapshot()
})

test('one word of a write-combining buffer has its handle when its line is looked at', () => {
  expect(inWords(handles(WC)).filter((text) => text.includes('word 3'))).toMatchSnapshot()
  expect(handles(undefined).some(({ verb }) => verb === 'word 3')).toBe(false)
})

test('handles lie over no word of a tile and not over one another', () => {
  const apart = (a: Box, b: Box): boolean =>
    a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
  for (const selected of [undefined, A, WC, QUEUED]) {
    const layout = layoutBoard({ frame: sampleFrame(), selected }, WIDE)
    const boxes = layoutHandles(layout, CHOICES, selected).map(({ box }) => box)
    const words = layout.tiles.map(({ box }) => ({ ...box, y: box.y + 13, h: 17 }))
    boxes.forEach((box, index) => {
      for (const other of [...boxes.slice(index + 1), ...words]) expect(apart(box, other)).toBe(true)
    })
  }
})

test('an entry that has no slot of its own, or a line that is not shown, has no handle', () => {
  const frame = sampleFrame()
  const [core] = frame.cores
  const entry = core?.storeBuffer.entries[0]
  if (core === undefined || entry === undefined) throw new Error('the sample has a core with an entry')
  const entries = Array.from({ length: 40 }, () => entry)
  const full = { ...frame, cores: [{ ...core, storeBuffer: { capacity: 56, entries } }] }
  const drains = entries.map((_, slot) =>
    choice({ kind: 'drain', core: 0, line: A, nth: slot }, { kind: 'store-buffer', core: 0, slot }),
  )
  const drawn = handles(undefined, drains, full).length
  expect(drawn).toBeGreaterThan(3)
  expect(drawn).toBeLessThan(40)
  const hidden = choice({ kind: 'write-back', core: 0, line: 0 }, { kind: 'l1', core: 0, line: 0 })
  expect(handles(undefined, [hidden])).toEqual([])
})

test('arrow keys go from handle to handle, down towards media', () => {
  const all = handles(undefined)
  const at = (kind: string): number => all.findIndex(({ choice: { transition } }) => transition.kind === kind)
  expect(neighbour(all, at('write-back'), 'down')).toBe(at('wpq-drain'))
  expect(neighbour(all, at('wpq-drain'), 'down')).toBe(at('wpq-drain'))
})
