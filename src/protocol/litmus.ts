/**
 * A litmus test on the screen: what the page learns of it, where its threads stand, and the exploration of all that
 * it can do, which runs in a worker of its own.
 *
 * Values are unsigned decimal strings: they may need 64 bits.
 */

import type { Diagnostic } from '../base/diagnostic.ts'
import type { Model } from '../engine/explore/model.ts'
import type { Quantifier, Verdict, When } from '../engine/litmus/test.ts'

export type { Model, Quantifier, When }

interface InstructionView {
  readonly text: string
  /** Where it stands in the scenario's text, 1-based. */
  readonly line: number
  readonly column: number
  readonly length: number
  /** Steps that issued it, in order; of one in a loop the first ones. */
  readonly issued: readonly number[]
}

interface LocationView {
  readonly name: string
  /** Its first byte. */
  readonly spa: number
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 8
}

/** What a loaded test is, in `Summary.litmus`. */
export interface LitmusView {
  readonly name: string
  /** What it shows, in words; empty when the file does not say. */
  readonly shows: string
  readonly source: string
  readonly threads: readonly { readonly name: string; readonly instructions: readonly InstructionView[] }[]
  readonly locations: readonly LocationView[]
  readonly when: When
  /** `~exists` and `forall` state that something never happens; `exists` asks whether it may. */
  readonly quantifier: Quantifier
  /** As written. */
  readonly condition: string
  /** What the file says under the default model; absent when it says nothing. */
  readonly expected?: Verdict
  /** The model under which it is explored when nobody chooses another. */
  readonly model: Model
  /** The schedule that was played, when an intervention brought one. */
  readonly schedule?: SchedulePlayed
}

/** How far a schedule came. Its choices are numbered from 0. */
interface SchedulePlayed {
  readonly choices: number
  /** The first choice that could not be taken; nothing was done after it. */
  readonly stuck?: { readonly choice: number; readonly text: string; readonly reason: string }
}

/** Where the test stands at a step, in `Frame.litmus`. */
export interface LitmusFrame {
  /** Per thread, the instruction that it issues next; the number of instructions when it has issued all. */
  readonly next: readonly number[]
  /** Per thread, its registers. */
  readonly registers: readonly (readonly { readonly name: string; readonly value: string }[])[]
  readonly memory: readonly LocationValues[]
}

interface LocationValues {
  readonly name: string
  /** What any core's load returns, store buffers and write-combining buffers set aside. */
  readonly visible: string
  readonly media: string
  /** What a power failure at this step leaves, in this run. */
  readonly survives: string
}

/** To the exploration worker. One exploration a worker: to cancel is to terminate it. */
export interface ExploreRequest {
  /** The test's text. */
  readonly text: string
  readonly model: Model
  /** States after which the search stops undecided. */
  readonly maxStates: number
}

/** One way in which the test may end. */
interface OutcomeView {
  /** By name: every location (`x`), and after a test of final states every register (`0:r`). */
  readonly values: Readonly<Record<string, string>>
  readonly satisfies: boolean
  /** Choices of a schedule that ends so; absent when the machine on the screen cannot end so. */
  readonly witness?: string
  /** Why there is no schedule. */
  readonly why?: string
}

export type ExploreReply =
  | { readonly kind: 'progress'; readonly states: number }
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'explored'
      readonly verdict: Verdict | 'undecided'
      /** What the file says under this model. */
      readonly expected?: Verdict
      readonly states: number
      /** Nothing was left unexplored. */
      readonly complete: boolean
      /** Number of distinct post-crash images, decimal; absent for tests of final states and when not all were found. */
      readonly images?: string
      /** Number that the file gives, under the default model. */
      readonly expectedImages?: number
      /**
       * Values that the condition asks for, any of these alternatives; names that one leaves out may have any value.
       * Empty when it cannot be said so.
       */
      readonly targets: readonly Readonly<Record<string, string>>[]
      readonly outcomes: readonly OutcomeView[]
      /** There are more outcomes than are listed. */
      readonly cut: boolean
    }
