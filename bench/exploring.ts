/**
 * How fast small programs are explored, in distinct states of the abstract machine, and what a state costs; beside it
 * the concrete machine, whose states the tests reach by running each schedule from the start.
 */

import { DEFAULT_MODEL } from '../src/engine/explore/model.ts'
import type { Instruction, Place, Program } from '../src/engine/explore/program.ts'
import { explore } from '../src/engine/explore/search.ts'
import { type Code, everyState } from '../test/concrete-search.ts'

const at = (cell: number): Place => ({ cell, offset: 0, size: 8 })
const store = (cell: number, value: bigint): Instruction => ({ op: 'store', at: at(cell), value: { value } })
const load = (reg: number, cell: number): Instruction => ({ op: 'load', reg, at: at(cell) })

const program = (lineOf: readonly number[], registers: number, ...threads: readonly Instruction[][]): Program => ({
  lineOf,
  initial: lineOf.map(() => 0n),
  threads: threads.map((code) => ({ registers: new Array<bigint>(registers).fill(0n), code })),
})

/** Three writers of four lines each, written back and fenced: many windows, many histories. */
const writers = program(
  [0, 1, 2, 3],
  0,
  ...[1n, 2n, 3n].map((value): Instruction[] => [
    store(0, value),
    store(1, value),
    { op: 'clwb', line: 0 },
    { op: 'sfence' },
    store(2, value),
    { op: 'clflush', line: 1 },
    store(3, value),
    store(0, value + 3n),
    { op: 'clwb', line: 2 },
  ]),
)

/** Four threads that write, read each other, write back, and write and read again, two cells a line: many registers. */
const readers = program(
  [0, 0, 1, 1],
  2,
  ...[0, 1, 2, 3].map((thread): Instruction[] => [
    store(thread, 1n),
    load(0, (thread + 1) % 4),
    { op: 'clwb', line: thread >> 1 },
    store(thread, 2n),
    ...(thread < 3 ? [load(1, (thread + 2) % 4)] : []),
  ]),
)

const line = (what: string, value: string, budget: string): void =>
  console.log(`${what.padEnd(34)} ${value.padStart(16)}${budget === '' ? '' : `   budget ${budget}`}`)

function measure(name: string, which: Program): void {
  const began = performance.now()
  const exploration = explore(which, { model: DEFAULT_MODEL, maxStates: 20_000_000, witnesses: true })
  const searched = performance.now()
  const { states, bytes, crashImages } = exploration
  const images = crashImages.count()
  line(`${name}: states`, String(states), '> 1 M')
  line(`${name}: states per second`, ((states / (searched - began)) * 1000).toFixed(0), '≥ 200,000')
  line(`${name}: bytes a state`, (bytes / states).toFixed(1), '')
  line(`${name}: post-crash images`, String(images), '')
  line(`${name}: images counted in`, `${(performance.now() - searched).toFixed(0)} ms`, '')
}

measure('writers', writers)
measure('readers', readers)

/** Two cores, a shared line: what the concrete machine makes of a few instructions. */
const concrete: Code = [
  [0, 'st a 1'],
  [1, 'nt b 1'],
  [0, 'clwb a'],
  [1, 'st a.1 2'],
  [1, 'clflush b'],
  [0, 'sfence'],
]

function measureConcrete(code: Code): void {
  const began = performance.now()
  let states = 0
  let steps = 0
  for (const { rig } of everyState(code)) {
    states++
    steps += rig.trace.length
  }
  const seconds = (performance.now() - began) / 1000
  line('concrete machine: states', String(states), '')
  line('concrete machine: states per second', (states / seconds).toFixed(0), '')
  line('concrete machine: steps a state', (steps / states).toFixed(1), '')
}

measureConcrete(concrete)
