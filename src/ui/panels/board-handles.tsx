/**
 * The handles of the board: buttons over the picture, one for each thing that hardware may do now. One stop of the Tab
 * key; arrows go from handle to handle, Enter takes what it stands for.
 */

import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Handle } from '../../views/board/handles.ts'
import { HEADINGS, neighbour } from '../../views/board/neighbour.ts'
import { useApp, useAppState } from '../app-context.ts'

interface Props {
  readonly handles: readonly Handle[]
  readonly scale: number
}

export function BoardHandles({ handles, scale }: Props) {
  const app = useApp()
  const person = useAppState((state) => state.summary?.policy === 'person')
  const bar = useRef<HTMLDivElement>(null)
  const [wanted, setWanted] = useState(0)
  const at = Math.min(wanted, handles.length - 1)

  const button = (index: number): HTMLElement | null =>
    bar.current?.querySelector<HTMLElement>(`[data-index="${index}"]`) ?? null

  // What was taken is no longer there: the keyboard goes on at what is, or at the picture.
  const taken = useRef(false)
  useEffect(() => {
    if (!taken.current || document.activeElement !== document.body) return
    taken.current = false
    const next = handles.length > 0 ? button(at) : bar.current?.closest<HTMLElement>('[tabindex="0"]')
    next?.focus({ preventScroll: true })
  })

  const onKeyDown = (event: KeyboardEvent): void => {
    const heading = HEADINGS[event.key]
    if (heading === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    event.preventDefault()
    event.stopPropagation()
    button(neighbour(handles, at, heading))?.focus()
  }

  return (
    <div
      ref={bar}
      className={person ? 'handles inviting' : 'handles'}
      role="toolbar"
      aria-label="What hardware may do now"
      onKeyDown={onKeyDown}
    >
      {handles.map(({ choice, key, box, verb, near }, index) => (
        <button
          key={key}
          type="button"
          data-index={index}
          className={near ? 'handle near' : 'handle'}
          data-kind={choice.transition.cell === undefined ? choice.transition.kind : 'cell'}
          data-verb={verb}
          aria-label={choice.sentence}
          title={choice.sentence}
          tabIndex={index === at ? 0 : -1}
          style={{ left: box.x * scale, top: box.y * scale, width: box.w * scale, height: box.h * scale }}
          onFocus={() => setWanted(index)}
          onClick={() => {
            taken.current = true
            void app.power.take(choice.transition)
          }}
        >
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <path d="M5 1V8" />
            <path d={choice.transition.kind === 'evict' ? 'M2 4L5 7L8 4M2 9.4H8' : 'M2 5.4L5 8.6L8 5.4'} />
          </svg>
        </button>
      ))}
    </div>
  )
}
