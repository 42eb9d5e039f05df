/** The scenario's text. The editor's code arrives after the first picture; until then plain text of the same size. */

import { lazy, Suspense } from 'react'
import { useAppState } from '../app-context.ts'
import { LitmusPanel } from '../litmus/lazy.ts'
import { CallStack } from './call-stack.tsx'
import { Problems } from './problems.tsx'

const DebugPanel = lazy(() => import('../debug/debug-panel.tsx'))
const CodeEditor = lazy(() => import('../editor/code-editor.tsx'))

export function ProgramPanel() {
  const drawn = useAppState(
    (state) => state.phase === 'ready' || state.diagnostics.length > 0 || state.notices.length > 0,
  )
  const edited = useAppState((state) => state.recordedText !== '' && state.text !== state.recordedText)
  const test = useAppState((state) => state.summary?.litmus)
  // Before the test begins the kernel boots, and who called whom is what there is to see.
  const booting = useAppState(({ frame, summary }) => (frame?.step ?? 0) < (summary?.programStart ?? 0))
  const litmus = test !== undefined && !booting
  const program = useAppState(({ summary }) => summary !== undefined && summary.litmus === undefined)
  return (
    <section className={litmus ? 'program litmus' : 'program'} aria-label="Program">
      <div className="tabs">
        <h2>Program</h2>
        {edited && <span className="end muted">edited</span>}
      </div>
      {litmus && (
        <Suspense fallback={null}>
          <LitmusPanel test={test} />
        </Suspense>
      )}
      <div className="code-host">
        {drawn ? (
          <Suspense fallback={<PlainCode />}>
            <CodeEditor />
          </Suspense>
        ) : (
          <PlainCode />
        )}
      </div>
      <Problems />
      {!litmus && <CallStack />}
      {drawn && program && (
        <Suspense fallback={<div className="debug-room" />}>
          <DebugPanel />
        </Suspense>
      )}
    </section>
  )
}

function PlainCode() {
  const text = useAppState((state) => state.text)
  const current = useAppState((state) => state.frame?.sourceLine)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="code-plain" aria-label="Program text" tabIndex={0}>
      {text.split('\n').map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
        <span className={index + 1 === current ? 'row current' : 'row'} key={index}>
          <span className="number">{index + 1}</span>
          {line === '' ? '\n' : line}
        </span>
      ))}
    </section>
  )
}
