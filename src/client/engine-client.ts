/** What the page asks of the engine, wherever it runs. Answers speak of the last recording that was finished. */

import type { Diagnostic } from '../base/diagnostic.ts'
import type { Intervention } from '../protocol/interventions.ts'
import type { Answers, Question, Summary } from '../protocol/messages.ts'

export interface Progress {
  readonly steps: number
  readonly ticks: number
}

export type LoadOutcome =
  | { readonly kind: 'recorded'; readonly summary: Summary }
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  /** Stopped by `cancel`, or overtaken by a newer `load`. */
  | { readonly kind: 'cancelled' }
  /** The engine broke; the scenario is kept. */
  | { readonly kind: 'failed'; readonly message: string }

export type QuestionOf<K extends Question['ask']> = Extract<Question, { ask: K }>

export interface EngineClient {
  load(
    text: string,
    interventions: readonly Intervention[],
    onProgress: (progress: Progress) => void,
  ): Promise<LoadOutcome>
  /** Rejects with an `EngineError` when the engine cannot answer or `signal` says to give up; never hangs. */
  ask<K extends Question['ask']>(question: QuestionOf<K>, signal?: AbortSignal): Promise<Answers[K]>
  cancel(): void
  dispose(): void
}

/** The engine could not answer: it stopped, was replaced, or refused the question. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
}
