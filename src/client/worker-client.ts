/**
 * The engine in a worker of its own.
 *
 * A worker that dies is replaced. What it had recorded is recorded again in the new one (the same text and
 * interventions give the same recording, so step numbers stay valid); the load that killed it is not repeated.
 * A cancel that the worker does not hear within a second ends the worker: it is then stuck, not busy.
 */

import type { Intervention } from '../protocol/interventions.ts'
import type { Answers, Push, Question } from '../protocol/messages.ts'
import { type EngineClient, EngineError, type LoadOutcome, type Progress, type QuestionOf } from './engine-client.ts'
import { Mailbox } from './mailbox.ts'

const CANCEL_PATIENCE_MS = 1000

interface Recorded {
  readonly text: string
  readonly interventions: readonly Intervention[]
}

/** `onRestart` hears that a new worker took over, and why. */
export class WorkerClient implements EngineClient {
  private readonly onRestart: (reason: string) => void
  private worker: Worker
  private mailbox: Mailbox
  private recorded: Recorded | undefined
  /** Resolves when the replaced worker has recorded again what its predecessor had. */
  private recovering: Promise<boolean> | undefined
  private patience: ReturnType<typeof setTimeout> | undefined

  constructor(onRestart: (reason: string) => void) {
    this.onRestart = onRestart
    const { worker, mailbox } = this.spawn()
    this.worker = worker
    this.mailbox = mailbox
  }

  async load(
    text: string,
    interventions: readonly Intervention[],
    onProgress: (progress: Progress) => void,
  ): Promise<LoadOutcome> {
    await this.recovering
    this.recovering = undefined
    clearTimeout(this.patience)
    const outcome = await this.mailbox.load(text, interventions, onProgress)
    if (outcome.kind === 'recorded') this.recorded = { text, interventions }
    return outcome
  }

  async ask<K extends Question['ask']>(question: QuestionOf<K>, signal?: AbortSignal): Promise<Answers[K]> {
    if (this.recovering !== undefined && !(await this.recovering)) {
      throw new EngineError('the engine stopped and could not record this scenario again')
    }
    return this.mailbox.ask<K>(question, signal)
  }

  cancel(): void {
    if (!this.mailbox.isLoading) return
    this.worker.postMessage({ kind: 'cancel' })
    const asked = this.mailbox
    clearTimeout(this.patience)
    this.patience = setTimeout(() => {
      if (this.mailbox === asked && asked.isLoading) this.replace({ kind: 'cancelled' }, 'it did not hear “cancel”')
    }, CANCEL_PATIENCE_MS)
  }

  dispose(): void {
    clearTimeout(this.patience)
    this.worker.terminate()
    this.mailbox.abandon({ kind: 'cancelled' }, 'the engine was closed')
  }

  private spawn(): { worker: Worker; mailbox: Mailbox } {
    const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' })
    const mailbox = new Mailbox((request) => worker.postMessage(request))
    const dead = (reason: string): void => {
      if (this.worker === worker) this.replace({ kind: 'failed', message: reason }, reason)
    }
    worker.addEventListener('message', (message: MessageEvent<Push>) => mailbox.receive(message.data))
    worker.addEventListener('error', (event) => dead(event.message || 'the engine stopped without saying why'))
    worker.addEventListener('messageerror', () => dead('a message of the engine could not be read'))
    return { worker, mailbox }
  }

  private replace(outcome: LoadOutcome, reason: string): void {
    const old = { worker: this.worker, mailbox: this.mailbox, dying: this.recovering !== undefined }
    const { worker, mailbox } = this.spawn()
    this.worker = worker
    this.mailbox = mailbox
    old.worker.terminate()
    if (this.recorded !== undefined && !old.dying) {
      const { text, interventions } = this.recorded
      const recovery = mailbox
        .load(text, interventions, () => {})
        .then((again) => {
          if (this.recovering !== recovery) return again.kind === 'recorded'
          if (again.kind === 'recorded') this.recovering = undefined
          return again.kind === 'recorded'
        })
      this.recovering = recovery
    } else if (old.dying) {
      this.recorded = undefined
      this.recovering = Promise.resolve(false)
    }
    old.mailbox.abandon(outcome, reason)
    this.onRestart(reason)
  }
}
