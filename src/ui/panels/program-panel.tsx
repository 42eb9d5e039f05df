/** The scenario's text. The editor's code arrives after the first picture; until then plain text of the same size. */

import { lazy, Suspense } from 'react'
import { nameOf } from '../../state/breakpoints.ts'
import { useAppState } from '../app-context.ts'
import { LitmusPanel } from '../litmus/lazy.ts'
import { useMedia } from '../widgets/use-media.ts'
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
  const program = useAppState(({ summary }) => summary?.litmus === undefined)
  const tight = useMedia('(max-width: 1199px)')
  return (
    <section className={litmus ? 'program litmus' : 'program'} aria-label="Program">
      <div className="tabs">
        <h2>Program</h2>
        <StoppedBy />
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
      {!litmus && !(tight && program) && <CallStack />}
      {program && (
        <Suspense fallback={<div className="debug-room" />}>
          {drawn ? <DebugPanel withStack={tight} /> : <div className="debug-room" />}
        </Suspense>
      )}
    </section>
  )
}

function StoppedBy() {
  const breakpoint = useAppState(({ stoppedBy, breakpoints }) =>
    stoppedBy === undefined ? undefined : breakpoints[stoppedBy],
  )
  return breakpoint === undefined ? null : <span className="stopped">● breakpoint, {nameOf(breakpoint)}</span>
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
