/** The variables of one frame of one thread, and the program's own. */

import { useApp, useAppState } from '../app-context.ts'
import { rooted, ValueTree } from './value-tree.tsx'

export function Locals() {
  const app = useApp()
  const debug = useAppState((state) => state.debug)
  const { seen } = debug
  if (seen === undefined) return null
  const thread = seen.threads[seen.thread]
  if (thread === undefined) return <p className="empty">No function of the program runs here.</p>
  const index = Math.min(debug.frame, Math.max(0, thread.frames.length - 1))
  const frame = thread.frames[index]
  const depth = thread.frames.length - 1 - index
  return (
    <>
      {(seen.threads.length > 1 || thread.frames.length > 0) && (
        <div className="pickers">
          {seen.threads.length > 1 && (
            <label>
              thread
              <select
                value={debug.thread ?? ''}
                onChange={({ target }) =>
                  app.debugging.chooseThread(target.value === '' ? undefined : Number(target.value))
                }
              >
                <option value="">
                  {debug.thread === undefined ? `${thread.name}, which acts` : 'the one that acts'}
                </option>
                {seen.threads.map((each) => (
                  <option key={each.thread} value={each.thread}>
                    {each.name}
                  </option>
                ))}
              </select>
            </label>
          )}
          {thread.frames.length > 0 && (
            <label>
              in
              <select value={index} onChange={({ target }) => app.debugging.chooseFrame(Number(target.value))}>
                {thread.frames.map((each, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its depth
                  <option key={i} value={i}>
                    {each.function}(), line {each.line}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
      )}
      {thread.note !== undefined && <p className="empty">{thread.note}</p>}
      {frame === undefined || frame.locals.length === 0 ? (
        thread.note === undefined && (
          <p className="empty">
            {frame === undefined
              ? 'No function of the program runs here.'
              : `${frame.function}() has no variables here.`}
          </p>
        )
      ) : (
        <ValueTree
          label="Local variables"
          items={rooted(frame.locals, ({ name }) => ({ kind: 'local', frame: depth, function: frame.function, name }))}
        />
      )}
      <button
        type="button"
        className="section"
        aria-expanded={debug.globals}
        onClick={() => app.debugging.showGlobals(!debug.globals)}
      >
        <span className="twist" aria-hidden="true">
          {debug.globals ? '▾' : '▸'}
        </span>
        Globals
      </button>
      {debug.globals &&
        (seen.globals.length === 0 ? (
          <p className="empty">The program has no globals.</p>
        ) : (
          <ValueTree label="Global variables" items={rooted(seen.globals, ({ name }) => ({ kind: 'global', name }))} />
        ))}
    </>
  )
}
