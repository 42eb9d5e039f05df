/**
 * The way of a byte through the layers of storage, one below the other: each a bar from its first byte to its last, with
 * its parts to scale and a mark at the byte; where pieces take turns, those round the byte magnified, a row for each
 * place they go to. Between two layers a band leads from the bytes that stay together to where they are one layer down.
 *
 * Colours tell nothing here: what a layer keeps for itself is hatched, what is free is empty.
 */

import { sizeText } from '../../base/bytes.ts'
import type { Span, StorageHop, StorageTurns } from '../../protocol/storage.ts'
import { type Box, clip, type Shape } from '../shape.ts'

export interface StorageLayout {
  readonly width: number
  readonly height: number
  readonly shapes: readonly Shape[]
  /** What belongs to each hop, from its name to the end of its bars; they cover the strip without gaps. */
  readonly rows: readonly Box[]
}

const LINE = 15
/** Above a bar, for the point of the mark. */
const TICK = 8
const BAR = 14
/** From the bar to its magnified piece. */
const WEDGE = 10
const LANE = 9
const LANE_GAP = 2
/** Lanes of this height at most, all together. */
const LANES_MOST = 54
/** Between two layers. */
const LINK = 13
/** Advance of a character: names in monospace at 11.5 px, monospace at 11 px, the interface font at 10.5 px, and bold. */
const MONO_NAME = 7
const MONO = 6.7
const SANS = 5.7
const BOLD = 7.5
/** A part of a layer is never narrower, nor is a band. */
const THIN = 1.5
const LANE_NAME_MOST = 96

/** Bytes → pixels. */
type Scale = (byte: number) => number

interface Drawn {
  /** The bars of a layer, then its words: bands go below both. */
  readonly shapes: readonly Shape[]
  readonly height: number
  readonly top: number
  readonly barY: number
  readonly x: Scale
  /** Where the way goes on: the pixels of the bytes that stay together, and of the byte. */
  readonly out: { readonly from: number; readonly to: number; readonly x: number; readonly y: number }
}

export function layoutStorage(hops: readonly StorageHop[], width: number): StorageLayout {
  const below: Shape[] = []
  const above: Shape[] = []
  const rows: Box[] = []
  let y = 0
  let last: { readonly hop: StorageHop; readonly drawn: Drawn } | undefined
  for (const [i, hop] of hops.entries()) {
    const drawn = drawHop(hop, i, y, width)
    if (last?.hop.below !== undefined) below.push(...linkShapes(i, last.drawn, drawn, last.hop.below.lands, hop.at))
    above.push(...drawn.shapes)
    const link = i === hops.length - 1 ? 2 : LINK
    rows.push({ x: 0, y, w: width, h: drawn.height + link })
    y += drawn.height + link
    last = { hop, drawn }
  }
  return { width, height: y, shapes: [...below, ...above], rows }
}

function drawHop(hop: StorageHop, index: number, top: number, width: number): Drawn {
  const key = (name: string): string => `${index} ${name}`
  const words = wordShapes(hop, key, top, width)
  const barY = top + words.height + TICK
  const x: Scale = (byte) => (byte / hop.size) * width
  const shapes: Shape[] = [...words.shapes, ...barShapes(hop, key, barY, x)]
  const { turns, below } = hop
  const run = below?.run ?? { from: hop.at, to: hop.at }
  if (turns === undefined) {
    shapes.push(...mark(key('mark'), x(hop.at), barY, BAR))
    const height = barY + BAR - top
    return { shapes, height, top, barY, x, out: { from: x(run.from), to: x(run.to), x: x(hop.at), y: barY + BAR } }
  }
  const magnified = magnify(hop, turns, key, barY + BAR, width, x)
  shapes.push(...magnified.shapes, ...mark(key('mark'), x(hop.at), barY, BAR))
  return {
    shapes,
    height: magnified.bottom - top,
    top,
    barY,
    x,
    out: { from: magnified.x(run.from), to: magnified.x(run.to), x: magnified.x(hop.at), y: magnified.lanesEnd },
  }
}

