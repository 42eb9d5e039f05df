/** Expressions that a person watches, in the scope of the frame that is shown. */

import { type FormEvent, useState } from 'react'
import { useApp, useAppState } from '../app-context.ts'
import { ValueRow } from './value-rows.tsx'

export function Watches() {
  const app = useApp()
  const watches = useAppState((state) => state.debug.watches)
  const [text, setText] = useState('')
  const add = (event: FormEvent): void => {
    event.preventDefault()
    app.debugging.addWatch(text)
    setText('')
  }
  return (
    <>
      {watches.length === 0 && (
        <p className="empty">
          A C expression, such as <code>log-&gt;tail - 1</code>: its value is shown at every step.
        </p>
      )}
      <ul className="values" aria-label="Watches">
        {watches.map((watch, index) => (
          <Watch key={watch} text={watch} index={index} />
        ))}
      </ul>
      <form className="adding" onSubmit={add}>
        <input
          type="text"
          aria-label="Expression to watch"
          placeholder="expression"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit">Watch</button>
      </form>
    </>
  )
}

function Watch({ text, index }: { readonly text: string; readonly index: number }) {
  const app = useApp()
  const result = useAppState(({ debug }) => debug.seen?.watches.get(text))
  const [edited, setEdited] = useState<string>()
  return (
    <li className="watch">
      {edited !== undefined ? (
        <form
          className="adding"
          onSubmit={(event) => {
            event.preventDefault()
            setEdited(undefined)
            app.debugging.editWatch(index, edited)
          }}
        >
          <input
            type="text"
            aria-label={`Watch ${text}`}
            // biome-ignore lint/a11y/noAutofocus: a person has just asked to edit it
            autoFocus
            spellCheck={false}
            value={edited}
            onChange={({ target }) => setEdited(target.value)}
            onKeyDown={({ key }) => {
              if (key === 'Escape') setEdited(undefined)
            }}
          />
          <button type="submit">Set</button>
        </form>
      ) : (
        <>
          <ul className="values">
            {result?.kind === 'value' ? (
              <ValueRow at={{ root: { kind: 'watch', text }, path: [] }} value={result.value} name={text} />
            ) : (
              <li className="value">
                <span className="name">{text}</span>
                <span className="text wrong">{result?.message ?? ''}</span>
              </li>
            )}
          </ul>
          <button type="button" className="quiet" aria-label={`Edit ${text}`} onClick={() => setEdited(text)}>
            ✎
          </button>
          <button
            type="button"
            className="quiet"
            aria-label={`Watch ${text} no more`}
            onClick={() => app.debugging.removeWatch(index)}
          >
            ✕
          </button>
        </>
      )}
    </li>
  )
}
