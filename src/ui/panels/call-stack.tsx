/** Who called whom, innermost first. A frame leads to its call. */

import { useApp, useAppState } from '../app-context.ts'

export function CallStack() {
  const app = useApp()
  const frame = useAppState((state) => state.frame)
  if (frame === undefined) return null
  const { event, stack } = frame
  const where = [
    event.thread === undefined ? [] : `thread ${event.thread}`,
    event.core === undefined ? [] : `core ${event.core}`,
  ]
  return (
    <section className="stack" aria-label="Call stack">
      <h3 className="heading">{['Call stack', ...where.flat()].join(' · ')}</h3>
      {stack.length === 0 ? (
        <p className="muted">No function: the hardware acts by itself here.</p>
      ) : (
        <ol>
          {stack.map((call, depth) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its depth
            <li key={depth}>
              <button
                type="button"
                className={`${depth === 0 ? 'top' : ''} ${call.kind}-frame`}
                title={`Go to the call of ${call.function} (step ${call.step})`}
                onClick={() => void app.stepping.seek(call.step)}
              >
                <span>{call.function}</span>
                <span className="file">{call.line === undefined ? call.file : `${call.file}:${call.line}`}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
