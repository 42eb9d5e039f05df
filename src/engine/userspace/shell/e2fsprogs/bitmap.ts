/** Which of many blocks or inodes are taken: a bit each, the first in the lowest bit of the first byte. */

export class Bitmap {
  readonly #bits: Uint8Array
  readonly #first: number
  /** Behind the last. */
  readonly #end: number

  constructor(first: number, end: number) {
    this.#first = first
    this.#end = end
    this.#bits = new Uint8Array(Math.ceil((end - first) / 8))
  }

  has(n: number): boolean {
    const i = n - this.#first
    return (((this.#bits[i >> 3] as number) >> (i & 7)) & 1) === 1
  }

  mark(n: number, count = 1): void {
    for (let i = n - this.#first; i < n - this.#first + count; i++)
      this.#bits[i >> 3] = (this.#bits[i >> 3] as number) | (1 << (i & 7))
  }

  /** The first free one from `from` up to before `end`, undefined if there is none. */
  free(from: number, end = this.#end): number | undefined {
    for (let n = Math.max(from, this.#first); n < Math.min(end, this.#end); n++) {
      if (!this.has(n)) return n
      // Whole bytes that are taken.
      if (((n - this.#first) & 7) === 0) while (this.#bits[(n - this.#first) >> 3] === 0xff && n + 8 < this.#end) n += 8
      if (!this.has(n)) return n < Math.min(end, this.#end) ? n : undefined
    }
    return undefined
  }

  /** The last taken one of `count` from `from` on; undefined: all are free. */
  lastTaken(from: number, count: number): number | undefined {
    for (let n = from + count - 1; n >= from; n--) if (this.has(n)) return n
    return undefined
  }

  /** How many are free from `from` on without a break, at most `most`. */
  run(from: number, most: number): number {
    let count = 0
    while (count < most && from + count < this.#end && !this.has(from + count)) count++
    return count
  }

  /** Taken ones in all. */
  taken(): number {
    let count = 0
    for (const byte of this.#bits) for (let rest = byte; rest !== 0; rest &= rest - 1) count++
    return count
  }

  /** The bits of `count` from `from` on, with ones behind the last, in `length` bytes filled up with ones. */
  bytes(from: number, count: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length).fill(0xff)
    for (let i = 0; i < count; i++)
      if (from + i < this.#end && !this.has(from + i)) bytes[i >> 3] = (bytes[i >> 3] as number) & ~(1 << (i & 7))
    return bytes
  }
}
