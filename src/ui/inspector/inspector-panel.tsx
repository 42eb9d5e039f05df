/** Tabs of everything that explains the moment. */

import type { KeyboardEvent } from 'react'
import type { Tab } from '../../state/app-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { DmesgTab } from './dmesg-tab.tsx'
import { FailureTab } from './failure-tab.tsx'
import { InspectTab } from './inspect-tab.tsx'
import { OutputTab } from './output-tab.tsx'

const TABS: readonly (readonly [Tab, string])[] = [
  ['inspect', 'Inspect'],
  ['failure', 'Power failure'],
  ['dmesg', 'dmesg'],
  ['output', 'Output'],
]

export function InspectorPanel() {
  const app = useApp()
  const tab = useAppState((state) => state.tab)
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = TABS.findIndex(([name]) => name === tab)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const name = TABS[(next + TABS.length) % TABS.length]?.[0]
    if (name === undefined) return
    app.details.showTab(name)
    document.getElementById(`tab-${name}`)?.focus()
  }
  return (
    <aside className="inspector" aria-label="Inspector">
      <div className="tabs" role="tablist" aria-label="Inspector" onKeyDown={onKeyDown}>
        {TABS.map(([name, title]) => (
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
        {tab === 'inspect' && <InspectTab />}
        {tab === 'failure' && <FailureTab />}
        {tab === 'dmesg' && <DmesgTab />}
        {tab === 'output' && <OutputTab />}
      </div>
    </aside>
  )
}
