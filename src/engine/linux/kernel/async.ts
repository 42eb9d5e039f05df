/**
 * kernel/async.c: work that is done later, in the order in which it was asked for.
 *
 * Upstream's workers run it in parallel; here it runs when somebody waits for it, so that device numbers do not
 * depend on a race.
 */

import { kfunc, type Op } from '../../sim/kfunc.ts'
import { struct } from '../../sim/struct.ts'
import type { Kernel } from '../kernel.ts'

export interface AsyncWork {
  run(k: Kernel): Op<unknown>
}

const async_pending = struct<{ work: readonly AsyncWork[] }>('async_domain', { work: [] })

export function async_schedule(k: Kernel, work: AsyncWork): void {
  const domain = k.global(async_pending)
  domain.work = [...domain.work, work]
}

export const async_synchronize_full = kfunc('kernel/async.c', function* async_synchronize_full(k: Kernel) {
  const domain = k.global(async_pending)
  for (;;) {
    const [first, ...rest] = domain.work
    if (first === undefined) return
    domain.work = rest
    yield* first.run(k)
  }
})
