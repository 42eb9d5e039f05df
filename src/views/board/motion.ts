/**
 * Arrows, and the bytes that travel along them. A position is a function of the motions and of `t`, 0…1; nothing
 * remembers where a byte was drawn before.
 */

import type { Frame, Motion } from '../../protocol/frame.ts'
import type { Box, Shape } from '../shape.ts'
import type { BoardLayout } from './layout.ts'
import { LABEL, MONO_11, TILE_HEIGHT, WORD_GAP, WORD_HEIGHT } from './metrics.ts'
import { roundedRect } from './tile.ts'

/** Motions that are drawn at once; of a longer journey the end is shown. */
const MOST = 8
/** Part of the whole time that one motion takes when there are several. */
const OVERLAP = 0.45

interface Curve {
  readonly from: readonly [number, number]
  readonly c1: readonly [number, number]
  readonly c2: readonly [number, number]
  readonly to: readonly [number, number]
}

/** Arrows that stay on the picture: what moved last, and write-backs that no fence has waited for. */
export function layoutArrows(layout: BoardLayout, frame: Frame, motions: readonly Motion[]): readonly Shape[] {
  const shapes: Shape[] = []
  for (const core of frame.cores) {
    for (const flush of core.flushes) {
      const dimm = frame.dimms.find(({ tiles }) => tiles.some(({ line }) => line === flush.line))
      if (dimm === undefined) continue
      const from = layout.place({ kind: 'l1', core: core.core, line: flush.line })
      const to = layout.place({ kind: 'wpq', controller: dimm.controller, line: flush.line })
      const key = `flush ${core.core} ${flush.line} ${flush.step}`
      shapes.push(...arrow(key, curve(from, to), 'flight', 'pending', `${flush.kind} under way`))
    }
  }
  drawable(motions).forEach((motion, index) => {
    const path = curveOf(layout, motion)
    shapes.push(...arrow(`motion ${index}`, path, motion.stage, 'moved', motion.label))
  })
  return apart(shapes, layout.shapes)
}

/**
 * Labels where they hide neither each other nor what stands on the board. One that finds no room goes, and so does one
 * that says the same in the same place.
 */
function apart(shapes: readonly Shape[], board: readonly Shape[]): readonly Shape[] {
  const taken = board.flatMap((shape) =>
    shape.kind === 'text' && shape.xs === undefined && shape.text !== '' ? [textBox(shape)] : [],
  )
  const said = new Map<string, Box>()
  return shapes.flatMap((shape): readonly Shape[] => {
    if (shape.kind !== 'text') return [shape]
    const wanted = textBox(shape)
    const { w } = wanted
    const same = said.get(shape.text)
    if (same !== undefined && overlap(same, wanted)) return []
    said.set(shape.text, wanted)
    const free = [shape, { ...shape, x: shape.x - w - 16 }, { ...shape, y: shape.y + 13 }].find((each) => {
      const mine = textBox(each)
      return mine.x >= 0 && !taken.some((other) => overlap(mine, other))
    })
    if (free === undefined) return []
    taken.push(textBox(free))
    return [free]
  })
}

/** About what a text covers. */
function textBox({ x, y, text, anchor }: Extract<Shape, { kind: 'text' }>): Box {
  const w = text.length * MONO_11
  return { x: anchor === 'end' ? x - w : anchor === 'middle' ? x - w / 2 : x, y: y - 7, w, h: 9 }
}

const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

/** Bytes on their way at time `t`. */
export function layoutTravellers(layout: BoardLayout, motions: readonly Motion[], t: number): readonly Shape[] {
  const all = drawable(motions)
  return all.flatMap((motion, index) => {
    const start = all.length === 1 ? 0 : (index / (all.length - 1)) * (1 - OVERLAP)
    const part = (t - start) / (all.length === 1 ? 1 : OVERLAP)
    if (part <= 0 || part >= 1) return []
    const [x, y] = pointAt(curveOf(layout, motion), ease(part))
    const words = [0, 1, 2, 3, 4, 5, 6, 7].filter((word) => (motion.words >> word) & 1)
    const count = Math.max(1, words.length)
    const left = x - (count * 9 - 1) / 2
    const d = Array.from({ length: count }, (_, i) => roundedRect(round(left + i * 9), round(y - 6), 8, 12, 2)).join('')
    return [{ kind: 'path', key: `traveller ${index}`, class: `traveller stage-${motion.stage}`, d } satisfies Shape]
  })
}

