/** Instructions that count and swap bits, as `__bits` of the builtins; of a zero, clz and ctz count every bit. */

/** What `__bits` does, by its first argument. */
export const BITS = { popcount: 0, clz: 1, ctz: 2, ffs: 3, bswap: 4 } as const

/** Of 64 bits as two words; the result likewise. */
export function bits(what: number, lo: number, hi: number): readonly [lo: number, hi: number] {
  const swapped = new DataView(new ArrayBuffer(8))
  swapped.setInt32(0, lo, true)
  swapped.setInt32(4, hi, true)
  const ctz = lo !== 0 ? 31 - Math.clz32(lo & -lo) : hi !== 0 ? 63 - Math.clz32(hi & -hi) : 64
  let count = 0
  switch (what) {
    case BITS.popcount:
      for (let word of [lo, hi]) for (; word !== 0; word &= word - 1) count++
      return [count, 0]
    case BITS.clz:
      return [hi !== 0 ? Math.clz32(hi) : 32 + Math.clz32(lo), 0]
    case BITS.ctz:
      return [ctz, 0]
    case BITS.ffs:
      return [(ctz + 1) % 65, 0]
    default:
      return [swapped.getInt32(4), swapped.getInt32(0)]
  }
}
