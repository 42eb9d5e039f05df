import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../../test/runs.ts'
import { Cells } from '../../sim/cells.ts'
import { Cache, SHARED } from './cache.ts'

test('a full set gives up the line that was used longest ago, however many ways it has', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 8, 16, 32, 64),
      fc.constantFrom(1, 4),
      fc.array(fc.nat({ max: 150 }), { minLength: 100, maxLength: 300 }),
      (ways, sets, uses) => {
        const cache = new Cache(new Cells(), { sets, ways })
        /** Lines of each set, least recently used first. */
        const held = Array.from({ length: sets }, (): number[] => [])
        for (const number of uses) {
          const line = number + 1
          const set = held[number % sets] as number[]
          expect(cache.find(line, number) >= 0).toBe(set.includes(line))
          if (set.includes(line)) set.splice(set.indexOf(line), 1)
          const found = cache.find(line, number)
          const place = found < 0 ? cache.place(number) : found
          const victim = cache.line(place)
          if (victim !== line) {
            expect(victim).toBe(set.length === ways ? set.shift() : 0)
            cache.set(place, line, 0, SHARED)
          }
          cache.touch(place)
          set.push(line)
        }
      },
    ),
    { numRuns: runs(100) },
  )
})
