/**
 * Memory whose size only running can tell: arrays of variable length, `alloca`; and what a read of a variable
 * without contents ends in. The compiler calls these.
 *
 * A real program takes it from the stack; here it is a chunk of the heap, 16 bytes in front of it for the address of the
 * chunk before it in its chain. More than a stack has is a stack overflow all the same.
 */

import { STACK_SIZE } from '../../../lang/c/program.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { load, type Process, readText, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { free, malloc } from './malloc.ts'

const FILE = 'gcc: dynamic arrays'
const LINK = 16n

const __chain = kfunc(FILE, function* __chain(p: Process, before: bigint, size: bigint) {
  const at = size > STACK_SIZE ? 0n : BigInt(yield* malloc(p, size + LINK))
  if (at === 0n) throw new Killed(139, `stack overflow: no room for an array of ${BigInt.asIntN(64, size)} bytes`)
  yield* store(p, Number(at), 8, before)
  return at
})

const __unchain = kfunc(FILE, function* __unchain(p: Process, last: bigint) {
  for (let at = last; at !== 0n; ) {
    const before = yield* load(p, Number(at), 8)
    yield* free(p, at)
    at = before
  }
  return 0n
})

const __unset = kfunc(FILE, function* __unset(p: Process, name: bigint) {
  const text = yield* readText(p, name)
  throw new Killed(134, `local variable '${text}' is read before anything was stored in it`)
})

export const dynamic: Readonly<Record<string, LibraryFunction>> = { __chain, __unchain, __unset }
