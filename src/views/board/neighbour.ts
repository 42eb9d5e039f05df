/** The tile (or whatever stands in a box) that an arrow key leads to: the nearest one in that direction, straight ahead preferred. */

import type { Box } from '../shape.ts'

type Heading = 'left' | 'right' | 'up' | 'down'

/** By the name of the key. */
export const HEADINGS: Readonly<Record<string, Heading>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

export function neighbour(tiles: readonly { readonly box: Box }[], at: number, heading: Heading): number {
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
