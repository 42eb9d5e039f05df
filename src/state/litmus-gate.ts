/** The part of the state that only litmus tests need, fetched when the first one is on the screen. */

import type { Core } from './core.ts'
import type { Litmus } from './litmus.ts'

export interface LitmusGate {
  /** Nothing happens while there is no litmus test. */
  with(run: (litmus: Litmus) => void): void
}

export function createLitmusGate(core: Core): LitmusGate {
  let loaded: Promise<Litmus | undefined> | undefined
  const load = (): Promise<Litmus | undefined> =>
    import('./litmus.ts').then(
      ({ createLitmus }) => createLitmus(core),
      () => {
        loaded = undefined
        core.notify('problem', 'A part of the page could not be loaded: reload it to see the outcomes of this test.')
        return undefined
      },
    )
  core.store.subscribe((now, before) => {
    if (now.summary === before.summary && now.model === before.model) return
    if (loaded === undefined && now.summary?.litmus === undefined) return
    loaded ??= load()
    void core.pending.during(loaded.then((litmus) => litmus?.follow()))
  })
  return {
    with(run) {
      void loaded?.then((litmus) => litmus && run(litmus))
    },
  }
}
