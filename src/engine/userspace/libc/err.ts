/** err.h: messages with what errno means, and the end of the program. The program is called `program`. */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { bytesOf, load, type Process } from '../process.ts'
import { errorText } from './error-text.ts'
import type { LibraryFunction } from './library.ts'
import { moreStdlib } from './more-stdlib.ts'
import { special } from './print.ts'
import { passed, render } from './stdio.ts'
import { int } from './words.ts'

const ERR = 'libc: err.h'

function* tell(p: Process, args: readonly bigint[], error: string): Generator<Request, void, unknown> {
  const [format = 0n, ...rest] = args
  const text = format === 0n ? '' : (yield* render(p, format, passed(rest), special)).text
  p.write(2, bytesOf(`program: ${[text, error].filter((part) => part !== '').join(': ')}\n`))
}

function* errno(p: Process): Generator<Request, string, unknown> {
  return errorText(int(yield* load(p, p.errno, 4)))
}

const warner = (name: string, says: boolean): LibraryFunction =>
  kfunc(`${ERR}#${name}`, function* (p: Process, ...args: bigint[]) {
    yield* tell(p, args, says ? yield* errno(p) : '')
    return 0
  })

const ender = (name: string, says: boolean): LibraryFunction =>
  kfunc(`${ERR}#${name}`, function* (p: Process, status: bigint, ...args: bigint[]) {
    yield* tell(p, args, says ? yield* errno(p) : '')
    return yield* (moreStdlib['exit'] as LibraryFunction)(p, status)
  })

export const errors: Readonly<Record<string, LibraryFunction>> = {
  warn: warner('warn', true),
  warnx: warner('warnx', false),
  err: ender('err', true),
  errx: ender('errx', false),
}
