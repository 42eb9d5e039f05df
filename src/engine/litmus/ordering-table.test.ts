/**
 * Every cell of the ordering table matters: changed to any other order, it changes some litmus test. Except those that
 * no program can tell apart; and of those, nothing that was tried changes.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixtures } from '../../../test/litmus-fixtures.ts'
import { models } from '../../../test/naive/programs.ts'
import { showProgram } from '../../../test/naive/show.ts'
import { runs } from '../../../test/runs.ts'
import { DEFAULT_MODEL } from '../explore/model.ts'
import type { Instruction, Program } from '../explore/program.ts'
import { reached } from '../explore/reached.test-data.ts'
import { type InstructionClass, ORDER, ORDER_CELLS, type Order, type OrderTable } from '../hw/cpu/isa.ts'
import { decide } from './decide.ts'

interface Mutant {
  readonly older: InstructionClass
  readonly younger: InstructionClass
  readonly becomes: Order
}

/** Fences have no address, and a flush no bytes: to them `line` or `bytes` says what `never` says. */
const told = (a: InstructionClass, b: InstructionClass): readonly Order[] => {
  const has = (...kinds: readonly InstructionClass[]): boolean => kinds.includes(a) || kinds.includes(b)
  if (has('mfence', 'sfence', 'lfence')) return ['always', 'never']
  return has('flushopt', 'clflush') ? ['always', 'line', 'never'] : ['always', 'line', 'bytes', 'never']
}

const mutants: readonly Mutant[] = ORDER_CELLS.flatMap(({ older, younger, order }) =>
  told(older, younger)
    .filter((each) => each !== order)
    .map((becomes) => ({ older, younger, becomes })),
)

const nameOf = ({ older, younger, becomes }: Mutant): string => `${older} → ${younger}: ${becomes}`

const tableOf = ({ older, younger, becomes }: Mutant): OrderTable => ({
  ...ORDER,
  [older]: { ...ORDER[older], [younger]: becomes },
})

/**
 * Weakened, and no program can tell. Each argument takes a run of the weakened machine and makes one of the real machine
 * with the same reads, the same writes and no image less.
 */
const INDISTINGUISHABLE: readonly { readonly why: string; readonly cells: readonly string[] }[] = [
  {
    why: `An lfence does nothing itself. It waits for loads, locked instructions, mfences and lfences only, and whatever
      waits for an lfence waits for each of these by its own cell: all their rows say always.`,
    cells: [
      ...(['load', 'locked', 'mfence'] as const).map((older) => `${older} → lfence: never`),
      ...ORDER_CELLS.filter(({ older }) => older === 'lfence').map(({ younger }) => `lfence → ${younger}: never`),
    ],
  },
  {
    why: `The fence passed a load. It had waited for all else that is older, all that is younger waits for the load, and
      marks that it completes were set before: let it happen right after the load instead. Until then its thread does
      nothing else, and images are only more.`,
    cells: ['load → mfence: never', 'load → sfence: never'],
  },
  {
    why: `The fence passed a locked instruction, which is a fence itself and which all that is younger waits for: let it
      happen right after, when there is nothing left to complete. Images are only more.`,
    cells: ['locked → mfence: never', 'locked → sfence: never'],
  },
  {
    why: `A fence or a locked instruction passed a fence. It had waited for all that the older one waits for, so the
      older one could have happened right before it, and completed no more than it completes itself.`,
    cells: ['mfence', 'sfence'].flatMap((older) =>
      ['locked', 'mfence', 'sfence'].map((younger) => `${older} → ${younger}: never`),
    ),
  },
  {
    why: `A fence passed a clflush. The fence had waited for all that the clflush waits for, so the clflush could have
      happened right before the fence, where it guarantees less.`,
    cells: ['clflush → mfence: never', 'clflush → sfence: never'],
  },
  {
    why: `Two flushes of one line, or a movnt (durable when visible) and a clwb of its line: what the clflush or movnt
      guarantees, at once, is not less than what the clwb was to guarantee (persistency.md §4).`,
    cells: ['clflush → flushopt: never', 'flushopt → clflush: never', 'movnt → flushopt: never'],
  },
]

/** Strengthened, and no program can tell: each run of the real machine is one of the changed machine. */
const NO_STRICTER: readonly { readonly why: string; readonly cells: readonly string[] }[] = [
  {
    why: `Two clwb of one line that happened the other way round may swap their names: the older one waits for no more
      than the younger one does, what waits for one of them waits for both, and their marks on the line are alike.`,
    cells: ['flushopt → flushopt: line'],
  },
]

const exceptions = [...INDISTINGUISHABLE, ...NO_STRICTER].flatMap(({ cells }) => cells)
const excepted = new Set(exceptions)

const tests = [...fixtures('litmus-own'), ...fixtures('litmus')]

