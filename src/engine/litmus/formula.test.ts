import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { alternatives, partly } from './formula.ts'
import type { Formula } from './test.ts'

const LOCATIONS = [0, 1, 2]
const VALUES = [0n, 1n, 2n]

const formulas: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      kind: fc.constant('location' as const),
      location: fc.constantFrom(...LOCATIONS),
      value: fc.constantFrom(...VALUES),
    }),
    fc.constant({ kind: 'true' as const }),
    fc.constant({ kind: 'register' as const, thread: 0, register: 0, value: 1n }),
    fc.record({ kind: fc.constant('not' as const), part: tie('formula') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('formula'), { maxLength: 3 }),
    }),
  ),
})).formula

/** Written down from what the words mean; after a power failure no register has any value. */
function holds(formula: Formula, memory: readonly bigint[]): boolean {
  switch (formula.kind) {
    case 'location':
      return memory[formula.location] === formula.value
    case 'register':
      return false
    case 'true':
      return true
    case 'not':
      return !holds(formula.part, memory)
    case 'and':
      return formula.parts.every((part) => holds(part, memory))
    case 'or':
      return formula.parts.some((part) => holds(part, memory))
  }
}

const memories = VALUES.flatMap((a) => VALUES.flatMap((b) => VALUES.map((c) => [a, b, c])))

test('alternatives are met by exactly the memories that the formula holds in', () => {
  fc.assert(
    fc.property(formulas, (formula) => {
      const ways = alternatives(formula) ?? []
      for (const memory of memories) {
        const met = ways.some((literals) =>
          literals.every(({ location, is, not }) => {
            const value = memory[location] ?? 0n
            return is === undefined ? !not.includes(value) : value === is
          }),
        )
        expect([memory, met]).toEqual([memory, holds(formula, memory)])
      }
    }),
    { numRuns: runs(300) },
  )
})

test('what a formula says of a part of memory, it says of every memory with that part; of a whole one it says all', () => {
  fc.assert(
    fc.property(formulas, fc.subarray(LOCATIONS), (formula, known) => {
      for (const memory of memories) {
        const said = partly(formula, (location) => (known.includes(location) ? memory[location] : undefined))
        if (said !== undefined || known.length === LOCATIONS.length) expect(said).toBe(holds(formula, memory))
      }
    }),
    { numRuns: runs(300) },
  )
})
