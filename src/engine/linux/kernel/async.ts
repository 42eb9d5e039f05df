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

/** `started` of the entries are under way or done; they go when all are. */
const async_pending = struct<{ work: readonly AsyncWork[]; started: number }>('async_domain', { work: [], started: 0 })

export function async_schedule(k: Kernel, work: AsyncWork): void {
  const domain = k.global(async_pending)
  domain.work = [...domain.work, work]
}

export const async_synchronize_full = kfunc('kernel/async.c', function* async_synchronize_full(k: Kernel) {
  const domain = k.global(async_pending)
  for (;;) {
    const next = domain.work[domain.started]
    if (next === undefined) break
    domain.started++
    yield* next.run(k)
  }
  domain.work = []
  domain.started = 0
})