/** A test that the table decides otherwise than the file says. */
const seenBy = (order: OrderTable): string | undefined =>
  tests.find((each) => {
    const { verdict, images } = decide(each, { model: DEFAULT_MODEL, maxStates: 1_000_000, order })
    return verdict !== each.verdict || (each.images !== undefined && images !== BigInt(each.images))
  })?.name

test('each exception is a mutant, named once', () => {
  const names = mutants.map(nameOf)
  for (const each of excepted) expect(names).toContain(each)
  expect(exceptions.length).toBe(excepted.size)
})

describe('a changed cell changes a test, unless no program can tell', () => {
  test.each(mutants.map((mutant) => ({ mutant, name: nameOf(mutant) })))('$name', ({ mutant, name }) => {
    if (excepted.has(name)) expect(seenBy(tableOf(mutant))).toBeUndefined()
    else expect(seenBy(tableOf(mutant))).toBeDefined()
  })
})

test('each test of ours sees the cell that it is named after', () => {
  for (const each of fixtures('litmus-own')) {
    const [, older, younger] = each.name.split('-')
    const mutant = mutants.filter((m) => m.older === older && m.younger === younger && !excepted.has(nameOf(m)))
    const verdicts = mutant.map(
      (m) => decide(each, { model: DEFAULT_MODEL, maxStates: 100_000, order: tableOf(m) }).verdict,
    )
    expect([each.name, verdicts.some((verdict) => verdict !== each.verdict)]).toEqual([each.name, true])
  }
})

/** Programs in which the older instruction comes before the younger, with others around them and another thread. */
function programsWith({ older, younger }: Mutant): fc.Arbitrary<Program> {
  const common = [
    'store',
    'store',
    'store',
    'load',
    'load',
    'movnt',
    'flushopt',
    'sfence',
    'clflush',
    'locked',
  ] as const
  return fc.constantFrom([0, 1], [0, 1, 2], [0, 0, 1]).chain((lineOf) => {
    const any = fc.constantFrom<InstructionClass>(...common, 'flushopt', 'mfence').chain((kind) => one(lineOf, kind))
    const few = (maxLength: number) => fc.array(any, { maxLength })
    return fc
      .tuple(few(2), one(lineOf, older), few(1), one(lineOf, younger), few(2), few(4))
      .map(([before, first, between, second, after, other]) => {
        const own = [...before, first, ...between, second, ...after]
        const program: Program = {
          lineOf,
          initial: lineOf.map(() => 3n),
          threads: [own, other].map((code) => ({ registers: [0n, 0n], code })),
        }
        return Object.defineProperty(program, fc.toStringMethod, { value: () => showProgram(program) })
      })
  })
}

function one(lineOf: readonly number[], kind: InstructionClass): fc.Arbitrary<Instruction> {
  const reg = fc.nat(1)
  const at = fc.nat(lineOf.length - 1).map((cell) => ({ cell, offset: 0, size: 8 as const }))
  const value = fc.oneof(fc.constantFrom({ value: 1n }, { value: 2n }), fc.record({ reg }))
  const line = fc.nat(Math.max(...lineOf))
  switch (kind) {
    case 'load':
      return fc.record({ op: fc.constant(kind), reg, at })
    case 'store':
    case 'movnt':
      return fc.record({ op: fc.constant(kind), at, value })
    case 'locked':
      return fc.record({ op: fc.constant('rmw'), modify: fc.constant('xchg'), reg, at, value })
    case 'flushopt':
      return fc.record({ op: fc.constant('clwb'), line })
    case 'clflush':
      return fc.record({ op: fc.constant(kind), line })
    case 'mfence':
    case 'sfence':
    case 'lfence':
      return fc.constant({ op: kind })
  }
}

describe('a cell that no program can tell changes nothing that random programs can leave', () => {
  test.each(
    mutants.filter((mutant) => excepted.has(nameOf(mutant))).map((mutant) => ({ mutant, name: nameOf(mutant) })),
  )('$name', ({ mutant }) => {
    const order = tableOf(mutant)
    fc.assert(
      fc.property(programsWith(mutant), models, (program, model) => {
        expect(reached(program, { model, order })).toEqual(reached(program, { model }))
      }),
      { numRuns: runs(150), seed: 5 },
    )
  })
})

test('the reduction loses nothing with a changed table either', () => {
  const changed = fc.constantFrom(...mutants).chain((mutant) => fc.tuple(fc.constant(mutant), programsWith(mutant)))
  fc.assert(
    fc.property(changed, models, ([mutant, program], model) => {
      const order = tableOf(mutant)
      expect(reached(program, { model, order })).toEqual(reached(program, { model, order, reduce: false }))
    }),
    { numRuns: runs(300), seed: 6 },
  )
})
