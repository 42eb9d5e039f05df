/** The panels beside the picture: selected line, kernel log, loss, timeline. Asked for after every move, newest wins. */

import type { ByteName, TranslationView } from '../protocol/devices.ts'
import type { Frame } from '../protocol/frame.ts'
import type { Summary } from '../protocol/messages.ts'
import type { StorageHop } from '../protocol/storage.ts'
import type { AppState, Tab } from './app-state.ts'
import type { Core } from './core.ts'
import { followedByte, followedLine } from './focus.ts'
import { Latest } from './latest.ts'

export interface Details {
  refresh(): Promise<void>
  refreshTimeline(): Promise<void>
  selectLine(line: number | undefined, byte?: number): void
  showTab(tab: Tab): void
  /** A byte of persistent memory by all its names; undefined when the engine could not say. */
  translate(name: ByteName): Promise<TranslationView | undefined>
  /** The devices' page, at a device or at an address; it takes the keyboard's focus. */
  showDevice(leads: StorageHop['leads']): void
  /** Read the architecture in another way (persistency.md §6). */
  chooseModel(model: AppState['model']): void
  showWholeTimeline(whole: boolean): void
  setTimelineWidth(width: number): void
}

/** SPA of the line that the inspector shows. */
export const shownLine = (state: AppState): number | undefined =>
  state.pinnedLine ?? (state.frame === undefined ? undefined : followedLine(state.frame))

/** The program's part of the recording, and a little of what follows a power failure. */
export function programSteps({ programStart, steps, failedAt }: Summary): {
  readonly from: number
  readonly to: number
} {
  const last = steps - 1
  const from = Math.max(0, Math.min(last - 1, programStart))
  const to = failedAt === undefined ? last : failedAt + Math.max(2, Math.ceil((failedAt - from) / 8))
  return { from, to: Math.min(last, to) }
}

/** At the failure itself all is gone already: what it took is asked of the step before. */
const lossStep = ({ failedAt, step }: Frame): number => (failedAt === undefined ? step : failedAt - 1)

export function createDetails(core: Core): Details {
  const asks = new Latest()
  const timelines = new Latest()

  const askLine = async (step: number): Promise<void> => {
    const line = shownLine(core.get())
    if (line === undefined) {
      core.set({ line: undefined })
      return
    }
    const ask = (byte: number) => core.client.ask<'line'>({ ask: 'line', step, line, byte })
    const pinned = core.get().pinnedByte
    const first = await ask(pinned ?? 0)
    const byte = pinned ?? followedByte(first)
    const view = byte === (pinned ?? 0) ? first : await ask(byte)
    core.set({ line: view, byte })
  }

  const askStorage = async (step: number): Promise<void> => {
    const { line, byte, litmus } = core.get()
    if (line === undefined || litmus !== undefined) return core.set({ storage: undefined })
    const name = { kind: 'spa', spa: line.line + byte } as const
    core.set({ storage: await core.client.ask<'storage'>({ ask: 'storage', step, name }) })
  }

  const askSurvival = async (step: number): Promise<void> => {
    const { line, model } = core.get()
    const about = line === undefined ? {} : { line: line.line }
    core.set({ survival: await core.client.ask<'survival'>({ ask: 'survival', step, model, ...about }) })
  }

  const refresh = (): Promise<void> =>
    core.guarded(() =>
      asks.run(async () => {
        const { frame, tab, summary } = core.get()
        if (frame === undefined || summary === undefined) return
        await askLine(frame.step)
        if (tab === 'dmesg') core.set({ log: await core.client.ask<'log'>({ ask: 'log', step: frame.step }) })
        if (tab === 'devices') {
          core.set({ devices: await core.client.ask<'devices'>({ ask: 'devices', step: frame.step }) })
        }
        if (tab === 'failure') {
          core.set({ loss: await core.client.ask<'loss'>({ ask: 'loss', step: lossStep(frame) }) })
        }
        if (tab === 'inspect') await askStorage(frame.step)
        if (tab === 'failure' || tab === 'inspect') await askSurvival(tab === 'failure' ? lossStep(frame) : frame.step)
      }),
    )

  const refreshTimeline = (): Promise<void> =>
    core.guarded(() =>
      timelines.run(async () => {
        const { summary, wholeTimeline, timelineWidth } = core.get()
        if (summary === undefined || timelineWidth === 0) return
        const { from, to } = wholeTimeline ? { from: 0, to: summary.steps - 1 } : programSteps(summary)
        const width = Math.min(400, Math.max(60, Math.floor(timelineWidth / 4)))
        core.set({ timeline: await core.client.ask<'timeline'>({ ask: 'timeline', from, to, width }) })
      }),
    )

  const showTab = (tab: Tab): void => {
    core.set({ tab })
    void refresh()
  }

  return {
    refresh,
    refreshTimeline,
    selectLine(line, byte) {
      core.set({ pinnedLine: line, pinnedByte: byte })
      void refresh()
    },
    async translate(name) {
      const { frame } = core.get()
      if (frame === undefined) return undefined
      let answer: TranslationView | undefined
      await core.guarded(async () => {
        answer = await core.client.ask<'translate'>({ ask: 'translate', step: frame.step, name })
      })
      return answer
    },
    showTab,
    showDevice(leads) {
      core.set({ deviceAsked: leads })
      showTab('devices')
    },
    chooseModel(model) {
      core.env.address.setFragment('')
      core.set({ model: { ...core.get().model, ...model }, share: { kind: 'none' } })
      void refresh()
    },
    showWholeTimeline(whole) {
      core.set({ wholeTimeline: whole })
      void refreshTimeline()
    },
    setTimelineWidth(width) {
      if (Math.abs(width - core.get().timelineWidth) < 8) return
      core.set({ timelineWidth: width })
      void refreshTimeline()
    },
  }
}
