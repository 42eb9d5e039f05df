/**
 * A process as library code sees it: its virtual memory, its system calls, its output.
 *
 * Its own stack and (with one thread) its data are private DRAM and are read directly; everything else goes through the
 * page table to the core, one recorded step an access, with a page fault first where no page is mapped.
 */

import { type Spa, spa } from '../../base/brand.ts'
import { asm_exc_page_fault, SIGBUS, translate } from '../linux/arch/x86/mm/fault.ts'
import type { Kernel } from '../linux/kernel.ts'
import { find_vma } from '../linux/mm/mmap.ts'
import type { AccessSize, Cpu } from '../sim/cpu.ts'
import { type Op, type Request, WAIT } from '../sim/kfunc.ts'
import { Killed } from '../sim/thread.ts'

/** A thread that the process has started. */
export interface Spawned {
  readonly index: number
  /** It no longer runs. */
  readonly ended: boolean
  /** What its function returned. */
  readonly result: bigint
  /** Its number may be given to another. */
  release(): void
}

export interface Process {
  /** The kernel as this thread enters it. */
  readonly kernel: Kernel
  readonly cpu: Cpu
  /** Private DRAM at `va`, or undefined when the bytes are not private. */
  direct(va: number, length: number): Uint8Array | undefined
  /** Writes `size` bytes of `value` to private DRAM. Everything that library code writes there comes this way. */
  put(va: number, size: AccessSize, value: bigint): void
  /** The same for many bytes: what is at `from`, or one byte over and over. */
  copy(to: number, from: number, length: number): void
  fill(to: number, byte: number, length: number): void
  /** May nobody write there? */
  isConstant(va: number): boolean
  /** Shared DRAM of the process (globals when it has several threads). */
  dram(va: number): Spa | undefined
  /** To stdout (1) or stderr (2). */
  write(stream: 1 | 2, bytes: Uint8Array): void
  /** Moves the program break to `end`; false when that is no place for it. */
  brk(end: number): boolean
  /** Address behind everything that the process has from the start. */
  readonly heapStart: number
  /** What the library keeps for the process under this name, made at its first use. */
  global<T>(create: () => T): T
  /** Calls the C function that `pointer` points to. Its result, as a word. */
  call(pointer: bigint, ...args: bigint[]): Generator<Request, bigint, unknown>
  /** Where `va` is, private memory included; undefined when no page is mapped yet. */
  physical(va: number, write: boolean): Spa | undefined
  /** A new thread that runs the C function at `pointer`; undefined when there are as many as there can be. */
  spawn(pointer: bigint, argument: bigint): Spawned | undefined
  /** Number of the thread in its process. */
  readonly index: number
  /** What runs when main() returns. */
  atEnd: ((p: Process, status: bigint) => Op<bigint | number>) | undefined
  /** What pthread_exit() was given. */
  exitValue: bigint | undefined
  /** So many accesses to private memory, a tick each. False when the thread must hand over first. */
  tick(accesses: number): boolean
  /** Address of this thread's errno. */
  readonly errno: number
}

const PAGE = 4096

/** How the kernel ends a thread whose access it cannot make possible. */
export function killed({ current }: Kernel, signal: number, va: number, write: boolean): Killed {
  const access = `${write ? 'write to' : 'read of'} address 0x${va.toString(16)}`
  if (signal === SIGBUS)
    return new Killed(128 + signal, `SIGBUS: ${access}, which is past the end of what is mapped there`)
  const mapped = current.mm !== undefined && find_vma(current.mm, va) !== undefined
  return new Killed(
    128 + signal,
    `SIGSEGV: ${access}, ${mapped ? 'whose mapping forbids it' : 'where nothing is mapped'}`,
  )
}

/** How a write to a string literal or a constant object ends a thread. */
export const readOnly = (va: number): Killed =>
  new Killed(
    139,
    `SIGSEGV: write to address 0x${va.toString(16)}, which is read-only: a string literal or a const object`,
  )

/** Where `va` is in memory; runs the page fault if the page is not there yet. */
export function* resolve(p: Process, va: number, write: boolean): Generator<Request, Spa, unknown> {
  const shared = p.dram(va)
  if (shared !== undefined && write && p.isConstant(va)) throw readOnly(va)
  if (shared !== undefined) return shared
  for (;;) {
    const at = translate(p.kernel, va, write)
    if (at !== undefined) return at
    const signal = yield* asm_exc_page_fault(p.kernel, va, write)
    if (signal !== 0) throw killed(p.kernel, signal, va, write)
  }
}

/** One load by library code. `size` bytes must not cross a page. */
export function* load(p: Process, va: number, size: AccessSize): Generator<Request, bigint, unknown> {
  const bytes = p.direct(va, size)
  if (bytes !== undefined) {
    while (!p.tick(1)) yield WAIT
    let value = 0n
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
    return value
  }
  if ((va % PAGE) + size > PAGE) {
    let value = 0n
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | (yield* load(p, va + i, 1))
    return value
  }
  const at = yield* resolve(p, va, false)
  while (!p.cpu.load(at, size)) yield WAIT
  return ((BigInt(p.cpu.hi >>> 0) << 32n) | BigInt(p.cpu.lo >>> 0)) & ((1n << BigInt(8 * size)) - 1n)
}

/** One store by library code. */
export function* store(p: Process, va: number, size: AccessSize, value: bigint): Generator<Request, void, unknown> {
  if (p.direct(va, size) !== undefined) {
    while (!p.tick(1)) yield WAIT
    return p.put(va, size, value)
  }
  if ((va % PAGE) + size > PAGE) {
    for (let i = 0; i < size; i++) yield* store(p, va + i, 1, (value >> BigInt(8 * i)) & 0xffn)
    return
  }
  const at = yield* resolve(p, va, true)
  const lo = Number(BigInt.asIntN(32, value))
  const hi = Number(BigInt.asIntN(32, value >> 32n))
  while (!p.cpu.store(spa(at), size, lo, hi)) yield WAIT
}

/** Private bytes that library code handles between two looks at its fuel. */
const STRETCH = 4096

/** Bytes that are private at all places, from where copying or filling goes on: up to a stretch, 0 if not private. */
export function* stretch(p: Process, places: readonly number[], length: number): Generator<Request, number, unknown> {
  const size = Math.min(length, STRETCH)
  if (places.some((va) => p.direct(va, size) === undefined)) return 0
  while (!p.tick(Math.ceil(size / 8) * places.length)) yield WAIT
  return size
}

/** Longest string that library code reads before it gives up on the terminator. */
const LONGEST_STRING = 1 << 20

/** Bytes of a C string, terminator excluded; at most so many are looked at. */
export function* readString(p: Process, va: number, most = LONGEST_STRING): Generator<Request, Uint8Array, unknown> {
  const bytes: number[] = []
  for (let at = va; bytes.length < Math.min(most, LONGEST_STRING); at++) {
    const byte = Number(yield* load(p, at, 1))
    if (byte === 0) break
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

/** The same as text with one character a byte. */
export function* readText(p: Process, va: bigint, most?: number): Generator<Request, string, unknown> {
  let text = ''
  for (const byte of yield* readString(p, Number(va), most)) text += String.fromCharCode(byte)
  return text
}

/** The bytes of such a text. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

export function* readBytes(p: Process, va: number, length: number): Generator<Request, Uint8Array, unknown> {
  const bytes: number[] = []
  for (let i = 0; i < length; i++) bytes.push(Number(yield* load(p, va + i, 1)))
  return Uint8Array.from(bytes)
}
