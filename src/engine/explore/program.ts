/**
 * A small concurrent program over a few eight-byte cells: what the exhaustive search explores and the machine plays.
 *
 * Memory is a list of aligned eight-byte *cells*, each on a cache line. Values are unsigned 64-bit bigints. An access
 * lies inside one cell (whatever crosses a cell has been split by whoever made the program, persistency.md §2).
 */

/** Bytes `offset` … `offset + size - 1` of a cell. */
export interface Place {
  readonly cell: number
  /** 0…7 */
  readonly offset: number
  readonly size: 1 | 2 | 4 | 8
}

export type Operand = { readonly reg: number } | { readonly value: bigint }

/** What a locked instruction writes, from the old contents and its operand (for `cas` see below). */
export type Modify = 'xchg' | 'add' | 'sub' | 'and' | 'or' | 'xor'

export type Condition = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'below' | 'below-eq' | 'above' | 'above-eq'

/** Registers are numbered per thread; a result narrower than eight bytes is zero-extended. */
export type Instruction =
  | { readonly op: 'store' | 'movnt'; readonly at: Place; readonly value: Operand }
  /** Writes every cell of the program on that line with `value`, at once. */
  | { readonly op: 'movdir64b'; readonly line: number; readonly value: Operand }
  | { readonly op: 'load'; readonly reg: number; readonly at: Place }
  /** Locked read-modify-write; `reg`, if any, gets the old contents. */
  | { readonly op: 'rmw'; readonly modify: Modify; readonly reg?: number; readonly at: Place; readonly value: Operand }
  /** Locked compare-and-swap; `reg` gets the old contents, equal to `expected` when it succeeded. */
  | {
      readonly op: 'cas'
      readonly reg: number
      readonly at: Place
      readonly expected: Operand
      readonly desired: Operand
    }
  | { readonly op: 'clwb' | 'clflushopt' | 'clflush'; readonly line: number }
  | { readonly op: 'sfence' | 'mfence' | 'lfence' }
  /** reg := a, or reg := reg `modify` a, cut to `size` bytes. */
  | { readonly op: 'move'; readonly reg: number; readonly value: Operand }
  | {
      readonly op: 'compute'
      readonly modify: Exclude<Modify, 'xchg'>
      readonly reg: number
      readonly value: Operand
      readonly size: 1 | 2 | 4 | 8
    }
  /** Jump to instruction `to` (the length of the code is its end) when `a` `when` `b`, compared as `size`-byte numbers. */
  | {
      readonly op: 'branch'
      readonly when: Condition
      readonly a: Operand
      readonly b: Operand
      readonly size: 1 | 2 | 4 | 8
      readonly to: number
    }
  | { readonly op: 'goto'; readonly to: number }

export interface ThreadCode {
  /** Contents of its registers at the start; their number is the number of registers. */
  readonly registers: readonly bigint[]
  readonly code: readonly Instruction[]
}

export interface Program {
  /** Cache line of each cell; lines are numbered from 0 without gaps. */
  readonly lineOf: readonly number[]
  /** Contents of each cell at the start, in memory and on media. */
  readonly initial: readonly bigint[]
  readonly threads: readonly ThreadCode[]
}
