/**
 * What must hold between the images of two programs, or of one under two models.
 *
 * Adding a flush or fence anywhere: take a run of the longer program and leave out that instruction. Nothing waits for
 * it any more, every history keeps at least what it kept, and reads and writes are the same. So at every instant, not
 * only at the end, the images were already possible, and so were memories and final states.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { models, programs } from '../../../test/naive/programs.ts'
import { runs } from '../../../test/runs.ts'
import type { Instruction, Program } from './program.ts'
import { inserted, isSubset, reached } from './reached.test-data.ts'

const flush = (line: number): fc.Arbitrary<Instruction> =>
  fc.constantFrom('clwb', 'clflushopt', 'clflush').map((op) => ({ op, line }))
const fence: fc.Arbitrary<Instruction> = fc.constantFrom('sfence', 'mfence', 'lfence').map((op) => ({ op }))

/** A program, and the same with one instruction more. */
const withOneMore = (
  more: (line: number) => fc.Arbitrary<Instruction>,
  from = programs,
): fc.Arbitrary<readonly [Program, Program]> =>
  from
    .filter(({ threads }) => threads.length > 0)
    .chain((program) =>
      fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...program.lineOf).chain(more)).map(([t, at, instruction]) => {
        const thread = t % program.threads.length
        const pc = at % ((program.threads[thread]?.code.length ?? 0) + 1)
        return [program, inserted(program, thread, pc, instruction)] as const
      }),
    )

test('adding a flush or fence never makes an image, a memory or a final state possible', () => {
  fc.assert(
    fc.property(
      withOneMore((line) => fc.oneof(flush(line), fence)),
      models,
      ([program, longer], model) => {
        const [before, after] = [reached(program, { model }), reached(longer, { model })]
        for (const what of ['crash', 'end', 'memories', 'finals'] as const) {
          expect([what, isSubset(after[what], before[what])]).toEqual([what, true])
        }
      },
    ),
    { numRuns: runs(200), seed: 6 },
  )
})

/** Non-temporal stores become plain ones. */
const temporal = (program: Program): Program => ({
  ...program,
  threads: program.threads.map((thread) => ({
    ...thread,
    code: thread.code.map((each): Instruction => {
      if (each.op === 'movdir64b') {
        const at = { cell: program.lineOf.indexOf(each.line), offset: 0, size: 8 } as const
        return { op: 'store', at, value: each.value }
      }
      return each.op === 'movnt' ? { ...each, op: 'store' } : each
    }),
  })),
})

test('with the caches in the persistence domain, flushes change nothing but the order of non-temporal stores', () => {
  fc.assert(
    fc.property(withOneMore(flush, programs.map(temporal)), ([program, longer]) => {
      const [before, after] = [reached(program), reached(longer)]
      expect(after.memories).toEqual(before.memories)
      expect(after.finals).toEqual(before.finals)
    }),
    { numRuns: runs(200), seed: 7 },
  )
})

test.each([
  [
    'a line that persists as one snapshot leaves no image that its words by themselves do not',
    { unit: 'line' },
    { unit: 'word' },
  ],
  [
    'a movnt that is durable when visible leaves no image that one durable at the next fence does not',
    { movnt: 'visible' },
    { movnt: 'fence' },
  ],
  [
    'a failed compare-and-swap that is a barrier leaves no image that one that is a plain load does not',
    { cas: 'sdm' },
    { cas: 'paper' },
  ],
] as const)('%s', (_, stronger, weaker) => {
  fc.assert(
    fc.property(programs, models, (program, model) => {
      const less = reached(program, { model: { ...model, ...stronger } })
      const more = reached(program, { model: { ...model, ...weaker } })
      expect(isSubset(less.crash, more.crash)).toBe(true)
      expect(isSubset(less.end, more.end)).toBe(true)
    }),
    { numRuns: runs(100), seed: 8 },
  )
})

test('an image of what is visible is among those of a power failure that loses the caches', () => {
  fc.assert(
    fc.property(programs, models, (program, model) => {
      const { crash, memories } = reached(program, { model })
      expect(isSubset(memories, crash)).toBe(true)
    }),
    { numRuns: runs(100), seed: 9 },
  )
})
