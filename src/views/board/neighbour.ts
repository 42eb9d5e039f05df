/** The tile that an arrow key leads to: the nearest one in that direction, straight ahead preferred. */

import type { PlacedTile } from './card.ts'

export type Heading = 'left' | 'right' | 'up' | 'down'

export function neighbour(tiles: readonly PlacedTile[], at: number, heading: Heading): number {
  const here = tiles[at]
  if (here === undefined) return 0
  const horizontal = heading === 'left' || heading === 'right'
  const sign = heading === 'right' || heading === 'down' ? 1 : -1
  let best = at
  let bestCost = Number.POSITIVE_INFINITY
  tiles.forEach(({ box }, index) => {
    const ahead = sign * (horizontal ? box.x - here.box.x : box.y - here.box.y)
    const aside = Math.abs(horizontal ? box.y - here.box.y : box.x - here.box.x)
    if (ahead < 4) return
    const cost = ahead + 3 * aside
    if (cost < bestCost) {
      best = index
      bestCost = cost
    }
  })
  return best
}
