/** Options of a command, short ones, as getopt reads them; and the files that it is to read. */

import { err, ok, type Result } from '../../../base/result.ts'
import { sys_newfstatat } from '../../linux/fs/readdir.ts'
import type { Kernel } from '../../linux/kernel.ts'
import type { Request } from '../../sim/kfunc.ts'
import { unpacked } from './bytes.ts'
import { entering, readBytes } from './files.ts'
import { absolute, type Surroundings } from './session.ts'

export interface Options {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  /** What is no option. */
  readonly rest: readonly string[]
}

/** `flags` and `valued`: letters. */
export function optionsOf(name: string, args: readonly string[], flags: string, valued = ''): Result<Options, string> {
  const set = new Set<string>()
  const values = new Map<string, string>()
  const rest: string[] = []
  const complain = (what: string): Result<Options, string> =>
    err(`${name}: ${what}\nTry '${name} --help' for more information.`)
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string
    if (arg === '--') {
      rest.push(...args.slice(at + 1))
      break
    }
    if (arg.startsWith('--')) return complain(`unrecognized option '${arg}'`)
    if (!arg.startsWith('-') || arg === '-') {
      rest.push(arg)
      continue
    }
    for (let i = 1; i < arg.length; i++) {
      const letter = arg[i] as string
      if (flags.includes(letter)) set.add(letter)
      else if (valued.includes(letter)) {
        const value = arg.length > i + 1 ? arg.slice(i + 1) : args[++at]
        if (value === undefined) return complain(`option requires an argument -- '${letter}'`)
        values.set(letter, value)
        break
      } else return complain(`invalid option -- '${letter}'`)
    }
  }
  return ok({ flags: set, values, rest })
}

/** Bytes of one file that a command reads at most. */
const MOST = 1 << 20
const ENOENT = 2
const EISDIR = 21

/** Bytes of a file from `from` on, or a negative error number. `most`: more are not wanted. */
export function* readFile(
  k: Kernel,
  path: string,
  { session }: Surroundings,
  most = MOST,
  from = 0,
): Generator<Request, string | number, unknown> {
  const place = absolute(session, path)
  let read = yield* readBytes(k, place, most, most === MOST, from)
  if (read === -ENOENT) {
    const stat = yield* sys_newfstatat(entering(k), place, true)
    if (typeof stat !== 'number' && stat.kind === 'folder') return -EISDIR
    if (typeof stat !== 'number' && stat.path !== place)
      read = yield* readBytes(k, stat.path, most, most === MOST, from)
  }
  return typeof read === 'number' ? read : unpacked(read)
}

export interface Input {
  /** As it was named; "-" for standard input. */
  readonly name: string
  readonly bytes: string | number
}

/** What of a file is wanted, bytes. */
export interface Span {
  readonly from: number
  readonly length: number
}

const PAGE = 4096

/** The part of one file, by whole pages read; of a device nothing else is touched. */
export function* readSpan(
  k: Kernel,
  path: string,
  around: Surroundings,
  { from, length }: Span,
): Generator<Request, string | number, unknown> {
  const start = from - (from % PAGE)
  const pages = Math.ceil((from + length - start) / PAGE) * PAGE
  const bytes = yield* readFile(k, path, around, Math.min(pages, MOST), start)
  return typeof bytes === 'number' ? bytes : bytes.slice(from - start, from - start + length)
}

/** The files that are named, or standard input. */
export function* inputsOf(
  k: Kernel,
  paths: readonly string[],
  around: Surroundings,
): Generator<Request, readonly Input[], unknown> {
  const inputs: Input[] = []
  for (const name of paths.length === 0 ? ['-'] : paths)
    inputs.push({ name, bytes: name === '-' ? around.stdin : yield* readFile(k, name, around) })
  return inputs
}

/** Lines, the last with or without its newline. */
export function linesOf(bytes: string): readonly string[] {
  const lines = bytes.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
