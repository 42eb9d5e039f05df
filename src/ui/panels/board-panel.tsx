/** The machine at this step, as a picture or as a table, with what stands above it: progress, power, the sentence. */

import { lazy, Suspense, useState } from 'react'
import type { Frame } from '../../protocol/frame.ts'
import type { RecoverOutcome } from '../../protocol/messages.ts'
import { scheduleOf } from '../../state/schedule.ts'
import { boardSentence } from '../../views/board/summary.ts'
import { useApp, useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'
import { RestorePower } from '../widgets/restore-power.tsx'
import { BoardPicture } from './board-picture.tsx'
import { BoardTable } from './board-table.tsx'

const OtherBoard = lazy(() => import('../compare/other-board.tsx'))

export function BoardPanel() {
  const frame = useAppState((state) => state.frame)
  const tick = useAppState((state) => state.tick)
  const [table, setTable] = useState(false)
  const other = useAppState(({ compare }) => (compare?.beside === true ? compare.other : undefined))
  const release = useAppState((state) => state.summary?.release)
  return (
    <main className="board" id="board" aria-label="Machine" tabIndex={-1}>
      <div className="board-tools">
        <h2>Machine</h2>
        <p className="sentence" data-testid="sentence" title={frame?.event.sentence}>
          {frame !== undefined && (
            <span className="mono">{`#${frame.step}${tick > 0 ? ` + ${tick.toLocaleString('en')}` : ''} `}</span>
          )}
          {frame?.event.sentence ?? ''}
        </p>
        <WitnessSign />
        <ByHand />
        <button type="button" className="quiet" aria-pressed={table} onClick={() => setTable(!table)}>
          Table
        </button>
      </div>
      <RecordingBar />
      <PowerBanner />
      {frame === undefined ? (
        <NoPicture />
      ) : other === undefined ? (
        <Picture frame={frame} table={table} />
      ) : (
        <div className="boards">
          <Suspense fallback={<div className="beside" />}>
            <OtherBoard other={other} />
          </Suspense>
          <div className="beside">
            <p className="beside-name">
              <b>{release}</b> <span className="muted">this one</span>
            </p>
            <Picture frame={frame} table={table} />
          </div>
        </div>
      )}
      {frame !== undefined && (
        <p className="visually-hidden" data-testid="summary">
          {boardSentence(frame)}
        </p>
      )}
    </main>
  )
}

const Picture = ({ frame, table }: { readonly frame: Frame; readonly table: boolean }) =>
  table ? <BoardTable frame={frame} /> : <BoardPicture frame={frame} />

/** Where the program stands below the machine, what says so of a witness is out of sight. */
function WitnessSign() {
  const witness = useAppState((state) => scheduleOf(state) !== undefined)
  if (!witness) return null
  return (
    <button
      type="button"
      className="quiet witness-sign"
      title="A witness is being played: show which"
      onClick={() => document.querySelector('.litmus-schedule')?.scrollIntoView({ block: 'center' })}
    >
      ▶ witness
    </button>
  )
}

/** This is a branch: what a person made the hardware do, and the way back. */
function ByHand() {
  const app = useApp()
  const count = useAppState((state) => state.interventions.filter(({ kind }) => kind === 'transition').length)
  const inviting = useAppState((state) => state.summary?.policy === 'person' && (state.frame?.choices.length ?? 0) > 0)
  if (count === 0) return inviting ? <p className="invitation">Nothing moves by itself: click an arrow</p> : null
  return (
    <>
      <button
        type="button"
        className="quiet"
        title="Movements of hardware that you made: show the list"
        onClick={() => app.details.showTab('failure')}
      >
        {count} by hand
      </button>
      <CommandButton id="undo" look="quiet">
        undo
      </CommandButton>
    </>
  )
}

function NoPicture() {
  const app = useApp()
  // What is recorded is drawn next, unless that fails, which is said.
  const recording = useAppState(
    ({ recording, summary, notices }) => recording !== undefined || (summary !== undefined && notices.length === 0),
  )
  const interventions = useAppState((state) => state.interventions)
  if (recording) {
    return (
      <div className="board-wait">
        <p>Recording the scenario…</p>
      </div>
    )
  }
  return (
    <div className="board-wait">
      <p>There is no recording of this scenario.</p>
      <button type="button" onClick={() => void app.recorder.record(interventions, { kind: 'start' })}>
        Record again
      </button>
    </div>
  )
}

function RecordingBar() {
  const app = useApp()
  const recording = useAppState((state) => state.recording)
  // A short recording would only flicker: the bar appears with the first report of progress.
  if (recording?.progress === undefined) return null
  const { steps, ticks } = recording.progress
  return (
    <div className="recording-bar">
      <p>
        Recording: {steps.toLocaleString('en')} steps, {ticks.toLocaleString('en')} ticks
      </p>
      <button type="button" onClick={() => app.recorder.cancel()}>
        Stop
      </button>
    </div>
  )
}

function PowerBanner() {
  const failedAt = useAppState((state) => state.frame?.failedAt)
  const recover = useAppState((state) => state.summary?.recover)
  const survived = useAppState((state) => state.frame?.litmus?.memory)
  if (failedAt === undefined) return null
  return (
    <div className={recover !== undefined && !recover.broken ? 'power-banner holds' : 'power-banner'}>
      <p>
        <strong>⚡ Power failed at step {failedAt}.</strong>{' '}
        {survived === undefined ? saidBy(recover) : `What survived: ${survived.map(named).join(' ')}.`}
      </p>
      <RestorePower />
    </div>
  )
}

const named = ({ name, survives }: { readonly name: string; readonly survives: string }): string =>
  `${name}=${survives}`

function saidBy(recover: RecoverOutcome | undefined): string {
  if (recover === undefined) return 'There is no recover() in this scenario.'
  return `recover() found it ${recover.broken ? 'broken' : 'whole'}: ${recover.message}`
}
