import { expect, test } from 'vitest'
import { namesOf, shortAddress } from '../address.ts'
import type { Shape } from '../shape.ts'
import { layoutBoard } from './layout.ts'
import { layoutArrows, layoutTravellers } from './motion.ts'
import { neighbour } from './neighbour.ts'
import { A, B, sampleFrame } from './sample-frame.test-data.ts'

const WIDE = { w: 700, h: 600 }

/** One line a shape: kind, class, place, text. */
const asText = (shapes: readonly Shape[]): string =>
  shapes
    .map((shape) => {
      if (shape.kind === 'rect') {
        return `${shape.class}: ${[shape.x, shape.y, shape.w, shape.h].map(Math.round).join(' ')}`
      }
      if (shape.kind === 'text') return `${shape.class}: ${Math.round(shape.x)} ${Math.round(shape.y)} “${shape.text}”`
      return `${shape.class}: ${(shape.d.match(/M/g) ?? []).length} × ${shape.d.slice(0, shape.d.search(/[a-zL]/))}`
    })
    .join('\n')

const frames = (shapes: readonly Shape[], name: string): readonly Extract<Shape, { kind: 'rect' }>[] =>
  shapes.filter((shape) => shape.kind === 'rect' && shape.class.startsWith(name)) as Extract<Shape, { kind: 'rect' }>[]

test('the picture of two cores and two DIMMs is this', () => {
  const { shapes } = layoutBoard({ frame: sampleFrame(), selected: A }, WIDE)
  expect(asText(shapes)).toMatchSnapshot()
})

test('the border of the persistence domain encloses what survives on each platform', () => {
  const inside = (domain: 'none' | 'adr' | 'eadr'): readonly string[] => {
    const { shapes } = layoutBoard({ frame: sampleFrame({ domain }), selected: undefined }, WIDE)
    const [border] = frames(shapes, 'domain')
    const cards = frames(shapes, 'card').filter(({ y, h }) => border && y >= border.y && y + h <= border.y + border.h)
    return cards.map(({ key }) => key.replace(/ card$/, ''))
  }
  expect(inside('none')).toEqual(['media 0', 'media 1'])
  expect(inside('adr')).toEqual(['wpq 0', 'media 0', 'media 1'])
  expect(inside('eadr')).toEqual(['l1 0', 'l1 1', 'l3', 'wpq 0', 'media 0', 'media 1'])
})

test.each([
  [1, 1, 360],
  [2, 2, 700],
  [8, 16, 360],
  [8, 16, 2000],
])('cards of %i cores and %i DIMMs at %i px neither overlap nor leave the board', (cores, dimms, w) => {
  const layout = layoutBoard({ frame: sampleFrame({ cores, dimms }), selected: A }, { w, h: 500 })
  const cards = frames(layout.shapes, 'card')
  expect(cards).toHaveLength(2 * cores + cores + 1 + 1 + dimms)
  for (const [index, card] of cards.entries()) {
    expect(card.x).toBeGreaterThanOrEqual(0)
    expect(card.x + card.w).toBeLessThanOrEqual(w)
    expect(card.y + card.h).toBeLessThanOrEqual(layout.height)
    for (const other of cards.slice(index + 1)) {
      const apart =
        other.x >= card.x + card.w ||
        card.x >= other.x + other.w ||
        other.y >= card.y + card.h ||
        card.y >= other.y + other.h
      expect(apart, `${card.key} and ${other.key}`).toBe(true)
    }
  }
})

