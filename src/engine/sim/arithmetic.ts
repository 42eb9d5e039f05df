/** What locked instructions compute, on 64-bit values as two 32-bit words. */

import type { AccessSize, Modify, Words } from './cpu.ts'

/** Second operand of a `lock` step, above the number of pieces: which instruction it was. */
export const LOCKED: readonly (Modify | 'cmpxchg')[] = ['xchg', 'add', 'sub', 'and', 'or', 'xor', 'cmpxchg']

/** What `old` becomes; bytes above the access's size mean nothing. */
export function modified(modify: Modify, [lo, hi]: Words, [x, y]: Words): Words {
  switch (modify) {
    case 'xchg':
      return [x, y]
    case 'and':
      return [lo & x, hi & y]
    case 'or':
      return [lo | x, hi | y]
    case 'xor':
      return [lo ^ x, hi ^ y]
    case 'add': {
      const sum = (lo + x) | 0
      return [sum, (hi + y + (sum >>> 0 < lo >>> 0 ? 1 : 0)) | 0]
    }
    case 'sub':
      return [(lo - x) | 0, (hi - y - (lo >>> 0 < x >>> 0 ? 1 : 0)) | 0]
  }
}

/** Are the low `size` bytes the same? */
export function sameBytes(size: AccessSize, [lo, hi]: Words, [x, y]: Words): boolean {
  const mask = size < 4 ? (1 << (8 * size)) - 1 : -1
  return ((lo ^ x) & mask) === 0 && (size < 8 || hi === y)
}
