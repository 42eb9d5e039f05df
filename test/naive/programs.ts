/**
 * Random small programs: up to three threads of four instructions over three cells, some on one line.
 *
 * A thread of four independent instructions is seldom one in which anything can go wrong. So a thread follows a sketch:
 * write, flush, fence, write elsewhere; look for a flag, then write; and so on, with every detail chosen at random and
 * some letters replaced by any instruction. Branches jump forwards only, so every program ends. Threads and instructions
 * shrink away; a jump is kept as a distance so that dropping what lies between leaves it valid.
 */

import fc from 'fast-check'
import type { Model } from '../../src/engine/explore/model.ts'
import type { Condition, Instruction, Modify, Operand, Place, Program } from '../../src/engine/explore/program.ts'
import { showProgram } from './show.ts'

const REGISTERS = [0n, 0n]
/** Which cells share a line. */
const LAYOUTS = ['01', '01', '012', '012', '001', '011', '010', '00', '000'].map((lines) => [...lines].map(Number))

/**
 * A letter an instruction. Here: W write, F flush, L load. There, in another cell: V write, G flush, M load. S a fence,
 * R locked, B end unless the register has something in it, D write what was loaded there, X anything.
 */
const SKETCHES = [
  ...['XXXX', 'XXXX', 'WXV', 'XWFS', 'WFXV', 'LXM', 'LXFS', 'WXFV', 'WXM', 'XFSV', 'VXFW', 'WXFX'],
  ...[
    'WV',
    'WVF',
    'WFSV',
    'WFSV',
    'WFV',
    'WSFV',
    'WFVS',
    'WFGS',
    'WFGV',
    'WVFV',
    'WSV',
    'WFWV',
    'WVFR',
    'WFRV',
    'RFSV',
  ],
  ...['WM', 'WSM', 'WSM', 'WRM', 'WFM', 'WSFM', 'WFSM', 'RM', 'WVM', 'WLM', 'FWSM', 'RSM', 'RFM', 'WSLM', 'WRV'],
  ...[
    'LM',
    'LSM',
    'LRM',
    'LV',
    'LD',
    'LBV',
    'LBFV',
    'LBGS',
    'LFSD',
    'LGSD',
    'LFSV',
    'LGSV',
    'LGD',
    'LBM',
    'LSD',
    'LRV',
  ],
] as const

const pick = <T>(...choices: readonly [T, ...T[]]): fc.Arbitrary<T> => fc.constantFrom(...choices)
const weighted = <T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof({ withCrossShrink: true }, ...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })))
/** Up to `count` of them: each is missing once in `rarely`, and shrinks to missing. */
const upTo = <T>(count: number, one: fc.Arbitrary<T>, rarely: number): fc.Arbitrary<T[]> =>
  fc
    .tuple(...Array.from({ length: count }, () => fc.option(one, { freq: rarely, nil: undefined })))
    .map((some) => some.filter((x): x is NonNullable<typeof x> => x !== undefined))

const value = weighted([15, pick(1n, 2n, 3n)], [1, pick(0n)], [1, pick(0x0102030405060708n, 2n ** 64n - 1n)])
const register = pick(0, 1)
const constant = value.map((v): Operand => ({ value: v }))
const operand = weighted<Operand>([2, constant], [1, register.map((reg) => ({ reg }))])
const size = weighted<Place['size']>([15, pick(8)], [1, pick<Place['size']>(1, 2, 4)])
const wide = weighted<Place['size']>([15, pick(8)], [1, pick(4)])

/** `size` bytes of a cell, aligned or not. */
const placed = (cell: fc.Arbitrary<number>, sizes = size): fc.Arbitrary<Place> =>
  fc.record({ cell, size: sizes, shift: pick(0, 0, 0, 1, 2, 4, 5) }).map(({ cell: c, size: s, shift }) => ({
    cell: c,
    offset: shift % (9 - s),
    size: s,
  }))

type Of<Op extends Instruction['op']> = fc.Arbitrary<Extract<Instruction, { readonly op: Op }>>

const written = (
  cell: number,
  lineOf: readonly number[],
  what: fc.Arbitrary<Operand> = constant,
): fc.Arbitrary<Instruction> =>
  weighted<Instruction>(
    [6, fc.record({ op: pick('store'), at: placed(fc.constant(cell)), value: what }) as Of<'store'>],
    [3, fc.record({ op: pick('movnt'), at: placed(fc.constant(cell), wide), value: what }) as Of<'movnt'>],
    [1, fc.record({ op: pick('movdir64b'), line: pick(lineOf[cell] ?? 0), value: what }) as Of<'movdir64b'>],
  )
const flushed = (line: number): fc.Arbitrary<Instruction> =>
  pick('clwb', 'clflushopt', 'clflush').map((op): Instruction => ({ op: op as 'clwb', line }))
const fence: fc.Arbitrary<Instruction> = weighted([6, pick('sfence')], [4, pick('mfence')], [1, pick('lfence')]).map(
  (op): Instruction => ({ op: op as 'sfence' }),
)
const loaded = (cell: number): Of<'load'> =>
  fc.record({ op: pick('load'), reg: register, at: placed(fc.constant(cell)) }) as Of<'load'>
