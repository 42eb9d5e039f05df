/**
 * A process as library code sees it: its virtual memory, its system calls, its output.
 *
 * Its own stack and (with one thread) its data are private DRAM and are read directly; everything else goes through the
 * page table to the core, one recorded step an access, with a page fault first where no page is mapped.
 */

import { type Spa, spa } from '../../base/brand.ts'
import { asm_exc_page_fault, translate } from '../linux/arch/x86/mm/fault.ts'
import type { Kernel } from '../linux/kernel.ts'
import type { AccessSize, Cpu } from '../sim/cpu.ts'
import { type Request, WAIT } from '../sim/kfunc.ts'
import { Killed } from '../sim/thread.ts'

export interface Process {
  /** The kernel as this thread enters it. */
  readonly kernel: Kernel
  readonly cpu: Cpu
  /** Private DRAM at `va`, or undefined when the bytes are not private. */
  direct(va: number, length: number): Uint8Array | undefined
  /** Shared DRAM of the process (globals when it has several threads). */
  dram(va: number): Spa | undefined
  output(text: string): void
  /** So many accesses to private memory, a tick each. False when the thread must hand over first. */
  tick(accesses: number): boolean
  /** Address of this thread's errno. */
  readonly errno: number
}

const PAGE = 4096

/** How the kernel ends a thread that touches an address where nothing is. */
export const segv = (va: number, write: boolean): Killed =>
  new Killed(139, `SIGSEGV: ${write ? 'write to' : 'read of'} address 0x${va.toString(16)}, where nothing is mapped`)

/** Where `va` is in memory; runs the page fault if the page is not there yet. */
function* resolve(p: Process, va: number, write: boolean): Generator<Request, Spa, unknown> {
  const shared = p.dram(va)
  if (shared !== undefined) return shared
  for (;;) {
    const at = translate(p.kernel, va, write)
    if (at !== undefined) return at
    if (!(yield* asm_exc_page_fault(p.kernel, va, write))) throw segv(va, write)
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
  const bytes = p.direct(va, size)
  if (bytes !== undefined) {
    while (!p.tick(1)) yield WAIT
    for (let i = 0; i < size; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn)
    return
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

/** Bytes that are private at both places, from where copying or filling goes on: up to a stretch, 0 if not private. */
export function* stretch(
  p: Process,
  places: readonly number[],
  length: number,
): Generator<Request, readonly Uint8Array[], unknown> {
  const size = Math.min(length, STRETCH)
  const views: Uint8Array[] = []
  for (const va of places) {
    const bytes = p.direct(va, size)
    if (bytes === undefined) return []
    views.push(bytes)
  }
  while (!p.tick(Math.ceil(size / 8) * places.length)) yield WAIT
  return views
}

/** Longest string that library code reads before it gives up on the terminator. */
const LONGEST_STRING = 1 << 20

/** Bytes of a C string, terminator excluded. */
export function* readString(p: Process, va: number): Generator<Request, Uint8Array, unknown> {
  const bytes: number[] = []
  for (let at = va; bytes.length < LONGEST_STRING; at++) {
    const byte = Number(yield* load(p, at, 1))
    if (byte === 0) break
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}
