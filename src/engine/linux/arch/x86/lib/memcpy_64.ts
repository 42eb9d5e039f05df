/** arch/x86/lib/memcpy_64.S, memset_64.S: through the cache, 8 bytes at a time, then byte by byte. */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { view } from '../../../../../base/bytes.ts'
import { kfunc } from '../../../../sim/kfunc.ts'
import { store } from '../../../../sim/op.ts'
import type { Kernel } from '../../../kernel.ts'

/** The stores that memcpy() comes to, without a frame of their own. */
export const cached_stores = function* (k: Kernel, dst: Spa, bytes: Uint8Array) {
  const data = view(bytes)
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) yield* store(k, spa(dst + at), 8, data.getBigUint64(at, true))
  for (; at < bytes.length; at++) yield* store(k, spa(dst + at), 1, BigInt(bytes[at] ?? 0))
}

export const memcpy = kfunc('arch/x86/lib/memcpy_64.S', function* memcpy(k: Kernel, dst: Spa, bytes: Uint8Array) {
  yield* cached_stores(k, dst, bytes)
})

export const memset = kfunc(
  'arch/x86/lib/memset_64.S',
  function* memset(k: Kernel, dst: Spa, value: number, size: number) {
    yield* cached_stores(k, dst, new Uint8Array(size).fill(value))
  },
)
