/** Append-only columns of numbers in chunks: growing never copies, and an unused tail costs at most one chunk. */

const CHUNK_BITS = 14
const CHUNK = 1 << CHUNK_BITS
const MASK = CHUNK - 1

type Chunk = Int32Array | Uint8Array | Float64Array

export class Column<C extends Chunk> {
  length = 0
  private readonly chunks: C[] = []
  private last: C | undefined
  private readonly make: (length: number) => C

  constructor(make: (length: number) => C) {
    this.make = make
  }

  push(value: number): number {
    const at = this.length & MASK
    if (at === 0) {
      this.last = this.make(CHUNK)
      this.chunks.push(this.last)
    }
    ;(this.last as C)[at] = value
    return this.length++
  }

  get(index: number): number {
    return (this.chunks[index >> CHUNK_BITS] as C)[index & MASK] as number
  }

  /** Overwrite an entry that exists. */
  set(index: number, value: number): void {
    ;(this.chunks[index >> CHUNK_BITS] as C)[index & MASK] = value
  }

  /** Forget everything from `length` on. */
  truncate(length: number): void {
    this.length = length
    this.chunks.length = Math.ceil(length / CHUNK)
    this.last = this.chunks[this.chunks.length - 1]
  }

  /** Bytes held, unused tail included. */
  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  }

  /** The used part of each chunk, in order. */
  *used(): Generator<C> {
    let left = this.length
    for (const chunk of this.chunks) {
      yield chunk.subarray(0, Math.min(left, CHUNK)) as C
      left -= CHUNK
    }
  }
}

export const int32Column = (): Column<Int32Array> => new Column((n) => new Int32Array(n))
export const uint8Column = (): Column<Uint8Array> => new Column((n) => new Uint8Array(n))
