/** What a person prefers on this device. Not part of a link. */

import type { Settings, Theme } from './app-state.ts'
import type { Environment } from './environment.ts'

const KEY = 'pmemscope.settings'
const DEFAULTS: Settings = { theme: 'system', still: false, letterKeys: true }

export function readSettings(storage: Environment['storage']): Settings {
  const text = storage.read(KEY)
  if (text === null) return DEFAULTS
  const [theme, still, letterKeys] = text.split(' ')
  return {
    theme: isTheme(theme) ? theme : DEFAULTS.theme,
    still: still === 'still',
    letterKeys: letterKeys !== 'no-letters',
  }
}

export function writeSettings(storage: Environment['storage'], settings: Settings): void {
  const { theme, still, letterKeys } = settings
  storage.write(KEY, `${theme} ${still ? 'still' : 'moving'} ${letterKeys ? 'letters' : 'no-letters'}`)
}

const isTheme = (text: string | undefined): text is Theme => text === 'system' || text === 'light' || text === 'dark'
