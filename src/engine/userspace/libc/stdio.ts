/** stdio.h, as far as programs print. Output is not buffered: it is there when the call returns. */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { type Process, readString } from '../process.ts'
import { formatDouble, formatInteger, formatText, parseFormat } from './format.ts'
import type { LibraryFunction } from './library.ts'

/** Longest field that a directive may ask for. */
const MOST_PADDING = 65_536

const decoder = new TextDecoder('utf-8')
const bits = new DataView(new ArrayBuffer(8))

/** The text that printf would write for `format` and `args` (64-bit words as passed). */
function* render(p: Process, format: string, args: readonly bigint[]): Generator<Request, string, unknown> {
  let text = ''
  let next = 0
  const take = (): bigint => args[next++] ?? 0n
  for (const part of parseFormat(format)) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    let directive = part
    let width = part.width === '*' ? Number(BigInt.asIntN(32, take())) : (part.width ?? 0)
    if (width < 0) {
      width = -width
      directive = { ...part, flags: `${part.flags}-` }
    }
    const asked = part.precision === '*' ? Number(BigInt.asIntN(32, take())) : part.precision
    const precision = asked !== undefined && asked < 0 ? undefined : asked
    const longest = Math.max(width, precision ?? 0)
    if (longest > MOST_PADDING)
      throw new Killed(
        134,
        `printf: a field of ${longest} characters is more than this library prints (${MOST_PADDING})`,
      )
    switch (part.conversion) {
      case 'c':
        text += formatText(directive, String.fromCharCode(Number(take() & 0xffn)), width)
        break
      case 's': {
        const at = Number(take())
        const bytes = at === 0 ? new TextEncoder().encode('(null)') : yield* readString(p, at)
        text += formatText(directive, decoder.decode(bytes.subarray(0, precision ?? bytes.length)), width)
        break
      }
      case 'p': {
        const at = take()
        text += formatText(directive, at === 0n ? '(nil)' : `0x${at.toString(16)}`, width)
        break
      }
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        bits.setBigUint64(0, BigInt.asUintN(64, take()))
        text += formatDouble(directive, bits.getFloat64(0), width, precision)
        break
      default:
        text += formatInteger(directive, take(), width, precision)
    }
  }
  return text
}

const printf = kfunc('libc: stdio.h', function* printf(p: Process, format: bigint, ...args: bigint[]) {
  const text = yield* render(p, decoder.decode(yield* readString(p, Number(format))), args)
  p.output(text)
  return new TextEncoder().encode(text).length
})

const puts = kfunc('libc: stdio.h', function* puts(p: Process, text: bigint) {
  p.output(`${decoder.decode(yield* readString(p, Number(text)))}\n`)
  return 1
})

// biome-ignore lint/correctness/useYield: a library function is a generator whether or not it has to wait
const putchar = kfunc('libc: stdio.h', function* putchar(p: Process, c: bigint) {
  p.output(String.fromCharCode(Number(c & 0xffn)))
  return Number(c & 0xffn)
})

export const stdio: Readonly<Record<string, LibraryFunction>> = { printf, puts, putchar }
