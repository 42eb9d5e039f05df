/** A button for a command of the registry: its title, its key, and whether it is possible now. */

import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { commandById, isPossible } from '../../state/commands.ts'
import { capOf } from '../../state/keymap.ts'
import { useApp, useAppState } from '../app-context.ts'
import { focusRun } from './focus-run.ts'

interface Props {
  readonly id: string
  readonly children: ReactNode
  readonly look?: 'primary' | 'danger' | 'quiet' | 'optional' | 'chip' | 'chip shrink'
  readonly showKey?: boolean
}

export function CommandButton({ id, children, look, showKey = true }: Props) {
  const app = useApp()
  const command = commandById(id)
  const possible = useAppState((state) => isPossible(command, state))
  const button = useRef<HTMLButtonElement>(null)
  // One that is taken away under the finger leaves the keyboard with the run.
  useLayoutEffect(() => {
    const mine = button.current
    return () => {
      if (document.activeElement === mine) focusRun()
    }
  }, [])
  const key = command.keys[0]
  const cap = key === undefined ? undefined : capOf(key)
  return (
    <button
      ref={button}
      type="button"
      className={look}
      // Not `disabled`: a button that goes inactive under the finger must keep the focus.
      aria-disabled={!possible}
      title={cap === undefined ? command.title : `${command.title} (${cap})`}
      onClick={() => {
        if (isPossible(command, app.store.getState())) command.run(app)
      }}
    >
      {children}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a kbd takes no focus */}
      {showKey && cap !== undefined && <kbd aria-hidden="true">{cap}</kbd>}
    </button>
  )
}
