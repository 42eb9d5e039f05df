/**
 * drivers/nvdimm/btt.c, region_devs.c: how users of one block translation table keep out of each other's way.
 *
 * A lane belongs to one user at a time: upstream a core's, which nothing else can use while preemption is off. A reader
 * announces the block that it reads; who has that block as its free one waits before it overwrites it. Map entries that
 * share a cache line share a lock.
 *
 * Left out: what the locked instructions of these locks order; lanes that cores share; a thread that is killed inside
 * (none is: programs do no block I/O yet).
 */

import { type Request, WAIT } from '../../../sim/kfunc.ts'
import type { Kernel } from '../../kernel.ts'
import type { Arena } from './btt_arena.ts'
import { MAP_ENT_SIZE } from './btt_sb.ts'

const CACHE_LINE = 64

type Waiting<R> = Generator<Request, R, unknown>

/** The lane of the core that runs, once it is free. */
export function* nd_region_acquire_lane(k: Kernel, arena: Arena): Waiting<number> {
  const lane = k.processor % arena.nfree
  while (arena.lanes.includes(lane)) yield WAIT
  arena.lanes = [...arena.lanes, lane]
  return lane
}

export function nd_region_release_lane(arena: Arena, lane: number): void {
  arena.lanes = arena.lanes.filter((other) => other !== lane)
}

/** Announce that `block` is being read; undefined: it no longer is. */
export function set_rtt(arena: Arena, lane: number, block: number | undefined): void {
  if (arena.rtt[lane] === block) return
  arena.rtt = Array.from({ length: arena.nfree }, (_, i) => (i === lane ? block : arena.rtt[i]))
}

/** Until nobody reads `block`, which the caller is about to overwrite. */
export function* wait_for_readers(arena: Arena, block: number): Waiting<void> {
  while (arena.rtt.includes(block)) yield WAIT
}

const lock_of = (arena: Arena, premap: number): number => Math.floor((premap * MAP_ENT_SIZE) / CACHE_LINE) % arena.nfree

export function* lock_map(arena: Arena, premap: number): Waiting<void> {
  const lock = lock_of(arena, premap)
  while (arena.map_locks.includes(lock)) yield WAIT
  arena.map_locks = [...arena.map_locks, lock]
}

export function unlock_map(arena: Arena, premap: number): void {
  const lock = lock_of(arena, premap)
  arena.map_locks = arena.map_locks.filter((other) => other !== lock)
}
