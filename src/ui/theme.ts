/** Puts the chosen theme on the root element, and follows the system's when none is chosen. */

import type { StoreApi } from 'zustand/vanilla'
import type { AppState } from '../state/app-state.ts'

export function applyTheme(store: StoreApi<AppState>): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = (): void => {
    const { theme } = store.getState().settings
    document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
  }
  apply()
  dark.addEventListener('change', apply)
  store.subscribe(apply)
}
