/**
 * arch/x86/lib/usercopy_64.c: copies whose bytes don't stay in the cache, and write-back of a range.
 *
 * Source: torvalds/linux 0aed55af8834; reference/kernel.md §§1.1, 1.2, 1.4. Kernel source buffers are bytes of the
 * model, not modelled memory: reading them is no step. Left out: copies from user space, machine checks.
 */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { view } from '../../../../../base/bytes.ts'
import { kfunc, type Request } from '../../../../sim/kfunc.ts'
import { movnti, sfence, store } from '../../../../sim/op.ts'
import type { Kernel } from '../../../kernel.ts'
import { clwb } from '../include/asm/special_insns.ts'

const USERCOPY = 'arch/x86/lib/usercopy_64.c'
const CACHE_LINE = 64

/** Start the write-back of every line that `size` bytes at `addr` touch. No fence: a later SFENCE completes it. */
export const clean_cache_range = kfunc(USERCOPY, function* clean_cache_range(k: Kernel, addr: Spa, size: number) {
  for (let line = addr - (addr % CACHE_LINE); line < addr + size; line += CACHE_LINE) yield* clwb(k, spa(line))
})

/** Plain memcpy into persistent memory: 8 bytes at a time, cached. */
const memcpy = kfunc('arch/x86/lib/memcpy_64.S', function* memcpy(k: Kernel, dst: Spa, bytes: Uint8Array) {
  const data = view(bytes)
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) yield* store(k, spa(dst + at), 8, data.getBigUint64(at, true))
  for (; at < bytes.length; at++) yield* store(k, spa(dst + at), 1, BigInt(bytes[at] ?? 0))
})

/** movnti of 8 bytes while they last, then one of 4; the number of bytes that were written. */
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
 * the caller's nvdimm_flush() brings it.
 */
export function* memcpy_flushcache(k: Kernel, dst: Spa, bytes: Uint8Array): Generator<Request, void, unknown> {
  const inlined = k.has('inline_memcpy_flushcache') && [4, 8, 16].includes(bytes.length) && dst % 4 === 0
  if (inlined) yield* nontemporal(k, dst, bytes)
  else if (k.has('inline_memcpy_flushcache')) yield* __memcpy_flushcache(k, dst, bytes)
  else yield* flushcache_call(k, dst, bytes)
}

const edge = function* (k: Kernel, dst: Spa, bytes: Uint8Array) {
  yield* memcpy(k, dst, bytes)
  yield* clean_cache_range(k, dst, bytes.length)
}

/**
 * What v4.12 uses instead: the user-copy routine on two kernel pointers. Unaligned edges stay dirty in the cache, and
 * there is an SFENCE.
 */
export const memcpy_to_pmem = kfunc(
  'include/linux/pmem.h',
  function* memcpy_to_pmem(k: Kernel, dst: Spa, bytes: Uint8Array) {
    const head = bytes.length < 8 ? 0 : (8 - (dst % 8)) % 8
    if (head > 0) yield* memcpy(k, dst, bytes.subarray(0, head))
    const copied = head + (yield* nontemporal(k, spa(dst + head), bytes.subarray(head)))
    if (copied < bytes.length) yield* memcpy(k, spa(dst + copied), bytes.subarray(copied))
    yield* sfence(k)
  },
)
