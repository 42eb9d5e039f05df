/**
 * Pairs requests with replies by id and grants progress credits. Knows nothing of how messages travel.
 *
 * A newer load makes an older one `cancelled` at once; whatever the engine still says about it is dropped.
 */

import { unreachable } from '../base/assert.ts'
import type { Intervention } from '../protocol/interventions.ts'
import type { Answers, Push, Question, Request } from '../protocol/messages.ts'
import { EngineError, type LoadOutcome, type Progress, type QuestionOf } from './engine-client.ts'

/** Progress messages that may be under way: enough that the engine never waits for the page's next frame. */
const CREDITS = 4

interface PendingLoad {
  readonly id: number
  readonly onProgress: (progress: Progress) => void
  readonly settle: (outcome: LoadOutcome) => void
}

interface PendingAsk {
  readonly resolve: (answer: Answers[keyof Answers]) => void
  readonly reject: (error: Error) => void
}

export class Mailbox {
  private nextId = 1
  private loading: PendingLoad | undefined
  private readonly asks = new Map<number, PendingAsk>()
  private readonly post: (request: Request) => void

  constructor(post: (request: Request) => void) {
    this.post = post
  }

  get isLoading(): boolean {
    return this.loading !== undefined
  }

  load(
    text: string,
    interventions: readonly Intervention[],
    onProgress: (progress: Progress) => void,
  ): Promise<LoadOutcome> {
    this.settleLoad({ kind: 'cancelled' })
    const id = this.nextId++
    return new Promise((settle) => {
      this.loading = { id, onProgress, settle }
      this.post({ kind: 'load', id, text, interventions, credits: CREDITS })
    })
  }

  ask<K extends Question['ask']>(question: QuestionOf<K>, signal?: AbortSignal): Promise<Answers[K]> {
    const id = this.nextId++
    return new Promise<Answers[K]>((resolve, reject) => {
      // The id ties this answer to this question, and the protocol gives each question one type of answer.
      this.asks.set(id, { resolve: (answer) => resolve(answer as Answers[K]), reject })
      this.post({ kind: 'ask', id, question })
      signal?.addEventListener('abort', () => this.giveUp(id), { once: true })
      if (signal?.aborted === true) this.giveUp(id)
    })
  }

  receive(push: Push): void {
    switch (push.kind) {
      case 'progress':
        if (this.loading?.id !== push.id) return
        this.loading.onProgress({ steps: push.steps, ticks: push.ticks })
        this.post({ kind: 'credit', credits: 1 })
        return
      case 'recorded':
        if (this.loading?.id === push.id) this.settleLoad({ kind: 'recorded', summary: push.summary })
        return
      case 'refused':
        if (this.loading?.id === push.id) this.settleLoad({ kind: 'refused', diagnostics: push.diagnostics })
        return
      case 'cancelled':
        if (this.loading?.id === push.id) this.settleLoad({ kind: 'cancelled' })
        return
      case 'answer': {
        const ask = this.asks.get(push.id)
        this.asks.delete(push.id)
        ask?.resolve(push.answer)
        return
      }
      case 'failed': {
        if (this.loading?.id === push.id) this.settleLoad({ kind: 'failed', message: push.message })
        const ask = this.asks.get(push.id)
        this.asks.delete(push.id)
        ask?.reject(new EngineError(push.message))
        return
      }
      default:
        unreachable(push)
    }
  }

  private giveUp(id: number): void {
    const ask = this.asks.get(id)
    if (ask === undefined) return
    this.asks.delete(id)
    this.post({ kind: 'abandon', id })
    ask.reject(new EngineError('given up'))
  }

  /** The engine is gone: every reply that is still owed becomes a failure. */
  abandon(outcome: LoadOutcome, message: string): void {
    this.settleLoad(outcome)
    const owed = [...this.asks.values()]
    this.asks.clear()
    for (const ask of owed) ask.reject(new EngineError(message))
  }

  private settleLoad(outcome: LoadOutcome): void {
    const pending = this.loading
    this.loading = undefined
    pending?.settle(outcome)
  }
}
