/** A litmus test: a small program, a question about how it may end, and the answer that its source gives. */

import type { Program } from '../explore/program.ts'

/** A named piece of memory. */
export interface Location {
  readonly name: string
  readonly cell: number
  /** Bytes in the cell. */
  readonly offset: number
  readonly size: 1 | 2 | 4 | 8
}

/** `~exists` and `forall` state that something is forbidden; `exists` asks whether it is allowed. */
export type Quantifier = 'exists' | '~exists' | 'forall'

/** Values are as the location's or register's size cuts them, unsigned. */
export type Formula =
  | { readonly kind: 'location'; readonly location: number; readonly value: bigint }
  | { readonly kind: 'register'; readonly thread: number; readonly register: number; readonly value: bigint }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] }
  | { readonly kind: 'not'; readonly part: Formula }
  | { readonly kind: 'true' }

/**
 * `crash`: some power failure at any instant. `end-crash`: one after every instruction has executed and the store
 * buffers are empty. `eadr`: at any instant, with the caches inside the persistence domain. `final`: no power failure.
 */
export type When = 'crash' | 'end-crash' | 'eadr' | 'final'

export type Verdict = 'allowed' | 'forbidden'

/** Where an instruction stands in the text, 1-based. */
export interface SourcePlace {
  readonly line: number
  readonly column: number
  readonly length: number
}

export interface LitmusTest {
  readonly name: string
  /** What it shows, in words; empty when the file does not say. */
  readonly shows: string
  readonly source: string
  readonly program: Program
  readonly locations: readonly Location[]
  /** Names of each thread's registers; those of helper registers begin with a dot and are never shown. */
  readonly registers: readonly (readonly string[])[]
  /** Text and place of each thread's instructions. */
  readonly listing: readonly (readonly { readonly text: string; readonly place: SourcePlace }[])[]
  readonly when: When
  readonly quantifier: Quantifier
  readonly formula: Formula
  /** The condition as written. */
  readonly condition: string
  /** What the file says: its verdict, and those under one option; undefined where it says nothing. */
  readonly verdict: Verdict | undefined
  readonly verdicts: readonly {
    readonly option: 'unit=word' | 'movnt=fence' | 'cas=paper'
    readonly verdict: Verdict
  }[]
  /** Number of distinct post-crash images that the file gives, under the default model. */
  readonly images: number | undefined
}
