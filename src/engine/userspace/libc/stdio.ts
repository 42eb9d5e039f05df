/**
 * stdio.h, as far as nearly every program prints; the rest is in `print.ts` and `more-stdio.ts`. Output is not buffered:
 * it is there when the call returns, but for a character of several bytes, which is shown once it is whole.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { bytesOf, type Process, readText } from '../process.ts'
import { type Directive, formatInteger, formatPointer, formatText, parseFormat } from './format.ts'
import type { LibraryFunction } from './library.ts'

/** Longest field that a directive may ask for. */
const MOST_PADDING = 65_536

type Word = Generator<Request, bigint, unknown>
/** An argument of the printf family, by its place. */
export type Arguments = (index: number) => Word
/** A conversion with its argument, when width and precision are known; `before`: what is printed in front of it. */
export type Special = (
  p: Process,
  directive: Directive,
  word: bigint,
  width: number,
  precision: number | undefined,
  before: string,
) => Generator<Request, string, unknown>

/** Conversions that need more than this part of the library: a program that can ask for them gets the whole. */
// biome-ignore lint/correctness/useYield: what takes its place may have to wait
function* none(_p: Process, { length, conversion }: Directive): Generator<Request, string, unknown> {
  throw new Killed(134, `printf: this library has no %${length}${conversion}`)
}

/** What printf would write for the format at `format`, one character a byte; and how many arguments it takes. */
export function* render(
  p: Process,
  format: bigint,
  argument: Arguments,
  special: Special = none,
): Generator<Request, { readonly text: string; readonly taken: number }, unknown> {
  let text = ''
  let taken = 0
  const next = (position: number | undefined): Word => argument(position === undefined ? taken++ : position - 1)
  function* number(given: number | string | undefined): Generator<Request, number | undefined, unknown> {
    if (typeof given !== 'string') return given
    return Number(BigInt.asIntN(32, yield* next(given === '*' ? undefined : Number.parseInt(given.slice(1), 10))))
  }
  for (const part of parseFormat(yield* readText(p, format))) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    let directive = part
    let width = (yield* number(part.width)) ?? 0
    if (width < 0) {
      width = -width
      directive = { ...part, flags: `${part.flags}-` }
    }
    const asked = yield* number(part.precision)
    const precision = asked !== undefined && asked < 0 ? undefined : asked
    const { conversion, length } = part
    const longest = Math.max(width, conversion === 's' ? 0 : (precision ?? 0))
    if (longest > MOST_PADDING)
      throw new Killed(
        134,
        `printf: a field of ${longest} characters is more than this library prints (${MOST_PADDING})`,
      )
    const word = conversion === 'm' ? 0n : yield* next(part.position)
    if (/[nmCSaAeEfFgG]/.test(conversion) || (length === 'l' && /[cs]/.test(conversion)))
      text += yield* special(p, directive, word, width, precision, text)
    else if (conversion === 'c') text += formatText(directive, String.fromCharCode(Number(word & 0xffn)), width)
    else if (conversion === 's') {
      const shown = word === 0n ? ((precision ?? 6) < 6 ? '' : '(null)') : yield* readText(p, word, precision)
      text += formatText(directive, shown, width)
    } else if (conversion === 'p') text += formatPointer(directive, word, width, precision)
    else text += formatInteger(directive, word, width, precision)
  }
  return { text, taken }
}

/** Arguments that were passed as words. */
export const passed = (args: readonly bigint[]): Arguments =>
  function* (index) {
    yield* []
    return args[index] ?? 0n
  }

const printf = kfunc('libc: stdio.h', function* printf(p: Process, format: bigint, ...args: bigint[]) {
  const { text } = yield* render(p, format, passed(args))
  p.write(1, bytesOf(text))
  return text.length
})

const puts = kfunc('libc: stdio.h', function* puts(p: Process, text: bigint) {
  const line = `${yield* readText(p, text)}\n`
  p.write(1, bytesOf(line))
  return line.length
})

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const putchar = kfunc('libc: stdio.h', function* putchar(p: Process, c: bigint) {
  p.write(1, Uint8Array.of(Number(c & 0xffn)))
  return Number(c & 0xffn)
})

export const stdio: Readonly<Record<string, LibraryFunction>> = { printf, puts, putchar }
