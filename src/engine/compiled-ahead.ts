/**
 * A program that was compiled ahead of time, as JSON: what the page begins with runs before the compiler has arrived.
 *
 * The types of globals and locals are left out, so a program with globals cannot be written down; who looks into one
 * compiles it anew, with its locals.
 */

import { assert } from '../base/assert.ts'
import { Hasher } from '../base/hash.ts'
import type { CFunction, Program } from '../lang/c/program.ts'

export interface CompiledAhead {
  /** Of the text that this was compiled from. */
  readonly hash: string
  /** Four words an instruction, and its line. */
  readonly code: readonly number[]
  readonly lines: readonly number[]
  /** Initial contents of the data: so many zeros, then two hexadecimal digits a byte. */
  readonly zeros: number
  readonly data: string
  /** Bytes of it that nobody may write. */
  readonly constants: number
  readonly functions: readonly Omit<CFunction, 'locals'>[]
  readonly natives: readonly string[]
}

function hashOf(text: string): string {
  const hasher = new Hasher()
  hasher.text(text)
  return hasher.digest()
}

export function writeDown(
  text: string,
  { code, lines, data, constants, functions, natives, globals }: Program,
): CompiledAhead {
  assert(globals.length === 0, 'a program with globals has types that are not written down')
  const first = data.findIndex((byte) => byte !== 0)
  const zeros = first < 0 ? data.length : first
  return {
    hash: hashOf(text),
    code: [...code],
    lines: [...lines],
    zeros,
    data: Array.from(data.subarray(zeros), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    constants,
    functions: functions.map(({ locals: _, ...fn }) => fn),
    natives,
  }
}

/** The program, if it is what `text` was compiled to. */
export function readAgain(
  text: string,
  { hash, code, lines, zeros, data, constants, functions, natives }: CompiledAhead,
) {
  if (hash !== hashOf(text)) return undefined
  const program: Program = {
    code: Int32Array.from(code),
    lines: Int32Array.from(lines),
    data: Uint8Array.from([...Array(zeros).fill('00'), ...(data.match(/../g) ?? [])], (byte) =>
      Number.parseInt(byte, 16),
    ),
    constants,
    functions: functions.map((fn) => ({ ...fn, locals: [] })),
    natives,
    globals: [],
  }
  return program
}
