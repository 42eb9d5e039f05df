/** Interventions: cutting the power, moving the hardware, and taking either back. */

import type { Anchor, Intervention, TransitionChoice } from '../protocol/interventions.ts'
import type { AppState } from './app-state.ts'
import { commandHere, outcomeWords } from './console.ts'
import type { Core } from './core.ts'
import type { Details } from './details.ts'
import type { Recorder } from './recording.ts'

export interface Power {
  fail(): Promise<void>
  restore(): Promise<void>
  /** Makes the hardware do, right after the step on the screen, what it may do there. */
  take(transition: TransitionChoice): Promise<void>
  /** Runs a shell command right after the step on the screen; one that was typed there before comes first. */
  command(text: string): Promise<void>
  undo(): Promise<void>
  redo(): Promise<void>
  remove(index: number): Promise<void>
  /**
   * Plays a schedule of a litmus test from its start, instead of everything else that was done; none: the free run again,
   * where it was left.
   */
  follow(choices: string | undefined): Promise<void>
}

const MOST_UNDO = 50

/** The power can be cut at any step until it has failed. */
export const canFail = ({ frame, summary }: AppState): boolean =>
  frame !== undefined && summary !== undefined && frame.failedAt === undefined

const isSchedule = ({ kind }: Intervention): boolean => kind === 'schedule'

const isFailure = ({ kind }: Intervention): boolean => kind === 'power-failure'

export function createPower(core: Core, recorder: Recorder, details: Details): Power {
  const here = async (): Promise<Anchor | undefined> => {
    const { frame } = core.get()
    return frame === undefined ? undefined : core.client.ask<'anchor'>({ ask: 'anchor', step: frame.step })
  }
  /** What is about to change can come back. */
  const remember = (returnTo: Anchor | undefined): void => {
    const { undo, interventions } = core.get()
    core.set({ undo: [...undo, { interventions, returnTo }].slice(-MOST_UNDO), redo: [] })
  }
  const without = (keep: (intervention: Intervention, index: number) => boolean): Promise<void> =>
    core.guarded(async () => {
      const { interventions } = core.get()
      remember(await here())
      await recorder.record(interventions.filter(keep), { kind: 'stay' })
    })

  return {
    async fail() {
      const before = core.get()
      if (!canFail(before)) return
      await core.guarded(async () => {
        const at = await here()
        if (at === undefined) return
        remember(at)
        details.showTab('failure')
        const others = before.interventions.filter((each) => !isFailure(each))
        await recorder.record([...others, { kind: 'power-failure', at }], { kind: 'failure' })
        const { summary } = core.get()
        if (summary?.recover !== undefined) {
          const verdict = summary.recover.broken ? 'is broken' : 'holds'
          core.announce(`Power failed. Recovery ${verdict}: ${summary.recover.message}`, true)
        }
      })
    },
    async restore() {
      const { undo, interventions } = core.get()
      const failure = interventions.find(isFailure)
      if (failure === undefined) return
      // It was the last thing done: go back to exactly what was there.
      if (undo.at(-1)?.interventions.some(isFailure) === false) return this.undo()
      await core.guarded(async () => {
        remember(await here())
        const others = interventions.filter((each) => !isFailure(each))
        await recorder.record(others, { kind: 'anchor', anchor: failure.at })
      })
    },
    async take(transition) {
      await core.guarded(async () => {
        const { interventions } = core.get()
        const at = await here()
        if (at === undefined) return
        remember(at)
        const mine = [...interventions, { kind: 'transition', at, transition } as const]
        await recorder.record(mine, { kind: 'taken', index: interventions.length, anchor: at })
        const now = core.get()
        if (now.interventions !== mine || now.summary?.taken[interventions.length] !== undefined) return
        core.notify(
          'info',
          'Hardware was in the middle of something here and could not do this. One event later it may.',
        )
        core.set({ undo: now.undo.slice(0, -1) })
        await recorder.record(interventions, { kind: 'anchor', anchor: at })
      })
    },
    async command(text) {
      await core.guarded(async () => {
        const { interventions } = core.get()
        const at = commandHere(core.get())?.at ?? (await here())
        if (at === undefined) return
        remember(await here())
        const index = interventions.length
        await recorder.record([...interventions, { kind: 'command', at, text }], { kind: 'taken', index, anchor: at })
        core.announce(outcomeWords(core.get().summary?.commands?.[index]))
      })
    },
    async undo() {
      await core.guarded(async () => {
        const { undo, redo, interventions } = core.get()
        const last = undo.at(-1)
        if (last === undefined && interventions.length === 0) return
        const back = { interventions, returnTo: await here() }
        core.set({ undo: undo.slice(0, -1), redo: [...redo, back].slice(-MOST_UNDO) })
        // Interventions that came with a link go one by one, the last first.
        const anchor = last === undefined ? interventions.at(-1)?.at : last.returnTo
        const lost = interventions.some(isFailure)
        await recorder.record(last?.interventions ?? interventions.slice(0, -1), { kind: 'anchor', anchor })
        if (lost && !core.get().interventions.some(isFailure) && core.get().tab === 'failure')
          details.showTab('inspect')
      })
    },
    async redo() {
      await core.guarded(async () => {
        const { undo, redo, interventions } = core.get()
        const next = redo.at(-1)
        if (next === undefined) return
        const back = { interventions, returnTo: await here() }
        core.set({ undo: [...undo, back].slice(-MOST_UNDO), redo: redo.slice(0, -1) })
        await recorder.record(next.interventions, { kind: 'anchor', anchor: next.returnTo })
      })
    },
    async follow(choices) {
      if (choices === undefined) {
        const { undo } = core.get()
        const free = undo.findLast((each) => !each.interventions.some(isSchedule))
        if (free === undefined) return without((each) => !isSchedule(each))
        return core.guarded(async () => {
          remember(await here())
          await recorder.record(free.interventions, { kind: 'return', anchor: free.returnTo })
        })
      }
      await core.guarded(async () => {
        remember(await here())
        await recorder.record([{ kind: 'schedule', choices }], { kind: 'start' })
      })
    },
    remove: (index) => without((_, at) => at !== index),
  }
}
