/** fs/ext4/bitmap.c, lib/bitops: bits of bitmaps. */

const test_bit = (bytes: Uint8Array, bit: number): boolean => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1

export function set_bit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
}

export function clear_bit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(1 << (bit & 7))
}

/** The first bit from `from` on that is 0, below `end`; -1: none. */
export function find_next_zero_bit(bytes: Uint8Array, end: number, from: number): number {
  for (let bit = from; bit < end; bit++) {
    if ((bit & 7) === 0 && bytes[bit >> 3] === 0xff) bit += 7
    else if (!test_bit(bytes, bit)) return bit
  }
  return -1
}

/** How many bits from `from` on are 0, below `end` and at most `most`. */
export function zeros_from(bytes: Uint8Array, end: number, from: number, most: number): number {
  let count = 0
  while (count < most && from + count < end && !test_bit(bytes, from + count)) count++
  return count
}

/** Every bit from `from` on, to the last: nothing is behind the end. */
export function ext4_mark_bitmap_end(bytes: Uint8Array, from: number): void {
  for (let bit = from; bit < bytes.length * 8 && (bit & 7) !== 0; bit++) set_bit(bytes, bit)
  bytes.fill(0xff, Math.ceil(from / 8))
}

export { test_bit }
