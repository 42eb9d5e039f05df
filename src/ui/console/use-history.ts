/** The line of a console: what is written in it, and what was typed before, with the arrows up and down. */

import { type KeyboardEvent, useState } from 'react'

export interface Line {
  readonly text: string
  write(text: string): void
  onKeyDown(event: KeyboardEvent): void
}

/** `typed`: oldest first. */
export function useHistory(typed: readonly string[]): Line {
  const [text, setText] = useState('')
  /** How far back; 0: what is being written. */
  const [back, setBack] = useState(0)
  const [kept, setKept] = useState('')
  const show = (next: number): void => {
    if (back === 0) setKept(text)
    setBack(next)
    setText(next === 0 ? (back === 0 ? text : kept) : (typed.at(-next) ?? ''))
  }
  return {
    text,
    write(next) {
      setText(next)
      setBack(0)
    },
    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      if (event.key === 'ArrowUp') show(Math.min(typed.length, back + 1))
      else if (event.key === 'ArrowDown') show(Math.max(0, back - 1))
      else return
      event.preventDefault()
    },
  }
}
