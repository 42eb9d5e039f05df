/** A 64-byte line in one place: eight words, coloured by stage, each with its letter. */

import type { Stage, Tile } from '../../protocol/frame.ts'
import { type Names, shortAddress } from '../address.ts'
import { type Box, clip, type Shape } from '../shape.ts'
import { STAGE_ORDER, STAGES } from '../stage.ts'
import { LABEL, WORD_GAP, WORD_HEIGHT } from './metrics.ts'

/** Room that a handle takes of the label's row, and the advance of a label's character, pixels. */
const HANDLE = 26
const MONO_10 = 6.1

/** `box` is the whole tile, label included. */
export function tileShapes(
  tile: Tile,
  box: Box,
  key: string,
  selected: boolean,
  where: string,
  names: Names | undefined,
): readonly Shape[] {
  const name = names?.onLine(tile.line)
  const label = name === undefined ? shortAddress(tile.line) : clip(name, box.w - HANDLE - 2 * MONO_10, MONO_10)
  const top = box.y + LABEL
  const width = wordWidth(box)
  const shapes: Shape[] = []
  const pick = { kind: 'line', line: tile.line } as const
  shapes.push({
    kind: 'rect',
    key: `${key} frame`,
    class: selected ? 'tile-frame selected' : 'tile-frame',
    x: box.x - 3,
    y: top - 3,
    w: box.w + 6,
    h: WORD_HEIGHT + 6,
    r: 5,
    pick,
    title: `${where}: ${tileSentence(tile, names)}`,
  })
  shapes.push({
    kind: 'text',
    key: `${key} label`,
    class: selected ? 'tile-label selected' : 'tile-label',
    x: box.x,
    y: box.y + LABEL - 5,
    text: tile.sign === '' ? label : `${label} ${tile.sign}`,
    pick,
  })
  const clean = wordsOf(tile.words, 'clean')
  if (clean.length > 0) {
    shapes.push({ kind: 'path', key: `${key} clean`, class: 'words stage-clean', d: wordsPath(clean, box), pick })
  }
  for (const stage of STAGE_ORDER) {
    const words = wordsOf(tile.words, stage)
    if (words.length === 0) continue
    shapes.push({ kind: 'path', key: `${key} ${stage}`, class: `words stage-${stage}`, d: wordsPath(words, box), pick })
    shapes.push({
      kind: 'text',
      key: `${key} ${stage} letters`,
      class: `word-letter on-${stage}`,
      x: box.x,
      y: top + WORD_HEIGHT / 2 + 3.2,
      xs: words.map((word) => box.x + word * (width + WORD_GAP) + width / 2),
      anchor: 'middle',
      text: STAGES[stage].letter.repeat(words.length),
      pick,
    })
  }
  return shapes
}

/** "…9040: words 0–3 dirty in a cache": the tile for a screen reader. */
export function tileSentence(tile: Tile, names?: Names): string {
  const parts = STAGE_ORDER.flatMap((stage) => {
    const words = wordsOf(tile.words, stage)
    return words.length === 0
      ? []
      : [
          `${words.length === 8 ? 'whole line' : `word${words.length === 1 ? '' : 's'} ${ranges(words)}`} ${STAGES[stage].name}`,
        ]
  })
  const held = tile.bytes?.reduce((sum, mask) => sum + mask.toString(2).replaceAll('0', '').length, 0)
  const holds = held === undefined ? '' : `, ${held} of 64 bytes`
  const name = names?.onLine(tile.line)
  const line = name === undefined ? shortAddress(tile.line) : `of ${name}`
  return `line ${line}, ${parts.length === 0 ? 'clean' : parts.join(', ')}${holds}`
}

/** Outlines of words of a tile that stands in `box`. */
export function wordsPath(words: readonly number[], box: Box): string {
  const width = wordWidth(box)
  return words
    .map((word) => {
      const x = round(box.x + word * (width + WORD_GAP))
      return roundedRect(x, round(box.y + LABEL), round(width), WORD_HEIGHT, 2)
    })
    .join('')
}

export function roundedRect(x: number, y: number, w: number, h: number, r: number): string {
  return `M${x + r} ${y}h${round(w - 2 * r)}a${r} ${r} 0 0 1 ${r} ${r}v${round(h - 2 * r)}a${r} ${r} 0 0 1 ${-r} ${r}h${round(2 * r - w)}a${r} ${r} 0 0 1 ${-r} ${-r}v${round(2 * r - h)}a${r} ${r} 0 0 1 ${r} ${-r}z`
}

const wordWidth = (box: Box): number => (box.w - 7 * WORD_GAP) / 8

const wordsOf = (words: readonly Stage[], stage: Stage): readonly number[] =>
  words.flatMap((at, word) => (at === stage ? [word] : []))

function ranges(words: readonly number[]): string {
  const runs: string[] = []
  for (let i = 0; i < words.length; i++) {
    const first = words[i]
    while (i + 1 < words.length && words[i + 1] === (words[i] ?? 0) + 1) i++
    runs.push(first === words[i] ? `${first}` : `${first}–${words[i]}`)
  }
  return runs.join(', ')
}

const round = (n: number): number => Math.round(n * 10) / 10
