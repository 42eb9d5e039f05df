/** A card of the board: frame, title, and a grid of tiles in it. */

import type { Tile } from '../../protocol/frame.ts'
import type { Names } from '../address.ts'
import type { Box, Shape } from '../shape.ts'
import { chooseTiles } from './choose-tiles.ts'
import {
  LABEL,
  PAD,
  RADIUS,
  SANS_10,
  TILE_GAP_X,
  TILE_HEIGHT,
  TILE_PITCH_Y,
  TITLE,
  WORD_GAP,
  WORD_HEIGHT,
  WORD_MAX,
  WORD_MIN,
} from './metrics.ts'
import { tileShapes, wordsPath } from './tile.ts'

export interface PlacedTile {
  readonly tile: Tile
  readonly where: string
  readonly box: Box
}

export interface Card {
  readonly shapes: readonly Shape[]
  readonly tiles: readonly PlacedTile[]
  /** Stands for lines that the card does not show. */
  readonly fallback: Box
}

/** Height of a card with `rows` rows of tiles. */
export const cardHeight = (rows: number): number => TITLE + rows * TILE_PITCH_Y + 4

export function columnsIn(width: number): number {
  const tile = 8 * (WORD_MIN + WORD_GAP)
  return Math.max(1, Math.floor((width - 2 * PAD + TILE_GAP_X) / (tile + TILE_GAP_X)))
}

/** Pixels, at least those it takes: capitals of the bold 12-pixel face are wide. */
const titleWidth = (title: string): number => [...title].reduce((sum, c) => sum + (/[A-Z0-9]/.test(c) ? 8.8 : 6.8), 0)

/** `asides`: what stands at the right of the title, longest form first; the first that fits is shown. */
export function cardFrame(key: string, box: Box, title: string, asides: readonly string[]): readonly Shape[] {
  const room = box.w - 2 * PAD - titleWidth(title) - 6
  const aside = asides.find((text) => text.length * SANS_10 <= room) ?? ''
  return [
    { kind: 'rect', key: `${key} card`, class: 'card', ...box, r: RADIUS },
    { kind: 'text', key: `${key} title`, class: 'card-title', x: box.x + PAD, y: box.y + 18, text: title },
    {
      kind: 'text',
      key: `${key} aside`,
      class: 'card-aside',
      x: box.x + box.w - PAD,
      y: box.y + 18,
      anchor: 'end',
      text: aside,
    },
  ]
}

export function tileCard(
  key: string,
  box: Box,
  title: string,
  asides: readonly string[],
  tiles: readonly Tile[],
  options: {
    readonly urgent: ReadonlySet<number>
    readonly familiar: ReadonlySet<number>
    readonly selected: number | undefined
    readonly names: Names | undefined
    readonly total?: number
    readonly cap: number
  },
): Card {
  const columns = columnsIn(box.w)
  const rows = Math.max(1, Math.floor((box.h - TITLE) / TILE_PITCH_Y))
  const room = Math.min(columns * rows, Math.max(2, options.cap))
  const { shown, more } = chooseTiles(tiles, room, options.urgent, options.familiar, options.total ?? tiles.length)
  const inner = box.w - 2 * PAD
  const word = Math.min(WORD_MAX, Math.max(WORD_MIN, ((inner + TILE_GAP_X) / columns - TILE_GAP_X) / 8 - WORD_GAP))
  const width = 8 * word + 7 * WORD_GAP
  const pitch = width + TILE_GAP_X
  const cell = (index: number): Box => ({
    x: box.x + PAD + (index % columns) * pitch,
    y: box.y + TITLE + Math.floor(index / columns) * TILE_PITCH_Y,
    w: width,
    h: TILE_HEIGHT,
  })
  const shapes: Shape[] = [...cardFrame(key, box, title, asides)]
  const placed = shown.map((tile, index) => ({ tile, where: title, box: cell(index) }))
  for (const { tile, box: at } of placed) {
    shapes.push(...tileShapes(tile, at, `${key} ${tile.line}`, tile.line === options.selected, title, options.names))
  }
  if (shown.length === 0 && more === 0) {
    const at = cell(0)
    shapes.push({ kind: 'path', key: `${key} empty`, class: 'words free', d: wordsPath([0, 1, 2, 3, 4, 5, 6, 7], at) })
    shapes.push({
      kind: 'text',
      key: `${key} empty text`,
      class: 'tile-label',
      x: at.x,
      y: at.y + LABEL - 5,
      text: 'empty',
    })
  }
  if (more > 0) {
    const fits = shown.length < columns * rows
    const at = cell(Math.min(shown.length, columns * rows - 1))
    shapes.push({
      kind: 'text',
      key: `${key} more`,
      class: 'more',
      x: fits ? at.x : box.x + box.w - PAD,
      y: fits ? at.y + LABEL + WORD_HEIGHT / 2 + 4 : box.y + box.h - 5,
      anchor: fits ? 'start' : 'end',
      text: `+${more} more line${more === 1 ? '' : 's'}`,
    })
  }
  return { shapes, tiles: placed, fallback: cell(Math.max(0, Math.min(shown.length, columns * rows - 1))) }
}
