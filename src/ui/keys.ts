/** The one listener for keys, and what each kind of element does with keys itself. */

import type { App } from '../state/app.ts'
import { COMMANDS, isPossible } from '../state/commands.ts'
import { commandFor, type KeyUse } from '../state/keymap.ts'

/** Returns what takes the listener away. */
export function listenToKeys(app: App): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const state = app.store.getState()
    // A dialog may still be on its way here: what is typed is meant for it.
    if (state.dialog !== undefined) return
    const use = keyUse(event.target)
    const command = commandFor(event, use, state.settings.letterKeys, COMMANDS)
    if (command === undefined) return
    event.preventDefault()
    if (isPossible(command, state)) command.run(app)
  }
  document.addEventListener('keydown', onKeyDown)
  return () => document.removeEventListener('keydown', onKeyDown)
}

function keyUse(target: EventTarget | null): KeyUse {
  if (!(target instanceof Element)) return 'nothing'
  if (target.closest('dialog[open]') !== null) return 'everything'
  if (target instanceof HTMLInputElement) {
    if (target.type === 'range') return 'arrows'
    return target.type === 'checkbox' ? 'press' : 'text'
  }
  if (target.closest('textarea, select, [contenteditable="true"], .cm-editor') !== null) return 'text'
  if (target.closest('[role="tab"], [role="grid"], [data-keys="arrows"]') !== null) return 'arrows'
  if (target.closest('button, summary, a[href]') !== null) return 'press'
  return 'nothing'
}
