/**
 * The exhaustive search: every state that a program can reach, breadth first, so that witnesses are short.
 *
 * What may survive a power failure at some instant is the union over all states. A state adds nothing to it when a
 * transition only adds contents: the state after it allows all that it allowed and more.
 */

import { type Column, int32Column } from '../../base/column.ts'
import { AbstractMachine, type Rules } from './abstract-machine.ts'
import { Exploration } from './exploration.ts'
import { Landmarks } from './landmarks.ts'
import type { Program } from './program.ts'

export interface SearchOptions extends Rules {
  readonly maxStates: number
  /** Asked every few thousand states or megabytes, and told the number of states; true ends the search. */
  readonly stop?: (states: number) => boolean
  /** Keep what leads to each state, four bytes each; false unless told. */
  readonly witnesses?: boolean
}

/** States, and bytes that are kept for what is new in them, between two questions to `stop`. */
const PATIENCE = { states: 4096, bytes: 1 << 20 }

/** States whose successors are not known any more, and whose images are still noted. */
const UNSEEN = 100_000

export function explore(program: Program, options: SearchOptions): Exploration {
  const { maxStates, stop, witnesses = false } = options
  const machine = new AbstractMachine(program, options)
  const found = new Landmarks(machine)
  const { states } = found
  const parents: Column<Int32Array> | undefined = witnesses ? int32Column() : undefined
  const [from, to] = [new Uint32Array(machine.width), new Uint32Array(machine.width)]
  let [at, dominated] = [-1, false]

  const arrive = (state: Uint32Array, parent: number, writes: boolean): void => {
    const number = states.add(state)
    if (!states.added) return
    parents?.push(parent)
    if (writes) found.visible(state, number)
    if (machine.ended(state)) found.end(state, number)
  }

  arrive(machine.start, -1, true)
  const { effort } = machine
  let [askAt, askSpent] = [PATIENCE.states, PATIENCE.bytes]
  const stopped = (): boolean => {
    if (at < askAt && effort.spent < askSpent) return false
    ;[askAt, askSpent] = [at + PATIENCE.states, effort.spent + PATIENCE.bytes]
    return stop?.(states.size) === true
  }
  for (at = 0; at < states.size; at++) {
    if (states.size > maxStates) effort.cut ??= { by: 'states' }
    if (stopped()) effort.cut ??= { by: 'stop' }
    if (effort.cut !== undefined) break
    states.read(at, from)
    dominated = false
    machine.successors(from, to, (_thread, outcome, change) => {
      if (change === 'grown') dominated = true
      arrive(to, at, outcome.writes)
    })
    if (!dominated) found.crash(from, at)
  }
  // Of what was found and not looked into, the first.
  for (const end = Math.min(states.size, at + UNSEEN); at < end; at++) {
    states.read(at, from)
    found.crash(from, at)
  }
  return new Exploration(machine, found, parents)
}
