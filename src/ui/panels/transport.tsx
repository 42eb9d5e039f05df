/** Moving in time, and the one red button. */

import { useApp, useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'
import { RestorePower } from '../widgets/restore-power.tsx'

export function Transport() {
  const app = useApp()
  const whole = useAppState((state) => state.wholeTimeline)
  const step = useAppState((state) => state.frame?.step)
  const steps = useAppState((state) => state.summary?.steps)
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
      <span className="place" data-testid="place">
        {step === undefined || steps === undefined ? 'no recording' : `step ${step} / ${steps - 1}`}
      </span>
      <label className="whole">
        <input
          type="checkbox"
          checked={whole}
          onChange={(event) => app.details.showWholeTimeline(event.target.checked)}
        />
        boot and setup
      </label>
      <span className="spring" />
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
