/** Expressions that a person watches, in the scope of the frame that is shown. */

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useApp, useAppState } from '../app-context.ts'
import { ValueTree } from './value-tree.tsx'

export function Watches() {
  const app = useApp()
  const watches = useAppState((state) => state.debug.watches)
  const asked = useAppState((state) => state.debug.asked === 'watch')
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  useEffect(() => {
    if (!asked) return
    field.current?.focus()
    app.debugging.askFor(undefined)
  }, [asked, app])
  const add = (event: FormEvent): void => {
    event.preventDefault()
    app.debugging.addWatch(text)
    setText('')
  }
  return (
    <>
      <form className="adding" onSubmit={add}>
        <input
          ref={field}
          type="text"
          aria-label="Expression to watch"
          placeholder="expression, such as log->tail + 1"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit">Watch</button>
      </form>
      {watches.length === 0 ? (
        <p className="empty">A C expression in the scope of the frame that is shown: its value, at every step.</p>
      ) : (
        <ul className="watches" aria-label="Watches">
          {watches.map((watch, index) => (
            <Watch key={watch} text={watch} index={index} />
          ))}
        </ul>
      )}
    </>
  )
}

function Watch({ text, index }: { readonly text: string; readonly index: number }) {
  const app = useApp()
  const result = useAppState(({ debug }) => debug.seen?.watches.get(text))
  const [edited, setEdited] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  const editing = edited !== undefined
  useEffect(() => {
    if (editing) field.current?.select()
  }, [editing])
  if (edited !== undefined)
    return (
      <li>
        <form
          className="adding"
          onSubmit={(event) => {
            event.preventDefault()
            setEdited(undefined)
            app.debugging.editWatch(index, edited)
          }}
        >
          <input
            ref={field}
            type="text"
            aria-label={`Expression in place of ${text}`}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            value={edited}
            onChange={({ target }) => setEdited(target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              event.preventDefault()
              setEdited(undefined)
            }}
          />
          <button type="submit">Set</button>
        </form>
      </li>
    )
  return (
    <li className="watch">
      {result?.kind === 'value' ? (
        <ValueTree
          label={`Watch ${text}`}
          items={[{ at: { root: { kind: 'watch', text }, path: [] }, value: result.value, name: text }]}
        />
      ) : (
        <p className="variable">
          <span className="name">{text}</span>
          <span className="text wrong">{result?.message ?? ''}</span>
        </p>
      )}
      <button type="button" className="quiet" aria-label={`Edit ${text}`} title="Edit" onClick={() => setEdited(text)}>
        ✎
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={`Watch ${text} no more`}
        title="Remove"
        onClick={() => app.debugging.removeWatch(index)}
      >
        ✕
      </button>
    </li>
  )
}