test('a machine full of lines stays within a thousand nodes and says how many it hides', () => {
  const frame = sampleFrame({ cores: 8, dimms: 16 })
  const many = Array.from({ length: 60 }, (_, i) => ({
    line: A + 64 * i,
    sign: 'M',
    words: ['dirty', 'clean', 'wc', 'clean', 'flight', 'clean', 'clean', 'clean'] as const,
  }))
  const full = {
    ...frame,
    cores: frame.cores.map((core) => ({ ...core, l1: { used: 60, capacity: 512, tiles: many } })),
    dimms: frame.dimms.map((dimm) => ({ ...dimm, total: 60, tiles: many.map((one) => ({ ...one, dpa: 0 })) })),
  }
  const { shapes, tiles } = layoutBoard({ frame: full, selected: A + 64 * 59 }, { w: 2000, h: 1600 })
  const titles = shapes.filter(({ title }) => title !== undefined).length
  expect(shapes.length + titles).toBeLessThanOrEqual(1000)
  expect(shapes.some((shape) => shape.kind === 'text' && /^\+\d+ more lines$/.test(shape.text))).toBe(true)
  expect(tiles.filter(({ tile }) => tile.line === A + 64 * 59).length).toBeGreaterThan(0)
})

test('an arrow leads from the store buffer to L1, and a write-back without a fence to its queue', () => {
  const frame = sampleFrame()
  const layout = layoutBoard({ frame, selected: A }, WIDE)
  expect(asText(layoutArrows(layout, frame, frame.motions))).toMatchSnapshot()
})

test('a byte is where time says: nowhere at both ends, lower later on its way down', () => {
  const frame = sampleFrame()
  const layout = layoutBoard({ frame, selected: A }, WIDE)
  const y = (t: number): number => {
    const [shape] = layoutTravellers(layout, frame.motions, t)
    return shape?.kind === 'path' ? Number(/M\S+ (\S+?)h/.exec(shape.d)?.[1]) : Number.NaN
  }
  expect(layoutTravellers(layout, frame.motions, 0)).toEqual([])
  expect(layoutTravellers(layout, frame.motions, 1)).toEqual([])
  expect(y(0.3)).toBeLessThan(y(0.5))
  expect(y(0.5)).toBeLessThan(y(0.8))
  expect(layoutTravellers(layout, frame.motions, 0.4)).toEqual(layoutTravellers(layout, frame.motions, 0.4))
})

test('arrow keys lead to the tile beside and stop at the edge', () => {
  const { tiles } = layoutBoard({ frame: sampleFrame(), selected: A }, WIDE)
  const l1 = tiles.findIndex(({ tile, where }) => tile.line === A && where.startsWith('L1d'))
  const right = neighbour(tiles, l1, 'right')
  expect(tiles[right]?.tile.line).toBe(B)
  expect(tiles[right]?.where).toBe('L1d · core 0')
  expect(neighbour(tiles, l1, 'left')).toBe(l1)
  expect(tiles[neighbour(tiles, l1, 'down')]?.where).toBe('L3 · shared')
})

test('what a litmus test calls places stands on their lines and in store buffers', () => {
  const names = namesOf([
    { name: 'x', spa: A },
    { name: 'z', spa: A + 8 },
  ])
  const { shapes } = layoutBoard({ frame: sampleFrame(), selected: A, names }, WIDE)
  const texts = shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []))
  expect(texts.some((text) => text.startsWith('x z'))).toBe(true)
  expect(texts.some((text) => text.includes(shortAddress(A)))).toBe(false)
  expect(texts.some((text) => text.includes(shortAddress(B)))).toBe(true)
})

test('labels of arrows cover neither each other nor what the board says; without room they go', () => {
  const frame = sampleFrame()
  const layout = layoutBoard({ frame, selected: A }, WIDE)
  const [motion] = frame.motions
  if (motion === undefined) throw new Error('something moves')
  const labels = (texts: readonly string[]): readonly string[] => {
    const motions = texts.map((label) => ({ ...motion, label }))
    return layoutArrows(layout, frame, motions).flatMap((shape) =>
      shape.kind === 'text' && texts.includes(shape.text) ? [`${shape.x} ${shape.y}`] : [],
    )
  }
  const eight = labels(['a move', 'another', 'a third', 'one more', 'a fifth', 'a sixth', 'the next', 'the last'])
  expect(eight.length).toBeGreaterThan(0)
  expect(eight.length).toBeLessThan(8)
  expect(new Set(eight).size).toBe(eight.length)
  expect(labels(['saved', 'saved', 'saved'])).toHaveLength(1)
})
