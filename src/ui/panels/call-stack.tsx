/** Who called whom, innermost first. A frame leads to its call, and to its variables. */

import { useMemo } from 'react'
import type { Frame } from '../../protocol/frame.ts'
import { callsAt } from '../../state/calls.ts'
import { useApp, useAppState } from '../app-context.ts'

/** Calls that are shown; of deeper recursion the rest is counted. */
const MOST_ROWS = 100

/** Why no function is to be seen. */
function nobody({ event: { kind, thread } }: Frame): string {
  if (kind === 'power-failure') return 'The power has failed: nothing runs.'
  if (thread === undefined) return 'No function: the hardware acts by itself here.'
  if (kind === 'thread-start') return `${thread} begins here: it has called nothing yet.`
  if (kind === 'thread-end') return `${thread} has ended: it runs no function any more.`
  return `${thread} runs no function here.`
}

export function CallStack() {
  const app = useApp()
  const frame = useAppState((state) => state.frame)
  const tick = useAppState((state) => state.tick)
  const standing = useAppState((state) => state.standing)
  const debug = useAppState((state) => state.debug)
  const calls = useMemo(() => callsAt({ frame, tick, standing, debug }), [frame, tick, standing, debug])
  if (frame === undefined) return null
  const all = Math.max(calls.rows.length, tick > 0 ? 0 : frame.depth)
  const core = calls.thread === frame.event.thread ? frame.event.core : undefined
  const where = [
    calls.thread === undefined ? [] : `thread ${calls.thread}`,
    core === undefined ? [] : `core ${core}`,
  ].flat()
  // One frame alone is shown without being chosen.
  const several = calls.rows.filter(({ frame: known }) => known !== undefined).length > 1
  return (
    <section className="stack" aria-label="Call stack">
      <h3 className="heading">{['Call stack', ...where].join(' · ')}</h3>
      {calls.rows.length === 0 ? (
        <p className="muted">{tick > 0 ? '' : nobody(frame)}</p>
      ) : (
        <ol>
          {calls.rows.slice(0, MOST_ROWS).map((call, depth) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its depth
            <li key={depth}>
              <button
                type="button"
                className={`call ${depth === 0 ? 'top' : ''} ${call.kind}-frame`}
                title={
                  call.step === undefined
                    ? `Variables of ${call.function}`
                    : `Go to the call of ${call.function} (step ${call.step})`
                }
                onClick={() => {
                  if (call.step !== undefined) void app.stepping.seek(call.step)
                  else if (call.frame !== undefined) app.debugging.chooseFrame(call.frame)
                }}
              >
                <span>{call.function}</span>
                <span className="file">{call.where}</span>
              </button>
              {several && call.frame !== undefined && (
                <button
                  type="button"
                  className="frame-choice"
                  aria-pressed={debug.frame === call.frame}
                  aria-label={`Variables of ${call.function}`}
                  title={`Show the variables of ${call.function}`}
                  onClick={() => app.debugging.chooseFrame(call.frame ?? 0)}
                >
                  vars
                </button>
              )}
            </li>
          ))}
          {all > MOST_ROWS && (
            <li className="muted">… and {(all - MOST_ROWS).toLocaleString('en')} calls around them</li>
          )}
        </ol>
      )}
    </section>
  )
}
