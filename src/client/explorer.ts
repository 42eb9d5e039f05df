/** Exploring a litmus test, wherever it runs: one exploration a time, which may be stopped. */

import type { ExploreReply, ExploreRequest } from '../protocol/litmus.ts'

export type Explored = Extract<ExploreReply, { kind: 'explored' }>

export type ExploreOutcome =
  | Exclude<ExploreReply, { kind: 'progress' }>
  | { readonly kind: 'cancelled' }
  /** The exploration broke: most likely its memory ran out. */
  | { readonly kind: 'failed'; readonly message: string }

export interface Exploration {
  /** Never rejects. */
  readonly outcome: Promise<ExploreOutcome>
  cancel(): void
}

/** `onProgress`: states found so far. */
export type Explorer = (request: ExploreRequest, onProgress: (states: number) => void) => Exploration