/** Milliseconds that these motions take at normal speed. */
export const motionTime = (motions: readonly Motion[]): number =>
  motions.length === 0 ? 0 : 240 + 70 * Math.min(MOST, motions.length - 1)

const drawable = (motions: readonly Motion[]): readonly Motion[] => motions.slice(-MOST)

function arrow(key: string, path: Curve, stage: string, style: string, label: string): readonly Shape[] {
  const [x1, y1] = path.from
  const [x2, y2] = path.to
  const d = `M${x1} ${y1}C${path.c1.join(' ')} ${path.c2.join(' ')} ${x2} ${y2}`
  const angle = Math.atan2(y2 - path.c2[1], x2 - path.c2[0])
  const tip = (turn: number): string =>
    `${round(x2 - 9 * Math.cos(angle + turn))} ${round(y2 - 9 * Math.sin(angle + turn))}`
  // Below where it starts there is free ground; elsewhere the middle is the best guess.
  const down = path.to[1] - path.from[1] > 24
  const [mx, my] = down ? [x1, y1 + 6] : pointAt(path, 0.5)
  return [
    { kind: 'path', key: `${key} line`, class: `arrow ${style} ink-${stage}`, d },
    {
      kind: 'path',
      key: `${key} head`,
      class: `arrow-head fill-${stage}`,
      d: `M${x2} ${y2}L${tip(0.42)}L${tip(-0.42)}z`,
    },
    { kind: 'text', key: `${key} label`, class: `arrow-label text-${stage}`, x: mx + 8, y: my + 4, text: label },
  ]
}

const curveOf = (layout: BoardLayout, { from, to, words }: Motion): Curve =>
  curve(onlyWords(layout.place(from), words), onlyWords(layout.place(to), words))

/** The part of a tile that its first to its last moving word takes; a slot is left as it is. */
function onlyWords(box: Box, words: number): Box {
  const moving = [0, 1, 2, 3, 4, 5, 6, 7].filter((word) => (words >> word) & 1)
  const first = moving[0]
  const last = moving.at(-1)
  if (!isTile(box) || first === undefined || last === undefined) return box
  const pitch = (box.w + WORD_GAP) / 8
  return { ...box, x: box.x + first * pitch, w: (last - first + 1) * pitch - WORD_GAP }
}

/** From the edge of one box to the edge of the other, leaving and arriving upright (or sideways in one row). */
function curve(a: Box, b: Box): Curve {
  const from = core(a)
  const to = core(b)
  const ax = from.x + from.w / 2
  const bx = to.x + to.w / 2
  if (Math.abs(from.y - to.y) < 24) {
    const right = bx > ax
    const x1 = round(right ? from.x + from.w + 2 : from.x - 2)
    const x2 = round(right ? to.x - 4 : to.x + to.w + 4)
    const y1 = round(from.y + from.h / 2)
    const y2 = round(to.y + to.h / 2)
    const mid = round((x1 + x2) / 2)
    return { from: [x1, y1], c1: [mid, y1], c2: [mid, y2], to: [x2, y2] }
  }
  const down = to.y > from.y
  const y1 = round(down ? from.y + from.h + 2 : from.y - 2)
  const y2 = round(down ? to.y - 4 : to.y + to.h + 4)
  const mid = round((y1 + y2) / 2)
  return { from: [round(ax), y1], c1: [round(ax), mid], c2: [round(bx), mid], to: [round(bx), y2] }
}

/** The words of a tile without its label; a slot is left as it is. */
const core = (box: Box): Box => (isTile(box) ? { ...box, y: box.y + LABEL, h: WORD_HEIGHT } : box)

const isTile = (box: Box): boolean => box.h === TILE_HEIGHT

function pointAt({ from, c1, c2, to }: Curve, t: number): readonly [number, number] {
  const u = 1 - t
  const at = (axis: 0 | 1): number =>
    u * u * u * from[axis] + 3 * u * u * t * c1[axis] + 3 * u * t * t * c2[axis] + t * t * t * to[axis]
  return [round(at(0)), round(at(1))]
}

/** Slow at both ends: the eye finds the start and the arrival. */
const ease = (t: number): number => t * t * (3 - 2 * t)

const round = (n: number): number => Math.round(n * 10) / 10
