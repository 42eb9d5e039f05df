/** The engine's search and the naive enumerator, each written from the specification, reach the same outcomes. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ImageSet } from '../../src/engine/crash/image-set.ts'
import type { Exploration } from '../../src/engine/explore/exploration.ts'
import type { Model } from '../../src/engine/explore/model.ts'
import type { Program } from '../../src/engine/explore/program.ts'
import { explore } from '../../src/engine/explore/search.ts'
import { runs } from '../runs.ts'
import { enumerate, type Outcomes } from './enumerate.ts'
import { models, programs } from './programs.ts'

/** More would take the naive enumerator too long. */
const MOST_STATES = 5_000
const TEN_MINUTES = 600_000

const texts = (all: Iterable<string>): string[] => [...new Set(all)].sort()
const memory = (cells: readonly bigint[]): string => cells.join(' ')

function images(found: Exploration, set: ImageSet): string[] {
  const all = set.enumerate(Number.MAX_SAFE_INTEGER)
  expect(set.count()).toBe(BigInt(all.length))
  return texts(all.map((image) => memory(found.cellsOf((unit) => image[set.units.indexOf(unit)] ?? -1))))
}

/** What the engine finds, in the enumerator's words. */
function searched(program: Program, model: Model, reduce: boolean): Omit<Outcomes, 'states'> {
  const found = explore(program, { model, reduce, maxStates: 1_000_000 })
  expect(found.complete).toBe(true)
  return {
    images: images(found, found.crashImages),
    endImages: images(found, found.endImages),
    memories: texts([...found.memories()].map((each) => memory(each.memory))),
    finals: texts(
      [...found.finals()].map((each) => [...each.registers.map((r) => r.join(' ')), memory(each.memory)].join(' | ')),
    ),
  }
}

test(
  'on random programs the search finds every outcome and no other, reduced or not, under every model',
  () => {
    fc.assert(
      fc.property(programs, models, (program, model) => {
        const outcomes = enumerate(program, model, MOST_STATES)
        fc.pre(outcomes !== undefined)
        const { states: _, ...expected } = outcomes
        expect(searched(program, model, true)).toEqual(expected)
        expect(searched(program, model, false)).toEqual(expected)
      }),
      { numRuns: runs(200), seed: 1 },
    )
  },
  TEN_MINUTES,
)
