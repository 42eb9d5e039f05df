import { expect, test } from 'vitest'
import { DEFAULT_MODEL } from './model.ts'
import type { Instruction, Place, Program } from './program.ts'
import { explore } from './search.ts'
import type { Transition } from './witness.ts'

const at = (cell: number): Place => ({ cell, offset: 0, size: 8 })
const store = (cell: number, value: bigint): Instruction => ({ op: 'store', at: at(cell), value: { value } })

/** Two cells on lines of their own, one thread. */
const program = (...code: readonly Instruction[]): Program => ({
  lineOf: [0, 1],
  initial: [0n, 0n],
  threads: [{ registers: [0n], code }],
})

const words = (transitions: readonly Transition[]): string =>
  transitions.map(({ kind, pc, visit }) => `${kind} ${pc}${visit === 0 ? '' : `#${visit}`}`).join(', ')

/** The first witness of an image: what happens, and what made the contents of each line. */
function crashWitness(of: Program, ...image: readonly bigint[]): readonly [string, readonly number[] | undefined] {
  const exploration = explore(of, { model: DEFAULT_MODEL, maxStates: 1000, witnesses: true })
  const found = exploration.crashImages.find((unit, content) =>
    exploration.cellsIn(unit, content).every(({ cell, value }) => image[cell] === value),
  )
  if (found === undefined) return ['impossible', undefined]
  const { transitions, chosen } = exploration.crashWitness(found.origin, (unit) => found.image[unit] as number)
  return [words(transitions), chosen]
}

const flushed = program(store(0, 1n), { op: 'clwb', line: 0 }, { op: 'sfence' }, store(1, 1n))

test('what memory held at first needs no transition', () => {
  expect(crashWitness(flushed, 0n, 0n)).toEqual(['', [-1, -1]])
})

test('a store is issued, then takes effect, then may have survived', () => {
  expect(crashWitness(flushed, 1n, 0n)).toEqual(['issue 0, effect 0', [1, -1]])
})

test('an instant that the fence excludes has no witness, one after it has', () => {
  expect(crashWitness(flushed, 0n, 1n)).toEqual(['impossible', undefined])
  const [transitions, chosen] = crashWitness(flushed, 1n, 1n)
  expect(transitions.split(', ').sort()).toEqual([0, 1, 2, 3].flatMap((pc) => [`effect ${pc}`, `issue ${pc}`]).sort())
  expect(chosen?.[1]).toBe(7)
})

test('what is written again has the newest writer that may be on media', () => {
  const again = program(store(0, 1n), store(0, 0n), store(0, 1n), store(1, 2n))
  const [transitions, chosen] = crashWitness(again, 1n, 2n)
  expect(transitions.split(', ')[chosen?.[0] ?? -1]).toBe('effect 2')
  const [, older] = crashWitness(again, 0n, 2n)
  expect(older?.[0]).toBeGreaterThan(0)
})

test('in a loop, the entry that takes effect is named by the execution that made it', () => {
  const loop = program(
    { op: 'store', at: at(0), value: { reg: 0 } },
    { op: 'compute', modify: 'add', reg: 0, value: { value: 1n }, size: 8 },
    { op: 'branch', when: 'below', a: { reg: 0 }, b: { value: 3n }, size: 8, to: 0 },
  )
  expect(crashWitness(loop, 2n, 0n)[0].split(', ').sort()).toEqual(
    ['issue 0', 'effect 0', 'issue 0#1', 'effect 0#1', 'issue 0#2', 'effect 0#2'].sort(),
  )
})
