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
