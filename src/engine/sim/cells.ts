/**
 * The machine's state as numbered 32-bit cells, and the journal of how they changed.
 *
 * A change is kept as (cell, old XOR new). Such a patch undoes itself, and patches commute: to move a copy of the state
 * from one step to another, either way, apply every patch between them. The journal is a string of bytes: of each
 * change the distance from the previous changed cell and the XOR, as variable-length integers. The first change of a
 * patch counts from cell 0, so every patch can be read by itself.
 */

import { type Column, uint8Column } from '../../base/column.ts'

export class Cells {
  /** The state now. May be longer than `size`. */
  words: Int32Array = new Int32Array(1024)
  size = 0
  readonly journal: Column<Uint8Array> = uint8Column()
  private last = 0

  /** Reserve `count` cells, all zero; returns the first. */
  allocate(count: number): number {
    const first = this.size
    this.size += count
    if (this.size > this.words.length) {
      const larger = new Int32Array(Math.max(this.size, this.words.length * 2))
      larger.set(this.words)
      this.words = larger
    }
    return first
  }

  get(cell: number): number {
    return this.words[cell] as number
  }

  set(cell: number, value: number): void {
    const change = (this.words[cell] as number) ^ value
    if (change === 0) return
    this.words[cell] = value
    const distance = cell - this.last
    this.last = cell
    // Sign in the lowest bit: small distances either way are short.
    this.write(distance < 0 ? -2 * distance - 1 : 2 * distance)
    this.write(change >>> 0)
  }

  /** Read a copy of the state: whoever looks at a cell inside `read` sees `words`. Nothing may be changed there. */
  as<T>(words: Int32Array, read: () => T): T {
    const now = this.words
    this.words = words
    try {
      return read()
    } finally {
      this.words = now
    }
  }

  /** End the patch; returns where the journal ends with it. */
  close(): number {
    this.last = 0
    return this.journal.length
  }

  /** Apply the patches between two ends of patches to a copy of the state. `ends`: of each patch, in order. */
  patch(words: Int32Array, from: number, ends: Iterable<number>): void {
    let at = from
    const read = (): number => {
      let value = 0
      for (let scale = 1; ; scale *= 128) {
        const byte = this.journal.get(at++)
        value += (byte & 127) * scale
        if (byte < 128) return value
      }
    }
    for (const end of ends)
      for (let cell = 0; at < end; ) {
        const distance = read()
        cell += distance % 2 === 0 ? distance / 2 : -(distance + 1) / 2
        words[cell] = (words[cell] as number) ^ read()
      }
  }

  private write(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.journal.push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.journal.push(rest)
  }
}
