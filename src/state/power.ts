/** Interventions: cutting the power, taking it back, and what else a person made the machine do. */

import type { Intervention } from '../protocol/interventions.ts'
import type { AppState } from './app-state.ts'
import type { Core } from './core.ts'
import type { Details } from './details.ts'
import type { Recorder } from './recording.ts'

export interface Power {
  fail(): Promise<void>
  undo(): Promise<void>
  remove(index: number): Promise<void>
}

/** The power can be cut at any step until it has failed. */
export const canFail = ({ frame, summary }: AppState): boolean =>
  frame !== undefined && summary !== undefined && frame.failedAt === undefined

export function createPower(core: Core, recorder: Recorder, details: Details): Power {
  const change = async (interventions: readonly Intervention[], keepUndo: AppState['undo']): Promise<void> => {
    await core.guarded(async () => {
      const { frame } = core.get()
      const here =
        frame === undefined ? undefined : await core.client.ask<'anchor'>({ ask: 'anchor', step: frame.step })
      core.set({ undo: [...keepUndo, { interventions: core.get().interventions, returnTo: here }].slice(-50) })
      await recorder.record(interventions, { kind: 'stay' })
    })
  }

  return {
    async fail() {
      const before = core.get()
      if (!canFail(before) || before.frame === undefined) return
      const { step } = before.frame
      await core.guarded(async () => {
        const at = await core.client.ask<'anchor'>({ ask: 'anchor', step })
        const others = before.interventions.filter(({ kind }) => kind !== 'power-failure')
        const undo = { interventions: before.interventions, returnTo: at }
        core.set({ undo: [...before.undo, undo].slice(-50) })
        details.showTab('failure')
        await recorder.record([...others, { kind: 'power-failure', at }], { kind: 'failure' })
        const { summary } = core.get()
        if (summary?.recover !== undefined) {
          const verdict = summary.recover.broken ? 'is broken' : 'holds'
          core.announce(`Power failed. Recovery ${verdict}: ${summary.recover.message}`, true)
        }
      })
    },
    async undo() {
      const { undo, interventions } = core.get()
      const last = undo.at(-1)
      if (last !== undefined) {
        core.set({ undo: undo.slice(0, -1) })
        await recorder.record(last.interventions, { kind: 'anchor', anchor: last.returnTo })
      } else if (interventions.length > 0) {
        const removed = interventions.at(-1)
        await recorder.record(interventions.slice(0, -1), { kind: 'anchor', anchor: removed?.at })
      }
      if (core.get().tab === 'failure') details.showTab('inspect')
    },
    async remove(index) {
      const { interventions, undo } = core.get()
      await change(
        interventions.filter((_, at) => at !== index),
        undo,
      )
    },
  }
}
