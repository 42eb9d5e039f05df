/**
 * How a state comes about: the transitions from the start, and for an image what made each of its contents.
 *
 * `issue`: the next instruction of the thread that is not local executes. A load, a locked instruction, an mfence and an
 * lfence take effect at that instant (with the real ordering table); any other enters the window. `effect`: the entry
 * that instruction `pc` put there when it was executed for the `visit`-th time (from 0) takes effect. With the reduction
 * a flush or fence takes effect in the transition right after the one that let it go.
 */

import { ensure } from '../../base/assert.ts'
import type { Column } from '../../base/column.ts'
import type { AbstractMachine } from './abstract-machine.ts'
import type { PackedSet } from './packed-set.ts'
import type { Outcome, Step } from './thread-states.ts'
import { written } from './unit-states.ts'

export interface Transition {
  readonly kind: 'issue' | 'effect'
  readonly thread: number
  readonly pc: number
  readonly visit: number
}

export interface Witness {
  readonly transitions: readonly Transition[]
  /** By unit, the transition that made the content that the image has: an index, or -1 for what was there at first. */
  readonly chosen?: readonly number[]
}

interface Taken {
  readonly thread: number
  readonly outcome: Outcome
}

/** The moves from the start to a state. What led from a state to the next is found by trying all that it allows. */
export function pathTo(
  machine: AbstractMachine,
  states: PackedSet,
  parents: Column<Int32Array>,
  state: number,
): readonly Taken[] {
  const [from, to, wanted] = [0, 1, 2].map(() => new Uint32Array(machine.width)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const path: Taken[] = []
  for (let [child, parent] = [state, parents.get(state)]; parent >= 0; ) {
    states.read(child, wanted)
    states.read(parent, from)
    let taken: Taken | undefined
    machine.successors(from, to, (thread, outcome) => {
      if (taken === undefined && to.every((word, i) => word === wanted[i])) taken = { thread, outcome }
    })
    path.push(ensure(taken, 'a state follows from its parent'))
    child = parent
    parent = parents.get(child)
  }
  return path.reverse()
}

/** The transitions one by one. */
const stepsOf = (path: readonly Taken[]): readonly Placed[] =>
  path.flatMap(({ thread, outcome }) => outcome.steps.map((step) => ({ thread, step })))

export const transitionsOf = (machine: AbstractMachine, path: readonly Taken[]): readonly Transition[] =>
  named(machine, stepsOf(path))

/** The whole path, to an image that a power failure may leave behind it. */
export function lastWitness(machine: AbstractMachine, path: readonly Taken[], image: Image): Witness {
  const steps = stepsOf(path)
  const histories = new Histories(machine)
  for (const [at, { step }] of steps.entries()) histories.apply(step, at)
  const chosen = ensure(histories.makers(image), 'the image is one that this state allows')
  return { transitions: named(machine, steps), chosen }
}

/** The path up to the first instant at which a power failure may leave the image. */
export function firstWitness(machine: AbstractMachine, path: readonly Taken[], image: Image): Witness {
  const steps = stepsOf(path)
  const histories = new Histories(machine)
  let chosen = histories.makers(image)
  let length = 0
  for (; chosen === undefined; length++) {
    histories.apply(ensure(steps[length], 'the image is one that this state allows').step, length)
    chosen = histories.makers(image)
  }
  return { transitions: named(machine, steps).slice(0, length), chosen }
}

/** Content of each unit. */
type Image = (unit: number) => number

interface Placed {
  readonly thread: number
  readonly step: Step
}

function named(machine: AbstractMachine, steps: readonly Placed[]): readonly Transition[] {
  const visits = machine.threads.map(() => new Map<number, number>())
  const windows = machine.threads.map((): number[] => [])
  return steps.map(({ thread, step: { kind, pc, position, waits } }) => {
    const window = ensure(windows[thread], 'a thread of the program')
    if (kind === 'effect') {
      const [visit] = window.splice(position, 1)
      return { kind, thread, pc, visit: ensure(visit, 'an entry is in the window') }
    }
    const seen = ensure(visits[thread], 'a thread of the program')
    const visit = seen.get(pc) ?? 0
    seen.set(pc, visit + 1)
    if (waits) window.push(visit)
    return { kind, thread, pc, visit }
  })
}

interface Version {
  readonly cells: readonly number[]
  readonly maker: number
}

/** The histories played again, equal neighbours kept apart, each element with the transition that made it. */
class Histories {
  readonly #machine: AbstractMachine
  readonly #units: readonly {
    readonly versions: Version[]
    /** Index of the oldest version that media may hold. */
    floor: number
    /** By thread: index of what it is owed. */
    readonly marks: number[]
  }[]

  constructor(machine: AbstractMachine) {
    const { units, threads, start, unitCount } = machine
    this.#machine = machine
    this.#units = Array.from({ length: unitCount }, (_, unit) => ({
      versions: [{ cells: units.cells(units.at(start[threads.length + unit]!).visible), maker: -1 }],
      floor: 0,
      marks: threads.map(() => 0),
    }))
  }

  apply({ happening }: Step, at: number): void {
    for (const { unit, ops } of happening.touched) {
      const history = ensure(this.#units[unit], 'a unit of the program')
      for (const op of ops) {
        const last = history.versions.length - 1
        if (op.kind === 'floor') history.floor = last
        else if (op.kind === 'mark') history.marks[op.thread] = last
        else if (op.kind === 'fence') history.floor = Math.max(history.floor, history.marks[op.thread]!)
        else {
          const { cells } = ensure(history.versions[last], 'a history is never empty')
          history.versions.push({ cells: written(cells, op, this.#machine.ground.values), maker: at })
        }
      }
    }
  }

  /** By unit, what made the newest version that has this content; undefined when the image is not possible now. */
  makers(image: Image): readonly number[] | undefined {
    const found: number[] = []
    for (const [unit, { versions, floor }] of this.#units.entries()) {
      const wanted = this.#machine.units.cells(image(unit)).join()
      const version = versions.findLast(({ cells }, i) => i >= floor && cells.join() === wanted)
      if (version === undefined) return undefined
      found.push(version.maker)
    }
    return found
  }
}
