/**
 * The exploration of the litmus test on the screen, kept in step with its text and with the model that a person chose.
 * Loaded when the first litmus test is on the screen.
 */

import type { Exploration } from '../client/explorer.ts'
import type { Model } from '../protocol/litmus.ts'
import type { Summary } from '../protocol/messages.ts'
import type { Explored, LitmusWork } from './app-state.ts'
import type { Core } from './core.ts'
import { verdictSentence } from './litmus-words.ts'
import { outcomeHere, outcomeReached } from './outcome.ts'

/** States of the first search: a few seconds. */
const FIRST_BUDGET = 1_000_000
/** How much further each further search goes. */
const FURTHER = 10

export interface Litmus {
  /** Looks at what is on the screen: another test, another text, another model, another recording. */
  follow(): Promise<void>
  stop(): void
  /** Explores again, from the beginning, with a larger budget. */
  further(): void
}

export function createLitmus(core: Core): Litmus {
  let running: Exploration | undefined

  const change = (part: Partial<LitmusWork>): void => {
    const { litmus } = core.get()
    if (litmus !== undefined) core.set({ litmus: { ...litmus, ...part } })
  }

  const announceVerdict = (found: Explored): void => {
    const { summary, litmus } = core.get()
    if (summary?.litmus !== undefined && litmus !== undefined)
      core.announce(verdictSentence(found, summary.litmus, litmus.model))
  }

  const fail = (message: string): void => change({ search: { kind: 'failed', message }, found: undefined })

  const explore = async (maxStates: number): Promise<void> => {
    running?.cancel()
    running = undefined
    const { litmus } = core.get()
    if (litmus === undefined) return
    const { text, model } = litmus
    change({ maxStates, search: { kind: 'running', states: 0 } })
    const explorer = await core.env.explorer()
    const now = core.get().litmus
    if (now === undefined || now.text !== text || now.model !== model || now.search.kind !== 'running') return
    const exploration = explorer({ text, model, maxStates }, (states) => {
      if (running === exploration) change({ search: { kind: 'running', states } })
    })
    running = exploration
    const outcome = await exploration.outcome
    if (running !== exploration) return
    running = undefined
    switch (outcome.kind) {
      case 'explored':
        change({ search: { kind: 'done' }, found: outcome })
        announceVerdict(outcome)
        return
      case 'cancelled': {
        const { search } = core.get().litmus ?? {}
        const states = search?.kind === 'running' ? search.states : 0
        change({ search: { kind: 'stopped', states }, found: undefined })
        core.announce('Exploring was stopped: undecided.')
        return
      }
      case 'refused':
        // The recording has read the same text: this is another version of the page's own parts.
        return fail(outcome.diagnostics[0]?.message ?? 'the text was refused')
      case 'failed':
        return fail(outcome.message)
    }
  }

  /** Which outcome the recording on the screen ends in. */
  const noteEnd = async (summary: Summary): Promise<void> => {
    const ask = (step: number) => core.client.ask<'frame'>({ ask: 'frame', step, since: step })
    const last = await ask(summary.steps - 1)
    const before = summary.failedAt === undefined ? last : await ask(summary.failedAt - 1)
    const { litmus, summary: now } = core.get()
    if (litmus === undefined || now !== summary) return
    const ended = outcomeReached(summary, last, before)
    change({ ended })
  }

  /** The recording that the frame on the screen is of. */
  let shown = core.get().summary
  /** An outcome is seen when the screen stands at the end that it is, not when its witness was chosen. */
  const noteSeen = (): void => {
    const { litmus, summary, frame } = core.get()
    const { ended, seen } = litmus ?? {}
    if (ended === undefined || seen === undefined || seen.includes(ended) || shown !== summary) return
    if (frame?.failedAt === undefined && summary?.litmus?.when !== 'final') return
    if (outcomeHere(core.get()) === ended) change({ seen: [...seen, ended] })
  }
  core.store.subscribe((now, before) => {
    if (now.frame !== before.frame) shown = now.summary
    if (now.frame !== before.frame || now.litmus?.ended !== before.litmus?.ended) noteSeen()
  })

  const leave = (): void => {
    running?.cancel()
    running = undefined
    core.set({ litmus: undefined, outcomesAsked: false })
    if (core.get().tab === 'outcomes') core.set({ tab: 'inspect' })
  }

  let followed: Summary | undefined
  let test: string | undefined

  return {
    async follow() {
      const { summary, recordedText: text, litmus: work } = core.get()
      const view = summary?.litmus
      if (summary === undefined || view === undefined) {
        test = undefined
        return leave()
      }
      const other = view.name !== test
      test = view.name
      if (other) core.set({ tab: 'outcomes' })
      const model: Model = { ...view.model, ...core.get().model }
      const again = work === undefined || work.text !== text || !same(work.model, model)
      const kept = work?.text === text ? work.seen : []
      if (again) {
        const fresh = { maxStates: FIRST_BUDGET, search: { kind: 'running', states: 0 } } as const
        const found = other ? undefined : work?.found
        core.set({ litmus: { text, model, ...fresh, found, seen: kept, ended: work?.ended } })
      }
      const recorded = summary !== followed
      followed = summary
      if (recorded) change({ ended: undefined })
      await core.guarded(async () => {
        await Promise.all([again ? explore(FIRST_BUDGET) : undefined, recorded ? noteEnd(summary) : undefined])
      })
    },
    stop: () => running?.cancel(),
    further() {
      const { litmus } = core.get()
      if (litmus !== undefined) void core.guarded(() => explore(litmus.maxStates * FURTHER))
    },
  }
}

const same = (a: Model, b: Model): boolean => a.unit === b.unit && a.movnt === b.movnt && a.cas === b.cas
