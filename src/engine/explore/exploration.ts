/** What a search found: images, memories, final states, and how each comes about. */

import { ensure } from '../../base/assert.ts'
import type { Column } from '../../base/column.ts'
import { ImageSet } from '../crash/image-set.ts'
import type { AbstractMachine } from './abstract-machine.ts'
import type { Cut } from './effort.ts'
import type { Landmarks } from './landmarks.ts'
import type { PackedSet } from './packed-set.ts'
import { firstWitness, lastWitness, pathTo, type Transition, transitionsOf, type Witness } from './witness.ts'

/** Memory, registers, or both, that some run leaves; `state` is the first that the search saw it in. */
export interface Final {
  readonly memory: readonly bigint[]
  /** By thread. */
  readonly registers: readonly (readonly bigint[])[]
  readonly state: number
}

export class Exploration {
  readonly #machine: AbstractMachine
  readonly #found: Landmarks
  readonly #parents: Column<Int32Array> | undefined
  #crashImages: ImageSet | undefined
  #endImages: ImageSet | undefined

  constructor(machine: AbstractMachine, found: Landmarks, parents: Column<Int32Array> | undefined) {
    this.#machine = machine
    this.#found = found
    this.#parents = parents
  }

  /** What ended the search early, if anything did: more may be reachable then. */
  get cut(): Cut | undefined {
    return this.#machine.effort.cut
  }

  get complete(): boolean {
    return this.cut === undefined
  }

  get states(): number {
    return this.#found.states.size
  }

  /** Held by the packed states and all that is kept for each. */
  get bytes(): number {
    return this.#found.bytes + (this.#parents?.bytes ?? 0)
  }

  /** After a power failure at any instant; the origin of a box is the number of a state. */
  get crashImages(): ImageSet {
    this.#crashImages ??= this.#images(this.#found.crashes)
    return this.#crashImages
  }

  /** After a power failure once every instruction has executed and the windows are empty. */
  get endImages(): ImageSet {
    this.#endImages ??= this.#images(this.#found.ends)
    return this.#endImages
  }

  /** Visible memory at any instant: what survives when the caches are inside the persistence domain. */
  *memories(): Generator<Omit<Final, 'registers'>> {
    const { set, states } = this.#found.memories
    for (const [i, contents] of rows(set, this.#machine.unitCount)) {
      yield { memory: this.#machine.memory(contents), state: ensure(states[i], 'each memory was seen in a state') }
    }
  }

  /** Registers and visible memory when all threads have ended. */
  *finals(): Generator<Final> {
    const { set, states } = this.#found.finals
    const count = this.#machine.threads.length
    for (const [i, row] of rows(set, this.#machine.width)) {
      yield {
        memory: this.#machine.memory(row.slice(count)),
        registers: row.slice(0, count).map((state, thread) => this.#machine.registersOf(thread, state)),
        state: ensure(states[i], 'each ending was seen in a state'),
      }
    }
  }

  /** Contents of the program's cells in an image of the sets above: `unit` gives its content. */
  cellsOf(unit: (unit: number) => number): readonly bigint[] {
    return this.#machine.memory(Array.from({ length: this.#machine.unitCount }, (_, each) => unit(each)))
  }

  /** Contents of each cell of `unit` in `content`, with the cell's number. */
  cellsIn(unit: number, content: number): readonly { readonly cell: number; readonly value: bigint }[] {
    return this.#machine.cellsIn(unit, content)
  }

  /** The transitions that lead from the start to a state; the search must have been told to keep witnesses. */
  pathTo(state: number): readonly Transition[] {
    return transitionsOf(this.#machine, this.#path(state))
  }

  /** How a power failure leaves an image that the state allows, at the first instant on the way there that allows it. */
  crashWitness(state: number, unit: (unit: number) => number): Witness {
    return firstWitness(this.#machine, this.#path(state), unit)
  }

  /** The same, in that state itself. */
  endWitness(state: number, unit: (unit: number) => number): Witness {
    return lastWitness(this.#machine, this.#path(state), unit)
  }

  #path(state: number) {
    const parents = ensure(this.#parents, 'the search kept witnesses')
    return pathTo(this.#machine, this.#found.states, parents, state)
  }

  #images({ set, states }: Landmarks['crashes']): ImageSet {
    const { unitCount, units, effort } = this.#machine
    const images = new ImageSet(() => -1)
    for (const [i, row] of rows(set, unitCount)) {
      images.add(
        row.map((possible, unit) => ({ unit, contents: units.possible(possible) })),
        ensure(states[i], 'each box was seen in a state'),
      )
      if (images.full) break
    }
    if (!images.countable) effort.cut ??= { by: 'images' }
    return images
  }
}

function* rows(set: PackedSet, width: number): Generator<readonly [number, readonly number[]]> {
  const row = new Uint32Array(width)
  for (let i = 0; i < set.size; i++) {
    set.read(i, row)
    yield [i, [...row]]
  }
}
