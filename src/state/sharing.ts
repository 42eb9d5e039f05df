/** The work as a link, and a link as work. A link that cannot be read changes nothing but the message. */

import type { AppState } from './app-state.ts'
import type { Core } from './core.ts'
import type { Recorder } from './recording.ts'
import type { Stepping } from './stepping.ts'

export interface Sharing {
  share(): Promise<void>
  /** Reads the address bar; resolves to false when there is no link in it or it cannot be read. */
  open(): Promise<boolean>
}

/** What a person chose that the scenario does not say itself. */
export function chosenModel({ model, summary }: AppState): AppState['model'] {
  const own: AppState['model'] = summary?.litmus?.model ?? {}
  const chosen = Object.entries(model).filter(([key, value]) => own[key as keyof typeof own] !== value)
  return Object.fromEntries(chosen)
}

export function createSharing(core: Core, recorder: Recorder, stepping: Stepping): Sharing {
  return {
    share: () =>
      core.guarded(async () => {
        const { text, interventions, frame, tick } = core.get()
        const model = chosenModel(core.get())
        const focus =
          frame === undefined ? undefined : await core.client.ask<'anchor'>({ ask: 'anchor', step: frame.step })
        const link = await core.env.share.encode({
          text,
          interventions,
          ...(focus === undefined ? {} : { focus }),
          ...(tick === 0 ? {} : { tick }),
          ...(Object.keys(model).length === 0 ? {} : { model }),
        })
        if (!link.ok) {
          core.set({ share: { kind: 'refused', message: link.error.message }, dialog: 'share' })
          return
        }
        const url = `${core.env.address.page()}${link.value}`
        core.env.address.setFragment(link.value)
        const ready = { kind: 'ready', url, copied: false, warning: core.env.share.lengthWarning(url) } as const
        core.set({ share: ready, dialog: 'share' })
        // A browser may take its time over the clipboard, or never answer: the link is there already.
        void core.env.copy(url).then((copied) => {
          if (core.get().share === ready) core.set({ share: { ...ready, copied } })
          core.announce(copied ? 'The link is on the clipboard.' : 'The link is ready to copy.')
        })
      }),

    async open() {
      const fragment = core.env.address.fragment()
      if (fragment === '' || fragment === '#') return false
      const work = await core.pending.during(core.env.share.decode(fragment))
      if (!work.ok) {
        core.notify('problem', `${work.error.message} Your work is as it was.`)
        return false
      }
      core.set({ notices: [], model: work.value.model ?? {} })
      await recorder.open(work.value.text, work.value.interventions, work.value.focus)
      // Unless the place before it is gone, which has been said.
      if (work.value.tick !== undefined && core.get().notices.length === 0) await stepping.enter(work.value.tick)
      return true
    },
  }
}
