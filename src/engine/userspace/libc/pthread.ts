/**
 * pthread.h: threads, mutexes, condition variables, spin locks, with the locked instructions that glibc executes. A
 * waiting thread does not spin: it waits for the futex, and executes nothing.
 *
 * Mutex words: 0 free, 1 taken, 2 taken and somebody may wait. Left out: recursive and error-checking mutexes, waits
 * with a time limit, cancellation, thread-specific data.
 */

import { kfunc, type Request, WAIT } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { load, type Process, type Spawned, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { compareAndSwap, modify } from './locked.ts'
import { address } from './words.ts'

const EAGAIN = 11
const EBUSY = 16
const ESRCH = 3
const PTHREAD = 'libc: pthread.h'

// Futexes

/** How often somebody was woken at each address. */
const wakes = (): Map<number, number> => new Map()

/** Waits until somebody wakes this address; call it right after the access that decided to wait. */
function* futexWait(p: Process, at: number): Generator<Request, void, unknown> {
  const count = p.global(wakes)
  const before = count.get(at)
  while (count.get(at) === before) yield WAIT
}

function futexWake(p: Process, at: number): void {
  const count = p.global(wakes)
  count.set(at, (count.get(at) ?? 0) + 1)
}

// Threads

interface Threads {
  readonly started: Map<bigint, Spawned>
  next: bigint
}
const threadsOf = (): Threads => ({ started: new Map(), next: 1n })

/** What pthread_self() tells: distinct, and not zero. */
const FIRST_ID = 0x7fff_0000_0000n

const pthread_create = kfunc(
  PTHREAD,
  function* pthread_create(p: Process, to: bigint, _attr: bigint, start: bigint, argument: bigint) {
    const threads = p.global(threadsOf)
    // Its stack comes from a list behind a lock, and starting it goes through the scheduler: what was stored is visible.
    yield* modify(p, p.errno + 8, 4, 'add', 0n)
    const thread = p.spawn(start, argument)
    if (thread === undefined) return EAGAIN
    const id = FIRST_ID + threads.next++
    threads.started.set(id, thread)
    yield* store(p, address(to), 8, id)
    return 0
  },
)

const pthread_join = kfunc(PTHREAD, function* pthread_join(p: Process, id: bigint, to: bigint) {
  const { started } = p.global(threadsOf)
  const thread = started.get(id)
  if (thread === undefined) return ESRCH
  while (!thread.ended) yield WAIT
  started.delete(id)
  thread.release()
  if (to !== 0n) yield* store(p, address(to), 8, thread.result)
  return 0
})

const pthread_detach = kfunc(PTHREAD, function* pthread_detach(p: Process, id: bigint) {
  yield* []
  return p.global(threadsOf).started.has(id) ? 0 : ESRCH
})

const pthread_exit = kfunc(PTHREAD, function* pthread_exit(p: Process, result: bigint) {
  yield* []
  p.exitValue = result
  throw new Killed(0, undefined, false)
})

const pthread_self = kfunc(PTHREAD, function* pthread_self(p: Process) {
  yield* []
  for (const [id, thread] of p.global(threadsOf).started) if (thread.index === p.index) return id
  return FIRST_ID
})

const pthread_equal = kfunc(PTHREAD, function* pthread_equal(_p: Process, a: bigint, b: bigint) {
  yield* []
  return Number(a === b)
})

// Mutexes

function* lock(p: Process, mutex: number): Generator<Request, void, unknown> {
  let old = yield* compareAndSwap(p, mutex, 4, 0n, 1n)
  while (old !== 0n) {
    old = yield* modify(p, mutex, 4, 'xchg', 2n)
    if (old !== 0n) yield* futexWait(p, mutex)
  }
}

function* unlock(p: Process, mutex: number): Generator<Request, void, unknown> {
  if ((yield* modify(p, mutex, 4, 'xchg', 0n)) === 2n) futexWake(p, mutex)
}

const pthread_mutex_lock = kfunc(PTHREAD, function* pthread_mutex_lock(p: Process, mutex: bigint) {
  yield* lock(p, address(mutex))
  return 0
})

const pthread_mutex_trylock = kfunc(PTHREAD, function* pthread_mutex_trylock(p: Process, mutex: bigint) {
  return (yield* compareAndSwap(p, address(mutex), 4, 0n, 1n)) === 0n ? 0 : EBUSY
})

const pthread_mutex_unlock = kfunc(PTHREAD, function* pthread_mutex_unlock(p: Process, mutex: bigint) {
  yield* unlock(p, address(mutex))
  return 0
})

const clear = (name: string, size: 4 | 8): LibraryFunction =>
  kfunc(`${PTHREAD}#${name}`, function* (p: Process, at: bigint) {
    yield* store(p, address(at), size, 0n)
    return 0
  })

const nothing = (name: string): LibraryFunction =>
  kfunc(`${PTHREAD}#${name}`, function* () {
    yield* []
    return 0
  })

// Condition variables: a word that counts signals.

const pthread_cond_wait = kfunc(PTHREAD, function* pthread_cond_wait(p: Process, cond: bigint, mutex: bigint) {
  const before = p.global(wakes).get(address(cond))
  yield* modify(p, address(cond) + 4, 4, 'add', 1n)
  yield* unlock(p, address(mutex))
  while (p.global(wakes).get(address(cond)) === before) yield WAIT
  yield* lock(p, address(mutex))
  return 0
})

/** Wakes them all: waking too many is allowed, and who waits has to look again. */
const wake = (name: string): LibraryFunction =>
  kfunc(`${PTHREAD}#${name}`, function* (p: Process, cond: bigint) {
    if ((yield* load(p, address(cond) + 4, 4)) === 0n) return 0
    yield* modify(p, address(cond), 4, 'add', 1n)
    yield* modify(p, address(cond) + 4, 4, 'xchg', 0n)
    futexWake(p, address(cond))
    return 0
  })

// Spin locks: the word counts down from free, which is 1, in glibc; here 0 is free, as in a static one.

const pthread_spin_lock = kfunc(PTHREAD, function* pthread_spin_lock(p: Process, at: bigint) {
  while ((yield* modify(p, address(at), 4, 'xchg', 1n)) !== 0n) {
    while ((yield* load(p, address(at), 4)) !== 0n) yield WAIT
  }
  return 0
})

const pthread_spin_trylock = kfunc(PTHREAD, function* pthread_spin_trylock(p: Process, at: bigint) {
  return (yield* modify(p, address(at), 4, 'xchg', 1n)) === 0n ? 0 : EBUSY
})

const pthread_spin_unlock = kfunc(PTHREAD, function* pthread_spin_unlock(p: Process, at: bigint) {
  yield* store(p, address(at), 4, 0n)
  return 0
})

const pthread_once = kfunc(PTHREAD, function* pthread_once(p: Process, once: bigint, start: bigint) {
  const at = address(once)
  const old = yield* compareAndSwap(p, at, 4, 0n, 1n)
  if (old === 0n) {
    yield* p.call(start)
    yield* store(p, at, 4, 2n)
    futexWake(p, at)
  } else while ((yield* load(p, at, 4)) !== 2n) yield WAIT
  return 0
})

export const pthread: Readonly<Record<string, LibraryFunction>> = {
  pthread_create,
  pthread_join,
  pthread_detach,
  pthread_exit,
  pthread_self,
  pthread_equal,
  pthread_mutex_init: clear('pthread_mutex_init', 4),
  pthread_mutex_destroy: nothing('pthread_mutex_destroy'),
  pthread_mutex_lock,
  pthread_mutex_trylock,
  pthread_mutex_unlock,
  pthread_cond_init: clear('pthread_cond_init', 8),
  pthread_cond_destroy: nothing('pthread_cond_destroy'),
  pthread_cond_wait,
  pthread_cond_signal: wake('pthread_cond_signal'),
  pthread_cond_broadcast: wake('pthread_cond_broadcast'),
  pthread_spin_init: clear('pthread_spin_init', 4),
  pthread_spin_destroy: nothing('pthread_spin_destroy'),
  pthread_spin_lock,
  pthread_spin_trylock,
  pthread_spin_unlock,
  pthread_once,
}
