/** A compiled program: plain data that can be sent to a worker, hashed and inspected. */

import type { CType } from './types.ts'

/** Where things live in a process's virtual memory, bytes. All below 2^47, high words chosen so one test tells them apart. */
export const DATA_BASE = 0x0040_4000
/** String literals and constant objects are below DATA_BASE, so many bytes at most; what is more is with the other data. */
export const MOST_CONSTANTS = 0x0010_0000
/** The heap starts on the page after the data, and is below this. */
export const DATA_LIMIT = 0x4000_0000
/** Stack of thread t: grows down from STACK_TOP - t * STACK_STRIDE. High word 0x7ffd for every thread. */
export const STACK_TOP = 0x7ffd_f000_0000
export const STACK_STRIDE = 0x0100_0000
export const STACK_SIZE = 0x0080_0000

export interface LocalInfo {
  readonly name: string
  readonly type: CType
  /**
   * Register pair, byte offset from the frame's base when it lives on the stack, or address of a static one. `reference`:
   * an object whose address is in a register pair: a record that has arrived and is not copied yet, an array of variable
   * length, what is aligned better than a frame.
   */
  readonly at:
    | { readonly kind: 'register' | 'reference'; readonly index: number }
    | { readonly kind: 'stack'; readonly offset: number }
    | { readonly kind: 'static'; readonly address: number }
  /** Instructions in which its name is known, the last excluded. Of two with the same name the inner comes first. */
  readonly from: number
  readonly to: number
}

export interface CFunction {
  readonly name: string
  /** Line of the definition, 1-based in the scenario text. */
  readonly line: number
  /** Index of the first instruction. */
  readonly entry: number
  /** 64-bit registers that a frame needs; parameters come first. */
  readonly registers: number
  /** Bytes of stack memory that a frame needs, a multiple of 16. */
  readonly frameSize: number
  readonly parameters: number
  /** A frame keeps further arguments in stack memory; their address is passed behind the parameters. */
  readonly variadic: boolean
  readonly returnsValue: boolean
  /** None, unless who compiled it has asked for them. */
  readonly locals: readonly LocalInfo[]
}

export interface GlobalInfo {
  readonly name: string
  readonly type: CType
  /** Virtual address. */
  readonly address: number
  readonly size: number
}

export interface Program {
  /** Four words an instruction: opcode, a, b, c. */
  readonly code: Int32Array
  /** Source line of each instruction, 1-based in the scenario text. */
  readonly lines: Int32Array
  readonly functions: readonly CFunction[]
  /** Names of the library functions and intrinsics that the program calls; the operand of `native` indexes it. */
  readonly natives: readonly string[]
  /** Initial contents of the data, from `constants` bytes below DATA_BASE on. */
  readonly data: Uint8Array
  /** Bytes of string literals and constant objects, which nobody may write: whole pages. */
  readonly constants: number
  readonly globals: readonly GlobalInfo[]
}
