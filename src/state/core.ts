/** What every action shares: the store, the engine, the environment, and how to speak to the person. */

import { createStore, type StoreApi } from 'zustand/vanilla'
import { type EngineClient, EngineError } from '../client/engine-client.ts'
import { type AppState, initialState, type Notice } from './app-state.ts'
import type { Environment } from './environment.ts'
import { Pending } from './pending.ts'
import { readSettings } from './settings.ts'

export interface Core {
  readonly store: StoreApi<AppState>
  readonly client: EngineClient
  readonly env: Environment
  readonly pending: Pending
  get(): AppState
  set(part: Partial<AppState>): void
  announce(text: string, urgent?: boolean): void
  notify(kind: Notice['kind'], message: string): void
  /** Runs `work`; an engine that cannot answer becomes a notice, anything else is a defect and is thrown. */
  guarded(work: () => Promise<void>): Promise<void>
}

export function createCore(env: Environment, text: string): Core {
  const store = createStore<AppState>(() => initialState(text, readSettings(env.storage)))
  const pending = new Pending()
  const core: Core = {
    store,
    client: env.connect((reason) => {
      core.notify('problem', `The engine stopped (${reason}) and was started again. Your scenario is kept.`)
    }),
    env,
    pending,
    get: () => store.getState(),
    set: (part) => store.setState(part),
    announce(text, urgent = false) {
      const { id } = store.getState().announcement
      store.setState({ announcement: { id: id + 1, text, urgent } })
    },
    notify(kind, message) {
      const { notices } = store.getState()
      if (notices.some((old) => old.message === message)) return
      store.setState({ notices: [...notices.slice(-3), { kind, message }] })
      core.announce(message, kind === 'problem')
    },
    async guarded(work) {
      const end = pending.begin()
      try {
        await work()
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        // While recording, the old answers are simply no longer of interest.
        if (store.getState().recording === undefined)
          core.notify('problem', `The engine could not answer: ${error.message}`)
      } finally {
        end()
      }
    },
  }
  return core
}
