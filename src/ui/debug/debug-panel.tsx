/** Variables, watches and breakpoints of the C program; where there is no room beside them, the call stack too. */

import type { KeyboardEvent } from 'react'
import type { DebugTab } from '../../state/debug-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { CallStack } from '../panels/call-stack.tsx'
import { BreakpointList } from './breakpoint-list.tsx'
import { Locals } from './locals.tsx'
import { Watches } from './watches.tsx'
import './debug.css'

const TABS: readonly DebugTab[] = ['stack', 'locals', 'watches', 'breakpoints']
const TITLES: Readonly<Record<DebugTab, string>> = {
  stack: 'Stack',
  locals: 'Locals',
  watches: 'Watches',
  breakpoints: 'Breakpoints',
}

export default function DebugPanel({ withStack }: { readonly withStack: boolean }) {
  const app = useApp()
  const chosen = useAppState((state) => state.debug.tab)
  const tabs = withStack ? TABS : TABS.slice(1)
  const tab = tabs.includes(chosen) ? chosen : 'locals'
  const counts: Partial<Record<DebugTab, number>> = {
    watches: useAppState((state) => state.debug.watches.length),
    breakpoints: useAppState((state) => state.breakpoints.length),
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.indexOf(tab)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
    const wanted = next === undefined ? undefined : tabs[(next + tabs.length) % tabs.length]
    if (wanted === undefined) return
    event.preventDefault()
    app.debugging.showTab(wanted)
    document.getElementById(`debug-${wanted}`)?.focus()
  }
  return (
    <section className="debug" aria-label="Variables">
      <div className="tabs" role="tablist" aria-label="Variables" onKeyDown={onKeyDown}>
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`debug-${name}`}
            aria-selected={tab === name}
            aria-controls="debug-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => app.debugging.showTab(name)}
          >
            {TITLES[name]}
            {(counts[name] ?? 0) > 0 && <span className="count"> {counts[name]}</span>}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="debug-panel" role="tabpanel" id="debug-panel" aria-labelledby={`debug-${tab}`} tabIndex={0}>
        {tab === 'stack' && <CallStack />}
        {tab === 'locals' && <Looked part={Locals} />}
        {tab === 'watches' && <Looked part={Watches} />}
        {tab === 'breakpoints' && <BreakpointList />}
      </div>
    </section>
  )
}

/** What the debugger said: of the place before, as long as it takes its time; why nothing, if it cannot. */
function Looked({ part: Part }: { readonly part: () => React.ReactNode }) {
  const problem = useAppState((state) => state.debug.problem)
  const waiting = useAppState((state) => state.debug.waiting)
  const known = useAppState((state) => state.debug.seen !== undefined)
  const early = useAppState(({ frame, summary }) => (frame?.step ?? 0) + 1 < (summary?.programStart ?? 0))
  return (
    <div className={waiting ? 'waiting' : undefined} aria-busy={waiting}>
      {early && <p className="empty">The program has not begun.</p>}
      {problem !== undefined && <p className="empty">{problem}</p>}
      {waiting && !known && <p className="empty">Looking into the program…</p>}
      <Part />
    </div>
  )
}
