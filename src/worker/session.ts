/**
 * The session: one scenario recorded, and questions about it answered. A pure class; the worker is a shell round it.
 *
 * It records in slices of at most 8 ms and looks for messages in between. A question that comes before a recording is
 * finished is answered when it is.
 */

import { firstProgram } from '../engine/first-program.ts'
import { answer } from '../engine/inspect/answer.ts'
import { summary } from '../engine/inspect/summary.ts'
import type { Survivals } from '../engine/inspect/survivals.ts'
import { type RecordOptions, type Run, start } from '../engine/record.ts'
import type { Keeper } from '../engine/userspace/past/keeper.ts'
import { looksLikeLitmus } from '../formats/litmus/looks-like.ts'
import type { Answers, Push, Question, Request, Summary } from '../protocol/messages.ts'
import { parsePlain } from '../scenario/parse-plain.ts'
import type { Parsed } from '../scenario/parse-with.ts'
import type { Debugging } from './debugging.ts'
import type { Recorded } from './recorded.ts'

/** Milliseconds of recording between two looks at the messages. */
const SLICE_MS = 8
/** Milliseconds between two progress messages: one a frame. */
const PROGRESS_MS = 16

interface Loading {
  readonly id: number
  readonly warnings: Summary['warnings']
  readonly run: Run
  /** What is known of it when it is done. */
  readonly made: Omit<Recorded, 'recording'>
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
type DevicesQuestion = Extract<Question, { ask: 'devices' | 'translate' | 'storage' }>
type CompareQuestion = Extract<Question, { ask: 'facts' | 'compare' }>
type SurvivalQuestion = Extract<Question, { ask: 'survival' }>
type Load = Extract<Request, { kind: 'load' }>

/** A scenario, and how what it runs is made ready: as the first program if not said. */
interface Prepared {
  readonly parsed: Parsed
  readonly prepare?: RecordOptions['prepare']
}

async function litmusParts(text: string): Promise<Prepared> {
  const [{ readLitmus }, { litmusProgram }] = await Promise.all([
    import('../scenario/litmus.ts'),
    import('../engine/litmus-program.ts'),
  ])
  return { parsed: readLitmus(text, []), prepare: litmusProgram }
}

/** With all of the front matter that there may be. */
async function yamlParts(text: string): Promise<Prepared> {
  const { parseScenario } = await import('../scenario/parse.ts')
  return { parsed: parseScenario(text) }
}

async function wholeCParts(text: string): Promise<Prepared> {
  const [{ parsed }, { wholeCProgram }] = await Promise.all([yamlParts(text), import('../engine/whole-c-program.ts')])
  return { parsed, prepare: wholeCProgram }
}

async function devices(
  { recording }: Recorded,
  q: DevicesQuestion,
): Promise<Generator<void, Answers[DevicesQuestion['ask']]>> {
  const step = Math.max(0, Math.min(Math.trunc(q.step), recording.steps - 1))
  if (q.ask === 'translate') {
    const { translate } = await import('../engine/translate.ts')
    return once(translate(recording, step, q.name))
  }
  if (q.ask === 'storage') {
    const { storagePath } = await import('../engine/storage-path.ts')
    return once(storagePath(recording, step, q.name))
  }
  const { devicesAt } = await import('../engine/devices.ts')
  return once(devicesAt(recording, step))
}

/** Worked out at once. */
const once = <A>(answer: A): Generator<void, A> =>
  (function* () {
    yield* []
    return answer
  })()

export class Session {
  private readonly post: (message: Push) => void
  private readonly pace: Pace
  private loading: Loading | undefined
  /** A scenario whose part of the engine is being fetched. */
  private opening: Load | undefined
  private recorded: Recorded | undefined
  private survivals: Survivals | undefined
  /** Once somebody has looked into a C thread. */
  private debugging: Debugging | undefined
  private waiting: Ask[] = []
  /** Questions whose answers are being worked out. */
  private readonly underWay = new Set<number>()

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
      case 'abandon':
        this.waiting = this.waiting.filter(({ id }) => id !== request.id)
        this.underWay.delete(request.id)
        return
      case 'ask':
        if (this.loading !== undefined || this.opening !== undefined) this.waiting.push(request)
        else this.answer(request)
    }
  }

  private load(request: Load): void {
    this.cancel()
    if (looksLikeLitmus(request.text)) return void this.open(request, litmusParts)
    const parsed = parsePlain(request.text)
    if (parsed === undefined) void this.open(request, yamlParts)
    else this.record(request, { parsed })
  }

  /** With a part of the engine that other scenarios do without. */
  private async open(request: Load, fetch: (text: string) => Promise<Prepared>): Promise<void> {
    this.opening = request
    try {
      const prepared = await fetch(request.text)
      if (this.opening === request) this.record(request, prepared)
    } catch (reason) {
      if (this.opening !== request) throw reason
      this.opening = undefined
      this.post({ kind: 'failed', id: request.id, message: `a part of the engine could not be loaded: ${reason}` })
      this.answerWaiting()
    }
  }

  private record(request: Load, { parsed, prepare }: Prepared): void {
    this.opening = undefined
    const { id, text, interventions, credits } = request
    const again = (keeper: Keeper | undefined): ReturnType<typeof start> =>
      parsed.ok
        ? start(parsed.value, text, {
            interventions,
            prepare: prepare ?? firstProgram,
            ...(keeper === undefined ? {} : { keeper }),
          })
        : parsed
    const keeper = this.debugging?.keeper()
    const run = again(keeper)
    if (!run.ok) {
      // It is not the first program: whether it is one at all is what the compiler says.
      if (parsed.ok && prepare === undefined) return void this.open(request, wholeCParts)
      this.post({ kind: 'refused', id, diagnostics: run.error })
      return this.answerWaiting()
    }
    const warnings = parsed.ok ? parsed.value.warnings : undefined
    const made = { keeper, start: again }
    this.loading = { id, warnings, run: run.value, made, credits, lastProgress: this.pace.now() }
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
    const recording = loading.run.recording()
    this.recorded = { recording, ...loading.made }
    this.post({
      kind: 'recorded',
      id: loading.id,
      summary: { ...summary(recording), ...(loading.warnings && { warnings: loading.warnings }) },
    })
    this.answerWaiting()
  }

  private cancel(): void {
    const stopped = this.loading ?? this.opening
    if (stopped === undefined) return
    this.post({ kind: 'cancelled', id: stopped.id })
    this.loading = undefined
    this.opening = undefined
    this.answerWaiting()
  }

  private answerWaiting(): void {
    const { waiting } = this
    this.waiting = []
    for (const request of waiting) this.answer(request)
  }

  private answer({ id, question }: Ask): void {
    const { recorded } = this
    if (recorded === undefined) return this.post({ kind: 'failed', id, message: 'nothing has been recorded yet' })
    if (question.ask === 'survival') {
      const work = async () => this.survival(recorded, question)
      void this.workOut(recorded, id, work, 'what may survive could not be worked out')
    } else if (question.ask === 'devices' || question.ask === 'translate' || question.ask === 'storage') {
      const work = async () => devices(recorded, question)
      void this.workOut(recorded, id, work, 'the devices could not be looked at')
    } else if (question.ask === 'facts' || question.ask === 'compare') {
      const work = async () => this.compare(recorded, question)
      void this.workOut(recorded, id, work, 'the recording could not be compared')
    } else if ('tick' in question) {
      const work = async () => {
        this.debugging ??= new (await import('./debugging.ts')).Debugging()
        return this.debugging.answer(recorded, question)
      }
      void this.workOut(recorded, id, work, 'the program could not be looked into')
    } else this.post({ kind: 'answer', id, answer: answer(recorded.recording, question) })
  }

  /** With a part of the engine that is fetched when somebody asks, and in slices, until nobody wants it any more. */
  private async workOut<A extends Answers[keyof Answers]>(
    recorded: Recorded,
    id: number,
    begin: () => Promise<Generator<void, A>>,
    failed: string,
  ): Promise<void> {
    this.underWay.add(id)
    try {
      const work = await begin()
      let began = this.pace.now()
      let next = work.next()
      for (; next.done !== true; next = work.next()) {
        if (this.pace.now() - began < SLICE_MS) continue
        await new Promise<void>((resolve) => this.pace.later(resolve))
        began = this.pace.now()
        if (!this.underWay.has(id)) return
        if (this.recorded !== recorded) return this.post({ kind: 'failed', id, message: 'there is a newer recording' })
      }
      this.post({ kind: 'answer', id, answer: next.value })
    } catch (reason) {
      this.post({ kind: 'failed', id, message: `${failed}: ${reason}` })
    } finally {
      this.underWay.delete(id)
    }
  }

  private async survival(recorded: Recorded, q: SurvivalQuestion): Promise<Generator<void, Answers['survival']>> {
    return (await this.survivalsOf(recorded)).answer(q)
  }

  /** The exact set is kept for its recording. */
  private async survivalsOf({ recording }: Recorded): Promise<Survivals> {
    const { Survivals } = await import('../engine/inspect/survivals.ts')
    if (this.survivals?.recording !== recording) this.survivals = new Survivals(recording)
    return this.survivals
  }

  private async compare(
    recorded: Recorded,
    q: CompareQuestion,
  ): Promise<Generator<void, Answers[CompareQuestion['ask']]>> {
    const [{ runFacts }, { compareRuns }, survivals] = await Promise.all([
      import('../engine/inspect/facts.ts'),
      import('../engine/inspect/compare.ts'),
      this.survivalsOf(recorded),
    ])
    const { recording } = recorded
    const step = q.step === null ? undefined : Math.max(0, Math.min(Math.trunc(q.step), recording.steps - 1))
    const facts = runFacts(recording, step, survivals)
    return once(q.ask === 'facts' ? facts : compareRuns([q.with, facts]))
  }
}
