/** The engine in the page's own thread: for tests, and where workers are not to be had. */

import type { Intervention } from '../protocol/interventions.ts'
import type { Answers, Question } from '../protocol/messages.ts'
import { Session } from '../worker/session.ts'
import type { EngineClient, LoadOutcome, Progress, QuestionOf } from './engine-client.ts'
import { Mailbox } from './mailbox.ts'

export class InlineClient implements EngineClient {
  private readonly session: Session
  private readonly mailbox: Mailbox

  constructor() {
    const mailbox = new Mailbox((request) => this.session.handle(request))
    this.mailbox = mailbox
    this.session = new Session((push) => mailbox.receive(push))
  }

  load(
    text: string,
    interventions: readonly Intervention[],
    onProgress: (progress: Progress) => void,
  ): Promise<LoadOutcome> {
    return this.mailbox.load(text, interventions, onProgress)
  }

  ask<K extends Question['ask']>(question: QuestionOf<K>, signal?: AbortSignal): Promise<Answers[K]> {
    return this.mailbox.ask<K>(question, signal)
  }

  cancel(): void {
    this.session.handle({ kind: 'cancel' })
  }

  dispose(): void {
    this.mailbox.abandon({ kind: 'cancelled' }, 'the engine was closed')
  }
}
