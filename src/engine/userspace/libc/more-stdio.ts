/**
 * The rest of stdio.h: streams are stdin, which is at its end, stdout and stderr. Left out: files
 * (fopen), scanf and fscanf.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { bytesOf, load, type Process, readBytes, readText } from '../process.ts'
import { errorText } from './error-text.ts'
import type { LibraryFunction } from './library.ts'
import { descriptor, toDescriptor } from './streams.ts'
import { address, int } from './words.ts'

const EOF = -1
const STDIO = 'libc: stdio.h'

const print = (p: Process, stream: bigint, text: string): Generator<Request, boolean, unknown> =>
  toDescriptor(p, descriptor(stream), bytesOf(text))

const fputs = kfunc(STDIO, function* fputs(p: Process, text: bigint, stream: bigint) {
  return (yield* print(p, stream, yield* readText(p, text))) ? 1 : EOF
})

const fputc = kfunc(STDIO, function* fputc(p: Process, c: bigint, stream: bigint) {
  const byte = Number(c & 0xffn)
  return (yield* print(p, stream, String.fromCharCode(byte))) ? byte : EOF
})

const fwrite = kfunc(STDIO, function* fwrite(p: Process, from: bigint, size: bigint, count: bigint, stream: bigint) {
  const bytes = yield* readBytes(p, address(from), address(size * count))
  return (yield* toDescriptor(p, descriptor(stream), bytes)) ? count : 0n
})

const perror = kfunc(STDIO, function* perror(p: Process, prefix: bigint) {
  const error = errorText(int(yield* load(p, p.errno, 4)))
  const text = prefix === 0n ? '' : yield* readText(p, prefix)
  p.write(2, bytesOf(text === '' ? `${error}\n` : `${text}: ${error}\n`))
  return 0
})

const fileno = kfunc(STDIO, function* fileno(_p: Process, stream: bigint) {
  yield* []
  return descriptor(stream)
})

/** Only input is at its end, and it is from the start. */
const feof = kfunc(STDIO, function* feof(_p: Process, stream: bigint) {
  yield* []
  return Number(descriptor(stream) === 0)
})

/** For what has nothing to do: output is not buffered, input is at its end. */
const constant = (name: string, result: number): LibraryFunction =>
  kfunc(`${STDIO}#${name}`, function* () {
    yield* []
    return result
  })

const constants: Readonly<Record<string, number>> = {
  fflush: 0,
  ferror: 0,
  clearerr: 0,
  setbuf: 0,
  setvbuf: 0,
  getchar: EOF,
  fgetc: EOF,
  getc: EOF,
  fgets: 0,
}

export const moreStdio: Readonly<Record<string, LibraryFunction>> = {
  fputs,
  fputc,
  putc: fputc,
  fwrite,
  perror,
  fileno,
  feof,
  ...Object.fromEntries(Object.entries(constants).map(([name, result]) => [name, constant(name, result)])),
}
