/** Places that survive edits, and what a person does at them. These travel in links. */

import type { TransitionKind } from '../engine/hw/transition.ts'
import type { Anchor } from '../engine/sim/anchor.ts'

export type { Anchor }

/** What a person may make the hardware do of its own accord. */
export interface TransitionChoice {
  readonly kind: TransitionKind
  readonly core: number
  /** SPA of the 64-byte line, bytes. */
  readonly line: number
  /** `wc-drain` of that eight-byte cell of the line alone, 0…7; absent: of the whole buffer. */
  readonly cell?: number
  /** Which of several alike (two entries of one store buffer, same line), oldest first; absent: the oldest. */
  readonly nth?: number
}

/** What came of a command that a person typed. */
export interface CommandOutcome {
  /** First and last step of it. */
  readonly from: number
  readonly to: number
  /** What it printed, messages included. */
  readonly output: string
  /** Exit status; absent when it did not come to its end. */
  readonly status?: number
}

/** Happens right after the step that the anchor names, but for a schedule. */
export type Intervention =
  | { readonly kind: 'power-failure'; readonly at: Anchor }
  | { readonly kind: 'transition'; readonly at: Anchor; readonly transition: TransitionChoice }
  /**
   * A shell command, run by a thread of its own before the program goes on; where a thread is inside the kernel, once
   * none is.
   */
  | { readonly kind: 'command'; readonly at: Anchor; readonly text: string }
  /**
   * Of a litmus test: what happens instead of the policy's and the scheduler's choices, from the test's start on
   * ("P0 drain:P0:x write-back:x power-off"; src/engine/litmus/schedule.ts has the words).
   */
  | { readonly kind: 'schedule'; readonly choices: string; readonly at?: never }
