/** Things numbered in the order in which they are first seen, so that states hold small numbers. */

import { ensure } from '../../base/assert.ts'

export class Interner<T> {
  readonly #keyOf: (item: T) => unknown
  readonly #numbers = new Map<unknown, number>()
  readonly #added: ((item: T) => void) | undefined
  readonly items: T[] = []

  /** Items with equal keys are one; keys compare as in a `Map`. `added` is told of each new one. */
  constructor(keyOf: (item: T) => unknown, added?: (item: T) => void) {
    this.#keyOf = keyOf
    this.#added = added
  }

  number(item: T): number {
    const key = this.#keyOf(item)
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.items.push(item) - 1
      this.#numbers.set(key, number)
      this.#added?.(item)
    }
    return number
  }

  item(number: number): T {
    return ensure(this.items[number], 'numbers come from the interner')
  }
}
