/**
 * The printf family, with all conversions. Left out: long double; of wide characters, those that are not ASCII, which
 * the C locale has no bytes for.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { bytesOf, load, type Process, store } from '../process.ts'
import { errorText } from './error-text.ts'
import { BITS, formatText } from './format.ts'
import { formatDouble } from './format-real.ts'
import type { LibraryFunction } from './library.ts'
import { memory } from './malloc.ts'
import { type Arguments, passed, render, type Special } from './stdio.ts'
import { descriptor, toDescriptor } from './streams.ts'
import { address, int } from './words.ts'

const STDIO = 'libc: stdio.h'
const EOF = -1

function ascii(character: bigint): string {
  if (character > 127n) throw new Killed(134, 'printf: the C locale has no bytes for this wide character')
  return String.fromCharCode(Number(character))
}

/** Conversions that the small printf does without. */
export const special: Special = function* (p, directive, word, width, precision, before) {
  const { conversion, length } = directive
  if (conversion === 'm')
    return formatText(directive, errorText(int(yield* load(p, p.errno, 4))).slice(0, precision), width)
  if (conversion === 'n') {
    const size = ((BITS[length] ?? 64) / 8) as 1 | 2 | 4 | 8
    yield* store(p, address(word), size, BigInt(before.length))
    return ''
  }
  if (/c/i.test(conversion)) return formatText(directive, ascii(BigInt.asUintN(32, word)), width)
  if (/s/i.test(conversion)) {
    let text = word === 0n && (precision ?? 6) >= 6 ? '(null)' : ''
    for (let at = address(word); word !== 0n && text.length < (precision ?? Number.POSITIVE_INFINITY); at += 4) {
      const character = yield* load(p, at, 4)
      if (character === 0n) break
      text += ascii(character)
    }
    return formatText(directive, text, width)
  }
  if (length === 'L') throw new Killed(134, 'printf: this library has no long double')
  return formatDouble(directive, BigInt.asUintN(64, word), width, precision)
}

/** Puts a text and the zero byte behind it into memory. */
function* put(p: Process, to: bigint, text: string): Generator<Request, void, unknown> {
  for (const [i, byte] of bytesOf(`${text}\0`).entries()) yield* store(p, address(to) + i, 1, BigInt(byte))
}

/** What a member of the family does with its text: the arguments in front of the format; its result. */
type Use = (p: Process, text: string, ...before: bigint[]) => Generator<Request, number, unknown>

function* toStream(p: Process, text: string, fd: number): Generator<Request, number, unknown> {
  return (yield* toDescriptor(p, fd, bytesOf(text))) ? text.length : EOF
}

/** Each by what it writes to, with the number of arguments in front of the format. */
const uses: Readonly<Record<string, readonly [number, Use]>> = {
  printf: [0, (p, text) => toStream(p, text, 1)],
  fprintf: [1, (p, text, stream = 0n) => toStream(p, text, descriptor(stream))],
  dprintf: [1, (p, text, fd = 0n) => toStream(p, text, int(fd))],
  sprintf: [
    1,
    function* (p, text, to = 0n) {
      yield* put(p, to, text)
      return text.length
    },
  ],
  snprintf: [
    2,
    function* (p, text, to = 0n, size = 0n) {
      if (size > 0n) yield* put(p, to, text.slice(0, address(size) - 1))
      return text.length
    },
  ],
  asprintf: [
    1,
    function* (p, text, to = 0n) {
      const at = (yield* (memory['malloc'] as LibraryFunction)(p, BigInt(text.length + 1))) as bigint
      if (at === 0n) return EOF
      yield* put(p, at, text)
      yield* store(p, address(to), 8, at)
      return text.length
    },
  ],
}

/** With the arguments themselves. */
const variadic = (name: string, before: number, use: Use): LibraryFunction =>
  kfunc(`${STDIO}#${name}`, function* (p: Process, ...args: bigint[]) {
    const { text } = yield* render(p, args[before] ?? 0n, passed(args.slice(before + 1)), special)
    return yield* use(p, text, ...args.slice(0, before))
  })

/** With a va_list, whose arguments are one behind the other at the address in its second word. */
const listed = (name: string, before: number, use: Use): LibraryFunction =>
  kfunc(`${STDIO}#${name}`, function* (p: Process, ...args: bigint[]) {
    const list = address(args[before + 1] ?? 0n) + 8
    const at = yield* load(p, list, 8)
    const argument: Arguments = (index) => load(p, address(at) + 8 * index, 8)
    const { text, taken } = yield* render(p, args[before] ?? 0n, argument, special)
    yield* store(p, list, 8, at + BigInt(8 * taken))
    return yield* use(p, text, ...args.slice(0, before))
  })

export const print: Readonly<Record<string, LibraryFunction>> = Object.fromEntries(
  Object.entries(uses).flatMap(([name, [before, use]]) => [
    [name, variadic(name, before, use)],
    [`v${name}`, listed(`v${name}`, before, use)],
  ]),
)
