/** Of each store to the line under the glass whether it must, may or cannot be on media after a power failure here. */

import type { WriteView } from '../../protocol/survival.ts'
import { useApp, useAppState } from '../app-context.ts'

const SAID = {
  must: { sign: '●', name: 'must' },
  may: { sign: '◐', name: 'may' },
  cannot: { sign: '○', name: 'cannot' },
} as const

function reason({ certainty, since }: WriteView): string {
  if (certainty === 'may') return 'no flush with a fence behind it has forced it yet'
  if (certainty === 'cannot') return 'it has not issued yet'
  return since === undefined ? 'on media in every case' : `since step ${since}`
}

export function Certainty() {
  const app = useApp()
  const survival = useAppState((state) => state.survival)
  const step = useAppState((state) => state.frame?.step)
  if (survival === undefined || survival.step !== step || survival.writes.length === 0) return null
  return (
    <>
      <h3 className="heading">On media after a power failure here?</h3>
      <p className="muted explains">By the architecture, whatever the hardware did in this run:</p>
      <ol className="life" aria-label="Stores to this line">
        {survival.writes.map((write) => (
          <li key={`${write.step} ${write.offset}`}>
            <button type="button" onClick={() => void app.stepping.seek(write.step)}>
              <span className={`certainty ${write.certainty}`} aria-hidden="true">
                {SAID[write.certainty].sign}
              </span>
              <span className="mono">#{write.step}</span>
              <span>
                <b>{SAID[write.certainty].name}</b> · bytes {write.offset}
                {write.length > 1 && `…${write.offset + write.length - 1}`}
                {write.sourceLine > 0 && `, line ${write.sourceLine}`}
                <span className="muted"> · {reason(write)}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