/** Name and place in one line, what else there is to say between them where there is room, or else below. */
function wordShapes(
  { name, alias, says, place }: StorageHop,
  key: (name: string) => string,
  top: number,
  width: number,
): { readonly shapes: readonly Shape[]; readonly height: number } {
  const shapes: Shape[] = []
  const text = (id: string, x: number, line: number, shown: string, anchor: 'start' | 'end' = 'start'): void => {
    const y = top + 11 + line * LINE
    shapes.push({ kind: 'text', key: key(id), class: `storage-${id}`, x, y, text: shown, anchor })
  }
  const nameW = name.length * MONO_NAME + 7
  const placeW = place.length * MONO
  const more = alias === undefined ? says : `${alias}, ${says}`
  text('name', 0, 0, clip(name, width, MONO_NAME))
  if (nameW + more.length * SANS + 10 + placeW <= width) {
    text('says', nameW, 0, more)
    text('place', width, 0, place, 'end')
    return { shapes, height: LINE }
  }
  text('says', 0, 1, clip(more, width, SANS))
  const beside = nameW + placeW <= width
  if (beside) text('place', width, 0, place, 'end')
  else text('place', 0, 2, clip(place, width, MONO))
  return { shapes, height: (beside ? 2 : 3) * LINE }
}

function barShapes(
  { parts, size, at }: StorageHop,
  key: (name: string) => string,
  y: number,
  x: Scale,
): readonly Shape[] {
  return parts.flatMap(({ from, to, name, use }, i): readonly Shape[] => {
    const left = Math.min(x(from), x(size) - THIN)
    const w = Math.max(THIN, x(to) - x(from) - (to < size ? 1 : 0))
    const title = `${name}: ${sizeText(to - from)} from ${sizeText(from)}`
    const shapes: Shape[] = [
      {
        kind: 'rect',
        key: key(`part ${i}`),
        class: `storage-part ${use}`,
        x: left,
        y,
        w,
        h: BAR,
        r: Math.min(2, w / 2),
        title,
      },
    ]
    if (use === 'own' && w > 5)
      shapes.push({ kind: 'path', key: key(`hatch ${i}`), class: 'storage-hatch', d: hatch({ x: left, y, w, h: BAR }) })
    const long = name.length * SANS + 4
    // The mark does not cross it.
    const crossed = x(at) > left - 3 && x(at) < left + 5 + long
    const textX = crossed ? x(at) + 5 : left + 5
    if (textX + long <= left + w && (parts.length > 1 || name !== 'data'))
      shapes.push({
        kind: 'text',
        key: key(`part ${i} name`),
        class: 'storage-part-name',
        x: textX,
        y: y + 10.5,
        text: name,
      })
    return shapes
  })
}

