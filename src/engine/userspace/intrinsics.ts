/**
 * Functions of the C program that are one instruction each: straight to the core, no call frame. Here those that nearly
 * every program uses; the others are in `more-intrinsics.ts`.
 *
 * Memory that is private to the process is not the machine's to keep (`memory.ts`): there the instruction changes it in
 * place, and the core executes the same at its physical address for whatever else it does.
 */

import type { Spa } from '../../base/brand.ts'
import type { Cpu, CpuFeature, Words } from '../sim/cpu.ts'
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
  /** Writes to bytes that are private to the process; nothing happens elsewhere. */
  keep(va: number, bytes: Uint8Array): void
  /** What an instruction has read at `va`, once it is done. */
  noted(va: number, bytes: Uint8Array): void
}

/** Arguments are 64-bit pairs of words, from `at` on. False: not yet, call again. */
export type Intrinsic = (words: Int32Array, at: number) => boolean

/** How each is made for a thread, by its name. */
export type Intrinsics = Readonly<Record<string, ((thread: Executor) => Intrinsic) | undefined>>

const TWO_32 = 0x1_0000_0000

export const pair = (words: Int32Array, at: number): Words => [words[at] as number, words[at + 1] as number]

export const pointer = (words: Int32Array, at: number): number => {
  const [lo, hi] = pair(words, at)
  return hi * TWO_32 + (lo >>> 0)
}

/** The eight bytes of two words. */
export const bytesOf = (words: Words): Uint8Array => new Uint8Array(Int32Array.from(words).buffer)

const onLine =
  (instruction: (cpu: Cpu, line: Spa) => boolean, feature?: CpuFeature) =>
  (thread: Executor): Intrinsic =>
  (words, at) => {
    // Before the address is looked at, which may be a page fault.
    if (feature !== undefined) thread.cpu.need(feature)
    const where = thread.physical(pointer(words, at), false)
    return where !== undefined && instruction(thread.cpu, where)
  }

/** Stores `data` past the caches by `instruction`, which wants its address to be a multiple of their number. */
export function storePast(
  thread: Executor,
  name: string,
  va: number,
  data: Uint8Array,
  instruction: (where: Spa) => boolean,
): boolean {
  if (va % data.length !== 0)
    throw new Killed(139, `SIGSEGV: ${name} to address 0x${va.toString(16)}, which is not aligned`)
  const where = thread.physical(va, true)
  if (where === undefined || !instruction(where)) return false
  thread.keep(va, data)
  return true
}

const stream =
  (size: 4 | 8) =>
  (thread: Executor): Intrinsic =>
  (words, at) => {
    const [lo, hi] = pair(words, at + 2)
    const data = bytesOf([lo, hi]).subarray(0, size)
    return storePast(thread, 'movnti', pointer(words, at), data, (where) => thread.cpu.movnti(where, size, lo, hi))
  }

export const intrinsics: Intrinsics = {
  _mm_clwb: onLine((cpu, line) => cpu.clwb(line), 'clwb'),
  _mm_clflushopt: onLine((cpu, line) => cpu.clflushopt(line), 'clflushopt'),
  _mm_clflush: onLine((cpu, line) => cpu.clflush(line)),
  _mm_sfence: (thread) => () => thread.cpu.sfence(),
  _mm_mfence: (thread) => () => thread.cpu.mfence(),
  _mm_lfence: (thread) => () => thread.cpu.lfence(),
  _mm_stream_si64: stream(8),
  _mm_stream_si32: stream(4),
}
