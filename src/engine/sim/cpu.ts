/**
 * What running code may ask of its core: the instructions, at system physical addresses.
 *
 * The hardware implements this (`hw/cpu/core`); the kernel and user space see nothing else of the machine.
 * Every call is one recorded step of the running thread. `false` means that the instruction could not be issued or
 * completed yet (store buffer full, fence waiting, an intervention is due): nothing has happened that a second call
 * would repeat, so callers simply call again at their next turn. 64-bit data travels as two 32-bit words.
 */

import type { Spa } from '../../base/brand.ts'

export type AccessSize = 1 | 2 | 4 | 8

/** What a locked instruction writes, from the old contents and its operand. */
export type Modify = 'xchg' | 'add' | 'sub' | 'and' | 'or' | 'xor'

/** Instructions that a processor may lack; `avx` for stores of more than 16 bytes. */
export type CpuFeature = 'clwb' | 'clflushopt' | 'movdir64b' | 'avx'

/** 64-bit data: low and high word. */
export type Words = readonly [lo: number, hi: number]

export interface Cpu {
  /** Result of the last load, low and high word (zero-extended). */
  readonly lo: number
  readonly hi: number
  /**
   * Any alignment; an access that crosses an 8-byte cell is split (persistency.md §2). `rest`: where the access goes
   * on when it crosses a page, which may be anywhere.
   */
  load(at: Spa, size: AccessSize, rest?: Spa): boolean
  /** One step that reads `length` bytes of one 64-byte line (`rep movsb` reads a line at a time). */
  loadBytes(at: Spa, into: Uint8Array, offset: number, length: number): boolean
  store(at: Spa, size: AccessSize, lo: number, hi: number, rest?: Spa): boolean
  movnti(at: Spa, size: 4 | 8, lo: number, hi: number): boolean
  /** 16, 32 or 64 bytes, at a multiple of as many; cut into eight-byte cells. */
  movntdq(at: Spa, data: Uint8Array): boolean
  /** 64 bytes at a multiple of 64, never cut. */
  movdir64b(at: Spa, data: Uint8Array): boolean
  /**
   * Locked read-modify-write, at any alignment: one step, and a full fence. The old contents are the result. The caller
   * repeats the same call until it is done.
   */
  locked(at: Spa, size: AccessSize, modify: Modify, lo: number, hi: number, rest?: Spa): boolean
  /** Locked: writes `wanted` when the old contents, which are the result, equal `expected`. */
  compareAndSwap(at: Spa, size: AccessSize, expected: Words, wanted: Words, rest?: Spa): boolean
  /** Ends the thread (#UD) when the processor lacks an instruction; the instructions ask it themselves. */
  need(feature: CpuFeature): void
  clwb(at: Spa): boolean
  clflushopt(at: Spa): boolean
  clflush(at: Spa): boolean
  /** Two steps, issued and done; true once done. */
  sfence(): boolean
  mfence(): boolean
  lfence(): boolean
  /** An uncached 8-byte store: the flush-hint pages. */
  writeq(at: Spa, lo: number, hi: number): boolean
}
