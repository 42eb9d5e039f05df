/** Variables, watches and breakpoints of the C program. */

import type { KeyboardEvent } from 'react'
import type { DebugTab } from '../../state/debug-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { BreakpointList } from './breakpoint-list.tsx'
import { Locals } from './locals.tsx'
import { Watches } from './watches.tsx'
import './debug.css'

const TABS: readonly DebugTab[] = ['locals', 'watches', 'breakpoints']
const TITLES: Readonly<Record<DebugTab, string>> = { locals: 'Locals', watches: 'Watches', breakpoints: 'Breakpoints' }

export default function DebugPanel() {
  const app = useApp()
  const tab = useAppState((state) => state.debug.tab)
  const counts = {
    locals: 0,
    watches: useAppState((state) => state.debug.watches.length),
    breakpoints: useAppState((state) => state.breakpoints.length),
  }
  const problem = useAppState((state) => state.debug.problem)
  const early = useAppState(({ frame, summary }) => (frame?.step ?? 0) + 1 < (summary?.programStart ?? 0))
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = TABS.indexOf(tab)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key]
    const wanted = next === undefined ? undefined : TABS[(next + TABS.length) % TABS.length]
    if (wanted === undefined) return
    event.preventDefault()
    app.debugging.showTab(wanted)
    document.getElementById(`debug-${wanted}`)?.focus()
  }
  return (
    <section className="debug" aria-label="Variables">
      <div className="tabs" role="tablist" aria-label="Variables" onKeyDown={onKeyDown}>
        {TABS.map((name) => (
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
            {counts[name] > 0 && <span className="count"> {counts[name]}</span>}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="debug-panel" role="tabpanel" id="debug-panel" aria-labelledby={`debug-${tab}`} tabIndex={0}>
        {tab !== 'breakpoints' && early && <p className="empty">The program has not begun.</p>}
        {tab !== 'breakpoints' && problem !== undefined && <p className="empty">{problem}</p>}
        {tab === 'locals' && <Locals />}
        {tab === 'watches' && <Watches />}
        {tab === 'breakpoints' && <BreakpointList />}
      </div>
    </section>
  )
}
