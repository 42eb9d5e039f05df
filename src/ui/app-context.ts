/** How panels reach the state and the actions. */

import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { App } from '../state/app.ts'
import type { AppState } from '../state/app-state.ts'

const AppContext = createContext<App | undefined>(undefined)

export const AppProvider = AppContext.Provider

export function useApp(): App {
  const app = useContext(AppContext)
  if (app === undefined) throw new Error('a panel stands inside <AppProvider>')
  return app
}

/** Renders again when what `select` returns is another value. */
export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select)
}
