/** stdlib.h, assert.h, errno.h: how programs end, and where errno is. Left out: memory from the library (malloc). */

import { kfunc } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { type Process, readString } from '../process.ts'
import type { LibraryFunction } from './library.ts'

const decoder = new TextDecoder('utf-8')

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const exit = kfunc('libc: stdlib.h', function* exit(_p: Process, status: bigint): Generator<never, never, unknown> {
  throw new Killed(Number(status & 0xffn), undefined)
})

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const abort = kfunc('libc: stdlib.h', function* abort(_p: Process): Generator<never, never, unknown> {
  throw new Killed(134, 'abort() was called')
})

const assertFail = kfunc(
  'libc: assert.h',
  function* __assert_fail(p: Process, expression: bigint, file: bigint, line: bigint, fn: bigint) {
    const text = decoder.decode(yield* readString(p, Number(expression)))
    const name = decoder.decode(yield* readString(p, Number(fn)))
    const source = decoder.decode(yield* readString(p, Number(file)))
    p.output(`${source}:${line}: ${name}: Assertion \`${text}' failed.\n`)
    throw new Killed(134, `assertion \`${text}' failed at line ${line}, in ${name}()`)
  },
)

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const errnoLocation = kfunc('libc: errno.h', function* __errno_location(p: Process) {
  return BigInt(p.errno)
})

export const stdlib: Readonly<Record<string, LibraryFunction>> = {
  exit,
  abort,
  __assert_fail: assertFail,
  __errno_location: errnoLocation,
}
