/**
 * Functions of the C program that are one instruction each: straight to the core, no call frame.
 *
 * Memory that is private to the process is not the machine's to keep (`memory.ts`): there the instruction changes it in
 * place, and the core executes the same at its physical address for whatever else it does. A comparison that fails there
 * is a full fence whatever the model says.
 */

import { ensure } from '../../base/assert.ts'
import type { Spa } from '../../base/brand.ts'
import { modified, sameBytes } from '../sim/arithmetic.ts'
import type { AccessSize, Cpu, CpuFeature, Modify, Words } from '../sim/cpu.ts'
import { Killed } from '../sim/thread.ts'

/** The thread that executes them. */
export interface Executor {
  readonly cpu: Cpu
  /** Result words. */
  lo: number
  hi: number
  /** Where `va` is, private memory included; undefined when a page fault must run first. */
  physical(va: number, write: boolean): Spa | undefined
  /** Bytes at `va` that are private to the process. */
  direct(va: number, length: number): Uint8Array | undefined
}

/** Arguments are 64-bit pairs of words, from `at` on. False: not yet, call again. */
export type Intrinsic = (words: Int32Array, at: number) => boolean

const PAGE = 4096
const TWO_32 = 0x1_0000_0000
const MODIFY: readonly Modify[] = ['xchg', 'add', 'sub', 'and', 'or', 'xor']

const pair = (words: Int32Array, at: number): Words => [words[at] as number, words[at + 1] as number]
const pointer = (words: Int32Array, at: number): number => {
  const [lo, hi] = pair(words, at)
  return hi * TWO_32 + (lo >>> 0)
}

/** The eight bytes of two words. */
const bytesOf = (words: Words): Uint8Array => new Uint8Array(Int32Array.from(words).buffer)

/** At most eight bytes as two words, zero-extended. */
function wordsOf(bytes: Uint8Array): Words {
  const all = new Int32Array(2)
  new Uint8Array(all.buffer).set(bytes)
  return [all[0] as number, all[1] as number]
}

export function intrinsicsFor(thread: Executor): Readonly<Record<string, Intrinsic>> {
  const { cpu } = thread

  const onLine =
    (instruction: (line: Spa) => boolean, feature?: CpuFeature): Intrinsic =>
    (words, at) => {
      // Before the address is looked at, which may be a page fault.
      if (feature !== undefined) cpu.need(feature)
      const where = thread.physical(pointer(words, at), false)
      return where !== undefined && instruction(where)
    }

  /** Stores `data` by `instruction`, which wants its address to be a multiple of `alignment`. */
  const storePast = (
    name: string,
    va: number,
    alignment: number,
    data: Uint8Array,
    instruction: (where: Spa) => boolean,
  ): boolean => {
    if (va % alignment !== 0)
      throw new Killed(139, `SIGSEGV: ${name} to address 0x${va.toString(16)}, which is not aligned`)
    const where = thread.physical(va, true)
    if (where === undefined || !instruction(where)) return false
    thread.direct(va, data.length)?.set(data)
    return true
  }

  const stream =
    (size: 4 | 8): Intrinsic =>
    (words, at) => {
      const [lo, hi] = pair(words, at + 2)
      const data = bytesOf([lo, hi]).subarray(0, size)
      return storePast('movnti', pointer(words, at), size, data, (where) => cpu.movnti(where, size, lo, hi))
    }

  /** What a movdir64b has read so far of its 64 bytes. */
  let source: { readonly bytes: Uint8Array; read: number } | undefined
  const movdir64b: Intrinsic = (words, at) => {
    cpu.need('movdir64b')
    const from = pointer(words, at + 2)
    source ??= { bytes: Uint8Array.from(thread.direct(from, 64) ?? new Uint8Array(64)), read: 0 }
    while (thread.direct(from, 64) === undefined && source.read < 64) {
      const va = from + source.read
      const piece = Math.min(64 - source.read, 64 - (va % 64))
      const where = thread.physical(va, false)
      if (where === undefined || !cpu.loadBytes(where, source.bytes, source.read, piece)) return false
      source.read += piece
    }
    const { bytes } = source
    const done = storePast('movdir64b', pointer(words, at), 64, bytes, (where) => cpu.movdir64b(where, bytes))
    if (done) source = undefined
    return done
  }

  /**
   * A locked instruction on an object of `size` bytes. `change` gives its new contents, undefined to leave it alone;
   * `execute` is the instruction itself.
   */
  const locked = (
    words: Int32Array,
    at: number,
    change: (old: Words, size: AccessSize) => Words | undefined,
    execute: (where: Spa, size: AccessSize, rest: Spa | undefined) => boolean,
  ): Words | undefined => {
    const va = pointer(words, at)
    const size = ensure(
      ([1, 2, 4, 8] as const).find((each) => each === words[at + 2]),
      'the object of a locked instruction has 1, 2, 4 or 8 bytes',
    )
    const where = thread.physical(va, true)
    if (where === undefined) return undefined
    const own = thread.direct(va, size)
    if (own !== undefined) {
      const old = wordsOf(own)
      const wanted = change(old, size)
      // What the machine's line holds there means nothing.
      if (!cpu.locked(where, size, wanted === undefined ? 'or' : 'xchg', ...(wanted ?? ([0, 0] as const))))
        return undefined
      if (wanted !== undefined) own.set(bytesOf(wanted).subarray(0, size))
      return old
    }
    const crosses = (va % PAGE) + size > PAGE
    const rest = crosses ? thread.physical(va - (va % PAGE) + PAGE, true) : undefined
    if ((crosses && rest === undefined) || !execute(where, size, rest)) return undefined
    return [cpu.lo, cpu.hi]
  }

  const result = ([lo, hi]: Words): true => {
    thread.lo = lo
    thread.hi = hi
    return true
  }

  const modify =
    (newContents: boolean): Intrinsic =>
    (words, at) => {
      const how = ensure(MODIFY[words[at + 4] as number], 'a builtin names a modification')
      const operand = pair(words, at + 6)
      const old = locked(
        words,
        at,
        (contents) => modified(how, contents, operand),
        (where, size, rest) => cpu.locked(where, size, how, ...operand, rest),
      )
      return old !== undefined && result(newContents ? modified(how, old, operand) : old)
    }

  const swap =
    (succeeded: boolean): Intrinsic =>
    (words, at) => {
      const [expected, wanted] = [pair(words, at + 4), pair(words, at + 6)]
      const old = locked(
        words,
        at,
        (contents, size) => (sameBytes(size, contents, expected) ? wanted : undefined),
        (where, size, rest) => cpu.compareAndSwap(where, size, expected, wanted, rest),
      )
      if (old === undefined) return false
      const size = words[at + 2] as AccessSize
      return result(succeeded ? [Number(sameBytes(size, old, expected)), 0] : old)
    }

  return {
    _mm_clwb: onLine((line) => cpu.clwb(line), 'clwb'),
    _mm_clflushopt: onLine((line) => cpu.clflushopt(line), 'clflushopt'),
    _mm_clflush: onLine((line) => cpu.clflush(line)),
    _mm_sfence: () => cpu.sfence(),
    _mm_mfence: () => cpu.mfence(),
    _mm_lfence: () => cpu.lfence(),
    _mm_stream_si64: stream(8),
    _mm_stream_si32: stream(4),
    _movdir64b: movdir64b,
    __lock_fence: () => cpu.mfence(),
    __lock_rmw: modify(false),
    __lock_rmw_new: modify(true),
    __lock_cas: swap(false),
    __lock_cas_ok: swap(true),
  }
}
