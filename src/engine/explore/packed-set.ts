/**
 * A set of short words of small numbers, numbered in the order of their coming: the states of a search.
 *
 * Each item is `width` numbers in a chunk of a typed array, two bytes each until one needs four. An open-addressing
 * table of item numbers finds them again; its hashes are computed anew when it grows, not kept.
 */

/** Items a chunk; the first one is small and doubles up to this, because most sets are small. */
const CHUNK_BITS = 14
const CHUNK = 1 << CHUNK_BITS
const FIRST = 1 << 6

type Words = Uint16Array | Uint32Array

export class PackedSet {
  readonly #width: number
  #chunks: Words[] = []
  #wide = false
  /** Item number + 1; 0 is free. */
  #slots = new Uint32Array(1 << 8)
  #size = 0
  /** The last `add` found nothing equal. */
  added = false

  constructor(width: number) {
    this.#width = width
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#slots.byteLength + this.#chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  }

  /** The number of the item equal to the first numbers of `words`. */
  add(words: Uint32Array): number {
    const mask = this.#slots.length - 1
    let slot = this.#hash(words, 0) & mask
    for (let held = this.#slots[slot]!; held !== 0; held = this.#slots[slot]!) {
      if (this.#equals(held - 1, words)) {
        this.added = false
        return held - 1
      }
      slot = (slot + 1) & mask
    }
    const number = this.#append(words)
    this.#slots[slot] = number + 1
    if (4 * this.#size > 3 * this.#slots.length) this.#grow()
    this.added = true
    return number
  }

  read(number: number, into: Uint32Array): void {
    const chunk = this.#chunks[number >>> CHUNK_BITS]!
    const from = (number & (CHUNK - 1)) * this.#width
    for (let i = 0; i < this.#width; i++) into[i] = chunk[from + i]!
  }

  #append(words: Uint32Array): number {
    if (!this.#wide && this.#needsWide(words)) {
      this.#wide = true
      this.#chunks = this.#chunks.map((chunk) => Uint32Array.from(chunk))
    }
    const number = this.#size++
    const at = number & (CHUNK - 1)
    if (number < CHUNK && number >= FIRST && (number & (number - 1)) === 0) {
      const first = this.#chunks[0]!
      this.#chunks[0] = this.#chunk(2 * number)
      this.#chunks[0].set(first)
    } else if (at === 0) this.#chunks.push(this.#chunk(number === 0 ? FIRST : CHUNK))
    const chunk = this.#chunks[number >>> CHUNK_BITS]!
    for (let i = 0; i < this.#width; i++) chunk[at * this.#width + i] = words[i]!
    return number
  }

  #chunk(items: number): Words {
    const length = items * this.#width
    return this.#wide ? new Uint32Array(length) : new Uint16Array(length)
  }

  #needsWide(words: Uint32Array): boolean {
    for (let i = 0; i < this.#width; i++) if (words[i]! > 0xffff) return true
    return false
  }

  #equals(number: number, words: Uint32Array): boolean {
    const chunk = this.#chunks[number >>> CHUNK_BITS]!
    const from = (number & (CHUNK - 1)) * this.#width
    for (let i = 0; i < this.#width; i++) if (chunk[from + i] !== words[i]) return false
    return true
  }

  /** Mixes as murmur3 does; the final mix lets the low bits choose the slot. */
  #hash(words: Words, from: number): number {
    let hash = 0x9747b28c
    for (let i = 0; i < this.#width; i++) {
      let word = Math.imul(words[from + i]!, 0xcc9e2d51)
      word = Math.imul((word << 15) | (word >>> 17), 0x1b873593)
      hash ^= word
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
    }
    hash ^= hash >>> 16
    hash = Math.imul(hash, 0x85ebca6b)
    hash ^= hash >>> 13
    return (hash ^ (hash >>> 16)) >>> 0
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length)
    const mask = this.#slots.length - 1
    for (let number = 0; number < this.#size; number++) {
      const from = (number & (CHUNK - 1)) * this.#width
      let slot = this.#hash(this.#chunks[number >>> CHUNK_BITS]!, from) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = number + 1
    }
  }
}
