/** Puts the chosen theme on the root element, and follows the system's when none is chosen. */

import type { App } from '../state/app.ts'

export function applyTheme({ store }: App): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = (): void => {
    const { theme } = store.getState().settings
    document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
  }
  apply()
  dark.addEventListener('change', apply)
  store.subscribe(apply)
}
