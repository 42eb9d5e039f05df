/** The kernel's log up to this moment. A line leads to its step, where the call stack shows who printed it. */

import { useState } from 'react'
import { useApp, useAppState } from '../app-context.ts'

/** The newest lines are shown; what is folded is counted. */
const MOST = 400

export function DmesgTab() {
  const app = useApp()
  const log = useAppState((state) => state.log)
  const here = useAppState((state) => state.frame?.step)
  const [filter, setFilter] = useState('')
  if (log.length === 0) return <p className="empty">The kernel has not said anything yet.</p>
  const wanted = filter.trim().toLowerCase()
  const found = log.filter((line) =>
    `${line.level} ${line.text} ${line.function} ${line.file}`.toLowerCase().includes(wanted),
  )
  const shown = found.slice(-MOST)
  return (
    <>
      <label className="log-filter">
        <span className="muted">filter</span>
        <input
          type="search"
          placeholder="text, level, function or file"
          autoComplete="off"
          spellCheck={false}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="muted mono">{wanted === '' ? log.length : `${found.length} / ${log.length}`}</span>
      </label>
      {found.length === 0 && <p className="empty">No line matches.</p>}
      {shown.length < found.length && <p className="empty">{found.length - shown.length} older lines are folded.</p>}
      <ol className="log" aria-label="Kernel log">
        {shown.map(({ step, level, text, function: by, file }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several lines may come from one step
          <li key={`${step} ${index}`} aria-current={step === here ? 'step' : undefined}>
            <button type="button" className={level} onClick={() => void app.stepping.seek(step)}>
              <span className="step">#{step}</span>
              <span>
                {text}
                {by !== '' && (
                  <span className="by" title={file}>
                    {by}() · {file}
                  </span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
