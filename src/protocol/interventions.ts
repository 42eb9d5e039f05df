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
}

/** Happens right after the step that the anchor names. */
export type Intervention =
  | { readonly kind: 'power-failure'; readonly at: Anchor }
  | { readonly kind: 'transition'; readonly at: Anchor; readonly transition: TransitionChoice }
