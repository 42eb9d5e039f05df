/** How programs end: assert.h, and of stdlib.h exit and abort. Handlers of atexit are in `more-stdlib.ts`. */

import { do_group_exit } from '../../linux/kernel/exit.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { bytesOf, type Process, readText } from '../process.ts'
import type { LibraryFunction } from './library.ts'

const exit = kfunc('libc: stdlib.h', function* exit(p: Process, status: bigint) {
  return yield* do_group_exit(p.kernel, Number(status & 0xffn))
})

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const abort = kfunc('libc: stdlib.h', function* abort(_p: Process): Generator<never, never, unknown> {
  throw new Killed(134, 'abort() was called')
})

const assertFail = kfunc(
  'libc: assert.h',
  function* __assert_fail(p: Process, expression: bigint, file: bigint, line: bigint, fn: bigint) {
    const text = yield* readText(p, expression)
    const name = yield* readText(p, fn)
    p.write(2, bytesOf(`${yield* readText(p, file)}:${line}: ${name}: Assertion \`${text}' failed.\n`))
    throw new Killed(134, `assertion \`${text}' failed at line ${line}, in ${name}()`)
  },
)

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const errnoLocation = kfunc('libc: errno.h', function* __errno_location(p: Process) {
  return BigInt(p.errno)
})

export const stdlib: Readonly<Record<string, LibraryFunction>> = {
  exit,
  _exit: exit,
  _Exit: exit,
  quick_exit: exit,
  abort,
  __assert_fail: assertFail,
  __errno_location: errnoLocation,
}
