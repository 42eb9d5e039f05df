/** The page put together. */

import { lazy, Suspense, useEffect } from 'react'
import { useApp, useAppState } from './app-context.ts'
import { InspectorPanel } from './inspector/inspector-panel.tsx'
import { listenToKeys } from './keys.ts'
import { loadLitmus } from './litmus/lazy.ts'
import { Announcer } from './panels/announcer.tsx'
import { BoardPanel } from './panels/board-panel.tsx'
import { Header } from './panels/header.tsx'
import { Notices } from './panels/notices.tsx'
import { ProgramPanel } from './panels/program-panel.tsx'
import { TimelinePanel } from './panels/timeline-panel.tsx'
import { Transport } from './panels/transport.tsx'

const loadDialogs = () => import('./dialogs/dialogs.tsx')
const Dialogs = lazy(loadDialogs)

export function Shell() {
  const app = useApp()
  const dialog = useAppState((state) => state.dialog)
  const drawn = useAppState((state) => state.phase === 'ready')
  useEffect(() => listenToKeys(app), [app])
  // Loaded once there is a picture, so that a dialog opens at once.
  useEffect(() => {
    if (drawn) void loadDialogs()
  }, [drawn])
  const litmus = useAppState((state) => state.summary?.litmus !== undefined)
  useEffect(() => {
    // What cannot be loaded is reported where it is drawn.
    if (litmus) void app.pending.during(loadLitmus()).catch(() => {})
  }, [litmus, app])
  return (
    <>
      <a className="skip" href="#board">
        Skip to the machine
      </a>
      <div className="shell">
        <Header />
        <ProgramPanel />
        <BoardPanel />
        <InspectorPanel />
        <section className="footer" aria-label="Time">
          <Transport />
          <TimelinePanel />
        </section>
      </div>
      <Notices />
      <Announcer />
      {dialog !== undefined && (
        <Suspense fallback={null}>
          <Dialogs dialog={dialog} />
        </Suspense>
      )}
    </>
  )
}
