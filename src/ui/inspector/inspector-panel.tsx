/** Tabs of everything that explains the moment. */

import { type KeyboardEvent, lazy, Suspense, useEffect, useRef } from 'react'
import type { Tab } from '../../state/app-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { OutcomesTab } from '../litmus/lazy.ts'
import { DmesgTab } from './dmesg-tab.tsx'
import { InspectTab, loadStorage } from './inspect-tab.tsx'
import { OutputTab } from './output-tab.tsx'

const loadFailureTab = () => import('./failure-tab.tsx')
const FailureTab = lazy(loadFailureTab)
const loadConsoleTab = () => import('../console/console-tab.tsx').then(({ ConsoleTab }) => ({ default: ConsoleTab }))
const ConsoleTab = lazy(loadConsoleTab)
const loadDevicesTab = () => import('../devices/devices-tab.tsx').then(({ DevicesTab }) => ({ default: DevicesTab }))
const DevicesTab = lazy(loadDevicesTab)

const CompareTab = lazy(() => import('../compare/compare-tab.tsx').then((each) => ({ default: each.CompareTab })))

type Tabs = readonly (readonly [Tab, string])[]

const TABS: Tabs = [
  ['inspect', 'Inspect'],
  ['failure', 'Power failure'],
  ['devices', 'Devices'],
  ['dmesg', 'dmesg'],
  ['output', 'Output'],
  ['console', 'Console'],
]
/** One more, once somebody has compared. */
const COMPARING: Tabs = [...TABS, ['compare', 'Compare']]
/** A litmus test prints nothing. */
const LITMUS_TABS: Tabs = [
  ['outcomes', 'Outcomes'],
  ['inspect', 'Inspect'],
  ['failure', 'Power failure'],
  ['dmesg', 'dmesg'],
]

export function InspectorPanel() {
  const app = useApp()
  const tab = useAppState((state) => state.tab)
  const tabs = useAppState(({ litmus, tab: shown, compare }) =>
    litmus !== undefined || shown === 'outcomes'
      ? LITMUS_TABS
      : compare !== undefined || shown === 'compare'
        ? COMPARING
        : TABS,
  )
  const drawn = useAppState((state) => state.phase === 'ready')
  useEffect(() => {
    // Loaded once there is a picture; what cannot be loaded is reported where it is drawn.
    if (drawn)
      void app.pending
        .during(Promise.all([loadFailureTab(), loadDevicesTab(), loadConsoleTab(), loadStorage()]))
        .catch(() => {})
  }, [drawn, app])
  const shown = useRef(tab)
  useEffect(() => {
    // Not for the tab that the page begins with: browsers let Tab go on from what was scrolled to.
    if (shown.current !== tab)
      document.getElementById(`tab-${tab}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    shown.current = tab
  }, [tab])
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(([name]) => name === tab)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const name = tabs[(next + tabs.length) % tabs.length]?.[0]
    if (name === undefined) return
    app.details.showTab(name)
    document.getElementById(`tab-${name}`)?.focus()
  }
  return (
    <aside className="inspector" aria-label="Inspector">
      <div className="tabs" role="tablist" aria-label="Inspector" onKeyDown={onKeyDown}>
        {tabs.map(([name, title]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="tab-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => app.details.showTab(name)}
          >
            {title}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === 'outcomes' && (
          <Suspense fallback={<p className="empty">Exploring…</p>}>
            <OutcomesTab />
          </Suspense>
        )}
        {tab === 'inspect' && <InspectTab />}
        {tab === 'failure' && (
          <Suspense fallback={null}>
            <FailureTab />
          </Suspense>
        )}
        {tab === 'devices' && (
          <Suspense fallback={null}>
            <DevicesTab />
          </Suspense>
        )}
        {tab === 'dmesg' && <DmesgTab />}
        {tab === 'output' && <OutputTab />}
        {tab === 'compare' && (
          <Suspense fallback={null}>
            <CompareTab />
          </Suspense>
        )}
        {tab === 'console' && (
          <Suspense fallback={null}>
            <ConsoleTab />
          </Suspense>
        )}
      </div>
    </aside>
  )
}
