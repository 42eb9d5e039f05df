/**
 * Kernel objects. `struct('nd_region', { size: 0, … })` declares a type whose fields are journaled when assigned;
 * nothing of the kernel that can change lives anywhere else.
 *
 * Field values are immutable: numbers, bigints, strings, booleans, other objects, readonly arrays, bytes that nobody
 * writes to. Change a list by assigning a new one.
 */

import type { Journal } from './journal.ts'

export interface Identity {
  /** Number of the object, in order of creation. */
  readonly id: number
  /** Name of its C type. */
  readonly type: string
}

export interface StructType<F extends object> {
  readonly type: string
  create(journal: Journal, initial?: Partial<F>): F & Identity
}

export function struct<F extends object>(type: string, defaults: F): StructType<F> {
  class Struct {
    readonly id: number
    readonly type = type
    readonly fields: Record<string, unknown>
    readonly journal: Journal
    constructor(journal: Journal, initial: Partial<F>) {
      this.id = journal.allocate()
      this.journal = journal
      this.fields = { ...defaults } as Record<string, unknown>
      for (const [name, value] of Object.entries(initial)) journal.write(this, name, value)
    }
  }
  for (const name of Object.keys(defaults)) {
    Object.defineProperty(Struct.prototype, name, {
      enumerable: true,
      get(this: Struct): unknown {
        return this.fields[name]
      },
      set(this: Struct, value: unknown) {
        this.journal.write(this, name, value)
      },
    })
  }
  return { type, create: (journal, initial = {}) => new Struct(journal, initial) as unknown as F & Identity }
}
