/** The instructions that are understood, how many operands each has, and what its suffix may say about their size. */

import type { Condition } from '../../../engine/explore/program.ts'
import type { Size } from './registers.ts'

interface Form {
  readonly operands: number
  /** `b`, `w`, `l`, `q` may follow. */
  readonly sizes: readonly Size[]
  /** May stand behind `lock`. */
  readonly lockable?: true
}

const ALL: readonly Size[] = [1, 2, 4, 8]
const two: Form = { operands: 2, sizes: ALL }
const lockable2: Form = { operands: 2, sizes: ALL, lockable: true }
const lockable1: Form = { operands: 1, sizes: ALL, lockable: true }
const flush: Form = { operands: 1, sizes: [] }
const plain: Form = { operands: 0, sizes: [] }

const FORMS: Readonly<Record<string, Form>> = {
  mov: two,
  movnti: { operands: 2, sizes: [4, 8] },
  movdir64b: { operands: 2, sizes: [] },
  xchg: lockable2,
  uxch: two,
  cmpxchg: lockable2,
  xadd: lockable2,
  add: lockable2,
  sub: lockable2,
  and: lockable2,
  or: lockable2,
  xor: lockable2,
  inc: lockable1,
  dec: lockable1,
  not: lockable1,
  neg: { operands: 1, sizes: ALL },
  cmp: two,
  test: two,
  clflush: flush,
  clflushopt: flush,
  clwb: flush,
  mfence: plain,
  sfence: plain,
  lfence: plain,
  jmp: { operands: 1, sizes: [] },
  nop: { operands: 0, sizes: [2, 4] },
  pause: plain,
  endbr64: plain,
  ret: plain,
}

/** Conditions by their letters: of `j…`, `set…`, `cmov…`. `negative` is the sign of the result. */
export type Test = Condition | 'negative' | 'not-negative'

const TESTS: Readonly<Record<string, Test>> = Object.fromEntries(
  Object.entries({
    eq: 'e z',
    ne: 'ne nz',
    lt: 'l nge lt',
    ge: 'ge nl',
    le: 'le ng',
    gt: 'g nle gt',
    below: 'b c nae',
    'above-eq': 'ae nb nc',
    'below-eq': 'be na',
    above: 'a nbe',
    negative: 's',
    'not-negative': 'ns',
  }).flatMap(([test, letters]) => letters.split(' ').map((letter) => [letter, test as Test])),
)

export interface Mnemonic {
  /** One of `FORMS`, or `jcc`, `setcc`, `cmovcc`. */
  readonly op: string
  readonly form: Form
  readonly size?: Size
  readonly test?: Test
}

const SUFFIX: Readonly<Record<string, Size>> = { b: 1, w: 2, l: 4, q: 8 }

export function mnemonicOf(text: string): Mnemonic | undefined {
  const name = text.toLowerCase()
  const whole = formOf(name)
  if (whole !== undefined) return { op: name, form: whole }
  const size = SUFFIX[name.slice(-1)]
  const stem = formOf(name.slice(0, -1))
  if (size !== undefined && stem?.sizes.includes(size)) return { op: name.slice(0, -1), form: stem, size }
  return conditional(name)
}

const formOf = (name: string): Form | undefined => (Object.hasOwn(FORMS, name) ? FORMS[name] : undefined)

function conditional(name: string): Mnemonic | undefined {
  const [, kind = '', letters = ''] = /^(j|set|cmov)([a-z]+)$/.exec(name) ?? []
  const test = Object.hasOwn(TESTS, letters) ? TESTS[letters] : undefined
  if (kind === 'j' && test !== undefined) return { op: 'jcc', form: { operands: 1, sizes: [] }, test }
  if (kind === 'set' && test !== undefined) return { op: 'setcc', form: { operands: 1, sizes: [1] }, size: 1, test }
  if (kind !== 'cmov') return undefined
  if (test !== undefined) return { op: 'cmovcc', form: two, test }
  const size = SUFFIX[letters.slice(-1)]
  const sized = Object.hasOwn(TESTS, letters.slice(0, -1)) ? TESTS[letters.slice(0, -1)] : undefined
  return size === undefined || sized === undefined ? undefined : { op: 'cmovcc', form: two, size, test: sized }
}

/** For "did you mean …?". */
export const mnemonics = (): readonly string[] => [
  ...Object.entries(FORMS).flatMap(([name, { sizes }]) => [
    name,
    ...Object.keys(SUFFIX).flatMap((letter) => (sizes.includes(SUFFIX[letter] ?? 1) ? [name + letter] : [])),
  ]),
  ...Object.keys(TESTS).map((letters) => `j${letters}`),
  'lock',
]
