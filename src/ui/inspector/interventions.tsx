/** What a person made the machine do, each with its place; one whose place is gone is struck through, not dropped. */

import type { Intervention } from '../../protocol/interventions.ts'
import { anchorName } from '../../state/recording.ts'
import { useApp, useAppState } from '../app-context.ts'

export function Interventions() {
  const app = useApp()
  const interventions = useAppState((state) => state.interventions)
  const steps = useAppState((state) => state.interventionSteps)
  if (interventions.length === 0) return null
  return (
    <>
      <h3 className="heading">Interventions</h3>
      <ul className="interventions" aria-label="Interventions">
        {interventions.map((intervention, index) => {
          const step = steps[index]
          return (
            <li key={JSON.stringify(intervention)}>
              <span className={step === undefined ? 'gone' : ''} title={anchorName(intervention.at)}>
                {name(intervention)}{' '}
                {step === undefined ? `(place not found: ${anchorName(intervention.at)})` : `after step ${step}`}
              </span>
              <button
                type="button"
                aria-label={`Remove: ${name(intervention)}`}
                onClick={() => void app.power.remove(index)}
              >
                Remove
              </button>
            </li>
          )
        })}
      </ul>
    </>
  )
}

function name(intervention: Intervention): string {
  if (intervention.kind === 'power-failure') return '⚡ power failure'
  const { kind, line } = intervention.transition
  return `${kind} of line 0x${line.toString(16)}`
}
