/** The kernel's log up to this moment. A line leads to its step. */

import { useApp, useAppState } from '../app-context.ts'

/** The newest lines are shown; what is folded is counted. */
const MOST = 400

export function DmesgTab() {
  const app = useApp()
  const log = useAppState((state) => state.log)
  if (log.length === 0) return <p className="empty">The kernel has not said anything yet.</p>
  const shown = log.slice(-MOST)
  return (
    <>
      {shown.length < log.length && <p className="empty">{log.length - shown.length} older lines are folded.</p>}
      <ol className="log" aria-label="Kernel log">
        {shown.map(({ step, level, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several lines may come from one step
          <li key={`${step} ${index}`}>
            <button type="button" className={level} onClick={() => void app.stepping.seek(step)}>
              <span className="step">#{step}</span>
              <span>{text}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
