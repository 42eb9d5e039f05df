/** All that a program can leave, as sets of texts, for tests that compare two searches. */

import { ensure } from '../../base/assert.ts'
import type { ImageSet } from '../crash/image-set.ts'
import type { Exploration } from './exploration.ts'
import { DEFAULT_MODEL } from './model.ts'
import type { Instruction, Program, ThreadCode } from './program.ts'
import { explore, type SearchOptions } from './search.ts'

interface Reached {
  readonly crash: ReadonlySet<string>
  readonly end: ReadonlySet<string>
  readonly memories: ReadonlySet<string>
  readonly finals: ReadonlySet<string>
}

const MANY = 100_000

export function reached(program: Program, options: Partial<SearchOptions> = {}): Reached {
  const exploration = explore(program, { model: DEFAULT_MODEL, maxStates: 2_000_000, ...options })
  if (!exploration.complete) throw new Error('the program is too large for a test')
  return {
    crash: images(exploration, exploration.crashImages),
    end: images(exploration, exploration.endImages),
    memories: new Set([...exploration.memories()].map(({ memory }) => memory.join())),
    finals: new Set([...exploration.finals()].map(({ memory, registers }) => [memory, registers].join(' '))),
  }
}

function images(exploration: Exploration, set: ImageSet): ReadonlySet<string> {
  const all = set.enumerate(MANY)
  if (BigInt(all.length) !== set.count()) throw new Error('a count is not the number of images')
  return new Set(
    all.map((image) => exploration.cellsOf((unit) => ensure(image[unit], 'an image has every unit')).join()),
  )
}

/** The program with an instruction more before `pc` of a thread; jumps still lead where they led. */
export function inserted(program: Program, thread: number, pc: number, instruction: Instruction): Program {
  const shifted = (each: Instruction): Instruction =>
    each.op === 'branch' || each.op === 'goto' ? { ...each, to: each.to > pc ? each.to + 1 : each.to } : each
  return {
    ...program,
    threads: program.threads.map((each, t): ThreadCode => {
      if (t !== thread) return each
      return { ...each, code: each.code.map(shifted).toSpliced(pc, 0, instruction) }
    }),
  }
}

export const isSubset = (small: ReadonlySet<string>, large: ReadonlySet<string>): boolean =>
  [...small].every((each) => large.has(each))
