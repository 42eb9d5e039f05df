/**
 * Time from left to right: a lane of call bars a thread, dots for bytes that moved towards media, marks.
 *
 * The playhead is a shape of its own, so that moving it changes three nodes.
 */

import { scaleLinear } from 'd3-scale'
import type { TimelineView } from '../../protocol/frame.ts'
import { clip, type Shape } from '../shape.ts'
import { STAGES } from '../stage.ts'

export interface TimelineMark {
  readonly step: number
  readonly kind: 'failure' | 'intervention'
  readonly label: string
}

export interface TimelineModel {
  readonly view: TimelineView
  /** First step of the program; what lies before is boot and setup. */
  readonly programStart: number
  readonly marks: readonly TimelineMark[]
}

const ROW = 18
const BAR = 16
const TOP = 14
/** Rows of calls that a lane shows: fewer, the more lanes there are, so that the board keeps its place. */
const depthFor = (lanes: number): number => (lanes <= 1 ? 5 : lanes === 2 ? 3 : 2)
const DOTS = 18
/** Advance of a character of a bar's label, monospace at 10.5 px. */
const CHAR = 6.4

export interface TimelineLayout {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly shapes: readonly Shape[]
  x(step: number): number
  /** The step under a pixel. */
  step(x: number): number
}

export function layoutTimeline({ view, programStart, marks }: TimelineModel, width: number): TimelineLayout {
  const left = width < 560 ? 12 : 92
  const right = width - 14
  const scale = scaleLinear([view.from, Math.max(view.from + 1, view.to)], [left, right])
  const shapes: Shape[] = []
  const lanes = view.lanes.filter(({ bars }) => bars.length > 0)
  const mostDepth = depthFor(lanes.length)
  const depthOf = (bars: TimelineView['lanes'][number]['bars']): number =>
    Math.min(mostDepth, 1 + Math.max(0, ...bars.map(({ depth }) => depth)))
  let y = TOP
  for (const lane of lanes) {
    const rows = depthOf(lane.bars)
    if (left > 40) {
      shapes.push({
        kind: 'text',
        key: `lane ${lane.thread}`,
        class: 'lane-name',
        x: 14,
        y: y + 12,
        text: clip(lane.thread, left - 24, 6.6),
      })
    }
    lane.bars.forEach((bar, index) => {
      if (bar.depth >= mostDepth) return
      const from = scale(Math.max(view.from, bar.from))
      const w = Math.max(2.5, scale(Math.min(view.to, bar.to)) - from - 1.5)
      const at = { x: from, y: y + bar.depth * ROW }
      const key = `${lane.thread} ${index}`
      const pick = { kind: 'step', step: bar.from } as const
      shapes.push({
        kind: 'rect',
        key,
        class: `bar ${bar.kind}`,
        ...at,
        w,
        h: BAR,
        r: 3,
        pick,
        title: `${bar.label}, steps ${bar.from}–${bar.to}`,
      })
      const text = clip(bar.label, w - 10, CHAR)
      if (text.length > 2)
        shapes.push({ kind: 'text', key: `${key} text`, class: 'bar-text', x: at.x + 5, y: at.y + 12, text, pick })
    })
    y += rows * ROW + 6
  }
  if (view.dots.length > 0) {
    if (left > 40)
      shapes.push({ kind: 'text', key: 'persists', class: 'lane-name muted', x: 14, y: y + 9, text: 'persists' })
    for (const [index, dot] of view.dots.entries()) {
      const d = dotPath(scale(dot.step), y + 5)
      const title = `step ${dot.step}: ${STAGES[dot.stage].name}`
      shapes.push({
        kind: 'path',
        key: `dot ${index}`,
        class: `dot fill-${dot.stage}`,
        d,
        pick: { kind: 'step', step: dot.step },
        title,
      })
    }
    y += DOTS
  }
  const height = Math.max(y + 4, 64)
  if (programStart > view.from) {
    const w = scale(Math.min(view.to, programStart)) - left
    shapes.unshift({
      kind: 'rect',
      key: 'setup',
      class: 'setup',
      x: left,
      y: 0,
      w,
      h: height,
      r: 0,
      title: 'boot and setup',
    })
    const text = clip('boot and setup', w - 10, 5.6)
    if (text.length > 5)
      shapes.push({ kind: 'text', key: 'setup text', class: 'setup-text', x: left + 5, y: height - 6, text })
  }
  for (const [index, mark] of marks.entries()) {
    if (mark.step < view.from || mark.step > view.to) continue
    const x = scale(mark.step)
    const pick = { kind: 'step', step: mark.step } as const
    shapes.push({
      kind: 'rect',
      key: `mark ${index}`,
      class: `mark ${mark.kind}`,
      x: x - 0.75,
      y: 0,
      w: 1.5,
      h: height,
      r: 0,
      pick,
      title: mark.label,
    })
    shapes.push({
      kind: 'text',
      key: `mark ${index} sign`,
      class: `mark-sign ${mark.kind}`,
      x: x + 4,
      y: height - 5,
      text: mark.kind === 'failure' ? '⚡ power failure' : '◆',
      pick,
    })
  }
  return {
    width,
    height,
    left,
    right,
    shapes,
    x: (step) => scale(step),
    step: (x) => Math.round(Math.min(view.to, Math.max(view.from, scale.invert(x)))),
  }
}

export function layoutPlayhead(layout: TimelineLayout, step: number): readonly Shape[] {
  const x = Math.min(layout.right, Math.max(layout.left, layout.x(step)))
  return [
    { kind: 'rect', key: 'playhead line', class: 'playhead', x: x - 1, y: 0, w: 2, h: layout.height, r: 0 },
    { kind: 'path', key: 'playhead top', class: 'playhead', d: `M${x - 7} 0h14v7l-7 7l-7 -7z` },
  ]
}

const dotPath = (x: number, y: number): string =>
  `M${Math.round((x - 2.7) * 10) / 10} ${y}a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0 -5.4 0z`
