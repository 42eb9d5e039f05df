/** drivers/char/random.c: bytes that nobody can foresee, but that are the same in every run: the seed decides. */

import { prng } from '../../../../base/prng.ts'
import { struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'

const input_pool = struct<{ draws: number }>('input_pool', { draws: 0 })

export function get_random_bytes(k: Kernel, length: number): Uint8Array {
  const pool = k.global(input_pool)
  pool.draws++
  const dice = prng(Math.imul(k.options.seed, 0x9e3779b1) + pool.draws)
  return Uint8Array.from({ length }, () => dice.below(256))
}
