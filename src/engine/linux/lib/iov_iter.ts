/**
 * lib/iov_iter.c: bytes that come from several pieces of memory, copied into one.
 *
 * An iterator is a value; `iov_iter_advance` gives the next. Source: torvalds/linux v4.19; reference/kernel.md §1.5.
 */

import { type Spa, spa } from '../../../base/brand.ts'
import { kfunc, type Op } from '../../sim/kfunc.ts'
import { __copy_user_nocache, copy_user_generic } from '../arch/x86/lib/copy_user_64.ts'
import { memcpy } from '../arch/x86/lib/memcpy_64.ts'
import { __copy_user_flushcache, memcpy_flushcache, memcpy_page_flushcache } from '../arch/x86/lib/usercopy_64.ts'
import { type UserBytes, user_slice } from '../include/linux/uaccess.ts'
import type { Kernel } from '../kernel.ts'

const IOV_ITER = 'lib/iov_iter.c'

export interface IovIter {
  /** ITER_IOVEC: memory of user space; ITER_BVEC: pages; ITER_KVEC: memory of the kernel. */
  readonly type: 'iovec' | 'bvec' | 'kvec'
  readonly segments: readonly UserBytes[]
}

export const iov_iter_count = ({ segments }: IovIter): number =>
  segments.reduce((sum, { bytes }) => sum + bytes.length, 0)

/** What is left after `count` bytes. */
export function iov_iter_advance({ type, segments }: IovIter, count: number): IovIter {
  const left: UserBytes[] = []
  let skip = count
  for (const segment of segments) {
    const { length } = segment.bytes
    if (skip < length) left.push(skip > 0 ? user_slice(segment, skip, length) : segment)
    skip = Math.max(0, skip - length)
  }
  return { type, segments: left }
}

/** Copies one piece; the number of bytes that were not copied. */
type Step = (k: Kernel, dst: Spa, piece: UserBytes) => Op<number>

/** Segment by segment, `bytes` in all at most, until a source can't be read; the number of bytes copied. */
function* iterate(k: Kernel, dst: Spa, bytes: number, { segments }: IovIter, step: Step) {
  let copied = 0
  for (const segment of segments) {
    const length = Math.min(segment.bytes.length, bytes - copied)
    if (length === 0) continue
    const left = yield* step(k, spa(dst + copied), user_slice(segment, 0, length))
    copied += length - left
    if (left > 0) break
  }
  return copied
}

const kernel_step = (copy: (k: Kernel, dst: Spa, bytes: Uint8Array) => Op<void>): Step =>
  function* (k, dst, { bytes }) {
    yield* copy(k, dst, bytes)
    return 0
  }

const __copy_from_user_flushcache = kfunc(
  'arch/x86/include/asm/uaccess_64.h',
  function* __copy_from_user_flushcache(k: Kernel, dst: Spa, src: UserBytes) {
    return yield* __copy_user_flushcache(k, dst, src)
  },
)

const flushcache_steps: Readonly<Record<IovIter['type'], Step>> = {
  iovec: __copy_from_user_flushcache,
  bvec: kernel_step(memcpy_page_flushcache),
  kvec: kernel_step(memcpy_flushcache),
}
const plain = kernel_step(memcpy)
const nocache_steps: Readonly<Record<IovIter['type'], Step>> = {
  iovec: __copy_user_nocache,
  bvec: plain,
  kvec: plain,
}
const cached_steps: Readonly<Record<IovIter['type'], Step>> = { iovec: copy_user_generic, bvec: plain, kvec: plain }

/** Into persistent memory: no byte of a segment stays in the cache, as far as each segment's copy sees to it. */
export const copy_from_iter_flushcache = kfunc(
  IOV_ITER,
  function* copy_from_iter_flushcache(k: Kernel, dst: Spa, bytes: number, iter: IovIter) {
    if (!k.config('ARCH_HAS_UACCESS_FLUSHCACHE')) return yield* copy_from_iter_nocache(k, dst, bytes, iter)
    return yield* iterate(k, dst, bytes, iter, flushcache_steps[iter.type])
  },
)

/** Memory of user space passes the cache by, but for its edges and where the architecture can't; other goes through it. */
export const copy_from_iter_nocache = kfunc(
  IOV_ITER,
  function* copy_from_iter_nocache(k: Kernel, dst: Spa, bytes: number, iter: IovIter) {
    const steps = k.config('ARCH_HAS_NOCACHE_UACCESS') ? nocache_steps : cached_steps
    return yield* iterate(k, dst, bytes, iter, steps[iter.type])
  },
)

export const copy_from_iter = kfunc(
  IOV_ITER,
  function* copy_from_iter(k: Kernel, dst: Spa, bytes: number, iter: IovIter) {
    return yield* iterate(k, dst, bytes, iter, cached_steps[iter.type])
  },
)
