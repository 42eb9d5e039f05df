import { expect, test } from 'vitest'
import type { TimelineView } from '../../protocol/frame.ts'
import { layoutPlayhead, layoutTimeline } from './layout.ts'

const view: TimelineView = {
  from: 0,
  to: 200,
  lanes: [
    {
      thread: 'writer',
      core: 0,
      bars: [
        { from: 100, to: 190, depth: 0, label: 'writer()', kind: 'program' },
        { from: 110, to: 150, depth: 1, label: 'pwrite', kind: 'kernel' },
        { from: 112, to: 113, depth: 2, label: 'a name that does not fit', kind: 'kernel' },
      ],
    },
    { thread: 'idle', core: 1, bars: [] },
  ],
  dots: [
    { step: 120, stage: 'dirty' },
    { step: 140, stage: 'wpq' },
  ],
}
const marks = [{ step: 150, kind: 'failure', label: 'the power fails' }] as const

test('bars stand at their steps and depths, boot is shaded, the failure is marked', () => {
  const { shapes } = layoutTimeline({ view, programStart: 100, marks }, 800)
  const lines = shapes.map((shape) => {
    const text = shape.kind === 'text' ? ` “${shape.text}”` : ''
    return shape.kind === 'path'
      ? `${shape.class} ${shape.d.slice(0, shape.d.indexOf('a'))}`
      : `${shape.class} ${Math.round(shape.x)},${Math.round(shape.y)}${shape.kind === 'rect' ? ` +${Math.round(shape.w)}` : ''}${text}`
  })
  expect(lines).toMatchInlineSnapshot(`
    [
      "setup 92,0 +347",
      "lane-name 14,26 “writer”",
      "bar program 439,14 +311",
      "bar-text 444,26 “writer()”",
      "bar kernel 474,32 +137",
      "bar-text 479,44 “pwrite”",
      "bar kernel 481,50 +3",
      "lane-name muted 14,83 “persists”",
      "dot fill-dirty M505.7 79",
      "dot fill-wpq M575.1 79",
      "setup-text 97,90 “boot and setup”",
      "mark failure 612,0 +2",
      "mark-sign failure 617,91 “⚡ power failure”",
    ]
  `)
})

test('a pixel and its step lead to each other', () => {
  const layout = layoutTimeline({ view, programStart: 100, marks }, 800)
  for (const step of [0, 1, 99, 150, 200]) expect(layout.step(layout.x(step))).toBe(step)
  expect(layout.step(-50)).toBe(0)
  expect(layout.step(5000)).toBe(200)
})

test('the playhead stays on the timeline when the focus is outside of what it shows', () => {
  const layout = layoutTimeline({ view: { ...view, from: 100 }, programStart: 100, marks: [] }, 800)
  const [line] = layoutPlayhead(layout, 5)
  expect(line?.kind === 'rect' && line.x + 1).toBe(layout.left)
})
