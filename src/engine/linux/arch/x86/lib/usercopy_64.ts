/**
 * arch/x86/lib/usercopy_64.c: copies whose bytes don't stay in the cache, and write-back of a range.
 *
 * Source: torvalds/linux 0aed55af8834; reference/kernel.md §§1.2–1.4. Kernel source buffers are bytes of the model, not
 * modelled memory: reading them is no step. Left out: machine checks.
 */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { view } from '../../../../../base/bytes.ts'
import { kfunc, type Request } from '../../../../sim/kfunc.ts'
import { movnti } from '../../../../sim/op.ts'
import type { UserBytes } from '../../../include/linux/uaccess.ts'
import type { Kernel } from '../../../kernel.ts'
import { clwb } from '../include/asm/special_insns.ts'
import { __copy_user_nocache } from './copy_user_64.ts'
import { memcpy } from './memcpy_64.ts'

const USERCOPY = 'arch/x86/lib/usercopy_64.c'
const CACHE_LINE = 64

/** Start the write-back of every line that `size` bytes at `addr` touch. No fence: a later SFENCE completes it. */
export const clean_cache_range = kfunc(USERCOPY, function* clean_cache_range(k: Kernel, addr: Spa, size: number) {
  for (let line = addr - (addr % CACHE_LINE); line < addr + size; line += CACHE_LINE) yield* clwb(k, spa(line))
})

export const arch_wb_cache_pmem = kfunc(USERCOPY, function* arch_wb_cache_pmem(k: Kernel, addr: Spa, size: number) {
  yield* clean_cache_range(k, addr, size)
})

/**
 * Copy user memory into persistent memory; the lines that __copy_user_nocache() leaves dirty are written back, without a
 * fence after it. Returns the number of bytes that were not copied.
 *
 * Which lines those are is guessed from `dst` and the size alone. Up to v5.8 the guess misses the second line of less
 * than 8 bytes that cross a line boundary.
 */
export const __copy_user_flushcache = kfunc(
  USERCOPY,
  function* __copy_user_flushcache(k: Kernel, dst: Spa, src: UserBytes) {
    const size = src.bytes.length
    const uncopied = yield* __copy_user_nocache(k, dst, src)
    if (size < 8) {
      const length = k.has('flushcache_small_edges') ? size : 1
      if (dst % 4 !== 0 || size !== 4) yield* clean_cache_range(k, dst, length)
      return uncopied
    }
    let flushed = 0
    if (dst % 8 !== 0) {
      yield* clean_cache_range(k, dst, 1)
      flushed = Math.ceil(dst / CACHE_LINE) * CACHE_LINE - dst
    }
    if (size > flushed && (size - flushed) % 8 !== 0) yield* clean_cache_range(k, spa(dst + size - 1), 1)
    return uncopied
  },
)

/** The 8-byte aligned middle of a copy: movnti of 8 bytes, then one of 4; the number of bytes that were written. */
const nontemporal = function* (k: Kernel, dst: Spa, bytes: Uint8Array) {
  const data = view(bytes)
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) yield* movnti(k, spa(dst + at), 8, data.getBigUint64(at, true))
  if (at + 4 <= bytes.length && (dst + at) % 4 === 0) {
    yield* movnti(k, spa(dst + at), 4, BigInt(data.getUint32(at, true)))
    at += 4
  }
  return at
}

const flushcache = function* (k: Kernel, dst: Spa, bytes: Uint8Array) {
  const head = Math.min(bytes.length, (8 - (dst % 8)) % 8)
  if (head > 0) yield* edge(k, dst, bytes.subarray(0, head))
  if (head === bytes.length) return
  const copied = head + (yield* nontemporal(k, spa(dst + head), bytes.subarray(head)))
  if (copied < bytes.length) yield* edge(k, spa(dst + copied), bytes.subarray(copied))
}

const flushcache_call = kfunc(USERCOPY, function* memcpy_flushcache(k: Kernel, dst: Spa, bytes: Uint8Array) {
  yield* flushcache(k, dst, bytes)
})

const __memcpy_flushcache = kfunc(USERCOPY, function* __memcpy_flushcache(k: Kernel, dst: Spa, bytes: Uint8Array) {
  yield* flushcache(k, dst, bytes)
})

/**
 * Copy kernel memory into persistent memory.
 *
 * The 8-byte aligned middle bypasses the cache; the edges are cached stores whose lines are written back. No SFENCE:
 * the caller's nvdimm_flush() brings it. A plain memcpy() on an architecture without such copies.
 */
export function* memcpy_flushcache(k: Kernel, dst: Spa, bytes: Uint8Array): Generator<Request, void, unknown> {
  if (!k.config('ARCH_HAS_UACCESS_FLUSHCACHE')) return yield* memcpy(k, dst, bytes)
  const inlined = k.has('inline_memcpy_flushcache') && [4, 8, 16].includes(bytes.length) && dst % 4 === 0
  if (inlined) yield* nontemporal(k, dst, bytes)
  else if (k.has('inline_memcpy_flushcache')) yield* __memcpy_flushcache(k, dst, bytes)
  else yield* flushcache_call(k, dst, bytes)
}

/** The same from a page of the page cache or of a caller. */
export const memcpy_page_flushcache = kfunc(
  USERCOPY,
  function* memcpy_page_flushcache(k: Kernel, dst: Spa, bytes: Uint8Array) {
    yield* memcpy_flushcache(k, dst, bytes)
  },
)

const edge = function* (k: Kernel, dst: Spa, bytes: Uint8Array) {
  yield* memcpy(k, dst, bytes)
  yield* clean_cache_range(k, dst, bytes.length)
}
