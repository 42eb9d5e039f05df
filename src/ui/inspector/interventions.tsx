/** What a person made the machine do, each with its place; one whose place is gone is struck through, not dropped. */

import type { Intervention } from '../../protocol/interventions.ts'
import { anchorName } from '../../state/recording.ts'
import { useApp, useAppState } from '../app-context.ts'
import { movement } from './movement.ts'

export function Interventions() {
  const app = useApp()
  const interventions = useAppState((state) => state.interventions)
  const steps = useAppState((state) => state.interventionSteps)
  const taken = useAppState((state) => state.summary?.taken)
  if (interventions.length === 0) return null
  return (
    <>
      <h3 className="heading">Interventions</h3>
      <ul className="interventions" aria-label="Interventions">
        {interventions.map((intervention, index) => {
          const step = steps[index]
          const place = intervention.at === undefined ? 'start of the test' : anchorName(intervention.at)
          return (
            <li key={JSON.stringify(intervention)}>
              <span className={step === undefined ? 'gone' : ''} title={place}>
                {name(intervention)} {when(step, taken?.[index], intervention.kind, place)}
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
  if (intervention.kind === 'schedule') return 'a witness is played'
  if (intervention.kind === 'command') return `$ ${intervention.text}`
  return movement(intervention.transition)
}

function when(step: number | undefined, taken: number | undefined, kind: Intervention['kind'], place: string): string {
  if (kind === 'schedule') return step === undefined ? '(not to its end)' : 'from the start of the test'
  if (step === undefined && kind === 'command') return `(was never run: ${place})`
  if (step === undefined) return `(${kind === 'transition' ? 'no longer possible' : 'place not found'}: ${place})`
  return taken === undefined ? `after step ${step}` : `at step ${taken}`
}