/** The pieces that are listed, as wide as the strip but for their names. */
function magnify(
  { at, size }: StorageHop,
  { lanes, lane, size: turn, count, pieces }: StorageTurns,
  key: (name: string) => string,
  top: number,
  width: number,
  whole: Scale,
): { readonly shapes: readonly Shape[]; readonly x: Scale; readonly lanesEnd: number; readonly bottom: number } {
  const first = pieces[0]?.from ?? 0
  const end = pieces.at(-1)?.to ?? size
  const longest = Math.max(...lanes.map((name) => name.length * BOLD + 12))
  const w = width - Math.min(LANE_NAME_MOST, longest)
  const x: Scale = (byte) => ((byte - first) / (end - first)) * w
  const y = top + WEDGE
  const pitch = Math.min(LANE + LANE_GAP, LANES_MOST / lanes.length)
  const laneH = Math.max(2, pitch - LANE_GAP)
  const laneY = (i: number): number => y + i * pitch
  const lanesEnd = laneY(lanes.length - 1) + laneH
  const ends = `L${px(w)} ${y}V${px(lanesEnd)}H0V${y}Z`
  const shapes: Shape[] = [
    {
      kind: 'path',
      key: key('wedge'),
      class: 'storage-wedge',
      d: `M${px(whole(first))} ${top}H${px(whole(end))}${ends}`,
    },
  ]
  for (const [i, name] of lanes.entries()) {
    shapes.push({ kind: 'rect', key: key(`lane ${i}`), class: 'storage-lane', x: 0, y: laneY(i), w, h: laneH, r: 1 })
    // Names of lanes that are too low for one would stand on each other.
    if (pitch < LANE && i !== lane) continue
    shapes.push({
      kind: 'text',
      key: key(`lane ${i} name`),
      class: `storage-lane-name${i === lane ? ' own' : ''}`,
      x: w + 6,
      y: laneY(i) + laneH / 2 + 3.5,
      text: clip(name, width - w - 6, BOLD),
    })
  }
  for (const [i, piece] of pieces.entries()) {
    const own = at >= piece.from && at < piece.to
    const left = x(piece.from)
    shapes.push({
      kind: 'rect',
      key: key(`piece ${i}`),
      class: `storage-piece${own ? ' own' : ''}`,
      x: left,
      y: laneY(piece.lane),
      w: Math.max(THIN, x(piece.to) - left - 1),
      h: laneH,
      r: 1,
    })
  }
  shapes.push({
    kind: 'rect',
    key: key('mark in piece'),
    class: 'storage-mark',
    x: x(at) - 0.75,
    y: y - 1,
    w: 1.5,
    h: lanesEnd - y + 2,
    r: 0,
  })
  // On the piece that is as blue as the mark.
  shapes.push({
    kind: 'rect',
    key: key('mark in own'),
    class: 'storage-mark-own',
    x: x(at) - 0.75,
    y: laneY(lane),
    w: 1.5,
    h: laneH,
    r: 0,
  })
  const some = pieces.length < count
  const times = Math.round(size / (end - first))
  const scale = some ? ` · ${sizeText(end - first)} shown, ×${times}` : ''
  // Where the way does not go on.
  const isLeft = x(at) < w / 2
  shapes.push({
    kind: 'text',
    key: key('scale'),
    class: 'storage-scale',
    x: isLeft ? w : 0,
    y: lanesEnd + 12,
    text: clip(`${count} × ${sizeText(turn)}${scale}`, w, SANS),
    ...(isLeft ? { anchor: 'end' } : {}),
  })
  return { shapes, x, lanesEnd, bottom: lanesEnd + 16 }
}

/** The band from the bytes that stay together to where they land, and the line that the byte takes. */
function linkShapes(index: number, from: Drawn, to: Drawn, lands: Span, at: number): readonly Shape[] {
  const { out } = from
  const wide = (a: number, b: number): readonly [number, number] =>
    b - a >= THIN ? [a, b] : [(a + b - THIN) / 2, (a + b + THIN) / 2]
  const [a, b] = wide(out.from, out.to)
  const [c, d] = wide(to.x(lands.from), to.x(lands.to))
  const middle = (out.y + to.barY) / 2
  const curve = (x: number, y: number): string => `${px(x)} ${px(y)}`
  const x = to.x(at)
  return [
    {
      kind: 'path',
      key: `band ${index}`,
      class: 'storage-band',
      d: `M${curve(a, out.y)}C${curve(a, middle)} ${curve(c, middle)} ${curve(c, to.barY)}H${px(d)}C${curve(d, middle)} ${curve(b, middle)} ${curve(b, out.y)}Z`,
    },
    {
      kind: 'path',
      key: `way ${index}`,
      class: 'storage-way',
      // As far as the words, which it leaves alone.
      d: `M${curve(out.x, out.y)}C${curve(out.x, to.top)} ${curve(x, out.y)} ${curve(x, to.top)}`,
    },
  ]
}

/** A triangle on the bar, and a line through it. */
const mark = (key: string, x: number, y: number, h: number): readonly Shape[] => [
  { kind: 'rect', key: `${key} line`, class: 'storage-mark', x: x - 0.75, y: y - 2, w: 1.5, h: h + 2, r: 0 },
  { kind: 'path', key, class: 'storage-mark', d: `M${px(x - 4)} ${px(y - 6)}h8l-4 5z` },
]

const HATCH = 5

/** Lines from below to the right above, clipped to the box. */
function hatch({ x, y, w, h }: Box): string {
  let d = ''
  for (let at = x + HATCH; at < x + w + h; at += HATCH) {
    const top = Math.min(at, x + w)
    const bottom = Math.max(at - h, x)
    d += `M${px(bottom)} ${px(y + (at - bottom))}L${px(top)} ${px(y + (at - top))}`
  }
  return d
}

const px = (n: number): string => String(Math.round(n * 10) / 10)
