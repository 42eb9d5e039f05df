/** Breakpoints: where, under which condition, from which hit on. */

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { nameOf } from '../../state/breakpoints.ts'
import type { BreakpointSetting } from '../../state/debug-state.ts'
import { useApp, useAppState } from '../app-context.ts'

export function BreakpointList() {
  const app = useApp()
  const breakpoints = useAppState((state) => state.breakpoints)
  const [name, setName] = useState('')
  const add = (event: FormEvent): void => {
    event.preventDefault()
    const wanted = name.trim().replace(/\s*\(\s*\)$/, '')
    if (/^\w+$/.test(wanted)) {
      app.breakpoints.addFunction(wanted)
      setName('')
    }
  }
  return (
    <>
      <form className="adding" onSubmit={add}>
        <input
          type="text"
          aria-label="Function to stop at"
          placeholder="function of program, library or kernel"
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <button type="submit">Add</button>
      </form>
      {breakpoints.length === 0 && (
        <p className="empty">
          Click beside a line, press F9, or name a function. F8 runs to the next, Shift F8 back to the last.
        </p>
      )}
      <ul className="breakpoints" aria-label="Breakpoints">
        {breakpoints.map((each, index) => (
          <Row key={nameOf(each)} breakpoint={each} index={index} />
        ))}
      </ul>
    </>
  )
}

function Row({ breakpoint, index }: { readonly breakpoint: BreakpointSetting; readonly index: number }) {
  const app = useApp()
  const { at, enabled, condition, hits, problem } = breakpoint
  const stopped = useAppState((state) => state.stoppedBy === index)
  const source = useAppState(({ text }) => (at.kind === 'line' ? (text.split('\n')[at.line - 1]?.trim() ?? '') : ''))
  const name = nameOf(breakpoint)
  const asked = useAppState(({ debug }) => typeof debug.asked === 'object' && nameOf({ at: debug.asked }) === name)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!asked) return
    field.current?.focus()
    app.debugging.askFor(undefined)
  }, [asked, app])
  return (
    <li {...(stopped ? { 'aria-current': 'true' as const } : {})}>
      <div className="row">
        <input
          type="checkbox"
          aria-label={`Stop at ${name}`}
          checked={enabled}
          onChange={({ target }) => app.breakpoints.change(index, { enabled: target.checked })}
        />
        {at.kind === 'line' ? (
          <button type="button" className="link" onClick={() => app.showLine(at.line)}>
            {name}
          </button>
        ) : (
          <span className="mono">{name}</span>
        )}
        <span className="source mono">{source}</span>
        {stopped && <span className="here">stopped here</span>}
        <button
          type="button"
          className="quiet"
          aria-label={`Remove the breakpoint at ${name}`}
          onClick={() => app.breakpoints.remove(index)}
        >
          ✕
        </button>
      </div>
      <div className="row">
        <label className="condition">
          if
          <input
            ref={field}
            type="text"
            aria-label={`Condition at ${name}`}
            aria-invalid={problem !== undefined}
            placeholder="always"
            spellCheck={false}
            autoComplete="off"
            defaultValue={condition ?? ''}
            onBlur={({ target }) => setCondition(target.value)}
            onKeyDown={({ key, currentTarget }) => {
              if (key === 'Escape') currentTarget.value = condition ?? ''
              if (key === 'Enter') setCondition(currentTarget.value)
            }}
          />
        </label>
        <label className="hits">
          from hit
          <input
            type="number"
            aria-label={`Hits at ${name}`}
            min={1}
            max={1_000_000_000}
            value={hits ?? 1}
            onChange={({ target }) =>
              app.breakpoints.change(index, { hits: Math.max(1, Math.trunc(target.valueAsNumber) || 1) })
            }
          />
        </label>
      </div>
      {problem !== undefined && <p className="wrong">{problem}</p>}
    </li>
  )

  function setCondition(text: string): void {
    const wanted = text.trim()
    if (wanted !== (condition ?? '')) app.breakpoints.change(index, { condition: wanted })
  }
}
