/**
 * Instructions that few programs use, straight to the core like those of `intrinsics.ts`: vector stores past the caches,
 * locked instructions, and what gcc's builtins compute.
 *
 * A comparison that fails on private memory is a full fence whatever the model says.
 */

import { ensure } from '../../base/assert.ts'
import type { Spa } from '../../base/brand.ts'
import { bits } from '../../lang/c/bits.ts'
import { modified, sameBytes } from '../sim/arithmetic.ts'
import type { AccessSize, Cpu, CpuFeature, Modify, Words } from '../sim/cpu.ts'
import { Killed } from '../sim/thread.ts'
import {
  bytesOf,
  type Executor,
  type Intrinsic,
  type Intrinsics,
  intrinsics,
  pair,
  pointer,
  storePast,
} from './intrinsics.ts'

const PAGE = 4096
const MODIFY: readonly Modify[] = ['xchg', 'add', 'sub', 'and', 'or', 'xor']

/** As a number; of a negative one these are the low 64 bits. */
const wide = ([lo, hi]: Words, negative: boolean): bigint =>
  (BigInt(hi >>> 0) << 32n) + BigInt(lo >>> 0) - (negative ? 1n << 64n : 0n)

/** At most eight bytes as two words, zero-extended. */
function wordsOf(bytes: Uint8Array): Words {
  const all = new Int32Array(2)
  new Uint8Array(all.buffer).set(bytes)
  return [all[0] as number, all[1] as number]
}

/** Stores `size` bytes, read from the second argument's address, past the caches to the first argument's. */
const wideStore =
  (
    name: 'movdir64b' | 'movntdq',
    size: 16 | 32 | 64,
    feature: CpuFeature | undefined,
    execute: (cpu: Cpu, where: Spa, bytes: Uint8Array) => boolean,
  ) =>
  (thread: Executor): Intrinsic => {
    const { cpu } = thread
    /** What the instruction has read so far of the bytes that it stores. */
    let source: { readonly bytes: Uint8Array; read: number } | undefined
    return (words, at) => {
      if (feature !== undefined) cpu.need(feature)
      const from = pointer(words, at + 2)
      source ??= { bytes: Uint8Array.from(thread.direct(from, size) ?? new Uint8Array(size)), read: 0 }
      while (thread.direct(from, size) === undefined && source.read < size) {
        const va = from + source.read
        const piece = Math.min(size - source.read, 64 - (va % 64))
        const where = thread.physical(va, false)
        if (where === undefined || !cpu.loadBytes(where, source.bytes, source.read, piece)) return false
        source.read += piece
      }
      const { bytes } = source
      const done = storePast(thread, name, pointer(words, at), bytes, (where) => execute(cpu, where, bytes))
      if (done) {
        thread.noted(from, bytes)
        source = undefined
      }
      return done
    }
  }
const streamed = (size: 16 | 32 | 64, feature?: CpuFeature) =>
  wideStore('movntdq', size, feature, (cpu, where, bytes) => cpu.movntdq(where, bytes))

/**
 * A locked instruction on an object of `size` bytes. `change` gives its new contents, undefined to leave it alone;
 * `execute` is the instruction itself.
 */
function locked(
  thread: Executor,
  words: Int32Array,
  at: number,
  change: (old: Words, size: AccessSize) => Words | undefined,
  execute: (where: Spa, size: AccessSize, rest: Spa | undefined) => boolean,
): Words | undefined {
  const { cpu } = thread
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
    thread.noted(va, bytesOf(old))
    if (wanted !== undefined) thread.keep(va, bytesOf(wanted).subarray(0, size))
    return old
  }
  const crosses = (va % PAGE) + size > PAGE
  const rest = crosses ? thread.physical(va - (va % PAGE) + PAGE, true) : undefined
  if ((crosses && rest === undefined) || !execute(where, size, rest)) return undefined
  const old: Words = [cpu.lo, cpu.hi]
  thread.noted(va, bytesOf(old))
  return old
}

function result(thread: Executor, [lo, hi]: Words): true {
  thread.lo = lo
  thread.hi = hi
  return true
}

const modify =
  (newContents: boolean) =>
  (thread: Executor): Intrinsic =>
  (words, at) => {
    const how = ensure(MODIFY[words[at + 4] as number], 'a builtin names a modification')
    const operand = pair(words, at + 6)
    const old = locked(
      thread,
      words,
      at,
      (contents) => modified(how, contents, operand),
      (where, size, rest) => thread.cpu.locked(where, size, how, ...operand, rest),
    )
    return old !== undefined && result(thread, newContents ? modified(how, old, operand) : old)
  }

const swap =
  (succeeded: boolean) =>
  (thread: Executor): Intrinsic =>
  (words, at) => {
    const [expected, wanted] = [pair(words, at + 4), pair(words, at + 6)]
    const old = locked(
      thread,
      words,
      at,
      (contents, size) => (sameBytes(size, contents, expected) ? wanted : undefined),
      (where, size, rest) => thread.cpu.compareAndSwap(where, size, expected, wanted, rest),
    )
    if (old === undefined) return false
    const size = words[at + 2] as AccessSize
    return result(thread, succeeded ? [Number(sameBytes(size, old, expected)), 0] : old)
  }

export const allIntrinsics: Intrinsics = {
  ...intrinsics,
  _mm_stream_si128: streamed(16),
  _mm256_stream_si256: streamed(32, 'avx'),
  _mm512_stream_si512: streamed(64, 'avx'),
  _movdir64b: wideStore('movdir64b', 64, 'movdir64b', (cpu, where, bytes) => cpu.movdir64b(where, bytes)),
  __asm_sfence: intrinsics['_mm_sfence'],
  __asm_mfence: intrinsics['_mm_mfence'],
  __asm_lfence: intrinsics['_mm_lfence'],
  __asm_clflush: intrinsics['_mm_clflush'],
  __asm_clflushopt: intrinsics['_mm_clflushopt'],
  __asm_clwb: intrinsics['_mm_clwb'],
  __asm_movnti32: intrinsics['_mm_stream_si32'],
  __asm_movnti64: intrinsics['_mm_stream_si64'],
  __lock_fence: (thread) => () => thread.cpu.mfence(),
  __lock_rmw: modify(false),
  __lock_rmw_new: modify(true),
  __lock_cas: swap(false),
  __lock_cas_ok: swap(true),
  __bits: (thread) => (words, at) => result(thread, bits(words[at] as number, ...pair(words, at + 2))),
  __overflow: (thread) => (words, at) => {
    const signed = (from: number): bigint => wide(pair(words, from), words[from + 2] !== 0)
    const [a, b] = [signed(at + 2), signed(at + 6)]
    const exact = words[at] === 0 ? a + b : words[at] === 1 ? a - b : a * b
    return result(thread, [Number(exact !== signed(at + 10)), 0])
  },
  __aligned: () => (words, at) => {
    const va = pointer(words, at)
    const bytes = words[at + 2] as number
    if (va % bytes === 0) return true
    throw new Killed(139, `SIGSEGV: vmovdqa at address 0x${va.toString(16)}, which is no multiple of ${bytes}`)
  },
  __trap: () => (words, at) => {
    throw new Killed(132, `SIGILL: ${words[at] === 0 ? '__builtin_trap()' : '__builtin_unreachable() was reached'}`)
  },
}
