/** Which lines a card shows when not all of them fit: those that matter now, in the order they had. */

import type { Tile } from '../../protocol/frame.ts'

export interface Chosen<T extends Tile> {
  readonly shown: readonly T[]
  /** Lines that did not fit. */
  readonly more: number
}

/**
 * `urgent` lines come first, then lines that the program works on, then lines with anything on its way, then the rest.
 * `total` may count unseen lines.
 */
export function chooseTiles<T extends Tile>(
  tiles: readonly T[],
  room: number,
  urgent: ReadonlySet<number>,
  familiar: ReadonlySet<number>,
  total = tiles.length,
): Chosen<T> {
  if (tiles.length <= room) return { shown: tiles, more: total - tiles.length }
  const slots = Math.max(0, room - 1)
  const rank = (tile: T): number => {
    if (urgent.has(tile.line)) return 0
    const moving = tile.words.some((stage) => stage !== 'clean' && stage !== 'media')
    if (moving) return familiar.has(tile.line) ? 1 : 2
    return tile.words.some((stage) => stage === 'media') ? 3 : 4
  }
  const chosen = new Set(
    tiles
      .map((tile, at) => ({ at, rank: rank(tile) }))
      .sort((a, b) => a.rank - b.rank || a.at - b.at)
      .slice(0, slots)
      .map(({ at }) => at),
  )
  return { shown: tiles.filter((_, at) => chosen.has(at)), more: total - chosen.size }
}
