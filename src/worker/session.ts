/**
 * The session: one scenario recorded, and questions about it answered. A pure class; the worker is a shell round it.
 *
 * It records in slices of at most 8 ms and looks for messages in between. A question that comes before a recording is
 * finished is answered when it is.
 */

import type { Diagnostic } from '../base/diagnostic.ts'
import { answer } from '../engine/inspect/answer.ts'
import type { Recording } from '../engine/inspect/recording.ts'
import { summary } from '../engine/inspect/summary.ts'
import { type Run, start } from '../engine/record.ts'
import type { Push, Request } from '../protocol/messages.ts'
import { parseScenario } from '../scenario/parse.ts'

/** Milliseconds of recording between two looks at the messages. */
const SLICE_MS = 8
/** Milliseconds between two progress messages: one a frame. */
const PROGRESS_MS = 16

interface Loading {
  readonly id: number
  readonly run: Run
  credits: number
  lastProgress: number
}

/** When to look up, and how to let waiting messages in. */
interface Pace {
  /** Milliseconds, from anywhere. */
  now(): number
  /** Call back once waiting messages have been delivered. */
  later(callback: () => void): void
}

/** A message to oneself comes after those that are waiting, and without the 4 ms that a nested timer costs. */
function channelPace(): Pace {
  const due: (() => void)[] = []
  let channel: MessageChannel | undefined
  const next = (): void => {
    const callback = due.shift()
    if (due.length === 0) {
      // An open port keeps a Node process alive.
      channel?.port1.close()
      channel = undefined
    }
    callback?.()
  }
  return {
    now: () => performance.now(),
    later(callback) {
      due.push(callback)
      if (channel === undefined) {
        channel = new MessageChannel()
        channel.port1.onmessage = next
      }
      channel.port2.postMessage(undefined)
    },
  }
}

type Ask = Extract<Request, { kind: 'ask' }>

export class Session {
  private readonly post: (message: Push) => void
  private readonly pace: Pace
  private loading: Loading | undefined
  private recording: Recording | undefined
  private waiting: Ask[] = []

  constructor(post: (message: Push) => void, pace: Pace = channelPace()) {
    this.post = post
    this.pace = pace
  }

  handle(request: Request): void {
    switch (request.kind) {
      case 'load':
        return this.load(request)
      case 'credit':
        if (this.loading !== undefined) this.loading.credits += request.credits
        return
      case 'cancel':
        return this.cancel()
      case 'ask':
        if (this.loading !== undefined) this.waiting.push(request)
        else this.answer(request)
    }
  }

  private load(request: Extract<Request, { kind: 'load' }>): void {
    this.cancel()
    const refuse = (diagnostics: readonly Diagnostic[]): void =>
      this.post({ kind: 'refused', id: request.id, diagnostics })
    const parsed = parseScenario(request.text)
    if (!parsed.ok) return refuse(parsed.error)
    const run = start(parsed.value, request.text, { interventions: request.interventions })
    if (!run.ok) return refuse(run.error)
    this.loading = { id: request.id, run: run.value, credits: request.credits, lastProgress: this.pace.now() }
    this.slice(this.loading)
  }

  /** Record for a while; then let messages in, and go on. */
  private slice(loading: Loading): void {
    if (this.loading !== loading) return
    const began = this.pace.now()
    for (;;) {
      if (loading.run.advance()) return this.finish(loading)
      if (this.pace.now() - began >= SLICE_MS) break
    }
    const now = this.pace.now()
    if (loading.credits > 0 && now - loading.lastProgress >= PROGRESS_MS) {
      loading.credits--
      loading.lastProgress = now
      const { machine } = loading.run
      this.post({ kind: 'progress', id: loading.id, steps: machine.trace.length, ticks: machine.ticks })
    }
    this.pace.later(() => this.slice(loading))
  }

  private finish(loading: Loading): void {
    this.loading = undefined
    this.recording = loading.run.recording()
    this.post({ kind: 'recorded', id: loading.id, summary: summary(this.recording) })
    const { waiting } = this
    this.waiting = []
    for (const request of waiting) this.answer(request)
  }

  private cancel(): void {
    if (this.loading === undefined) return
    this.post({ kind: 'cancelled', id: this.loading.id })
    this.loading = undefined
    const { waiting } = this
    this.waiting = []
    for (const request of waiting) this.answer(request)
  }

  private answer(request: Ask): void {
    if (this.recording === undefined)
      return this.post({ kind: 'failed', id: request.id, message: 'nothing has been recorded yet' })
    this.post({ kind: 'answer', id: request.id, answer: answer(this.recording, request.question) })
  }
}
