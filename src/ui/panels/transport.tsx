/** Moving in time, and the one red button. */

import type { Granularity } from '../../state/debug-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'
import { RestorePower } from '../widgets/restore-power.tsx'

export function Transport() {
  const app = useApp()
  const whole = useAppState((state) => state.wholeTimeline)
  const step = useAppState((state) => state.frame?.step)
  const steps = useAppState((state) => state.summary?.steps)
  const tick = useAppState((state) => state.tick)
  const ticks = useAppState((state) => state.ticks)
  const searching = useAppState((state) => state.searching)
  const program = useAppState(({ summary }) => summary?.litmus === undefined)
  const playing = useAppState((state) => state.playing)
  const failed = useAppState((state) => state.frame?.failedAt !== undefined)
  return (
    <div className="transport" role="toolbar" aria-label="Stepping">
      <div className="group">
        <CommandButton id="first" look="optional" showKey={false}>
          <span aria-hidden="true">|←</span>
          <span className="visually-hidden">Start</span>
        </CommandButton>
        <CommandButton id="over-back">← back</CommandButton>
        <CommandButton id="over" look="primary">
          step →
        </CommandButton>
        <CommandButton id="into">into</CommandButton>
        <CommandButton id="out">out</CommandButton>
      </div>
      <div className="group">
        <CommandButton id="micro-back">‹ event</CommandButton>
        <CommandButton id="micro">event ›</CommandButton>
      </div>
      <div className="group">
        <CommandButton id="reverse" look="optional">
          reverse
        </CommandButton>
        <CommandButton id="continue" look="optional">
          continue
        </CommandButton>
        <CommandButton id="play">{playing ? 'pause' : 'play'}</CommandButton>
      </div>
      {program && <GranularityChoice />}
      <span className="place" data-testid="place">
        {step === undefined || steps === undefined ? 'no recording' : `step ${step} / ${steps - 1}`}
        {tick > 0 && (
          <span
            className="muted"
            title={`${tick.toLocaleString('en')} of the ${ticks.toLocaleString('en')} instructions between step ${step} and the next`}
          >
            {` + ${tick.toLocaleString('en')} tick${tick === 1 ? '' : 's'}`}
          </span>
        )}
      </span>
      {searching && <Searching />}
      <span className="spring" />
      <label className="whole">
        <input
          type="checkbox"
          checked={whole}
          onChange={(event) => app.details.showWholeTimeline(event.target.checked)}
        />
        boot and setup
      </label>
      {failed ? (
        <RestorePower />
      ) : (
        <CommandButton id="power" look="danger">
          ⚡ Power failure
        </CommandButton>
      )}
    </div>
  )
}

/** A long way: the next command ends it, this button too. */
function Searching() {
  const app = useApp()
  return (
    <span role="status" className="searching">
      searching…
      <button type="button" onClick={() => app.stepping.giveUp()}>
        stop
      </button>
    </span>
  )
}

const GRAIN: Readonly<Record<Granularity, string>> = {
  event: 'event: what memory sees',
  statement: 'statement of the program',
  instruction: 'single instruction',
}

/** What a step is. */
function GranularityChoice() {
  const app = useApp()
  const granularity = useAppState((state) => state.settings.granularity)
  return (
    <label className="granularity">
      step by
      <select
        value={granularity}
        onChange={({ target }) => {
          const wanted = (Object.keys(GRAIN) as readonly Granularity[]).find((each) => each === target.value)
          if (wanted !== undefined) app.changeSettings({ granularity: wanted })
        }}
      >
        {Object.entries(GRAIN).map(([value, title]) => (
          <option key={value} value={value} title={title}>
            {value}
          </option>
        ))}
      </select>
    </label>
  )
}
