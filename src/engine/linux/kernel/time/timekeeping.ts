/**
 * kernel/time/timekeeping.c: what time it is. Time is a function of the recording: a system call takes one tick, a sleep
 * what it was asked for, everything else nothing.
 *
 * Source: torvalds/linux v6.1, names only. Left out: clock sources, NTP, time zones; HZ is 250.
 */

import { struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'

/** Nanoseconds of one tick. */
export const TICK_NSEC = 4_000_000n

/** Seconds from 1970 to the boot: 2024-01-01. */
const BOOT = 1_704_067_200n

const timekeeper = struct<{ nsec: bigint }>('timekeeper', { nsec: 0n })

/** Let time pass, nanoseconds. */
export function timekeeping_advance(k: Kernel, nsec: bigint): void {
  k.global(timekeeper).nsec += nsec
}

/** CLOCK_MONOTONIC, nanoseconds since the boot. */
export const ktime_get = (k: Kernel): bigint => k.global(timekeeper).nsec

/** CLOCK_REALTIME, nanoseconds since 1970. */
export const ktime_get_real = (k: Kernel): bigint => BOOT * 1_000_000_000n + ktime_get(k)