const locked = (cell: number): fc.Arbitrary<Instruction> => {
  const at = placed(fc.constant(cell))
  return weighted<Instruction>(
    [
      1,
      fc.record({
        op: pick('rmw'),
        modify: pick<Modify>('xchg', 'add', 'sub', 'and', 'or', 'xor'),
        reg: register,
        at,
        value: operand,
      }) as Of<'rmw'>,
    ],
    [
      1,
      fc.record({
        op: pick('cas'),
        reg: register,
        at,
        expected: weighted<Operand>([2, pick({ value: 0n })], [1, operand]),
        desired: operand,
      }) as Of<'cas'>,
    ],
  )
}
const local: fc.Arbitrary<Instruction> = weighted<Instruction>(
  [1, fc.record({ op: pick('move'), reg: register, value: operand }) as Of<'move'>],
  [
    1,
    fc.record({
      op: pick('compute'),
      modify: pick<Exclude<Modify, 'xchg'>>('add', 'sub', 'and', 'or', 'xor'),
      reg: register,
      value: operand,
      size,
    }) as Of<'compute'>,
  ],
  [
    3,
    fc.record({
      op: pick('branch'),
      when: pick<Condition>('ne', 'eq', 'lt', 'le', 'gt', 'ge', 'below', 'below-eq', 'above', 'above-eq'),
      a: register.map((reg) => ({ reg })),
      b: operand,
      size,
      to: pick(1, 2, 3),
    }) as Of<'branch'>,
  ],
  [1, fc.record({ op: pick('goto'), to: pick(1, 2) }) as Of<'goto'>],
)

/** `here` and `there` are cells. Of a jump, `to` is how many instructions it skips. */
function lettered(letter: string, lineOf: readonly number[], here: number, there: number): fc.Arbitrary<Instruction> {
  switch (letter) {
    case 'W':
      return written(here, lineOf)
    case 'V':
      return written(there, lineOf)
    case 'F':
      return flushed(lineOf[here] ?? 0)
    case 'G':
      return flushed(lineOf[there] ?? 0)
    case 'L':
      return loaded(here).map((load) => ({ ...load, reg: 0 }))
    case 'M':
      return loaded(there).map((load) => ({ ...load, reg: 1 }))
    case 'S':
      return fence
    case 'R':
      return locked(there)
    case 'B':
      return fc.constant({ op: 'branch', when: 'eq', a: { reg: 0 }, b: { value: 0n }, size: 8, to: 4 })
    case 'D':
      return written(there, lineOf, fc.constant({ reg: 0 }))
    default: {
      const other = 3 - here - there
      const cells = [here, there, lineOf[other] === undefined ? here : other]
      return weighted(
        ...cells.flatMap((cell) => [
          [3, written(cell, lineOf, operand)] as const,
          [2, loaded(cell)] as const,
          [2, flushed(lineOf[cell] ?? 0)] as const,
          [1, locked(cell)] as const,
        ]),
        [5, fence],
        [2, local],
      )
    }
  }
}

const threads = (lineOf: readonly number[]): fc.Arbitrary<Instruction[]> =>
  fc
    .record({
      sketch: fc.constantFrom(...SKETCHES),
      cells:
        lineOf.length === 2
          ? pick([0, 1], [1, 0])
          : pick([0, 1], [1, 0], [0, 1], [1, 0], [0, 1], [1, 0], [2, 1], [0, 2]),
    })
    .chain(({ sketch, cells: [here = 0, there = 0] }) =>
      fc
        .tuple(
          ...[...sketch].map((letter) =>
            fc.option(weighted([12, lettered(letter, lineOf, here, there)], [1, lettered('X', lineOf, here, there)]), {
              freq: 40,
              nil: undefined,
            }),
          ),
        )
        .map((code) => code.filter((i) => i !== undefined)),
    )

/** Jumps by a distance become jumps to a place. */
const placeJumps = (code: readonly Instruction[]): Instruction[] =>
  code.map((i, pc) => (i.op === 'branch' || i.op === 'goto' ? { ...i, to: Math.min(pc + 1 + i.to, code.length) } : i))

export const programs: fc.Arbitrary<Program> = fc.constantFrom(...LAYOUTS).chain((lineOf) =>
  fc
    .record({
      initial: fc.tuple(...lineOf.map(() => weighted([12, pick(0n)], [1, pick(1n)]))),
      codes: upTo(3, threads(lineOf), 4),
    })
    .map(({ initial, codes }) => {
      const program: Program = {
        lineOf,
        initial,
        threads: codes.map((code) => ({ registers: REGISTERS, code: placeJumps(code) })),
      }
      return Object.defineProperty(program, fc.toStringMethod, { value: () => `\n${showProgram(program)}\n` })
    }),
)

/** Every variant of the model. */
export const models: fc.Arbitrary<Model> = fc.record({
  unit: pick<Model['unit']>('line', 'word'),
  movnt: pick<Model['movnt']>('visible', 'fence'),
  cas: pick<Model['cas']>('sdm', 'paper'),
})
