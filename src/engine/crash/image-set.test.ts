import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { type Box, ImageSet } from './image-set.ts'

const GIVEN = 0
const UNITS = [0, 3, 5, 6]

const box: fc.Arbitrary<Box> = fc.uniqueArray(
  fc.record({
    unit: fc.constantFrom(...UNITS),
    contents: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
  }),
  { selector: ({ unit }) => unit },
)

const setOf = (boxes: readonly Box[]): ImageSet => {
  const set = new ImageSet(() => GIVEN)
  for (const [i, each] of boxes.entries()) set.add(each, i)
  return set
}

const inBox = (each: Box, image: readonly number[]): boolean =>
  UNITS.every((unit, i) => {
    const choice = each.find((named) => named.unit === unit)
    return (choice?.contents ?? [GIVEN]).includes(image[i] as number)
  })

/** Every image over UNITS, in ascending order. */
const images: readonly number[][] = UNITS.reduce<number[][]>(
  (all) => all.flatMap((image) => [0, 1, 2, 3].map((content) => [...image, content])),
  [[]],
)

test('no box, no image; an empty box is the one image that was given', () => {
  expect(setOf([]).count()).toBe(0n)
  expect(setOf([[]]).count()).toBe(1n)
  expect(setOf([[]]).enumerate(5)).toEqual([[]])
})

test('a thousand free units are counted, not listed', () => {
  const set = new ImageSet(() => GIVEN)
  set.add(Array.from({ length: 1000 }, (_, unit) => ({ unit, contents: [0, 1] })))
  expect(set.count()).toBe(2n ** 1000n)
  expect(set.enumerate(3).length).toBe(3)
})

test('a staircase of intervals shares its diagram', () => {
  const set = new ImageSet(() => GIVEN)
  const steps = 300
  for (let step = 0; step < steps; step++) {
    set.add(
      Array.from({ length: steps }, (_, unit) => ({
        unit,
        contents: unit < step ? [1] : unit === step ? [0, 1] : [0],
      })),
    )
  }
  expect(set.count()).toBe(BigInt(steps + 1))
})

test('counting, listing and asking agree with trying every image in every box', () => {
  fc.assert(
    fc.property(fc.array(box, { maxLength: 8 }), (boxes) => {
      const set = setOf(boxes)
      const expected = images.filter((image) => boxes.some((each) => inBox(each, image)))
      const listed = set.enumerate(images.length).map((image) =>
        UNITS.map((unit) => {
          const at = set.units.indexOf(unit)
          return at < 0 ? GIVEN : image[at]
        }),
      )
      expect(listed).toEqual(expected)
      expect(set.count()).toBe(BigInt(expected.length))
      for (const image of images) {
        if (UNITS.some((unit, i) => !set.units.includes(unit) && image[i] !== GIVEN)) continue
        const content = (unit: number): number => image[UNITS.indexOf(unit)] as number
        expect(set.has(content)).toBe(expected.includes(image))
        const found = set.find((unit, each) => content(unit) === each)
        if (found !== undefined) expect(inBox(boxes[found.origin] as Box, image)).toBe(true)
      }
    }),
    { numRuns: runs(100) },
  )
})
