/**
 * Everything that can become of a small program: all interleavings, all drains, all instants of a crash.
 *
 * Outcomes are text, sorted, each once. A memory is the decimal value of every cell in order: `1 0 0`. A final state is
 * the registers of each thread, then the memory: `1 0 | 2 | 1 0 0`.
 */

import type { Model } from '../../src/engine/explore/model.ts'
import type { Program } from '../../src/engine/explore/program.ts'
import { type Bytes, numberOf, part } from './bytes.ts'
import { machine, type State, unitsOf } from './machine.ts'

export interface Outcomes {
  /** Distinct states visited. */
  readonly states: number
  /** What a power failure at any instant may leave. */
  readonly images: readonly string[]
  /** What one may leave after every instruction has executed and every buffer is empty. */
  readonly endImages: readonly string[]
  /** What is globally visible at any instant: the images of a platform with eADR. */
  readonly memories: readonly string[]
  readonly finals: readonly string[]
}

/** The same text for equal states; numbers of threads, registers and units are the program's, so none is ambiguous. */
function nameOf({ threads, history, owed }: State): string {
  let name = ''
  for (const { pc, registers, buffer } of threads) {
    name += `${pc} ${registers.join(' ')}`
    for (const { kind, line, writes } of buffer) {
      name += ` ${kind}${line}`
      for (const { cell, offset, bytes } of writes) name += `,${cell},${offset},${bytes}`
    }
    name += ';'
  }
  for (const contents of history) name += `${contents.join(' ')};`
  for (const row of owed) name += `${row.join(' ')};`
  return name
}

/** One content of every unit, in every combination, as memories. */
function choices(program: Program, units: readonly (readonly number[])[], state: State): string[] {
  const cellsOfUnits: Bytes[][][] = state.history.map((contents, u) =>
    [...new Set(contents)].map((bytes) => (units[u] ?? []).map((_, i) => part(bytes, 8 * i, 8))),
  )
  const combinations = cellsOfUnits.reduce<Bytes[][]>(
    (sofar, unit) => sofar.flatMap((before) => unit.map((cells) => [...before, ...cells])),
    [[]],
  )
  const cellAt = units.flat()
  return combinations.map((cells) => program.lineOf.map((_, c) => numberOf(cells[cellAt.indexOf(c)] ?? '')).join(' '))
}

/** Undefined when there are more than `limit` states. */
export function enumerate(program: Program, model: Model, limit = 1_000_000): Outcomes | undefined {
  const { start, successors, ended, visible } = machine(program, model)
  const units = unitsOf(program, model)
  const images = new Set<string>()
  const endImages = new Set<string>()
  const memories = new Set<string>()
  const finals = new Set<string>()

  const seen = new Set([nameOf(start)])
  const histories = new Set<string>()
  const open = [start]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    // Images depend on the histories alone, and many states share them.
    const history = state.history.join(';')
    const memory = (): string => program.lineOf.map((_, cell) => numberOf(visible(state, cell))).join(' ')
    if (!histories.has(history)) {
      histories.add(history)
      for (const image of choices(program, units, state)) images.add(image)
      memories.add(memory())
    }
    if (ended(state)) {
      for (const image of choices(program, units, state)) endImages.add(image)
      const registers = state.threads.map((thread) => thread.registers.map(numberOf).join(' '))
      finals.add([...registers, memory()].join(' | '))
    }
    for (const next of successors(state)) {
      const key = nameOf(next)
      if (seen.has(key)) continue
      if (seen.size >= limit) return undefined
      seen.add(key)
      open.push(next)
    }
  }
  return {
    states: seen.size,
    images: [...images].sort(),
    endImages: [...endImages].sort(),
    memories: [...memories].sort(),
    finals: [...finals].sort(),
  }
}
