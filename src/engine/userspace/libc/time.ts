/**
 * time.h, sys/time.h, and what else waits or asks: sleep, sched_yield, sysconf. Clocks read kernel time without a
 * system call. A thread that sleeps lets the others run, and time passes by it: a tick each turn, more for long sleeps;
 * when none of them can do anything, the machine lets it pass up to the next that wakes up.
 */

import { ktime_get, ktime_get_real, TICK_NSEC, timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import { kfunc, type Request, Sleep, WAIT } from '../../sim/kfunc.ts'
import { load, type Process, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { address, EINVAL, fail, fromDouble, int, long } from './words.ts'

const TIME = 'libc: time.h'
const UNISTD = 'libc: unistd.h'
const SECOND = 1_000_000_000n
/** Turns of the other threads that a sleep lasts at most. */
const MOST_TURNS = 400n

function* putPair(p: Process, to: bigint, first: bigint, second: bigint): Generator<Request, void, unknown> {
  yield* store(p, address(to), 8, first)
  yield* store(p, address(to) + 8, 8, second)
}

/** Nanoseconds on a clock; processor time is the time since the boot. */
const now = (p: Process, clock: number): bigint =>
  clock === 0 || clock === 5 ? ktime_get_real(p.kernel) : ktime_get(p.kernel)

const time = kfunc(TIME, function* time(p: Process, to: bigint) {
  const seconds = now(p, 0) / SECOND
  if (to !== 0n) yield* store(p, address(to), 8, seconds)
  return seconds
})

const clock = kfunc(TIME, function* clock(p: Process) {
  yield* []
  return now(p, 1) / 1000n
})

const difftime = kfunc(TIME, function* difftime(_p: Process, late: bigint, early: bigint) {
  yield* []
  return fromDouble(Number(long(late) - long(early)))
})

const clock_gettime = kfunc(TIME, function* clock_gettime(p: Process, clock: bigint, to: bigint) {
  if (int(clock) < 0 || int(clock) > 7) {
    yield* fail(p, EINVAL)
    return -1
  }
  const at = now(p, int(clock))
  yield* putPair(p, to, at / SECOND, at % SECOND)
  return 0
})

const clock_getres = kfunc(TIME, function* clock_getres(p: Process, _clock: bigint, to: bigint) {
  if (to !== 0n) yield* putPair(p, to, 0n, 1n)
  return 0
})

const timespec_get = kfunc(TIME, function* timespec_get(p: Process, to: bigint, base: bigint) {
  if (int(base) !== 1) return 0
  yield* putPair(p, to, now(p, 0) / SECOND, now(p, 0) % SECOND)
  return 1
})

const gettimeofday = kfunc('libc: sys/time.h', function* gettimeofday(p: Process, to: bigint) {
  const at = now(p, 0)
  if (to !== 0n) yield* putPair(p, to, at / SECOND, (at % SECOND) / 1000n)
  return 0
})

function* sleepFor(p: Process, nsec: bigint): Generator<Request, void, unknown> {
  const until = ktime_get(p.kernel) + nsec
  const stride = nsec / MOST_TURNS > TICK_NSEC ? nsec / MOST_TURNS : TICK_NSEC
  for (let at = ktime_get(p.kernel); at < until; at = ktime_get(p.kernel)) {
    timekeeping_advance(p.kernel, until - at < stride ? until - at : stride)
    yield new Sleep(until)
  }
}

function* sleepAsAsked(p: Process, wanted: bigint, rest: bigint): Generator<Request, number, unknown> {
  const seconds = long(yield* load(p, address(wanted), 8))
  const nsec = long(yield* load(p, address(wanted) + 8, 8))
  if (seconds < 0n || nsec < 0n || nsec >= SECOND) return EINVAL
  yield* sleepFor(p, seconds * SECOND + nsec)
  if (rest !== 0n) yield* putPair(p, rest, 0n, 0n)
  return 0
}

const nanosleep = kfunc(TIME, function* nanosleep(p: Process, wanted: bigint, rest: bigint) {
  const error = yield* sleepAsAsked(p, wanted, rest)
  if (error !== 0) yield* fail(p, error)
  return error === 0 ? 0 : -1
})

const clock_nanosleep = kfunc(
  TIME,
  function* clock_nanosleep(p: Process, _clock: bigint, _flags: bigint, wanted: bigint, rest: bigint) {
    return yield* sleepAsAsked(p, wanted, rest)
  },
)

const usleep = kfunc(UNISTD, function* usleep(p: Process, microseconds: bigint) {
  yield* sleepFor(p, BigInt.asUintN(32, microseconds) * 1000n)
  return 0
})

const sleep = kfunc(UNISTD, function* sleep(p: Process, seconds: bigint) {
  yield* sleepFor(p, BigInt.asUintN(32, seconds) * SECOND)
  return 0
})

const sched_yield = kfunc('libc: sched.h', function* sched_yield(p: Process) {
  timekeeping_advance(p.kernel, TICK_NSEC)
  yield WAIT
  return 0
})

const sched_getcpu = kfunc('libc: sched.h', function* sched_getcpu(p: Process) {
  yield* []
  return p.kernel.processor
})

/** What sysconf tells, by its number on x86-64 Linux: page size, bytes of a cache line. */
const CONFIGURATION: Readonly<Record<number, number>> = { 30: 4096, 190: 64 }

const sysconf = kfunc(UNISTD, function* sysconf(p: Process, name: bigint) {
  const known = CONFIGURATION[int(name)]
  if (known === undefined) yield* fail(p, EINVAL)
  return known ?? -1
})

const getpagesize = kfunc(UNISTD, function* getpagesize() {
  yield* []
  return 4096
})

const getpid = kfunc(UNISTD, function* getpid(p: Process) {
  yield* []
  return p.kernel.current.pid
})

export const timeFunctions: Readonly<Record<string, LibraryFunction>> = {
  time,
  clock,
  difftime,
  clock_gettime,
  clock_getres,
  timespec_get,
  gettimeofday,
  nanosleep,
  clock_nanosleep,
  usleep,
  sleep,
  sched_yield,
  pthread_yield: sched_yield,
  sched_getcpu,
  sysconf,
  getpagesize,
  getpid,
}
