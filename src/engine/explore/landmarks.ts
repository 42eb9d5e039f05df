/** What the search remembers besides its states: where power failures leave new images, and how runs end. */

import type { AbstractMachine } from './abstract-machine.ts'
import { PackedSet } from './packed-set.ts'

/** A set of lists of numbers, each with the first state that it was seen in. */
class Seen {
  readonly set: PackedSet
  readonly states: number[] = []

  constructor(width: number) {
    this.set = new PackedSet(width)
  }

  add(words: Uint32Array, state: number): void {
    this.set.add(words)
    if (this.set.added) this.states.push(state)
  }
}

export class Landmarks {
  readonly states: PackedSet
  /** Numbers of what each unit may hold on media. */
  readonly crashes: Seen
  /** The same after every instruction has executed and every window is empty. */
  readonly ends: Seen
  /** Numbers of what each unit holds in memory. */
  readonly memories: Seen
  /** Number of each thread's state, and what each unit holds in memory. */
  readonly finals: Seen
  readonly #machine: AbstractMachine
  readonly #units: Uint32Array
  readonly #final: Uint32Array

  constructor(machine: AbstractMachine) {
    const { width, unitCount } = machine
    this.#machine = machine
    this.states = new PackedSet(width)
    this.crashes = new Seen(unitCount)
    this.ends = new Seen(unitCount)
    this.memories = new Seen(unitCount)
    this.finals = new Seen(width)
    this.#units = new Uint32Array(unitCount)
    this.#final = new Uint32Array(width)
  }

  /** Bytes of all that grows with the number of states. */
  get bytes(): number {
    const { states, crashes, ends, memories, finals } = this
    return states.bytes + crashes.set.bytes + ends.set.bytes + memories.set.bytes + finals.set.bytes
  }

  crash(state: Uint32Array, number: number): void {
    this.crashes.add(this.#possible(state), number)
  }

  visible(state: Uint32Array, number: number): void {
    const { units, threads } = this.#machine
    for (let unit = 0; unit < this.#units.length; unit++) {
      this.#units[unit] = units.at(state[threads.length + unit]!).visible
    }
    this.memories.add(this.#units, number)
  }

  end(state: Uint32Array, number: number): void {
    const { units, threads } = this.#machine
    this.ends.add(this.#possible(state), number)
    this.#final.set(state)
    for (let i = threads.length; i < this.#final.length; i++) this.#final[i] = units.at(state[i]!).visible
    this.finals.add(this.#final, number)
  }

  #possible(state: Uint32Array): Uint32Array {
    const { units, threads } = this.#machine
    for (let unit = 0; unit < this.#units.length; unit++) {
      this.#units[unit] = units.at(state[threads.length + unit]!).possible
    }
    return this.#units
  }
}
