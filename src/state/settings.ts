/** What a person prefers on this device. Not part of a link. */

import type { Settings, Theme } from './app-state.ts'
import type { Granularity } from './debug-state.ts'
import type { Environment } from './environment.ts'

const KEY = 'pmemscope.settings'
const DEFAULTS: Settings = { theme: 'system', still: false, letterKeys: true, granularity: 'event' }

export function readSettings(storage: Environment['storage']): Settings {
  const text = storage.read(KEY)
  if (text === null) return DEFAULTS
  const [theme, still, letterKeys, granularity] = text.split(' ')
  return {
    theme: isTheme(theme) ? theme : DEFAULTS.theme,
    still: still === 'still',
    letterKeys: letterKeys !== 'no-letters',
    granularity: isGranularity(granularity) ? granularity : DEFAULTS.granularity,
  }
}

export function writeSettings(storage: Environment['storage'], settings: Settings): void {
  const { theme, still, letterKeys, granularity } = settings
  storage.write(KEY, `${theme} ${still ? 'still' : 'moving'} ${letterKeys ? 'letters' : 'no-letters'} ${granularity}`)
}

const isTheme = (text: string | undefined): text is Theme => text === 'system' || text === 'light' || text === 'dark'
const isGranularity = (text: string | undefined): text is Granularity =>
  text === 'event' || text === 'statement' || text === 'instruction'
