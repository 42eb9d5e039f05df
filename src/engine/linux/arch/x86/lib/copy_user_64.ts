/**
 * arch/x86/lib/copy_user_64.S: copies from user space into kernel memory, past the cache or through it.
 *
 * Source: torvalds/linux v4.19; reference/kernel.md §1.1. Left out: STAC and CLAC, copies to user space.
 */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { view } from '../../../../../base/bytes.ts'
import { kfunc } from '../../../../sim/kfunc.ts'
import { movnti, sfence, store } from '../../../../sim/op.ts'
import { type UserBytes, user_slice } from '../../../include/linux/uaccess.ts'
import type { Kernel } from '../../../kernel.ts'
import { cached_stores } from './memcpy_64.ts'

const COPY_USER = 'arch/x86/lib/copy_user_64.S'
/** Bytes that one turn of the unrolled loop loads and then stores, twice. */
const HALF = 32

/** Byte by byte, through the cache, up to the byte that can't be read; how many were not copied. */
const copy_user_handle_tail = kfunc(
  'arch/x86/lib/usercopy_64.c',
  function* copy_user_handle_tail(k: Kernel, dst: Spa, { bytes, fault = bytes.length }: UserBytes) {
    for (let at = 0; at < fault; at++) yield* store(k, spa(dst + at), 1, BigInt(bytes[at] ?? 0))
    return bytes.length - fault
  },
)

/**
 * Copy user memory so that most of it passes the cache by: aligned words by movnti, unaligned edges by cached byte
 * stores, then one SFENCE.
 *
 * A source that can't be read ends it: what the failing turn of a loop should have copied, and what of it can be read, is
 * copied again by cached stores. Returns the number of bytes that were not copied.
 */
export const __copy_user_nocache = kfunc(COPY_USER, function* __copy_user_nocache(k: Kernel, dst: Spa, src: UserBytes) {
  const { bytes, fault = bytes.length } = src
  const data = view(bytes)
  const size = bytes.length
  const unreadable = (from: number, length: number): boolean => fault < from + length
  const tail = function* (from: number) {
    yield* sfence(k)
    return yield* copy_user_handle_tail(k, spa(dst + from), user_slice(src, from, size))
  }
  const word = (at: number) => movnti(k, spa(dst + at), 8, data.getBigUint64(at, true))
  let at = 0
  const head = size < 8 ? 0 : (8 - (dst % 8)) % 8
  for (; at < head; at++) {
    // Alone among the ways out, this one has no fence.
    if (unreadable(at, 1)) return yield* copy_user_handle_tail(k, spa(dst + at), user_slice(src, at, size))
    yield* store(k, spa(dst + at), 1, BigInt(bytes[at] ?? 0))
  }
  for (; at + 2 * HALF <= size; at += 2 * HALF)
    for (const half of [at, at + HALF]) {
      if (unreadable(half, HALF)) return yield* tail(at)
      for (let i = half; i < half + HALF; i += 8) yield* word(i)
    }
  for (; at + 8 <= size; at += 8) {
    if (unreadable(at, 8)) return yield* tail(at)
    yield* word(at)
  }
  if (at + 4 <= size && (dst + at) % 4 === 0) {
    if (unreadable(at, 4)) return yield* tail(at)
    yield* movnti(k, spa(dst + at), 4, BigInt(data.getUint32(at, true)))
    at += 4
  }
  for (; at < size; at++) {
    if (unreadable(at, 1)) return yield* tail(at)
    yield* store(k, spa(dst + at), 1, BigInt(bytes[at] ?? 0))
  }
  yield* sfence(k)
  return 0
})

/** Through the cache. Returns the number of bytes that were not copied. */
export const copy_user_generic = kfunc(COPY_USER, function* copy_user_generic(k: Kernel, dst: Spa, src: UserBytes) {
  const { bytes, fault = bytes.length } = src
  yield* cached_stores(k, dst, bytes.subarray(0, fault))
  return bytes.length - fault
})
